"""What a clause of each kind says, as types. `clause_reader` reads them from YAML, docs/reference/clauses.md explains every key.

Days are days of the calendar, seconds are seconds of a local day (0 to 86,400), rates are decimals a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from arrears.law.conditions import Condition

KINDS = ("hours", "limit", "wait", "forbid", "require", "third_party", "identify", "visit", "wording", "record", "cap",
         "order", "period", "class", "annual_rate")  # fmt: skip
#: Kinds that the guard decides by, kinds that are shown with lawful work, and kinds about money and time.
DECIDING = ("hours", "limit", "wait", "forbid", "require", "third_party")
SHOWN = ("require", "third_party", "identify", "visit", "record")
CONTACT_KINDS = (*DECIDING, "identify", "visit", "record")

ATTEMPTS = (
    "sent",
    "delivered",
    "failed",
    "no_answer",
    "voicemail",
    "conversation",
    "wrong_number",
    "absent",
    "refused",
)
CONTACTS_MADE = ("sent", "delivered", "voicemail", "conversation", "refused")
COUNTS: Mapping[str, tuple[str, ...]] = {
    "attempts": ATTEMPTS,
    "conversations": ("conversation",),
    "contacts": CONTACTS_MADE,
}
NOT_CONNECTED = ("busy", "not_in_service")
PER = ("debtor", "person", "debt", "number")
EXCLUSIONS = ("consent", "not_connected", "location_information", "reply", "required_notice")
CONSENT_DAYS = 7
#: In what time is counted, and how interest runs, when the annual rate of a loan is reckoned.
INTERVALS, WAYS = ("months", "days"), ("compound", "simple")
#: A consent that lasts until it is withdrawn: no conversation and no number of days ends it.
UNTIL_WITHDRAWN = 0


@dataclass(frozen=True)
class Window:
    """An open part of the day, in seconds of the local day, on some days of the week (0: Monday)."""

    days: frozenset[int]
    from_s: int
    until_s: int


@dataclass(frozen=True)
class Hours:
    """When contact is open. `zone` None: wherever the person may be. `through`: the end instant itself is open.

    `requested`: no windows; closed is what the person named as inconvenient.
    """

    zone: str | None
    windows: tuple[Window, ...]
    through: bool
    holidays_closed: bool
    place: str | None
    requested: bool
    lifted_by: frozenset[str]
    consent_days: int


@dataclass(frozen=True)
class Limit:
    """At most `most` contacts in a window that ends with the day asked about.

    `days`: so many calendar days with the day asked about; else `calendar` (day, week, month); else ever.
    """

    most: int
    per: frozenset[str]
    outcomes: frozenset[str]
    channels: frozenset[str] | None
    direction: str
    days: int | None
    calendar: str | None
    zone: str
    exclude: frozenset[str]
    place: str | None
    purposes: frozenset[str] | None
    own: bool
    consent_days: int


@dataclass(frozen=True)
class Wait:
    """Days to let pass after an event. `days` None: until the event `until`. `first_day` 1: the event's day is day 1."""

    after: str
    channels: frozenset[str] | None
    direction: str
    per: frozenset[str]
    days: int | None
    first_day: int
    business: bool
    until: str | None
    exclude: frozenset[str]
    receipt_days: int | None
    receipt_business: bool
    consent_days: int
    zone: str


@dataclass(frozen=True)
class Forbid:
    """Never while `when` holds (with `until`, a date column: until that day is over), or what was asked to be closed."""

    when: Condition | None
    until: str | None
    request: str | None
    unless: frozenset[str]
    consent_days: int


@dataclass(frozen=True)
class Require:
    """Never unless `needs` holds; `observe` is shown with the work."""

    needs: Condition | None
    observe: Mapping[str, Any]


@dataclass(frozen=True)
class ThirdParty:
    """For what, when and how often a person who does not owe the debt may be reached."""

    purposes: frozenset[str]
    only_when: Condition | None
    most: int | None
    stop_on_refusal: bool
    may_say: Mapping[str, str]


@dataclass(frozen=True)
class Identify:
    """What the contact discloses about who calls and why, and what it keeps to itself; words by language."""

    disclose: tuple[Mapping[str, str], ...]
    withhold: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Visit:
    """How a visit is made."""

    staff: int
    show_id: bool
    consent_to_enter: bool
    recorded: bool
    notice_days: int | None


@dataclass(frozen=True)
class Record:
    """What is recorded and how long it is kept, counted from the contact, the last activity or the settlement."""

    what: tuple[str, ...]
    keep_years: int | None
    keep_months: int | None
    counted_from: str


@dataclass(frozen=True)
class Cap:
    """The most that may be demanded. One of the measures is set, or `none_allowed`. `cut`: the rest is not demanded; `plea`: contestable."""

    on: str
    times_rate: Decimal | None
    rate: Decimal | None
    times_lpr: Decimal | None
    none_allowed: bool
    effect: str


@dataclass(frozen=True)
class Order:
    """To what a payment goes first: always, or where nothing was agreed."""

    allocation: tuple[str, ...]
    always: bool


@dataclass(frozen=True)
class Period:
    """A period of law: from what it runs, how long, what starts it again, holds it, and where it ends at the latest."""

    what: str
    years: int
    months: int
    days: int
    business: bool
    runs_from: str
    first_day: int
    restart_on: frozenset[str]
    suspend_months: int | None
    suspend_on: frozenset[str]
    longest_years: int | None
    rolls: bool


@dataclass(frozen=True)
class Band:
    """A class of debts from so many days past due."""

    id: str
    from_days: int
    name: Mapping[str, str]


@dataclass(frozen=True)
class Classes:
    """Classes by days past due, gentlest first."""

    bands: tuple[Band, ...]


@dataclass(frozen=True)
class AnnualRate:
    """How the annual rate of a loan is reckoned: time in `intervals` (`months` or `days`), in one or both `ways` (`compound`, `simple`)."""

    intervals: str
    ways: tuple[str, ...]


Rule = (
    Hours | Limit | Wait | Forbid | Require | ThirdParty | Identify | Visit | Record | Cap | Order | Period | Classes | AnnualRate
)  # fmt: skip
