"""`/desk/cases/…`: promises due, what waits for an answer, and other special standing, each with what it stops, its clocks and its account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from arrears.notice.language import amount_text
from arrears.web.desk.cases import ANSWERED_IN, LISTS, PAGE, Case, Promise, open_cases, promises_due
from arrears.web.desk.office import office_of
from arrears.web.desk.shown import desk_page, language_here, local
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff
from arrears.web.standing_shown import standing_shown, standing_words
from arrears.web.views import note_list

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_accounts")))]
#: The lists: those in which something is done, and the other standings.
TABS = (("promises", *ANSWERED_IN.values()), tuple(name for name in LISTS if name not in ANSWERED_IN.values()))


@router.get("/desk/cases/{tab}")
def cases(request: Request, who: Reader, tab: str, after: str = "") -> Response:
    """A page of one list; 404 for a list that there is not. `after`: where it goes on, as the page before says."""
    if tab != "promises" and tab not in LISTS:
        raise HTTPException(404, "Not here")
    served, language = served_by(request), language_here(request)
    now = served.now()
    begin, _, account = after[:200].partition(" ")
    rows: list[dict[str, Any]]
    with served.store.read() as connection:
        if tab == "promises":
            found = promises_due(connection, office_of(request), now, (begin, account) if account else None)
            rows, last = (
                [_promise(one, language) for one in found[:PAGE]],
                [f"{one.by} {one.account_id}" for one in found[:PAGE]],
            )
            more = len(found) > PAGE
        else:
            behind = (begin, account) if account else None
            opened = open_cases(connection, served, office_of(request), tab, now, behind)
            rows = [_case(one, language) for one in opened[:PAGE]]
            last = [f"{one.place} {one.account_id}" for one in opened[:PAGE]]
            more = len(opened) > PAGE
    note_list(served, who, (row["account"] for row in rows), f"desk {tab}")
    return desk_page(
        request, who, "cases.html", tab=tab, tabs=TABS, answered=tab in ANSWERED_IN.values() or tab == "identity_theft", rows=rows,
        after=last[-1] if more else None, sw=standing_words(language),
    )  # fmt: skip


def _promise(one: Promise, language: str) -> dict[str, Any]:
    return {
        "account": one.account_id,
        "by": one.by,
        "state": one.state,
        "amount": amount_text(one.amount_minor, one.currency, language),
    }


def _case(one: Case, language: str) -> dict[str, Any]:
    told = standing_shown(one.debt, one.standing, language) if one.debt and one.standing else None
    return {"account": one.account_id, "event": one.event_id, "opened": local(one.opened_at), "standing": told}
