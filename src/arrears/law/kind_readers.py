"""Reads the part of a clause that belongs to its kind, and keeps every fault with file, line and field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from arrears.facts.fields import Fields
from arrears.facts.schema import CATEGORIES, CHANNELS, DIRECTIONS, KINDS, OUTCOMES, PURPOSES
from arrears.law import clause_kinds as kinds
from arrears.law.calendars import WEEKDAYS
from arrears.law.conditions import Condition, column_type, read_condition

#: Keys of the part of each kind; the documentation is held to them.
KEYS: dict[str, tuple[str, ...]] = {
    "hours": ("zone", "windows", "through", "holidays", "place", "requested", "lifted_by", "consent_days"),
    "limit": ("most", "per", "count", "outcomes", "channels", "direction", "window", "zone", "exclude", "place",
              "purposes", "scope", "consent_days"),
    "wait": ("after", "channels", "direction", "per", "days", "first_day", "business", "until", "exclude",
             "receipt_days", "receipt_business", "consent_days", "zone"),
    "forbid": ("when", "until", "request", "unless", "consent_days"),
    "require": ("needs", "observe"),
    "third_party": ("purposes", "only_when", "most", "stop_on_refusal", "may_say"),
    "identify": ("disclose", "withhold"),
    "visit": ("staff", "show_id", "consent_to_enter", "recorded", "notice_days"),
    "record": ("what", "keep", "from"),
    "cap": ("on", "most", "effect"),
    "order": ("allocation", "where"),
    "period": ("what", "years", "months", "days", "business", "from", "first_day", "restart_on", "suspend_last",
               "longest", "roll"),
    "class": ("by", "bands"),
    "annual_rate": ("intervals", "ways"),
}  # fmt: skip
PLACES = ("work", "not_work")
_WORD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
CAPPED = ("penalty_rate", "rate", "total", "late_fee", "compound")
MOST_LIMIT = 1000


class KindReader:
    """Reads one clause's part. `path` is where it stands."""

    def __init__(self, fields: Fields, path: str, part: Mapping[str, Any]) -> None:
        self.fields, self.path, self.part = fields, path, part

    def rule(self, kind: str) -> kinds.Rule:
        """The part of that kind."""
        self.fields.known_keys(self.path, self.part, KEYS[kind])
        readers: dict[str, Callable[[], kinds.Rule]] = {
            "hours": self.hours, "limit": self.limit, "wait": self.wait, "forbid": self.forbid, "require": self.require,
            "third_party": self.third_party, "identify": self.identify, "visit": self.visit, "record": self.record,
            "cap": self.cap, "order": self.order, "period": self.period, "class": self.classes,
            "annual_rate": self.annual_rate,
        }  # fmt: skip
        return readers[kind]()

    # --- single values ------------------------------------------------------------------------------------

    def at(self, name: str) -> str:
        return f"{self.path}.{name}"

    def flag(self, name: str, default: bool = False) -> bool:
        return self.fields.flag(self.at(name), self.part[name]) if name in self.part else default

    def word(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.part.get(name)
        return default if value is None else self.fields.choice(self.at(name), value, allowed) or default

    def words(self, name: str, allowed: tuple[str, ...], default: tuple[str, ...] = ()) -> frozenset[str]:
        if name not in self.part:
            return frozenset(default)
        return frozenset(self.fields.choices(self.at(name), self.part[name], allowed))

    def some(self, name: str, allowed: tuple[str, ...]) -> frozenset[str] | None:
        """The words named, or None for all."""
        return self.words(name, allowed) if name in self.part else None

    def whole(self, name: str, default: int = 0, least: int = 0, most: int = 3660) -> int:
        if name not in self.part:
            return default
        found = self.fields.whole(self.at(name), self.part[name], least, most)
        return default if found is None else found

    def number(self, name: str, most: int = 3660) -> int | None:
        return self.whole(name, most=most) if name in self.part else None

    def place(self) -> str | None:
        value = self.part.get("place")
        return None if value is None else self.fields.choice(self.at("place"), value, PLACES)

    def consent_days(self) -> int:
        """How long a consent lasts; `until_withdrawn` is `kinds.UNTIL_WITHDRAWN`."""
        if self.part.get("consent_days") == "until_withdrawn":
            return kinds.UNTIL_WITHDRAWN
        return self.whole("consent_days", kinds.CONSENT_DAYS, 1, 366)

    def condition(self, name: str) -> Condition | None:
        value = self.part.get(name)
        if value is None:
            return None
        sql = str(value).lower() if isinstance(value, bool) else str(value)
        try:
            return read_condition(sql)
        except ValueError as reason:
            self.fields.fault("sql", self.at(name), str(reason), sql, "docs/reference/clauses.md lists the columns")
            return None

    def both_tongues(self, path: str, value: Any) -> dict[str, str]:
        """Words in Chinese and English."""
        said = self.fields.mapping(path, value) or {}
        self.fields.known_keys(path, said, ("zh", "en"))
        for tongue in ("zh", "en"):
            if not self.fields.text(f"{path}.{tongue}", said.get(tongue)):
                self.fields.missing(f"{path}.{tongue}")
        return {tongue: str(said.get(tongue) or "") for tongue in ("zh", "en")}

    def event_word(self, name: str, extra: tuple[str, ...] = ()) -> str:
        """An event kind, `notice:<word>`, `sent:<channel>`, or one of the extra words."""
        value = self.fields.text(self.at(name), self.part.get(name)) or ""
        head, _, tail = value.partition(":")
        good = value in (*KINDS, *extra) or (head == "notice" and tail) or (head == "sent" and tail in CHANNELS)
        if not good:
            todo = "an event kind, notice:<word>, sent:<channel>" + "".join(f", {word}" for word in extra)
            self.fields.fault("unknown_value", self.at(name), "is not an event that is known", value, todo)
        return value

    def zone(self, allowed: tuple[str, ...]) -> str:
        """Where days are counted: `person`, `pack`, or (for hours) an IANA zone."""
        value = self.part.get("zone", "person")
        if value in allowed:
            return str(value)
        return self.fields.zone(self.at("zone"), value) or "person"

    # --- kinds of contact ---------------------------------------------------------------------------------

    def hours(self) -> kinds.Hours:
        requested = self.flag("requested")
        windows = tuple(
            self.window(path, part)
            for path, part in self.fields.mappings(
                self.at("windows"), self.part.get("windows"), ("days", "from", "until")
            )
        )
        if requested == bool(windows):
            what = "has windows of its own beside `requested`" if requested else "has no windows"
            self.fields.fault("form", self.at("windows"), what, todo='write [{from: "08:00", until: "21:00"}]')
        zone = self.zone(("person",))
        return kinds.Hours(
            None if zone == "person" else zone, windows, self.flag("through"),
            self.word("holidays", ("open", "closed"), "open") == "closed", self.place(), requested,
            self.words("lifted_by", ("consent", "reply")), self.consent_days(),
        )  # fmt: skip

    def window(self, path: str, part: Mapping[str, Any]) -> kinds.Window:
        span = self.fields.hours(path, [part.get("from"), part.get("until")]) or ["00:00", "24:00"]
        days = self.fields.choices(f"{path}.days", part["days"], WEEKDAYS) if "days" in part else WEEKDAYS
        begins, ends = (int(text[:2]) * 3600 + int(text[3:]) * 60 for text in span)
        return kinds.Window(frozenset(WEEKDAYS.index(day) for day in days), begins, ends)

    def limit(self) -> kinds.Limit:
        if "most" not in self.part:
            self.fields.missing(self.at("most"))
        count = self.word("count", tuple(kinds.COUNTS), "attempts")
        outcomes = self.words("outcomes", OUTCOMES, kinds.COUNTS[count])
        days, calendar = self.limit_window()
        return kinds.Limit(
            self.whole("most", most=MOST_LIMIT), self.per(), outcomes, self.some("channels", CHANNELS),
            self.word("direction", (*DIRECTIONS, "any"), "out"), days, calendar, self.zone(("person", "pack")),
            self.words("exclude", kinds.EXCLUSIONS), self.place(), self.some("purposes", PURPOSES),
            self.word("scope", ("all", "own"), "all") == "own", self.consent_days(),
        )  # fmt: skip

    def limit_window(self) -> tuple[int | None, str | None]:
        """Rolling days, or a calendar unit; both None for ever."""
        path = self.at("window")
        window = self.fields.mapping(path, self.part.get("window")) or {}
        self.fields.known_keys(path, window, ("days", "calendar", "ever"))
        if len(window) != 1:
            self.fields.fault("form", path, "names one of days, calendar, ever", todo="such as {days: 7}")
            return None, None
        if "days" in window:
            return self.fields.whole(f"{path}.days", window["days"], 1) or 1, None
        if "calendar" in window:
            return None, self.fields.choice(f"{path}.calendar", window["calendar"], ("day", "week", "month")) or "day"
        self.fields.flag(f"{path}.ever", window["ever"])
        return None, None

    def per(self) -> frozenset[str]:
        if "per" not in self.part:
            self.fields.missing(self.at("per"), todo="[person, debt], [debtor], [number]")
        return self.words("per", kinds.PER)

    def wait(self) -> kinds.Wait:
        after = self.event_word("after", ("conversation",))
        until = self.event_word("until", ("conversation",)) if "until" in self.part else None
        days = self.number("days")
        if days is None and until is None:
            self.fields.missing(self.at("days"), "a wait lasts so many days, or until an event")
        if self.whole("first_day", 1, 0, 1) == 1 and days == 0:
            self.fields.fault("number", self.at("days"), "of none with the event's day as day 1 is no wait", days)
        return kinds.Wait(
            after, self.some("channels", CHANNELS), self.word("direction", (*DIRECTIONS, "any"), "any"),
            self.words("per", kinds.PER, ("person", "debt")), days, self.whole("first_day", 1, 0, 1),
            self.flag("business"), until, self.words("exclude", kinds.EXCLUSIONS), self.number("receipt_days"),
            self.flag("receipt_business"), self.consent_days(), self.zone(("person", "pack")),
        )  # fmt: skip

    def forbid(self) -> kinds.Forbid:
        when, until = self.condition("when"), self.part.get("until")
        request = self.part.get("request")
        if request is not None:
            request = self.fields.choice(self.at("request"), request, ("medium", "number", "place"))
        if ("when" in self.part) == ("request" in self.part):
            self.fields.fault("form", self.at("when"), "stands alone, or `request` does", todo="write one of the two")
        if until is not None and str(column_type(str(until))) != "Date":
            self.fields.fault("unknown_value", self.at("until"), "is not a column that holds a date", until)
        unless = self.words("unless", ("reply", "consent"))
        return kinds.Forbid(when, None if until is None else str(until), request, unless, self.consent_days())

    def require(self) -> kinds.Require:
        needs = self.condition("needs")
        observe = self.fields.mapping(self.at("observe"), self.part.get("observe", {})) or {}
        if "needs" not in self.part and not observe:
            self.fields.fault("form", self.path, "demands nothing", todo="write `needs` or `observe`")
        return kinds.Require(needs, observe)

    def third_party(self) -> kinds.ThirdParty:
        say = self.part.get("may_say")
        return kinds.ThirdParty(
            self.words("purposes", PURPOSES), self.condition("only_when"), self.number("most"),
            self.flag("stop_on_refusal"), {} if say is None else self.both_tongues(self.at("may_say"), say),
        )  # fmt: skip

    def identify(self) -> kinds.Identify:
        told, kept = (
            tuple(
                self.both_tongues(f"{self.at(name)}[{index}]", item)
                for index, item in enumerate(self.fields.listed(self.at(name), self.part.get(name)))
            )
            for name in ("disclose", "withhold")
        )
        if not told and not kept:
            self.fields.fault("form", self.path, "demands nothing", todo="write `disclose` or `withhold`")
        return kinds.Identify(told, kept)

    def visit(self) -> kinds.Visit:
        return kinds.Visit(
            self.whole("staff", 1, 1, 10), self.flag("show_id"), self.flag("consent_to_enter"), self.flag("recorded"),
            self.number("notice_days"),
        )  # fmt: skip

    def record(self) -> kinds.Record:
        path = self.at("keep")
        keep = self.fields.mapping(path, self.part.get("keep")) or {}
        self.fields.known_keys(path, keep, ("years", "months"))
        years, months = (
            self.fields.whole(f"{path}.{name}", keep[name], 1, 600) if name in keep else None
            for name in ("years", "months")
        )
        what = tuple(self.fields.texts(self.at("what"), self.part.get("what")))
        if not what:
            self.fields.missing(self.at("what"), todo="such as [recording]")
        return kinds.Record(what, years, months, self.word("from", ("contact", "last_activity", "settled"), "contact"))

    # --- kinds of money and time --------------------------------------------------------------------------

    def cap(self) -> kinds.Cap:
        on = self.fields.choice(self.at("on"), self.part.get("on"), CAPPED) or CAPPED[0]
        path = self.at("most")
        most = self.fields.mapping(path, self.part.get("most")) or {}
        self.fields.known_keys(path, most, ("times_rate", "rate", "times_lpr", "of", "none"))
        measures = {
            name: self.decimal(f"{path}.{name}", most[name])
            for name in ("times_rate", "rate", "times_lpr")
            if name in most
        }
        if len(measures) + ("none" in most) != 1:
            self.fields.fault(
                "form", path, "has one measure: times_rate, rate, times_lpr or none", todo='such as {rate: "0.24"}'
            )
        if "times_lpr" in most:
            self.fields.choice(f"{path}.of", most.get("of"), ("opened_on",))
        nothing = self.fields.flag(f"{path}.none", most["none"]) if "none" in most else False
        return kinds.Cap(
            on, measures.get("times_rate"), measures.get("rate"), measures.get("times_lpr"), nothing,
            self.word("effect", ("cut", "plea"), "cut"),
        )  # fmt: skip

    def decimal(self, path: str, value: Any) -> Decimal | None:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal(-1)
        if not 0 <= number <= 1000:
            self.fields.fault("number", path, "is not a number from 0 to 1000", value)
            return None
        return number

    def order(self) -> kinds.Order:
        allocation = tuple(self.fields.choices(self.at("allocation"), self.part.get("allocation"), CATEGORIES))
        if sorted(allocation) != sorted(CATEGORIES):
            self.fields.fault(
                "form", self.at("allocation"), "does not name each category once", todo=", ".join(CATEGORIES)
            )
        return kinds.Order(allocation, self.word("where", ("not_agreed", "always"), "not_agreed") == "always")

    def period(self) -> kinds.Period:
        lengths = {name: self.whole(name) for name in ("years", "months", "days")}
        if not any(lengths.values()):
            self.fields.missing(self.at("days"), "a period lasts some years, months or days")
        suspend, longest = self.inner("suspend_last", ("months", "on")), self.inner("longest", ("years",))
        months = self.fields.whole(self.at("suspend_last.months"), suspend["months"]) if "months" in suspend else None
        years = self.fields.whole(self.at("longest.years"), longest["years"]) if "years" in longest else None
        known = (*KINDS, "conversation")
        roll = self.part.get("roll")
        if roll is not None:
            self.fields.choice(self.at("roll"), roll, ("next_business_day",))
        return kinds.Period(
            self.period_name(), lengths["years"], lengths["months"], lengths["days"], self.flag("business"),
            self.event_word("from", ("last_due", "oldest_due", "each_due")), self.whole("first_day", 0, 0, 1),
            self.words("restart_on", known), months,
            frozenset(self.fields.choices(self.at("suspend_last.on"), suspend.get("on"), known)), years,
            roll is not None,
        )  # fmt: skip

    def period_name(self) -> str:
        """What the period is of: limitation, credit_file, default_notice, …"""
        name = self.fields.text(self.at("what"), self.part.get("what")) or ""
        if not _WORD.fullmatch(name):
            self.fields.fault("form", self.at("what"), "is not a word such as limitation", name)
        return name

    def inner(self, name: str, known: tuple[str, ...]) -> dict[str, Any]:
        if self.part.get(name) is None:
            return {}
        found = self.fields.mapping(self.at(name), self.part[name]) or {}
        self.fields.known_keys(self.at(name), found, known)
        return found

    def classes(self) -> kinds.Classes:
        self.fields.choice(self.at("by"), self.part.get("by"), ("days_past_due",))
        bands = tuple(
            kinds.Band(
                self.fields.text(f"{path}.id", part.get("id")) or "",
                self.fields.whole(f"{path}.from", part.get("from")) or 0,
                self.both_tongues(f"{path}.name", part.get("name")),
            )
            for path, part in self.fields.mappings(self.at("bands"), self.part.get("bands"), ("id", "from", "name"))
        )
        starts = [band.from_days for band in bands]
        if not bands or starts != sorted(set(starts)) or starts[0] != 0 or not all(band.id for band in bands):
            self.fields.fault("form", self.at("bands"), "begin at 0 and rise, each with an id of its own")
        return kinds.Classes(bands)

    def annual_rate(self) -> kinds.AnnualRate:
        intervals = self.fields.choice(self.at("intervals"), self.part.get("intervals"), kinds.INTERVALS)
        ways = tuple(self.fields.choices(self.at("ways"), self.part.get("ways"), kinds.WAYS))
        if not ways:
            self.fields.missing(self.at("ways"), todo="such as [compound]")
        return kinds.AnnualRate(intervals or kinds.INTERVALS[0], ways)


def channels_of(kind: str) -> tuple[str, ...] | None:
    """The channels a kind speaks of where its clause names none; None: all."""
    return ("visit",) if kind == "visit" else None


def roles_of(kind: str) -> tuple[str, ...] | None:
    """The roles a kind speaks of where its clause names none; None: all."""
    return ("third_party",) if kind == "third_party" else None
