"""`GET /api/v1/law/{pack}/clauses`: what a law pack says, clause by clause, with source and days in force."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import BaseModel, Field

from arrears.law import load_pack, packs
from arrears.law.wording import load_wording, wording_packs
from arrears.web.api.access import LawReader
from arrears.web.api.cursors import Paged, cursor_of, place_of
from arrears.web.api.kinds import Cursor, Day, Lang, Limit
from arrears.web.api.told import problems

router = APIRouter(prefix="/api/v1", tags=["law"])
PackName = Annotated[str, Path(pattern=r"^[a-z]{2}(-[a-z]{2,3})?$", description="The pack.", examples=["cn"])]
On = Annotated[Day | None, Query(description="Only clauses in force on this day.", examples=["2026-11-24"])]


class InForce(BaseModel):
    """The days of a clause."""

    since: str = Field(alias="from", description="Its first day.", examples=["2024-05-15"])
    until: str | None = Field(description="Its last day; null: none is known.", examples=[None])


class Clause(BaseModel):
    """One clause in our own words. `confirmed` says how far its text was read."""

    id: str = Field(description="Its id.", examples=["cn-hours"])
    kind: str = Field(description="What kind of rule it is.", examples=["window"])
    on: bool = Field(description="Whether it is applied unless a house turns it off or on.", examples=[True])
    source: str = Field(
        description="Instrument and article.", examples=["互联网金融个人网络消费信贷 贷后催收风控指引 第十四条"]
    )
    text: str = Field(description="What it says, in our words.", examples=["No calls between 22:00 and 08:00."])
    in_force: InForce = Field(description="Its days.")
    force: str = Field(description="Its legal force.", examples=["national_standard"])
    confirmed: str = Field(description="How its text was confirmed; what was not read is marked so.", examples=["read"])


class Clauses(Paged):
    """A page of clauses."""

    pack: str = Field(description="The pack.", examples=["cn"])
    clauses: list[Clause] = Field(description="The clauses of this page, in the order of their files.")
    not_confirmed: list[str] = Field(
        description="What the pack leaves out, for it could not be confirmed.", examples=[[]]
    )


@router.get("/law/{pack}/clauses", summary="What a law pack says", responses=problems(404))
def clauses(
    request: Request,
    client: LawReader,
    pack: PackName,
    on: On = None,
    cursor: Cursor = None,
    limit: Limit = 50,
    lang: Lang = "en",
) -> Clauses:
    """The clauses of a pack, those on wording included. Information, no legal advice; what is not confirmed is marked."""
    if pack not in packs():
        raise HTTPException(404, "Not here")
    after, found = place_of("law", cursor, str, str), load_pack(pack)
    texts = load_wording(pack) if pack in wording_packs() else ()
    rows: list[dict[str, Any]] = [
        *(
            {"kind": one.kind, "on": one.on, **one.as_json(lang)}
            for one in found.clauses
            if on is None or one.in_force(on)
        ),
        *({"kind": "wording", "on": True, **one.as_json(lang)} for one in texts if on is None or one.in_force(on)),
    ]
    place = {row["id"]: number for number, row in enumerate(rows, 1)}
    first = place.get(str(after[1]), 0) if after and after[0] == pack else 0
    shown = rows[first : first + limit]
    tongue = "zh" if lang == "zh-CN" else "en"
    return Clauses(
        pack=pack, clauses=[Clause(**row) for row in shown], not_confirmed=[item[tongue] for item in found.not_confirmed],
        next=cursor_of("law", pack, shown[-1]["id"]) if first + limit < len(rows) else None,
    )  # fmt: skip
