"""The files of a round: one sheet a crew (HTML and PDF), who is not visited and why, and what the round is without anything personal.

A sheet is in a language its crew reads; what is said at the door stands in the borrower's. The folder and its files are for the owner alone.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from arrears import money
from arrears.dispatch.ask import Asked
from arrears.dispatch.calls import clauses_of, owed_of
from arrears.dispatch.channels.visit import VisitSettings
from arrears.dispatch.duties import Duty, duties_of
from arrears.dispatch.round_paper import as_pdf
from arrears.dispatch.round_sheet import Sheet, SheetDuty, SheetStop, as_html, sheet_words
from arrears.dispatch.rounds import NotVisited, Round
from arrears.dispatch.routing import Route, Visit
from arrears.errors import refuse
from arrears.facts.spreadsheet import harmless_text

NOT_VISITED = "not-visited.csv"


def write_round(made: Round, settings: VisitSettings, language: str, now: datetime) -> Path:
    """Write the files of a round into a new folder of its name; gives the folder. Refusal if it cannot be made."""
    folder = settings.rounds / made.id
    try:
        settings.rounds.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise refuse("visits", f"cannot be made: {error.strerror}", file=str(folder), exit_code=2) from None
    for route in made.plan.routes:
        if made.visits(route):
            sheet = sheet_of(made, route, settings, language)
            _write(folder / f"{_file_name(route.crew.id)}.html", as_html(sheet).encode())
            _write(folder / f"{_file_name(route.crew.id)}.pdf", as_pdf(sheet, now))
    _write(folder / NOT_VISITED, _not_visited(made, settings).encode("utf-8-sig"))
    _write(folder / "round.json", (json.dumps(summary(made, settings), indent=1, ensure_ascii=False) + "\n").encode())
    return folder


def sheet_of(made: Round, route: Route, settings: VisitSettings, language: str) -> Sheet:
    """One crew's sheet."""
    crew_zone = ZoneInfo(settings.zone)

    def clock(seconds: int) -> str:
        return f"{made.at(seconds).astimezone(crew_zone):%H:%M}"

    visits = made.visits(route)
    stops = tuple(_stop(made, visit, made.asked[visit.stop.id], clock, language) for visit in visits)
    until = made.at(route.crew.shift[1]).astimezone(crew_zone)
    return Sheet(
        made.id, route.crew.id, route.crew.members, made.on.isoformat(), settings.zone, until.isoformat()[-6:], clock(route.leaves_s),
        clock(route.returns_s), f"{route.metres / 1000:.1f}", f"{until:%Y-%m-%d %H:%M}", settings.desk, language, stops,
    )  # fmt: skip


def _stop(made: Round, visit: Visit, asked: Asked, clock: Callable[[int], str], language: str) -> SheetStop:
    recipient, position, tongue = asked.recipient, asked.position, "zh" if language == "zh-CN" else "en"
    assert recipient is not None and position is not None  # it was taken
    theirs, words = ZoneInfo(recipient.zones[0]), sheet_words(tongue)
    opens, closes = (f"{made.at(second).astimezone(theirs):%H:%M}" for second in visit.window)
    duties = duties_of(clauses_of(asked))
    owed = tuple((words[name], amount) for name, amount in owed_of(position, language).items())
    return SheetStop(
        asked.work.attempt_id, clock(visit.begins_s), clock(visit.leaves_s), opens, closes, recipient.zones[0], recipient.name,
        recipient.to, f"{visit.stop.place.lat:.5f}, {visit.stop.place.lon:.5f}", owed, made.words[visit.stop.id].text,
        *(tuple(_duty(duty, tongue, words) for duty in duties if duty.sort == sort) for sort in ("do", "dont")),
    )  # fmt: skip


def _duty(duty: Duty, tongue: str, words: dict[str, str]) -> SheetDuty:
    """A duty with its clause; what was not read in the original is marked."""
    mark = "" if duty.confirmed == "read" else f" {words['unconfirmed']}"
    return SheetDuty(duty.says[tongue], f"{duty.clause} · {duty.source}{mark}")


def summary(made: Round, settings: VisitSettings) -> dict[str, Any]:
    """What the round is, JSON-ready: keys and accounts, times on the clock of the settings' zone, amounts as decimal text; no name, number or address."""

    def amount(minor: int) -> str:
        return money.to_text(minor, settings.currency)

    def local(seconds: int) -> str:
        return made.at(seconds).astimezone(ZoneInfo(settings.zone)).isoformat()

    routes = [
        {
            "crew": route.crew.id, "members": list(route.crew.members), "leaves": local(route.leaves_s),
            "returns": local(route.returns_s), "metres": route.metres, "cost": amount(route.cost_minor),
            "visits": [
                {"key": made.asked[visit.stop.id].work.attempt_id, "account": visit.stop.id, "at": local(visit.begins_s),
                 "gain": amount(visit.stop.gain_minor)}
                for visit in made.visits(route)
            ],
        }
        for route in made.plan.routes
    ]  # fmt: skip
    reasons: dict[str, int] = {}
    for left in made.not_visited:
        for why in left.reasons:
            reasons[why.id] = reasons.get(why.id, 0) + 1
    return {
        "round": made.id, "on": made.on.isoformat(), "currency": settings.currency, "visits": len(made.asked),
        "gain": amount(sum(v.stop.gain_minor for r in made.plan.routes for v in made.visits(r))),
        "cost": amount(sum(route.cost_minor for route in made.plan.routes)), "routes": routes, "not_visited": reasons,
        "estimated_legs": made.estimated, "seed": settings.seed, "iterations": settings.iterations,
    }  # fmt: skip


def _not_visited(made: Round, settings: VisitSettings) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["account_id", "reason", "reason_zh", "reason_en", "gain", "cost", "currency"])
    for left in sorted(made.not_visited, key=lambda one: one.work.account_id):
        writer.writerow(_row(left, settings))
    return out.getvalue()


def _row(left: NotVisited, settings: VisitSettings) -> list[str]:
    gain, cost = (
        "" if minor is None else money.to_text(minor, settings.currency) for minor in (left.gain_minor, left.cost_minor)
    )
    texts = ["；".join(why.text("zh-CN") for why in left.reasons), "; ".join(why.text("en") for why in left.reasons)]
    ids = " ".join(why.id for why in left.reasons)
    return [
        harmless_text(left.work.account_id),
        ids,
        *map(harmless_text, texts),
        gain,
        cost,
        settings.currency if gain else "",
    ]


def _file_name(crew: str) -> str:
    """A crew's name as part of a file name."""
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in crew)


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
