"""`/desk/cases/…`: promises due, disputes, complaints and requests for hardship help, each with what it stops, its clocks and its account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from arrears.notice.language import amount_text
from arrears.web.desk.cases import PAGE, Case, Promise, open_cases, promises_due
from arrears.web.desk.office import office_of
from arrears.web.desk.shown import desk_page, language_here, local
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff
from arrears.web.standing_shown import standing_shown, standing_words

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_accounts")))]
Tab = Literal["promises", "disputes", "complaints", "hardship"]


@router.get("/desk/cases/{tab}")
def cases(request: Request, who: Reader, tab: Tab, after: str = "") -> Response:
    """A page of one list. `after`: where it goes on, as the page before says."""
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
            behind = (_instant(begin), account) if account else None
            opened = open_cases(connection, served, office_of(request), tab, now, behind)
            rows = [_case(one, language) for one in opened[:PAGE]]
            last = [f"{one.opened_at.astimezone(UTC).isoformat()} {one.account_id}" for one in opened[:PAGE]]
            more = len(opened) > PAGE
    return desk_page(
        request, who, "cases.html", tab=tab, rows=rows, after=last[-1] if more else None, sw=standing_words(language)
    )


def _instant(text: str) -> datetime:
    """The instant in an address; the beginning of time for what is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime(1970, 1, 1, tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


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
