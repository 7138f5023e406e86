"""Terms of a loan product: how interest, penalty, late fee, past-due days and allocation work.

Terms are data: one YAML file a product with dated versions, or the `terms` of a case file. The version in force on
the day an account was opened applies to it. Rates are parts per million a year, amounts minor units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from arrears import calendar, money
from arrears.errors import Finding, Refusal, refuse
from arrears.facts.schema import CATEGORIES
from arrears.facts.yaml_text import Document, parse_yaml, read_yaml

Where = Callable[[str], dict[str, Any]]

DAYS_LIMIT = 3660


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a product's terms. Fields as in docs/reference/money.md; `effective_from` None: always."""

    effective_from: date | None = None
    interest_method: str = "scheduled"
    interest_rate_ppm: int = 0
    interest_basis: str = "actual/365"
    interest_on_overdue: str = "continues"
    penalty_rate_ppm: int = 0
    penalty_basis: str = "actual/360"
    penalty_on: str = "principal"
    penalty_from: str = "due"
    penalty_grace_days: int = 0
    penalty_compound: bool = False
    late_fee_minor: int = 0
    late_fee_percent_ppm: int = 0
    late_fee_max_minor: int | None = None
    late_fee_grace_days: int = 0
    first_day: str = "day_after"
    past_due_grace_days: int = 0
    tolerance_minor: int = 0
    allocation: tuple[str, ...] = CATEGORIES
    allocation_agreed: bool = False  # whether the contract names the order; else the law's may take its place
    allocation_after_days: int | None = None
    allocation_after: tuple[str, ...] = CATEGORIES
    allocate_by: str = "debt"
    rounding: str = "half_even"

    @staticmethod
    def from_mapping(mapping: Mapping[str, Any], currency: str, where: Where) -> Terms:
        """Terms from the `terms` mapping of a case file or product file.

        `where(path)` gives file, line and field of a dotted path, for errors. All faults are collected into one Refusal.
        """
        reader = _Reader(mapping, currency, where)
        terms = reader.terms()
        if reader.findings:
            raise Refusal(*reader.findings)
        return terms


_SECTIONS: dict[str, tuple[str, ...]] = {
    "interest": ("method", "rate", "basis", "on_overdue"),
    "penalty": ("rate", "basis", "on", "from", "grace_days", "compound"),
    "late_fee": ("amount", "percent", "max", "grace_days"),
    "past_due": ("first_day", "grace_days", "tolerance"),
    "allocation_after": ("days", "order"),
}
_SINGLE = ("allocation", "allocate_by", "rounding", "effective_from")


class _Reader:
    """Reads one terms mapping and keeps every fault it meets."""

    def __init__(self, mapping: Mapping[str, Any], currency: str, where: Where) -> None:
        self.mapping, self.currency, self.where = mapping, currency, where
        self.findings: list[Finding] = []

    def fault(self, path: str, what: str, value: object = "", todo: str = "") -> None:
        place = {"field": path, **self.where(path)}
        self.findings.append(Finding("terms", what, value=str(value), todo=todo, **place))

    def section(self, name: str) -> Mapping[str, Any]:
        part = self.mapping.get(name) or {}
        if not isinstance(part, Mapping):
            self.fault(name, "is not a mapping", part, "write it as {" + ": …, ".join(_SECTIONS[name]) + ": …}")
            return {}
        for key in part:
            if key not in _SECTIONS[name]:
                self.fault(f"{name}.{key}", "is not known", todo="known: " + ", ".join(_SECTIONS[name]))
        return part

    def choice(self, path: str, value: Any, default: str, allowed: tuple[str, ...]) -> str:
        text = default if value is None else str(value)
        if text not in allowed:
            self.fault(path, "is not one of " + ", ".join(allowed), text)
            return default
        return text

    def rate(self, path: str, value: Any) -> int:
        return self._number(path, value, money.to_ppm)

    def amount(self, path: str, value: Any) -> int:
        minor = self._number(path, value, lambda text: money.to_minor(text, self.currency))
        if minor < 0:
            self.fault(path, "is negative", value)
        return minor

    def _number(self, path: str, value: Any, parse: Callable[[str], int]) -> int:
        if value is None:
            return 0
        try:
            return parse(str(value))
        except ValueError as reason:
            self.fault(path, str(reason), value)
            return 0

    def days(self, path: str, value: Any) -> int:
        if value is None:
            return 0
        if isinstance(value, bool) or not str(value).isdigit() or int(str(value)) > DAYS_LIMIT:
            self.fault(path, f"is not a whole number of days from 0 to {DAYS_LIMIT}", value)
            return 0
        return int(str(value))

    def order(self, path: str, value: Any) -> tuple[str, ...]:
        if value is None:
            return CATEGORIES
        names = tuple(str(name) for name in value) if isinstance(value, (list, tuple)) else ()
        if sorted(names) != sorted(CATEGORIES):
            self.fault(path, "does not name each of fee, penalty, interest, principal once", value)
            return CATEGORIES
        return names

    def day(self, path: str, value: Any) -> date | None:
        if value is None or isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fault(path, "is not a date", value, "write YYYY-MM-DD")
            return None

    def flag(self, path: str, value: Any) -> bool:
        if value not in (None, True, False):
            self.fault(path, "is not true or false", value)
        return bool(value)

    def terms(self) -> Terms:
        for key in self.mapping:
            if key not in _SECTIONS and key not in _SINGLE:
                self.fault(str(key), "is not known", todo="known: " + ", ".join([*_SECTIONS, *_SINGLE]))
        interest, penalty, late = self.section("interest"), self.section("penalty"), self.section("late_fee")
        past_due, after = self.section("past_due"), self.section("allocation_after")
        bases = tuple(calendar.BASES)
        return Terms(
            effective_from=self.day("effective_from", self.mapping.get("effective_from")),
            interest_method=self.choice("interest.method", interest.get("method"), "scheduled", ("scheduled", "daily")),
            interest_rate_ppm=self.rate("interest.rate", interest.get("rate")),
            interest_basis=self.choice("interest.basis", interest.get("basis"), "actual/365", bases),
            interest_on_overdue=self.choice(
                "interest.on_overdue", interest.get("on_overdue"), "continues", ("continues", "stops")
            ),
            penalty_rate_ppm=self.rate("penalty.rate", penalty.get("rate")),
            penalty_basis=self.choice("penalty.basis", penalty.get("basis"), "actual/360", bases),
            penalty_on=self.choice(
                "penalty.on", penalty.get("on"), "principal", ("principal", "principal_and_interest")
            ),
            penalty_from=self.choice("penalty.from", penalty.get("from"), "due", ("due", "grace_end")),
            penalty_grace_days=self.days("penalty.grace_days", penalty.get("grace_days")),
            penalty_compound=self.flag("penalty.compound", penalty.get("compound")),
            late_fee_minor=self.amount("late_fee.amount", late.get("amount")),
            late_fee_percent_ppm=self.rate("late_fee.percent", late.get("percent")),
            late_fee_max_minor=self.amount("late_fee.max", late["max"]) if late.get("max") is not None else None,
            late_fee_grace_days=self.days("late_fee.grace_days", late.get("grace_days")),
            first_day=self.choice(
                "past_due.first_day", past_due.get("first_day"), "day_after", ("day_after", "due_day")
            ),
            past_due_grace_days=self.days("past_due.grace_days", past_due.get("grace_days")),
            tolerance_minor=self.amount("past_due.tolerance", past_due.get("tolerance")),
            allocation=self.order("allocation", self.mapping.get("allocation")),
            allocation_agreed=self.mapping.get("allocation") is not None,
            allocation_after_days=self.days("allocation_after.days", after.get("days")) if after else None,
            allocation_after=self.order("allocation_after.order", after.get("order")),
            allocate_by=self.choice("allocate_by", self.mapping.get("allocate_by"), "debt", ("debt", "instalment")),
            rounding=self.choice(
                "rounding", self.mapping.get("rounding"), "half_even", ("half_even", "half_up", "down")
            ),
        )


def load_terms(path: Path) -> tuple[str, tuple[Terms, ...]]:
    """A product's terms file: `{product, currency, versions: [{effective_from, interest, penalty, …}]}`.

    Gives the product and its versions by date; amounts are in the file's currency. Refusal with file, line and field for what is wrong.
    """
    return _read_terms(read_yaml(path))


def parse_terms(text: str, name: str) -> tuple[str, tuple[Terms, ...]]:
    """As `load_terms`, of the text of such a file; `name` is what errors call it."""
    return _read_terms(parse_yaml(text, name))


def _read_terms(document: Document) -> tuple[str, tuple[Terms, ...]]:
    content, path = document.value, document.file
    if not isinstance(content, dict) or not content.get("product") or not isinstance(content.get("versions"), list):
        todo = "write `product: NAME`, `currency: CODE` and `versions: [{…}]`"
        raise refuse("terms", "is not a terms file", file=str(path), todo=todo)
    if content.get("currency") not in money.currencies():
        document.fault("terms", "currency", "is not a known currency", content.get("currency"))
        document.raise_findings()
    versions = [
        Terms.from_mapping(version, content["currency"], _place(document, index))
        for index, version in enumerate(content["versions"])
    ]
    versions.sort(key=lambda terms: terms.effective_from or date.min)
    return str(content["product"]), tuple(versions)


def _place(document: Document, index: int) -> Where:
    return lambda path: document.where(f"versions[{index}].{path}")


def in_force(versions: tuple[Terms, ...], opened_on: date) -> Terms:
    """The version for an account opened on that day: the latest begun by then, else the earliest there is."""
    begun = [terms for terms in versions if terms.effective_from is None or terms.effective_from <= opened_on]
    return begun[-1] if begun else versions[0]


def with_own_rates(terms: Terms, rate_ppm: int | None, penalty_rate_ppm: int | None) -> Terms:
    """The terms with the account's own contract and penalty rates, where it has them."""
    own: dict[str, int] = {}
    if rate_ppm is not None:
        own["interest_rate_ppm"] = rate_ppm
    if penalty_rate_ppm is not None:
        own["penalty_rate_ppm"] = penalty_rate_ppm
    return replace(terms, **own) if own else terms  # type: ignore[arg-type]
