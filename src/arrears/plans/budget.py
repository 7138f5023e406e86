"""A household's budget: what comes in, what goes out, what is left for a plan.

Amounts a week, a fortnight, a quarter or a year become amounts a month as debt advisers count them (a week is 12/52 of a month):
income is rounded down and spending up to the minor unit, so that nothing is promised that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from arrears import money
from arrears.facts.fields import Fields
from arrears.facts.yaml_text import Document, read_yaml
from arrears.plans.words import data

#: How many of each make a year.
TIMES_A_YEAR = {"week": 52, "fortnight": 26, "four_weeks": 13, "month": 12, "quarter": 4, "year": 1}
KEYS = ("form", "currency", "on", "region", "household", "income", "spending", "priority_debts", "creditors", "pay_day",
        "minimum_living")  # fmt: skip
PEOPLE_LIMIT = 40
#: The form for which minimum living standards are known by region.
WITH_MINIMUM = "cn_household"


@dataclass(frozen=True)
class Creditor:
    """A debt beside the one that is asked about. `owed_minor`: what is owed; `a_month_minor`: what a priority debt must be paid a month."""

    name: str
    owed_minor: int
    a_month_minor: int = 0


@dataclass(frozen=True)
class Floor:
    """What one person must be left with a month (minor units), by which source and since when."""

    a_month_minor: int
    source: str
    from_on: date | None
    confirmed: bool


@dataclass(frozen=True)
class Budget:
    """A budget, all amounts in minor units a month. `floor` None: no minimum is known for the region."""

    form: str
    currency: str
    region: str | None
    adults: int
    children: int
    income: Mapping[str, int]
    spending: Mapping[str, int]
    priority_debts: tuple[Creditor, ...] = ()
    creditors: tuple[Creditor, ...] = ()
    pay_day: int | None = None
    floor: Floor | None = None

    @property
    def income_minor(self) -> int:
        """All that comes in."""
        return sum(self.income.values())

    @property
    def spending_minor(self) -> int:
        """All that is spent on living."""
        return sum(self.spending.values())

    @property
    def by_section(self) -> dict[str, int]:
        """What is spent by section of the form (such as `fixed` and `flexible`); empty for a form without sections."""
        sections = data("forms.yaml")[self.form].get("sections", {})
        return {name: sum(self.spending.get(one, 0) for one in part["headings"]) for name, part in sections.items()}

    @property
    def priority_minor(self) -> int:
        """What priority debts (rent arrears, utilities, tax, maintenance) must be paid."""
        return sum(debt.a_month_minor for debt in self.priority_debts)

    @property
    def surplus_minor(self) -> int:
        """Income less spending less priority debts; negative where it does not reach."""
        return self.income_minor - self.spending_minor - self.priority_minor

    @property
    def kept_back_minor(self) -> int:
        """What the household is left with at least, where a minimum is known."""
        return self.floor.a_month_minor * (self.adults + self.children) if self.floor else 0

    @cached_property
    def affordable_minor(self) -> int:
        """What may go into plans: the surplus, and never what would leave the household below its minimum. Not below zero."""
        above = self.income_minor - self.priority_minor - self.kept_back_minor
        return max(0, min(self.surplus_minor, above))


def floor_note(budget: Budget) -> str | None:
    """What must be said of the minimum: the note of `words.yaml` on one that was not checked, or on a Chinese household without one; else None."""
    if budget.floor:
        return None if budget.floor.confirmed else "floor_unconfirmed"
    return "floor_unknown" if budget.form == WITH_MINIMUM else None


def read_budget(path: Path, on: date) -> Budget:
    """The budget in a YAML or JSON file, as of a day (which decides the minimum living standard). Refusal with every fault found."""
    return budget_of(read_yaml(path), on)


def budget_of(document: Document, on: date) -> Budget:
    """As `read_budget`, of a document that is read already."""
    if not isinstance(document.value, dict):
        document.fault(
            "empty", "", "is not a budget", todo="start with `form:`; docs/reference/plans.md has the fields"
        )
        document.raise_findings()
    budget = _Reader(document, on).budget()
    document.raise_findings()
    return budget


class _Reader:
    """Reads one budget and keeps every fault."""

    def __init__(self, document: Document, on: date) -> None:
        self.fields, self.top, self.on = Fields(document), document.value, on
        self.fault = document.fault

    def budget(self) -> Budget:
        fields, top = self.fields, self.top
        fields.known_keys("", top, KEYS)
        forms = data("forms.yaml")
        form = fields.choice("form", top.get("form"), tuple(forms)) or "household"
        currency = fields.choice("currency", top.get("currency"), money.currencies()) or "XXX"
        self.currency = currency if currency in money.currencies() else None
        on, region = fields.day("on", top.get("on")) or self.on, fields.text("region", top.get("region"))
        adults, children = self.household(top.get("household"))
        pay_day = fields.whole("pay_day", top["pay_day"], 1, 31) if "pay_day" in top else None
        return Budget(
            form, currency, region, adults, children, self.amounts("income", forms[form]["income"], down=True),
            self.amounts("spending", forms[form]["spending"], down=False), self.debts("priority_debts", a_month=True),
            self.debts("creditors", a_month=False), pay_day, self.floor(form, region, on),
        )  # fmt: skip

    def household(self, value: Any) -> tuple[int, int]:
        part = self.fields.mapping("household", value) or {}
        self.fields.known_keys("household", part, ("adults", "children"))
        adults = self.fields.whole("household.adults", part.get("adults", "1"), 1, PEOPLE_LIMIT) or 1
        return adults, self.fields.whole("household.children", part.get("children", "0"), 0, PEOPLE_LIMIT) or 0

    def amounts(self, name: str, known: Mapping[str, Any], down: bool) -> dict[str, int]:
        part = self.fields.mapping(name, self.top.get(name)) or {}
        self.fields.known_keys(name, part, tuple(known), "is no heading of this form")
        return {key: self.a_month(f"{name}.{key}", value, down) for key, value in part.items() if key in known}

    def a_month(self, path: str, value: Any, down: bool) -> int:
        """An amount a month, or `{amount, every}`."""
        every = "month"
        if isinstance(value, dict):
            self.fields.known_keys(path, value, ("amount", "every"))
            every = self.fields.choice(f"{path}.every", value.get("every"), tuple(TIMES_A_YEAR)) or "month"
            path, value = f"{path}.amount", value.get("amount")
        amount = Fraction((self.fields.amount(path, value, self.currency) or 0) * TIMES_A_YEAR[every], 12)
        return int(amount // 1) if down else -int(-amount // 1)

    def debts(self, name: str, a_month: bool) -> tuple[Creditor, ...]:
        known = ("name", "owed", "a_month") if a_month else ("name", "owed")
        found: list[Creditor] = []
        for path, part in self.fields.mappings(name, self.top.get(name), known):
            called = self.fields.text(f"{path}.name", part.get("name"))
            if not called:
                self.fields.missing(f"{path}.name")
            if any(debt.name == called for debt in found):
                self.fault("repeated", f"{path}.name", "stands twice", called)
            owed = self.fields.amount(f"{path}.owed", part.get("owed"), self.currency) or 0
            monthly = self.a_month(f"{path}.a_month", part.get("a_month"), down=False) if a_month else 0
            found.append(Creditor(called or "", owed, monthly))
        return tuple(found)

    def floor(self, form: str, region: str | None, on: date) -> Floor | None:
        """The budget's own minimum, else that of the region on the day; only the Chinese form has one."""
        if "minimum_living" in self.top:
            part = self.fields.mapping("minimum_living", self.top["minimum_living"]) or {}
            self.fields.known_keys("minimum_living", part, ("a_month", "source", "from"))
            source = self.fields.text("minimum_living.source", part.get("source"))
            if not source:
                self.fields.missing("minimum_living.source", "a figure needs its source")
            least = self.fields.amount("minimum_living.a_month", part.get("a_month"), self.currency) or 0
            return Floor(least, source or "", self.fields.day("minimum_living.from", part.get("from")), True)
        rows = [
            row for row in data("minimum_living.yaml") if row["region"] == region and row["currency"] == self.currency
        ]
        known = [row for row in rows if date.fromisoformat(row["from"]) <= on]
        if form != WITH_MINIMUM or not known:
            return None
        row = max(known, key=lambda each: str(each["from"]))
        return Floor(
            money.to_minor(row["a_month"], row["currency"]), row["source"], date.fromisoformat(row["from"]), row["confirmed"]
        )  # fmt: skip
