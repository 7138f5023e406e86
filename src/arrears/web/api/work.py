"""`GET /api/v1/work`: tonight's list, as the desk has it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from arrears import money
from arrears.web.api.access import Worker
from arrears.web.api.account_shown import NightLine
from arrears.web.api.cursors import Paged, cursor_of, place_of
from arrears.web.api.kinds import Cursor, Limit
from arrears.web.api.told import problems
from arrears.web.desk.tonight import Line, Night, night_on_desk, page_of
from arrears.web.problems import Told
from arrears.web.served import served_by
from arrears.web.views import note_views

router = APIRouter(prefix="/api/v1", tags=["work"])
NONE = "-"


def _filter(says: str, example: str) -> object:
    return Query(min_length=1, max_length=64, description=f"Only this {says}.", examples=[example])


Stage = Annotated[str | None, _filter("stage", "reminder")]
ByChannel = Annotated[str | None, _filter("channel; `-`: no contact", "sms")]
Action = Annotated[str | None, _filter("action; `-`: nothing is planned", "sms_reminder")]
DaysBand = Annotated[str | None, _filter("band of days past due: `0` `1-30` `31-60` `61-90` `91-180` `181+`", "1-30")]
AmountBand = Annotated[
    str | None, _filter("band of the amount past due: `0` `<1000` `1000-5000` `5000-20000` `20000+`", "<1000")
]
Product = Annotated[str | None, _filter("product", "small")]


class WorkPage(Paged):
    """A page of the list."""

    night: str | None = Field(
        description="Which night it is; null before the first one was taken onto the desk.", examples=["2026-11-24"]
    )
    planned_for: str | None = Field(description="The day it is for.", examples=["2026-11-24"])
    matches: int = Field(description="How many accounts the filters leave.", examples=[1])
    work: list[NightLine] = Field(
        description="The accounts of this page: the gravest stage first, then the largest expected gain."
    )


@router.get("/work", summary="Tonight's list", responses=problems(410))
def tonight(
    request: Request, client: Worker, stage: Stage = None, channel: ByChannel = None, action: Action = None, days_band: DaysBand = None,
    amount_band: AmountBand = None, product: Product = None, cursor: Cursor = None, limit: Limit = 50,
) -> WorkPage:  # fmt: skip
    """The accounts of the night that the desk works on: whoever is past due or has something planned, a page at a time. A cursor is of one
    night; once another is on the desk it answers 410, and the list begins anew."""
    served, place = served_by(request), place_of("work", cursor, int, int)
    told = {
        "stage": stage,
        "channel": channel,
        "action": action,
        "days_band": days_band,
        "amount_band": amount_band,
        "product": product,
    }
    chosen = {name: value for name, value in told.items() if value is not None}
    with served.store.begin() as connection:
        night = night_on_desk(connection)
        if place is not None and (night is None or night.number != place[0]):
            raise Told(410, "Another night is on the list now")
        if night is None:
            return WorkPage(night=None, planned_for=None, matches=0, work=[], next=None)
        page = page_of(connection, night, chosen, int(place[1]) if place else 0, limit)
        note_views(connection, client, (line.account_id for line in page.lines), "api-work", served.now())
    return _page(night, page.lines, page.matches, page.after)


def _page(night: Night, lines: tuple[Line, ...], matches: int, after: int | None) -> WorkPage:
    return WorkPage(
        night=night.name, planned_for=night.planned_for.isoformat(), matches=matches, work=[_line(line) for line in lines],
        next=None if after is None else cursor_of("work", night.number, after),
    )  # fmt: skip


def _line(line: Line) -> NightLine:
    def text(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return NightLine(
        account=line.account_id, stage=line.stage, action=None if line.action == NONE else line.action,
        channel=None if line.channel == NONE else line.channel, product=line.product, currency=line.currency,
        days_past_due=line.days_past_due, past_due=money.to_text(line.past_due, line.currency), staff=line.staff,
        not_before=text(line.not_before), not_after=text(line.not_after), state=line.state,
    )  # fmt: skip
