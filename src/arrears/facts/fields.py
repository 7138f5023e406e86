"""Single values of a file a person writes: each is read, or kept as a fault that names line, field, value and reason.

Every reader returns None (or a harmless stand-in) after a fault, so that the rest of the file is read on and all faults
are found at once. Values are as `yaml_text` gives them: text, True, False, None, dicts and lists.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from arrears import money
from arrears.facts.yaml_text import Document

FIRST_YEAR, LAST_YEAR = 1900, 2199
DAYS_LIMIT = 3660
SHOWN_CHOICES = 20
INSTANT_FORM = 'write "2025-03-01T10:00:00+08:00"'

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
_AMOUNT = re.compile(r"[+-]?\d+(\.(?P<fraction>\d+))?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)


class Fields:
    """Readers of single values of one document."""

    def __init__(self, document: Document) -> None:
        self.fault, self.where = document.fault, document.where

    # --- forms --------------------------------------------------------------------------------------------

    def missing(self, path: str, why: str = "", todo: str = "") -> None:
        self.fault("missing", path, f"is missing: {why}" if why else "is missing", todo=todo)

    def mapping(self, path: str, value: Any) -> dict[str, Any] | None:
        """The mapping, or None with a fault."""
        if isinstance(value, dict):
            return value
        if value is None:
            self.missing(path)
        else:
            self.fault("form", path, "is not a mapping", value, "write `name: value` fields")
        return None

    def listed(self, path: str, value: Any) -> list[Any]:
        """The list; empty if nothing stands there."""
        if value is None or isinstance(value, list):
            return value or []
        self.fault("form", path, "is not a list", value, "write [one, another], or a line with `- ` for each")
        return []

    def mappings(self, path: str, value: Any, known: Collection[str]) -> list[tuple[str, dict[str, Any]]]:
        """The mappings of a list, each with its path, their keys checked."""
        found = []
        for index, item in enumerate(self.listed(path, value)):
            here = f"{path}[{index}]"
            if (part := self.mapping(here, item)) is not None:
                self.known_keys(here, part, known)
                found.append((here, part))
        return found

    def known_keys(
        self, path: str, part: Mapping[str, Any], known: Collection[str], what: str = "is not known"
    ) -> None:
        """A fault for each key that is not known, with the known key that is nearest to it."""
        for key in part:
            if key not in known and key != "<<":
                self.fault("unknown_field", f"{path}.{key}" if path else key, what, todo=suggest(key, known))

    # --- words --------------------------------------------------------------------------------------------

    def text(self, path: str, value: Any) -> str | None:
        """Text, or None where nothing stands."""
        if value is None or isinstance(value, str):
            return value
        self.fault("form", path, "is not text", value, "put it in quotes" if isinstance(value, bool) else "")
        return None

    def texts(self, path: str, value: Any) -> list[str]:
        items = (self.text(f"{path}[{index}]", item) for index, item in enumerate(self.listed(path, value)))
        return [item for item in items if item is not None]

    def choice(self, path: str, value: Any, allowed: Collection[str]) -> str | None:
        """One of the allowed words; None with a fault where it is missing or another."""
        if value is None:
            self.missing(path, todo=_some(allowed))
            return None
        if isinstance(value, str) and value in allowed:
            return value
        self.fault("unknown_value", path, "is not known", value, suggest(str(value), allowed))
        return None

    def optional(self, path: str, value: Any, allowed: Collection[str]) -> str | None:
        return None if value is None else self.choice(path, value, allowed)

    def choices(self, path: str, value: Any, allowed: Collection[str]) -> list[str]:
        found = [self.choice(f"{path}[{i}]", item, allowed) for i, item in enumerate(self.listed(path, value))]
        return [item for item in found if item is not None]

    def flag(self, path: str, value: Any) -> bool:
        if not isinstance(value, bool):
            self.fault("form", path, "is not true or false", value, "write true or false, without quotes")
        return value is True

    def zone(self, path: str, value: Any) -> str | None:
        """An IANA time zone."""
        if value is None:
            return None
        try:
            return ZoneInfo(str(value)).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            todo = nearest(str(value), available_timezones()) or "such as Asia/Shanghai"
            self.fault("zone", path, "is not an IANA time zone", value, todo)
            return None

    # --- numbers ------------------------------------------------------------------------------------------

    def amount(self, path: str, value: Any, currency: str | None, negative: bool = False) -> int | None:
        """Minor units. With `currency` None (a fault elsewhere) only the form is judged."""
        if value is None:
            self.missing(path)
            return None
        match = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.fault("amount", path, "is not a plain decimal number", value, 'write plain digits, such as "1234.50"')
            return None
        if str(value).startswith("-") and not negative:
            self.fault("negative", path, "is negative", value)
            return None
        if currency is None:
            return None
        places, written = money.decimals(currency), len(match["fraction"] or "")
        if written > places:
            what = f"has {written} decimal{'s' * (written > 1)}, {currency} has {places or 'none'}"
            self.fault("amount", path, what, value)
            return None
        try:
            return money.to_minor(value, currency)
        except ValueError as reason:
            self.fault("amount", path, str(reason), value)
            return None

    def rate(self, path: str, value: Any) -> int | None:
        """Parts per million a year."""
        if value is None:
            return None
        try:
            return money.to_ppm(value)
        except ValueError as reason:
            self.fault("rate", path, str(reason), value, 'a rate a year is a fraction: "0.18" is 18%')
            return None

    def whole(self, path: str, value: Any, least: int = 0, most: int = DAYS_LIMIT) -> int | None:
        """A whole number between two bounds."""
        if isinstance(value, str) and _WHOLE.fullmatch(value) and least <= int(value) <= most:
            return int(value)
        self.fault("number", path, f"is not a whole number from {least} to {most}", value)
        return None

    # --- days and instants --------------------------------------------------------------------------------

    def day(self, path: str, value: Any, required: bool = False) -> date | None:
        if value is None:
            if required:
                self.missing(path, todo="write YYYY-MM-DD")
            return None
        text = str(value)
        if not _DAY.fullmatch(text):
            self.fault("date", path, "is not a date", value, "write YYYY-MM-DD")
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.fault("date", path, "is a day that no calendar has", value)
            return None
        return day if self._year_known(path, day.year, value) else None

    def instant(self, path: str, value: Any, required: bool = False) -> datetime | None:
        """An instant (UTC). It must be written with its offset; a date alone is a fault."""
        if value is None:
            if required:
                self.missing(path, todo=INSTANT_FORM)
            return None
        text = str(value)
        try:
            at = datetime.fromisoformat(text) if _DAY.match(text) and len(text) > 10 else None
        except ValueError:
            at = None
        if at is None:
            self.fault("instant", path, "is not an instant", value, INSTANT_FORM)
            return None
        if at.tzinfo is None:
            self.fault("instant", path, "has no offset from UTC", value, INSTANT_FORM)
            return None
        return at.astimezone(UTC) if self._year_known(path, at.year, value) else None

    def moment(self, path: str, value: Any, required: bool = False) -> date | datetime | None:
        """A date, or an instant."""
        bare = value is None or len(str(value)) <= 10
        return self.day(path, value, required) if bare else self.instant(path, value, required)

    def hours(self, path: str, value: Any) -> list[str] | None:
        """A span of the day, `[from, to]`, both HH:MM."""
        span = self.listed(path, value)
        if len(span) == 2 and all(isinstance(item, str) and _CLOCK.fullmatch(item) for item in span):
            if span[0] < span[1]:
                return [str(item) for item in span]
            self.fault("hours", path, "ends before it begins", f"{span[0]} to {span[1]}")
            return None
        self.fault("hours", path, "is not a span of the day", todo='write ["08:00", "20:00"]')
        return None

    def _year_known(self, path: str, year: int, value: Any) -> bool:
        if FIRST_YEAR <= year <= LAST_YEAR:
            return True
        self.fault("date", path, f"is not in the years {FIRST_YEAR} to {LAST_YEAR}", value)
        return False


def at_noon(moment: date | datetime | None, zone: str) -> datetime | None:
    """The instant itself, or 12:00 on the date in `zone`; as UTC."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(12), ZoneInfo(zone)).astimezone(UTC)


def nearest(word: str, known: Collection[str]) -> str:
    """`did you mean …?` for a word that is nearly one of the known ones, else empty."""
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean `{near[0]}`?" if near else ""


def suggest(word: str, known: Collection[str]) -> str:
    """What could have been meant: the nearest known word, else what is known."""
    return nearest(word, known) or _some(known)


def _some(known: Collection[str]) -> str:
    words = list(known)
    return "known: " + ", ".join(words[:SHOWN_CHOICES]) + (", …" if len(words) > SHOWN_CHOICES else "")
