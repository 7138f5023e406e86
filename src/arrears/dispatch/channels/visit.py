"""The channel `visit`: rounds of crews (`dispatch.rounds`), and what an installation says of them.

Nothing is handed over by a worker: `carried_by_people`. Settings (`channels: visit:`) are checked when they are read; amounts are decimal
text in `currency`, times are on the wall clock of `zone`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from arrears import money
from arrears.dispatch.channels.carried_channel import CarriedChannel, whole
from arrears.dispatch.routing import ITERATIONS
from arrears.dispatch.routing_problem import Costs
from arrears.dispatch.travel import Place, Travel, is_place, read_legs, read_places
from arrears.errors import Refusal, refuse
from arrears.installation import Installation
from arrears.store.connect import Store

KEYS = (
    "crews",
    "costs",
    "currency",
    "zone",
    "travel",
    "service_minutes",
    "iterations",
    "seed",
    "desk",
    "rounds",
    "report_hours",
    "places",
)
CREW_KEYS = ("id", "members", "languages", "start", "end", "shift", "hours")
COST_KEYS = ("door", "km", "hour", "crew")


@dataclass(frozen=True)
class CrewSettings:
    """A crew: `shift_s` in seconds of the local day, `longest_s` seconds under way at most. Empty `languages`: any."""

    id: str
    members: tuple[str, ...]
    languages: tuple[str, ...]
    start: Place
    end: Place
    shift_s: tuple[int, int]
    longest_s: int


@dataclass(frozen=True)
class VisitSettings:
    """`costs` in minor units of `currency`. `report_hours`: how long after the day an outcome is awaited. `rounds`: folder of the sheets.

    `places`: degrees by (account, person), for addresses that have none of their own.
    """

    crews: tuple[CrewSettings, ...]
    costs: Costs
    currency: str
    zone: str
    desk: str
    rounds: Path
    travel: Travel = field(default_factory=Travel)
    service_s: int = 1200
    iterations: int = ITERATIONS
    seed: int = 0
    report_hours: int = 24
    places: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)


def open_channel(settings: Mapping[str, Any], installation: Installation, store: Store | None = None) -> CarriedChannel:
    """The channel as workers see it. Refusal if the settings cannot work."""
    visit_settings(settings, installation)
    return CarriedChannel("visit")


def visit_settings(settings: Mapping[str, Any], installation: Installation) -> VisitSettings:
    """The settings, checked. Refusal with what is wrong."""
    return _Reader(settings, installation).read()


class _Reader:
    """Reads `channels: visit:` and says of a fault where it stands."""

    def __init__(self, settings: Mapping[str, Any], installation: Installation) -> None:
        self.settings, self.installation = settings, installation

    def unfit(self, name: str, what: str) -> Refusal:
        return refuse(
            "installation", what, file=str(self.installation.path), field=f"channels.visit.{name}", exit_code=2
        )

    def read(self) -> VisitSettings:
        self.known("", self.settings, KEYS)
        for name in ("crews", "costs", "currency", "zone"):
            if name not in self.settings:
                raise self.unfit(name, "is missing")
        currency, zone = str(self.settings["currency"]), str(self.settings["zone"])
        if currency not in money.currencies():
            raise self.unfit("currency", "is no currency")
        if zone not in available_timezones():
            raise self.unfit("zone", "is not the name of a time zone")
        crews = tuple(self.crew(index, one) for index, one in enumerate(self.listed("crews")))
        if len({crew.id for crew in crews}) < len(crews) or not crews:
            raise self.unfit("crews", "must name crews, each with an id of its own")
        return VisitSettings(
            crews, self.costs(currency), currency, zone, str(self.settings.get("desk") or self.installation.lender.phone),
            self.installation.folder / str(self.settings.get("rounds") or "rounds"), self.travel(),
            60 * whole(self.settings, "service_minutes", 20, self.unfit, 600), whole(self.settings, "iterations", ITERATIONS, self.unfit),
            int(self.settings.get("seed") or 0), whole(self.settings, "report_hours", 24, self.unfit, 240),
            read_places(self.installation.folder / str(self.settings["places"])) if self.settings.get("places") else {},
        )  # fmt: skip

    def known(self, path: str, found: Any, keys: tuple[str, ...]) -> Mapping[str, Any]:
        if not isinstance(found, Mapping):
            raise self.unfit(path.rstrip("."), "must be a mapping")
        for name in found:
            if name not in keys:
                raise self.unfit(f"{path}{name}", f"is not known; known: {', '.join(keys)}")
        return found

    def listed(self, name: str) -> list[Any]:
        found = self.settings[name]
        if not isinstance(found, list):
            raise self.unfit(name, "must be a list")
        return found

    def costs(self, currency: str) -> Costs:
        part = self.known("costs.", self.settings["costs"], COST_KEYS)
        amounts = {}
        for name in COST_KEYS:
            try:
                amounts[name] = money.to_minor(str(part.get(name, 0)), currency)
            except ValueError as error:
                raise self.unfit(f"costs.{name}", str(error)) from None
            if amounts[name] < 0:
                raise self.unfit(f"costs.{name}", "is negative")
        return Costs(amounts["door"], amounts["km"], amounts["hour"], amounts["crew"])

    def travel(self) -> Travel:
        part = self.known("travel.", self.settings.get("travel") or {}, ("detour", "km_an_hour", "legs"))
        detour, speed = (
            self.number(f"travel.{name}", part.get(name, default))
            for name, default in (("detour", 1.35), ("km_an_hour", 25))
        )
        if detour < 1:
            raise self.unfit("travel.detour", "is less than 1: no way is shorter than the great circle")
        return Travel(
            detour, speed, read_legs(self.installation.folder / str(part["legs"])) if part.get("legs") else {}
        )

    def number(self, path: str, found: Any) -> float:
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found < 10_000:
            raise self.unfit(path, "must be a number above 0")
        return float(found)

    def crew(self, index: int, one: Any) -> CrewSettings:
        path = f"crews[{index}]."
        part = self.known(path, one, CREW_KEYS)
        members = part.get("members")
        if not part.get("id") or not isinstance(members, list) or not members or len(set(members)) < len(members):
            raise self.unfit(path + "members", "a crew has an id and names its members, each once")
        start = self.place(path + "start", part.get("start"))
        end = self.place(path + "end", part["end"]) if "end" in part else start
        shift = part.get("shift")
        if not isinstance(shift, list) or len(shift) != 2:
            raise self.unfit(path + "shift", 'must be two times such as ["09:00", "18:00"]')
        begins, ends = (self.clock(path + "shift", text) for text in shift)
        if begins >= ends:
            raise self.unfit(path + "shift", "must end after it begins, on the same day")
        hours = self.number(path + "hours", part.get("hours", (ends - begins) / 3600))
        return CrewSettings(
            str(part["id"]),
            tuple(map(str, members)),
            tuple(part.get("languages") or ()),
            start,
            end,
            (begins, ends),
            int(hours * 3600),
        )

    def place(self, path: str, found: Any) -> Place:
        part = self.known(path + ".", found, ("name", "lat", "lon"))
        lat, lon = part.get("lat"), part.get("lon")
        if not is_place(lat, lon):
            raise self.unfit(path, "must have `lat` (-90 to 90) and `lon` (-180 to 180) in degrees")
        return Place(str(part.get("name") or "depot"), float(lat), float(lon))  # type: ignore[arg-type]

    def clock(self, path: str, text: Any) -> int:
        hour, colon, minute = str(text).partition(":")
        if not (
            colon
            and hour.isdecimal()
            and minute.isdecimal()
            and int(minute) < 60
            and int(hour) * 60 + int(minute) <= 1440
        ):
            raise self.unfit(path, 'must be two times such as ["09:00", "18:00"], in quotes')
        return int(hour) * 3600 + int(minute) * 60
