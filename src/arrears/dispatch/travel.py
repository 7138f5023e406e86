"""How far and how long from place to place: by great circle, detour and speed, or by a matrix that was measured.

Degrees are WGS 84, distances whole metres, times whole seconds.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from arrears.errors import Finding, Refusal, refuse

EARTH_METRES = 6_371_008.8  # mean radius (IUGG)
LEG_COLUMNS = ("from", "to", "metres", "seconds")
PLACE_COLUMNS = ("account_id", "person_id", "lat", "lon")


@dataclass(frozen=True)
class Place:
    """A point on the map. `id`: an account's id, or the name of a depot; legs of a matrix are found by it."""

    id: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Travel:
    """How a crew travels: `detour` times the great circle at `km_an_hour`; `measured`: (from, to) → (metres, seconds) where known."""

    detour: float = 1.35
    km_an_hour: float = 25.0
    measured: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Legs:
    """Metres and seconds between places, by position. `estimated`: how many legs between different places were not measured."""

    metres: Any
    seconds: Any
    estimated: int


def legs_between(places: Sequence[Place], travel: Travel) -> Legs:
    """Every leg between `places`; a leg that was measured is taken as measured, in its own direction only."""
    metres = np.rint(_great_circle(places) * travel.detour).astype(np.int64)
    seconds = np.rint(metres / (travel.km_an_hour / 3.6)).astype(np.int64)
    estimated = 0
    for row, start in enumerate(places):
        for column, end in enumerate(places):
            known = travel.measured.get((start.id, end.id))
            if known is not None:
                metres[row, column], seconds[row, column] = known
            elif start.id != end.id:
                estimated += 1
    return Legs(metres, seconds, estimated)


def _great_circle(places: Sequence[Place]) -> Any:
    """Haversine distances in metres."""
    lat = np.radians(np.array([place.lat for place in places], dtype=float))[:, None]
    lon = np.radians(np.array([place.lon for place in places], dtype=float))[:, None]
    half = np.sin((lat - lat.T) / 2) ** 2 + np.cos(lat) * np.cos(lat.T) * np.sin((lon - lon.T) / 2) ** 2
    return 2 * EARTH_METRES * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))


def read_legs(path: Path) -> dict[tuple[str, str], tuple[int, int]]:
    """Measured legs from a CSV file with the columns `from,to,metres,seconds`. Refusal with every row that cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != LEG_COLUMNS:
                raise refuse(
                    "legs", f"must have the columns {','.join(LEG_COLUMNS)}", file=str(path), line=1, exit_code=2
                )
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("legs", f"cannot be read: {error}", file=str(path), exit_code=2) from None
    legs: dict[tuple[str, str], tuple[int, int]] = {}
    faults = []
    for line, row in rows:
        numbers = [row[name] or "" for name in ("metres", "seconds")]
        if all(number.isascii() and number.isdecimal() for number in numbers):
            legs[row["from"], row["to"]] = (int(numbers[0]), int(numbers[1]))
        else:
            faults.append(Finding("legs", "metres and seconds are whole numbers", file=str(path), line=line))
    if faults:
        raise Refusal(*faults)
    return legs


def read_places(path: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Where people live, from a CSV file with the columns `account_id,person_id,lat,lon` (degrees). Refusal with every row that cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != PLACE_COLUMNS:
                what = f"must have the columns {','.join(PLACE_COLUMNS)}"
                raise refuse("places", what, file=str(path), line=1, exit_code=2)
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("places", f"cannot be read: {error}", file=str(path), exit_code=2) from None
    places: dict[tuple[str, str], tuple[float, float]] = {}
    faults = []
    for line, row in rows:
        try:
            lat, lon = float(row["lat"]), float(row["lon"])
        except (TypeError, ValueError):
            lat = lon = float("nan")
        if is_place(lat, lon):
            places[row["account_id"], row["person_id"]] = (lat, lon)
        else:
            faults.append(
                Finding("places", "lat (-90 to 90) and lon (-180 to 180) are degrees", file=str(path), line=line)
            )
    if faults:
        raise Refusal(*faults)
    return places


def is_place(lat: Any, lon: Any) -> bool:
    """Whether these are degrees of a point on the earth."""
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (lat, lon))
    return numbers and -90 <= lat <= 90 and -180 <= lon <= 180
