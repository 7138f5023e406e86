"""The lender's authority: what may be waived, stopped or stretched, by whom, with what evidence; held inside the law when it is read.

A policy that goes beyond a limit of the law pack is refused with the clause. Shares and rates are parts per million.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from arrears import money
from arrears.facts.fields import Fields
from arrears.facts.schema import CATEGORIES
from arrears.facts.yaml_text import Document, parse_yaml, read_yaml
from arrears.law import Clause, load_pack, packs
from arrears.law.clause_kinds import Period
from arrears.legal.standing import own_times

KINDS = ("instalments", "re_age", "stretch", "interest_stop", "deferral", "stepped_waiver", "settlement")
EVIDENCE = ("identity", "income", "hardship", "source_of_funds")
LAWS = ("cn", "us", "uk", "in", "au", "none")
#: Longest plan a policy may name where the law sets no limit: thirty years of monthly instalments.
LONGEST = 360
KEYS = ("policy", "name", "law", "currency", "products", "except_products", "instalment_at_least", "grace_days",
        "repair_days", "help_days_back", "offers", "authority", "assumptions", "answer_days")  # fmt: skip
OFFER = ("most", "months", "evidence", "after_payments")
LEVEL = ("id", "by", "at_once", "most", "defer_months", "stop_interest", "waive", "roles")


@dataclass(frozen=True)
class Terms:
    """What a kind of offer may be: most instalments, months before the first one, evidence, payments that must have come first."""

    most: int
    months: int
    evidence: tuple[str, ...]
    after_payments: int


@dataclass(frozen=True)
class Level:
    """Who may grant what. `waive_ppm`: by category, the share of what is due that may be waived. `at_once`: the system may grant it alone.

    `roles`: the roles of the desk that may grant at this level; empty: nobody does at the desk.
    """

    id: str
    by: Mapping[str, str]
    at_once: bool
    most: int
    defer_months: int
    stop_interest: bool
    waive_ppm: Mapping[str, int]
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Assumptions:
    """What the lender's side of the comparison assumes: yearly discount, chance that a plan lives another month, what is recovered otherwise."""

    discount_ppm: int
    kept_ppm: int
    after_break_ppm: int
    no_plan_ppm: int
    no_plan_months: int
    no_plan_cost_minor: int


@dataclass(frozen=True)
class Policy:
    """A lender's authority for some products of one law and currency. Levels go from the lowest up. `source`: the file as it was read.

    `help_days_back`: how many days before the day on which it was asked for hardship help may begin.
    `answer_days`: by name (`arrears.legal.standing.own_times`) the days in which the lender answers requests for which no law sets a time.
    """

    id: str
    name: Mapping[str, str]
    law: str
    currency: str
    products: frozenset[str] | None
    except_products: frozenset[str]
    least_minor: int
    grace_days: int
    repair_days: int
    offers: Mapping[str, Terms]
    levels: tuple[Level, ...]
    assumptions: Assumptions
    help_days_back: int = 0
    answer_days: Mapping[str, int] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def held_by(self, roles: Collection[str]) -> tuple[Level, ...]:
        """The levels at which somebody with these roles of the desk may grant, from the lowest up."""
        return tuple(level for level in self.levels if level.roles & frozenset(roles))

    def speaks_to(self, law: str, currency: str, product: str | None) -> bool:
        """Whether it is for accounts of that law, currency and product."""
        named = self.products is None or product in self.products
        return self.law == law and self.currency == currency and named and product not in self.except_products


@dataclass(frozen=True)
class LongestPlan:
    """The law's limit on the length of a plan: at most so many months, by which clause."""

    months: int
    clause: Clause


def longest_plan(law: str, product: str | None, lender_kind: str | None, on: date) -> LongestPlan | None:
    """The shortest limit on the length of a plan that is law on the day for the product; None where none is encoded."""
    found = (
        one for one in _limits(law) if one.clause.in_force(on) and one.clause.speaks_to(lender_kind, product, None)
    )
    return min(found, key=lambda limit: limit.months, default=None)


@cache
def _limits(law: str) -> tuple[LongestPlan, ...]:
    """Every limit on the length of a plan that a law pack has, at any time and for any product."""
    return tuple(
        LongestPlan(12 * clause.rule.years + clause.rule.months, clause)
        for clause in (load_pack(law).clauses if law in packs() else ())
        if isinstance(clause.rule, Period) and clause.rule.what == "instalment_plan" and clause.on
    )


@cache
def shipped() -> tuple[Policy, ...]:
    """The example policies that come with arrears, by name."""
    folder = resources.files("arrears.plans").joinpath("policies")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name)
    return tuple(policy_of(parse_yaml(file.read_text("utf-8"), f"policies/{file.name}"), date.max) for file in files)


def policy_for(law: str, currency: str, product: str | None) -> Policy | None:
    """The example policy for an account; None where none speaks to it."""
    return next((policy for policy in shipped() if policy.speaks_to(law, currency, product)), None)


def read_policy(path: Path, on: date) -> Policy:
    """The policy in a file, held against the law of a day. Refusal with every fault, and with the clause it goes beyond."""
    return policy_of(read_yaml(path), on)


def policy_of(document: Document, on: date) -> Policy:
    """As `read_policy`, of a document that is read already."""
    if not isinstance(document.value, dict):
        document.fault("empty", "", "is not a policy", todo="docs/reference/plans.md has the fields")
        document.raise_findings()
    policy = _Reader(document).policy()
    document.raise_findings()
    _hold_to_law(document, policy, on)
    document.raise_findings()
    return policy


def _hold_to_law(document: Document, policy: Policy, on: date) -> None:
    """Every length the policy names against the law, for each product it names."""
    limits = [longest_plan(policy.law, product, None, on) for product in sorted(policy.products or {""})]
    limit = min((one for one in limits if one), key=lambda one: one.months, default=None)
    if limit is None:
        return
    lengths = {f"offers.{kind}.most": terms.most + terms.months for kind, terms in policy.offers.items()}
    lengths |= {f"authority[{index}].most": level.most for index, level in enumerate(policy.levels)}
    for path, months in lengths.items():
        if months > limit.months:
            what = f"goes beyond the law: at most {limit.months} monthly instalments ({limit.clause.id}, {limit.clause.source})"
            document.fault(
                "beyond_law", path, what, months, f"write {limit.months} or fewer, months of deferral included"
            )


class _Reader:
    """Reads one policy and keeps every fault."""

    def __init__(self, document: Document) -> None:
        self.fields, self.top, self.fault = Fields(document), document.value, document.fault

    def policy(self) -> Policy:
        fields, top = self.fields, self.top
        fields.known_keys("", top, KEYS)
        currency = fields.choice("currency", top.get("currency"), money.currencies())
        products = frozenset(fields.texts("products", top["products"])) if "products" in top else None
        if not fields.text("policy", top.get("policy")):
            fields.missing("policy")
        return Policy(
            str(top.get("policy")), self.name("name", top.get("name")), fields.choice("law", top.get("law"), LAWS) or "none",
            currency or "XXX", products, frozenset(fields.texts("except_products", top.get("except_products"))),
            fields.amount("instalment_at_least", top.get("instalment_at_least", "0"), currency) or 0,
            fields.whole("grace_days", top.get("grace_days", "0"), 0, 60) or 0,
            fields.whole("repair_days", top.get("repair_days", "0"), 0, 60) or 0, self.offers(), self.levels(),
            self.assumptions(currency), fields.whole("help_days_back", top.get("help_days_back", "0"), 0, 366) or 0,
            self.answer_days(), top,
        )  # fmt: skip

    def name(self, path: str, value: Any) -> dict[str, str]:
        part = self.fields.mapping(path, value) or {}
        self.fields.known_keys(path, part, ("zh", "en"))
        return {key: self.fields.text(f"{path}.{key}", part.get(key)) or "" for key in ("zh", "en")}

    def answer_days(self) -> dict[str, int]:
        part = self.fields.mapping("answer_days", self.top.get("answer_days", {})) or {}
        self.fields.known_keys("answer_days", part, own_times())
        read = {
            name: self.fields.whole(f"answer_days.{name}", part[name], 1, 366) for name in own_times() if name in part
        }
        return {name: days for name, days in read.items() if days is not None}

    def offers(self) -> dict[str, Terms]:
        part = self.fields.mapping("offers", self.top.get("offers")) or {}
        self.fields.known_keys("offers", part, KINDS)
        return {kind: self.terms(f"offers.{kind}", part[kind]) for kind in KINDS if kind in part}

    def terms(self, path: str, value: Any) -> Terms:
        part = self.fields.mapping(path, value) or {}
        self.fields.known_keys(path, part, OFFER)
        most = self.fields.whole(f"{path}.most", part.get("most"), 1, LONGEST) or 1
        months = self.fields.whole(f"{path}.months", part.get("months", "0"), 0, 12) or 0
        after = self.fields.whole(f"{path}.after_payments", part.get("after_payments", "0"), 0, 60) or 0
        return Terms(
            most, months, tuple(self.fields.choices(f"{path}.evidence", part.get("evidence"), EVIDENCE)), after
        )

    def levels(self) -> tuple[Level, ...]:
        found = []
        for path, part in self.fields.mappings("authority", self.top.get("authority"), LEVEL):
            waive = self.fields.mapping(f"{path}.waive", part.get("waive", {})) or {}
            self.fields.known_keys(f"{path}.waive", waive, CATEGORIES)
            found.append(Level(
                str(part.get("id")), self.name(f"{path}.by", part.get("by")),
                self.fields.flag(f"{path}.at_once", part.get("at_once", False)),
                self.fields.whole(f"{path}.most", part.get("most"), 1, LONGEST) or 1,
                self.fields.whole(f"{path}.defer_months", part.get("defer_months", "0"), 0, 12) or 0,
                self.fields.flag(f"{path}.stop_interest", part.get("stop_interest", False)),
                {name: self.share(f"{path}.waive.{name}", share) for name, share in waive.items() if name in CATEGORIES},
                frozenset(self.fields.texts(f"{path}.roles", part.get("roles"))),
            ))  # fmt: skip
        if not found:
            self.fields.missing("authority", "somebody must be able to grant a plan")
        return tuple(found)

    def share(self, path: str, value: Any) -> int:
        """A share from 0 to 1 in parts per million."""
        ppm = self.fields.rate(path, value) or 0
        if ppm > money.PPM:
            self.fault("number", path, "is more than all of it", value, "write a share from 0 to 1")
        return ppm

    def assumptions(self, currency: str | None) -> Assumptions:
        part = self.fields.mapping("assumptions", self.top.get("assumptions")) or {}
        self.fields.known_keys(
            "assumptions", part, ("discount_rate", "kept_each_month", "recovered_after_break", "no_plan")
        )
        none = self.fields.mapping("assumptions.no_plan", part.get("no_plan")) or {}
        self.fields.known_keys("assumptions.no_plan", none, ("recovered", "after_months", "cost"))
        return Assumptions(
            self.fields.rate("assumptions.discount_rate", part.get("discount_rate")) or 0,
            self.share("assumptions.kept_each_month", part.get("kept_each_month")),
            self.share("assumptions.recovered_after_break", part.get("recovered_after_break")),
            self.share("assumptions.no_plan.recovered", none.get("recovered")),
            self.fields.whole("assumptions.no_plan.after_months", none.get("after_months"), 0, LONGEST) or 0,
            self.fields.amount("assumptions.no_plan.cost", none.get("cost"), currency) or 0,
        )  # fmt: skip
