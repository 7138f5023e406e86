"""What a case fills into papers: names, days, amounts and what is so. All figures come from the claim, the judgment and the legal dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl

from arrears import money
from arrears.claim import Claim, claim_of
from arrears.law import course
from arrears.law.clause_kinds import Period
from arrears.legal.costs import fee_minor
from arrears.legal.dates import LegalDates, legal_dates
from arrears.legal.debt import Debt
from arrears.legal.freeze import Frozen, frozen_of
from arrears.legal.guarantee import Guarantee, guarantees
from arrears.legal.judgment import AfterJudgment, after_judgment, judgment_of
from arrears.legal.papers.build import frame

#: Of whom money and claims are: kinds of lender that finance regulators license, so that it is a financial loan contract.
LICENSED = ("bank", "consumer_finance", "auto_finance", "trust", "micro_loan")
SIGNS = {"GBP": "£", "USD": "$", "EUR": "€", "INR": "₹", "AUD": "A$"}
BASIS_DAYS = {"actual/365": 365, "actual/360": 360, "actual/actual": 365, "30/360": 360}


@dataclass(frozen=True)
class Creditor:
    """Who claims, in the words of the paper's language; None: left as a marked blank."""

    name: str | None = None
    address: str | None = None
    phone: str | None = None
    site: str | None = None


@dataclass(frozen=True)
class Brief:
    """A case as papers need it: the debt on its day and on the day to pay by, the judgment, the freezes, and for whom it is written:
    a guarantor (`guarantee`), or one of several borrowers (`debtor`, an id; None: the first)."""

    debt: Debt
    creditor: Creditor
    claim: Claim
    later: Claim
    pay_on: date
    judged: AfterJudgment | None
    frozen: Frozen
    legal: LegalDates
    language: str
    guarantee: Guarantee | None = None
    debtor: str | None = None

    @property
    def currency(self) -> str:
        """ISO code."""
        return str(self.debt.row["currency"])

    @property
    def position(self) -> Mapping[str, Any]:
        """The position on the day."""
        return self.claim.replayed.position

    def amount(self, minor: int) -> str:
        """An amount as the papers write it."""
        shown = money.to_shown(minor, self.currency)
        if self.language == "zh-CN":
            return f"{shown}元" if self.currency == "CNY" else f"{self.currency} {shown}"
        return f"{SIGNS[self.currency]}{shown}" if self.currency in SIGNS else f"{self.currency} {shown}"

    def day(self, on: date) -> str:
        """A day as the papers write it."""
        if self.language == "zh-CN":
            return f"{on.year}年{on.month}月{on.day}日"
        return f"{on:%B} {on.day}, {on.year}" if self.debt.law == "us" else f"{on.day} {on:%B %Y}"

    def word(self, name: str, **figures: object) -> str:
        """A word of the frame."""
        return str(frame()["words"][name][self.language]).format(**figures)


def brief_of(debt: Debt, creditor: Creditor, pay_on: date, language: str) -> Brief:
    """The case, computed once."""
    claim = claim_of(debt.facts, debt.account_id, debt.as_of, debt.known_at, debt.stack)
    later = claim if pay_on == debt.day else claim_of(debt.facts, debt.account_id, pay_on, debt.known_at, debt.stack)
    return Brief(
        debt, creditor, claim, later, pay_on, after_judgment(debt, pay_on), frozen_of(debt), legal_dates(debt), language
    )


def people_of(brief: Brief, role: str) -> list[Mapping[str, Any]]:
    """The people in a role to the debt, by id."""
    people = brief.debt.facts.people
    own = people.filter((pl.col("account_id") == brief.debt.account_id) & (pl.col("role") == role)).sort("person_id")
    return list({row["person_id"]: row for row in own.to_dicts()}.values())


def flags_of(brief: Brief) -> frozenset[str]:
    """What is so in this case."""
    debt, row = brief.debt, brief.position
    demands = debt.of_kind("demand") or debt.of_kind("notice_served")
    dates = _dates(brief)
    told = {
        "due": row["due_total"] > 0, "penalty": brief.claim.terms.penalty_rate_ppm > 0, "demanded": bool(demands),
        "acknowledged": bool(debt.of_kind("acknowledged") or debt.of_kind("plan")), "guarantor": "guarantor" in debt.roles,
        "sold": bool(debt.of_kind("sold")), "paid": bool(debt.payments()), "disputed": bool(row["disputed"]),
        "not_due": row["not_due_principal"] > 0, "cut": any(cut.amount_minor for cut in brief.claim.under_law.cut),
        "contestable": any(cut.amount_minor for cut in brief.claim.under_law.contestable),
        "judged": brief.judged is not None, "frozen": bool(brief.frozen.running),
        "over_frozen": brief.frozen.above_minor > 0, "satisfied": brief.frozen.owed_minor == 0,
        "judged_more": brief.judged is not None and brief.judged.interest_minor + brief.judged.costs_minor > 0,
        "licensed": debt.row["lender_kind"] in LICENSED, "limitation": dates.get("suit") is not None,
        "enforcement_on": (end := dates.get("enforcement_application")) is not None and debt.day <= end,
        "enforcement_over": end is not None and debt.day > end,
    }  # fmt: skip
    told |= _who_is_asked(brief)
    fees = {name for name, _ in _fees(brief)}
    return frozenset({name for name, so in told.items() if so} | fees)


def _who_is_asked(brief: Brief) -> dict[str, bool]:
    """What is so of guarantors, joint debtors, charge-off and recall."""
    debt, one = brief.debt, brief.guarantee
    open_ = open_guarantees(brief)
    return {
        "guarantee_open": bool(open_), "joint_debtors": len(people_of(brief, "borrower")) > 1,
        "guarantee_joint": one is not None and one.kind == "joint", "guarantee_general": one is not None and one.kind == "general",
        "guarantee_unstated": one is not None and one.kind is None, "guarantee_agreed": one is not None and one.until_on is not None,
        "charged_off": bool(debt.of_kind("charge_off")), "recalled": bool(debt.of_kind("recalled")), "placed": bool(debt.of_kind("placed")),
    }  # fmt: skip


def open_guarantees(brief: Brief) -> list[Guarantee]:
    """The guarantors on whom there may still be a claim: the guarantee period is not over, or the claim was kept in it."""
    ended = {
        one.start.guarantee.person_id
        for one in brief.legal.dates
        if one.start.guarantee is not None and one.status == "over"
    }
    return [one for one in guarantees(brief.debt) if one.person_id not in ended]


def texts_of(brief: Brief) -> dict[str, str | None]:
    """Every value that a paper may name; None: only a person knows it."""
    return {
        **_parties(brief), **_transfers(brief), **_guarantee(brief), **_claim(brief), **_interest(brief), **_judgment(brief), **_freezes(brief), **_periods(brief),
        **dict(_fees(brief)),
    }  # fmt: skip


def _parties(brief: Brief) -> dict[str, str | None]:
    debt, creditor, glue = brief.debt, brief.creditor, "、" if brief.language == "zh-CN" else ", "
    borrowers = people_of(brief, "borrower")
    borrower = next((row for row in borrowers if brief.debtor in (None, row["person_id"])), {})
    guarantors = [row["name"] for row in people_of(brief, "guarantor") if row["name"]]
    others = [row["name"] for row in borrowers if row is not borrower and row["name"]]
    return {
        "creditor_name": creditor.name, "creditor_address": creditor.address, "creditor_phone": creditor.phone,
        "creditor_site": creditor.site, "debtor_name": borrower.get("name"),
        "debtor_address": next((one["text"] for one in borrower.get("addresses") or () if one["text"]), None),
        "debtor_phone": next(iter(borrower.get("phones") or ()), None),
        "guarantor_names": glue.join(guarantors) or None, "other_debtors": glue.join(others) or None, "account": debt.account_id,
        "product": str(debt.row["product"]) if debt.row["product"] != debt.account_id else "loan",
    }  # fmt: skip


def _transfers(brief: Brief) -> dict[str, str | None]:
    """What the facts say of a sale, a placement, a recall and a charge-off; of each the last."""
    last = {
        kind: next(reversed(brief.debt.of_kind(kind)), None) for kind in ("sold", "placed", "recalled", "charge_off")
    }

    def on(kind: str) -> str | None:
        row = last[kind]
        return brief.day(row["on"]) if row else None

    def said(kind: str, name: str) -> str | None:
        row = last[kind]
        return (str(row["data"].get(name) or "") or None) if row else None

    written = last["charge_off"]
    return {
        "sold_on": on("sold"), "owed_to": said("sold", "to"), "assignee": said("sold", "to"), "original_creditor": said("sold", "from_whom"),
        "placed_on": on("placed"), "recalled_on": on("recalled"), "charged_off_on": on("charge_off"),
        "recalled_from": said("recalled", "from_whom") or said("placed", "to") or said("sold", "to"),
        "charged_off": brief.amount(written["amount"]) if written and written["amount"] is not None else None,
    }  # fmt: skip


def _guarantee(brief: Brief) -> dict[str, str | None]:
    """The guarantor to whom a paper is written, and the last day of the guarantee period."""
    one = brief.guarantee
    if one is None:
        return {"guarantor_name": None, "guarantee_until": None}
    ends = [each.last_on for each in brief.legal.dates if each.start.guarantee == one]
    return {
        "guarantor_name": one.name,
        "guarantee_until": brief.day(ends[0]) if ends and ends[0] is not None else None,
    }


def _claim(brief: Brief) -> dict[str, str | None]:
    row, debt, later = brief.position, brief.debt, brief.later.replayed.position
    due = {
        f"due_{name}": brief.amount(row[f"due_{name}"]) for name in ("fee", "penalty", "interest", "principal", "total")
    }
    contestable = sum(cut.amount_minor for cut in brief.claim.under_law.contestable)
    paid = debt.payments()
    return {
        **due, "as_of": brief.day(debt.day), "next_day": brief.day(debt.day + timedelta(days=1)),
        "opened_on": brief.day(debt.row["opened_on"]), "principal": brief.amount(debt.row["principal"]),
        "since": brief.day(row["oldest_due_on"]) if row["oldest_due_on"] else brief.day(debt.day),
        "days_past_due": str(row["days_past_due"]), "not_due_principal": brief.amount(row["not_due_principal"]),
        "payoff": brief.amount(row["payoff"]), "pay_on": brief.day(brief.pay_on),
        "total_pay_on": brief.amount(max(0, later["due_total"] - later["credit"])), "contestable": brief.amount(contestable),
        "last_paid_on": brief.day(max(on for on, _ in paid)) if paid else None,
    }  # fmt: skip


def base_minor(brief: Brief) -> int:
    """What default interest runs on now."""
    row, terms = brief.position, brief.claim.terms
    return int(row["due_principal"] + (row["due_interest"] if terms.penalty_on == "principal_and_interest" else 0))


def _interest(brief: Brief) -> dict[str, str | None]:
    terms, zh = brief.claim.terms, brief.language == "zh-CN"
    days = BASIS_DAYS[terms.penalty_basis]
    exact = Fraction(
        base_minor(brief) * terms.penalty_rate_ppm, days * money.PPM * 10 ** money.decimals(brief.currency)
    )
    daily = f"{round(exact, 6):.6f}" if exact.denominator == 1 else f"{float(round(exact, 6)):.6f}"
    both = terms.penalty_on == "principal_and_interest"
    names = ("到期本金和利息", "到期本金") if zh else ("principal and interest past due", "principal past due")
    return {
        "penalty_rate": money.rate_text(terms.penalty_rate_ppm), "penalty_basis": terms.penalty_basis,
        "penalty_base": names[0] if both else names[1], "base": brief.amount(base_minor(brief)), "year_days": str(days),
        "daily": f"{daily}元" if zh and brief.currency == "CNY" else f"{SIGNS.get(brief.currency, brief.currency + ' ')}{daily}",
    }  # fmt: skip


def _judgment(brief: Brief) -> dict[str, str | None]:
    judgment, judged = judgment_of(brief.debt), brief.judged
    found: dict[str, str | None] = {
        "judgment_court": judgment.court if judgment else None, "judgment_number": judgment.number if judgment else None,
        "judged_on": brief.day(judgment.on) if judgment else None,
        "judgment_effective": brief.day(judgment.effective_on) if judgment and judgment.effective_on else None,
        "perform_by": brief.day(judgment.runs_from_on) if judgment else None, "court_to": judgment.court if judgment else None,
    }  # fmt: skip
    names = ("judgment_left", "judgment_interest", "judgment_costs", "doubled", "judgment_paid", "judgment_total")
    if judged is None:
        return found | dict.fromkeys((*names, "doubled_source"))
    minors = (
        judged.debt_minor,
        judged.interest_minor,
        judged.costs_minor,
        judged.doubled_minor,
        judged.paid_minor,
        judged.total_minor,
    )
    amounts = {name: brief.amount(minor) for name, minor in zip(names, minors, strict=True)}
    return found | amounts | {"doubled_source": judged.clause.source}


def _freezes(brief: Brief) -> dict[str, str | None]:
    running, words = brief.frozen.running, frame()["words"]
    names = [words[one.holder][brief.language] if one.holder in words else one.holder for one in running]
    recorded = any(one.amount_minor is not None for one in running)
    return {
        "holders": "、".join(dict.fromkeys(names)) or None, "owed_text": brief.amount(brief.frozen.owed_minor),
        "frozen_total": brief.amount(brief.frozen.frozen_minor) if recorded else None,
    }  # fmt: skip


def _dates(brief: Brief) -> dict[str, date]:
    return {one.step.id: one.last_on for one in brief.legal.dates if one.last_on is not None}


def _periods(brief: Brief) -> dict[str, str | None]:
    debt, dates = brief.debt, _dates(brief)
    reply, receipt = _after(debt, "claim_letter", debt.day), _after(debt, "assumed_receipt", debt.day)
    dispute = _after(debt, "validation", receipt) if receipt else None
    ends = {
        "limitation_on": dates.get("suit"), "enforcement_on": dates.get("enforcement_application"),
        "reply_by": reply, "dispute_by": dispute, "removal_on": dates.get("credit_file_removal"),
    }  # fmt: skip
    return {name: brief.day(on) if on else None for name, on in ends.items()}


def _after(debt: Debt, what: str, start: date) -> date | None:
    """The last day of a period of the debt's law that runs from `start`, by the word that its clause gives it."""
    for clause, pack in debt.stack.clauses if debt.stack else ():
        if isinstance(clause.rule, Period) and clause.rule.what == what and clause.in_force(debt.day):
            return course(clause.rule, pack, start).last_on
    return None


def _fees(brief: Brief) -> Iterator[tuple[str, str]]:
    """The fees of the court that are encoded for this law, on the amount claimed (of enforcement: on the judgment)."""
    claimed = int(brief.position["due_total"])
    wanted = {"case_fee": ("case", claimed), "simple_fee": ("simple", claimed), "order_fee": ("payment_order", claimed)}
    if brief.judged is not None:
        wanted["enforcement_fee"] = ("enforcement", brief.judged.total_minor)
    for name, (what, minor) in wanted.items():
        found = fee_minor(brief.debt.law, what, minor, brief.currency, brief.debt.day)
        if found is not None:
            yield name, brief.amount(found[0])
