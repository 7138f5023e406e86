"""`/desk/strategy`: the ladders, a change with who would be treated differently, and its approval by a second person."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from arrears.errors import Refusal, refuse
from arrears.facts.beside import tongue_of
from arrears.strategy.show import table
from arrears.web.approvals import ask
from arrears.web.csrf import checked
from arrears.web.desk.faults import fault_text
from arrears.web.desk.office import office_of
from arrears.web.desk.sample import sample_here
from arrears.web.desk.shown import desk_page, language_here, local
from arrears.web.desk.strategy_change import preview, read_ladder
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_strategy")))]
LONGEST = 200_000


@router.get("/desk/strategy")
def ladders(request: Request, who: Reader) -> Response:
    """The ladders as tables, and the form."""
    return _page(request, who)


@router.post("/desk/strategy", dependencies=[Depends(checked)])
def change(
    request: Request, who: Reader, before: Annotated[str, Form()] = "", text: Annotated[str, Form()] = "",
    do: Annotated[str, Form()] = "preview", why: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The preview of a change; with `do=ask` it is put before a second person."""
    served, office = served_by(request), office_of(request)
    text = text[:LONGEST].replace("\r\n", "\n")
    try:
        if before not in office.rules.ladders:
            raise refuse("strategy", "is no ladder of the installation", field="before", value=before[:40])
        after = read_ladder(text)
        if do == "ask":
            content = {
                "ladder": after.name,
                "before": before,
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "text": text,
            }
            with served.store.begin() as connection:
                ask(connection, who, "strategy", after.name, content, why[:500], served.now())
            return _page(request, who, asked=True)
        found = preview(sample_here(request), dict(office.rules.terms), office.rules.ladders[before], after)
    except Refusal as refusal:
        return _page(
            request, who, fault=fault_text(refusal, language_here(request)), before=before, text=text, status=422
        )
    return _page(request, who, found=found, at=local(found.at), before=before, text=text)


def _page(request: Request, who: Staff, status: int = 200, **values: Any) -> Response:
    language = language_here(request)
    known = office_of(request).rules.ladders
    given = {"fault": "", "before": "", "text": "", "found": None, "at": "", "asked": False, **values}
    return desk_page(
        request, who, "strategy.html", status,
        ladders=[(name, ladder.title.get(tongue_of(language), name), table(ladder, language)) for name, ladder in sorted(known.items())],
        **given,
    )  # fmt: skip
