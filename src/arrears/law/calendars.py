"""Business days: which days are worked, from dated calendars that stand as data in `calendars/`.

A calendar says from when until when it knows the holidays. A day outside is not guessed: asking for it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from arrears.errors import refuse
from arrears.facts.fields import Fields
from arrears.facts.yaml_text import Document, parse_yaml

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KEYS = ("calendar", "source", "covers", "weekend", "holidays", "workdays")


@dataclass(frozen=True)
class Calendar:
    """The holidays of a country or region. `workdays` are days of a weekend that are worked to make up for a holiday."""

    name: str
    source: str
    from_on: date
    until_on: date
    weekend: frozenset[int]
    holidays: frozenset[date]
    workdays: frozenset[date]

    def knows(self, day: date) -> bool:
        """Whether the calendar covers `day`."""
        return self.from_on <= day <= self.until_on

    def is_holiday(self, day: date) -> bool:
        """Whether `day` is a public holiday. Refusal outside the years the calendar covers."""
        if not self.knows(day):
            raise refuse(
                "calendar", f"does not know the holidays of {day.year}", value=self.name,
                todo=f"it covers {self.from_on} to {self.until_on}: add the year to its file",
            )  # fmt: skip
        return day in self.holidays

    def is_business_day(self, day: date) -> bool:
        """Whether `day` is worked. Refusal outside the years the calendar covers."""
        if self.is_holiday(day):
            return False
        return day.weekday() not in self.weekend or day in self.workdays

    def after(self, day: date, business_days: int) -> date:
        """The last of so many business days after `day` (the first one is after it); `day` itself for none."""
        while business_days > 0:
            day += timedelta(days=1)
            business_days -= self.is_business_day(day)
        return day

    def on_or_after(self, day: date) -> date:
        """`day` if it is worked, else the next day that is."""
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day


def calendars() -> tuple[str, ...]:
    """Names of the calendars that come with arrears."""
    folder = resources.files("arrears.law").joinpath("calendars")
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


@cache
def load_calendar(name: str) -> Calendar:
    """The calendar of that name. Refusal if there is none, or with every fault of its file."""
    if name not in calendars():
        raise refuse("calendar", "there is no such calendar", value=name, todo="known: " + ", ".join(calendars()))
    path = resources.files("arrears.law").joinpath("calendars", f"{name}.yaml")
    return read_calendar(parse_yaml(path.read_text("utf-8"), f"calendars/{name}.yaml"))


def read_calendar(document: Document) -> Calendar:
    """The calendar of one document. Refusal with every fault found."""
    fields = Fields(document)
    top: dict[str, Any] = fields.mapping("", document.value) or {}
    fields.known_keys("", top, KEYS)
    covers = fields.mapping("covers", top.get("covers")) or {}
    for name in ("calendar", "source"):
        if not fields.text(name, top.get(name)):
            fields.missing(name)
    first = fields.day("covers.from", covers.get("from"), required=True)
    last = fields.day("covers.until", covers.get("until"), required=True)
    weekend = fields.choices("weekend", top.get("weekend"), WEEKDAYS)
    days = {name: _days(fields, name, top.get(name)) for name in ("holidays", "workdays")}
    for name, listed in days.items():
        for day in listed:
            if first and last and not first <= day <= last:
                fields.fault("calendar", name, "holds a day that the calendar does not cover", day)
    document.raise_findings()
    assert first is not None and last is not None
    return Calendar(
        str(top["calendar"]), str(top["source"]), first, last,
        frozenset(WEEKDAYS.index(day) for day in weekend), days["holidays"], days["workdays"],
    )  # fmt: skip


def _days(fields: Fields, path: str, value: Any) -> frozenset[date]:
    listed = (fields.day(f"{path}[{index}]", item) for index, item in enumerate(fields.listed(path, value)))
    return frozenset(day for day in listed if day is not None)
