"""`/desk/law`: the clauses of a pack in force on a day, each with its source and whether its text was checked."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from arrears.calendar import BUSINESS_ZONES
from arrears.facts.beside import tongue_of
from arrears.law import Clause, load_pack, packs
from arrears.law.pages import confirmed_word, force_word
from arrears.law.wording import WordingClause, load_wording, wording_packs
from arrears.web.desk.shown import desk_page, language_here
from arrears.web.roles import who_may
from arrears.web.served import served_by
from arrears.web.sessions import Staff, staff

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_law")))]


@router.get("/desk/law")
def law(request: Request, who: Reader, pack: str = "cn", on: str = "") -> Response:
    """The clauses. An unknown pack is the Chinese one, a day that is none is today."""
    language = language_here(request)
    name = pack if pack in packs() else "cn"
    day = _day(on) or served_by(request).now().astimezone(ZoneInfo(BUSINESS_ZONES["cn"])).date()
    loaded = load_pack(name)
    every: list[Clause | WordingClause] = [*loaded.clauses, *(load_wording(name) if name in wording_packs() else ())]
    clauses = [_shown(one, language) for one in every if one.in_force(day)]
    return desk_page(
        request, who, "law.html", pack=name, packs=packs(), on=day.isoformat(), clauses=clauses,
        not_confirmed=[said[tongue_of(language)] for said in loaded.not_confirmed],
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _shown(clause: Clause | WordingClause, language: str) -> dict[str, Any]:
    told = clause.as_json(language)
    return {
        "id": clause.id, "kind": clause.kind if isinstance(clause, Clause) else "wording", "text": told["text"], "source": clause.source_in(language),
        "force": force_word(clause, language), "confirmed": confirmed_word(clause, language), "is_read": clause.confirmed == "read",
        "since": clause.from_on.isoformat(), "on": clause.on if isinstance(clause, Clause) else True,
    }  # fmt: skip
