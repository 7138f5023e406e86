"""Whether a debt is ready to be sued on: line by line ready, not ready or to check, each with its reason and its clauses.

Nothing here foretells a decision. The expected share is either given by whoever asks or taken from the ladder, and the line says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from arrears import money
from arrears.calendar import end_of_day
from arrears.claim import Claim, claim_of
from arrears.facts.beside import tongue_of, yaml_beside
from arrears.law import History, Question, may
from arrears.legal.costs import Scale, fee_minor
from arrears.legal.dates import LegalDate, legal_dates
from arrears.legal.debt import Debt
from arrears.legal.papers.build import frame
from arrears.legal.reasoning import words as date_words

READY, NOT_READY, TO_CHECK = "ready", "not_ready", "to_check"
#: With fewer days left than these, limitation is to be looked at before anything else.
SOON_DAYS = 90


@dataclass(frozen=True)
class Told:
    """What only whoever asks can say: evidence at hand (ids), the province's average wage and the own cost (minor units), the expected share."""

    have: frozenset[str] = frozenset()
    wage_minor: int | None = None
    cost_minor: int | None = None
    chance: Fraction | None = None


@dataclass(frozen=True)
class Line:
    """One line. `says`: the key of its reason, with `figures`. `clauses`: in the form of `arrears may`; `events`: ids of the facts."""

    id: str
    verdict: str
    says: str
    figures: Mapping[str, object] = field(default_factory=dict)
    clauses: Sequence[Any] = ()
    events: Sequence[str] = ()

    def text(self, language: str) -> str:
        """The reason in words."""
        tongue = tongue_of(language)
        figures = {name: value[tongue] if isinstance(value, Mapping) else value for name, value in self.figures.items()}
        return str(words()["says"][self.says][tongue]).format(**figures)


@dataclass(frozen=True)
class Readiness:
    """All lines. `verdict`: ready if all are; not_ready if one is not; else to_check."""

    debt: Debt
    lines: tuple[Line, ...]

    @property
    def verdict(self) -> str:
        """The whole in one word."""
        verdicts = {line.verdict for line in self.lines}
        return NOT_READY if NOT_READY in verdicts else TO_CHECK if TO_CHECK in verdicts else READY


@cache
def words() -> dict[str, Any]:
    """The words of the lines, from `ready.yaml` beside this module."""
    content: dict[str, Any] = yaml_beside("arrears.legal", "ready.yaml")
    return content


def readiness(debt: Debt, told: Told, uplift: float | None = None, ladder_cost: float | None = None) -> Readiness:
    """The check of one debt on its day. `uplift`, `ladder_cost`: the ladder's expected share and cost (major units) of the legal stage."""
    claim = claim_of(debt.facts, debt.account_id, debt.as_of, debt.known_at, debt.stack)
    dates = legal_dates(debt).dates
    lines = [
        _amount(debt, claim, told, uplift, ladder_cost), _procedure(debt, claim, told), _evidence(debt, told),
        _notices(debt, dates), _address(debt, claim), _limitation("limitation", "suit", debt, dates), *_guarantee(debt, dates),
        _claimant(debt), _law(debt, claim.replayed.position), _rate(debt, claim), *_standing(debt, claim.replayed.position),
    ]  # fmt: skip
    return Readiness(debt, tuple(lines))


def as_json(found: Readiness, language: str) -> dict[str, Any]:
    """The answer of `arrears legal ready`."""
    tongue = tongue_of(language)
    return {
        "account": found.debt.account_id, "law": found.debt.law, "as_of": found.debt.as_of.isoformat(), "verdict": found.verdict,
        "lines": [
            {"id": line.id, "name": words()["lines"][line.id][tongue], "verdict": line.verdict, "says": line.says,
             "reason": line.text(language), "clauses": [clause.as_json(language) for clause in line.clauses],
             "events": list(line.events)}
            for line in found.lines
        ],
        "note": words()["closing"][tongue],
    }  # fmt: skip


def _shown(minor: int, debt: Debt) -> str:
    return f"{money.to_shown(minor, str(debt.row['currency']))} {debt.row['currency']}"


def _fee(debt: Debt, what: str, minor: int) -> tuple[int, Scale] | None:
    return fee_minor(debt.law, what, minor, str(debt.row["currency"]), debt.day)


def _amount(debt: Debt, claim: Claim, told: Told, uplift: float | None, ladder_cost: float | None) -> Line:
    due = int(claim.replayed.position["due_total"])
    if due <= 0:
        return Line("amount", NOT_READY, "amount_nothing")
    fee = _fee(debt, "case", due)
    if fee is None:
        return Line("amount", TO_CHECK, "amount_no_fee", {"claim": _shown(due, debt)})
    figures: dict[str, object] = {"claim": _shown(due, debt), "fee": _shown(fee[0], debt), "fee_name": fee[1].name}
    chance, origin = (
        (told.chance, "chance_given")
        if told.chance is not None
        else (None if uplift is None else Fraction(str(uplift)), "chance_ladder")
    )
    if chance is None:
        return Line("amount", TO_CHECK, "chance_none", figures, (fee[1],))
    cost = told.cost_minor if told.cost_minor is not None else _minor(ladder_cost or 0, debt)
    expected = int(due * chance)
    figures |= {"cost": _shown(cost, debt), "chance": f"{Decimal(chance.numerator) / chance.denominator:.2%}",
                "origin": words()["says"][origin], "expected": _shown(expected, debt)}  # fmt: skip
    worth = expected > fee[0] + cost
    return Line(
        "amount", READY if worth else NOT_READY, "amount_worth" if worth else "amount_not_worth", figures, (fee[1],)
    )


def _minor(major: float, debt: Debt) -> int:
    one: int = 10 ** money.decimals(str(debt.row["currency"]))
    return round(Fraction(str(major)) * one)


def _procedure(debt: Debt, claim: Claim, told: Told) -> Line:
    due = max(0, int(claim.replayed.position["due_total"]))
    order = _fee(debt, "payment_order", due)
    if order is None:
        return Line("procedure", TO_CHECK, "procedure_none")
    clauses = (*_clauses(debt, "CN-SUIT-2", "CN-SUIT-1"), order[1])
    figures = {"claim": _shown(due, debt), "order": _shown(order[0], debt)}
    if told.wage_minor is None:
        return Line("procedure", TO_CHECK, "small_unknown", figures, clauses)
    says = "small_yes" if 2 * due <= told.wage_minor else "small_agreed" if due <= 2 * told.wage_minor else "small_no"
    figures["wage"] = _shown(told.wage_minor, debt)
    return Line("procedure", READY, says, figures, clauses)


def to_attach(debt: Debt) -> list[Mapping[str, Any]]:
    """The evidence that only people hold, as this case needs it."""
    so = {
        "demanded": debt.of_kind("demand") or debt.of_kind("notice_served"), "guarantor": "guarantor" in debt.roles,
        "acknowledged": debt.of_kind("acknowledged") or debt.of_kind("plan"), "sold": debt.of_kind("sold"),
    }  # fmt: skip
    return [item for item in frame()["evidence"] if item.get("attach") and (not item.get("when") or so[item["when"]])]


def _evidence(debt: Debt, told: Told) -> Line:
    missing = [item for item in to_attach(debt) if item["id"] not in told.have]
    if not missing:
        return Line("evidence", READY, "evidence_complete")
    names = {
        "zh": "；".join(item["name"]["zh-CN"] for item in missing),
        "en": "; ".join(item["name"]["en"] for item in missing),
    }
    return Line("evidence", TO_CHECK, "evidence_missing", {"missing": names})


def _notices(debt: Debt, dates: Sequence[LegalDate]) -> Line:
    for clause, step, stem in (
        ("UK-PAP-DEBT-30", "suit_after_claim_letter", "claim_letter"),
        ("US-REGF-VALPERIOD", "debt_dispute", "validation"),
    ):
        if _speaks(debt, clause):
            return _waiting(step, stem, dates, debt)
    if debt.law != "cn":
        return Line("notices", TO_CHECK, "notice_other")
    demands = debt.of_kind("demand")
    if not demands:
        return Line("notices", TO_CHECK, "demand_none", {}, _clauses(debt, "CN-LIM-1"))
    last = demands[-1]
    arrived = last["data"].get("received_on") or last["outcome"] in ("delivered", "conversation")
    return Line("notices", READY if arrived else TO_CHECK, "demand_arrived" if arrived else "demand_sent", {"on": last["on"]},
                _clauses(debt, "CN-LIM-1"), (str(last["event_id"]),))  # fmt: skip


def _speaks(debt: Debt, clause_id: str) -> bool:
    """Whether the clause is there and speaks of this debt's lender, product and region."""
    found = _clauses(debt, clause_id)
    return bool(found) and found[0].speaks_to(debt.row["lender_kind"], debt.row["product"], debt.region)


def _waiting(step: str, stem: str, dates: Sequence[LegalDate], debt: Debt) -> Line:
    """A period that is to end before a suit."""
    one = next((one for one in dates if one.step.id == step), None)
    if one is None or one.last_on is None:
        return Line("notices", NOT_READY if debt.law == "uk" else TO_CHECK, f"{stem}_none")
    waits = debt.day <= one.last_on
    return Line(
        "notices",
        NOT_READY if waits else READY,
        f"{stem}_waits" if waits else f"{stem}_done",
        {"on": one.last_on},
        (one.clause,),
    )


def _address(debt: Debt, claim: Claim) -> Line:
    if claim.replayed.position["usable_address"]:
        return Line("address", READY, "address_there")
    if debt.law == "cn":
        return Line("address", NOT_READY, "address_none_cn", {}, _clauses(debt, "CN-SUIT-2", "CN-SUIT-3"))
    return Line("address", NOT_READY, "address_none")


def _limitation(line: str, step: str, debt: Debt, dates: Sequence[LegalDate]) -> Line:
    found = [one for one in dates if one.step.id == step]
    if not found:
        return Line(line, TO_CHECK, "limit_none")
    one = min(found, key=lambda one: one.last_on or date.max)
    if one.status == "taken":
        return Line(line, READY, "limit_taken", {"on": one.taken_on}, (one.clause,))
    if one.status == "over":
        return Line(line, NOT_READY, "limit_over", {"on": one.last_on}, (one.clause,))
    if one.status not in ("running", "not_started") or one.last_on is None:
        return Line(line, TO_CHECK, "limit_other", {"status": date_words()["statuses"][one.status]}, (one.clause,))
    left, doubted = (one.last_on - debt.day).days, one.clause.confirmed == "false"
    soon = left < SOON_DAYS
    return Line(
        line,
        TO_CHECK if soon or doubted else READY,
        "limit_soon" if soon else "limit_running",
        {"on": one.last_on, "days": left},
        (one.clause,),
    )


def _guarantee(debt: Debt, dates: Sequence[LegalDate]) -> Iterator[Line]:
    if "guarantor" not in debt.roles:
        yield Line("guarantee", READY, "guarantee_none")
    else:
        yield _limitation("guarantee", "guarantor_claim", debt, dates)


def _claimant(debt: Debt) -> Line:
    sold = debt.of_kind("sold")
    if not sold:
        return Line("claimant", READY, "claimant_own")
    told = [row for row in debt.of_kind("notice_served") if row["data"].get("notice") == "assignment"]
    says = "claimant_told" if told else "claimant_untold"
    events = [str(row["event_id"]) for row in (*sold, *told)]
    return Line("claimant", READY if told else TO_CHECK, says, {}, _clauses(debt, "CN-ASN-1"), events)


def _law(debt: Debt, position: Mapping[str, Any]) -> Line:
    """What the guard says to a suit at the end of the day."""
    if debt.stack is None:
        return Line("law", TO_CHECK, "law_none")
    binds = "assignee" if "assignee" in debt.parties else "lender"
    question = Question(
        None, end_of_day(debt.day, debt.zone), (debt.zone,), accounts=(debt.account_id,), binds=binds, lender_kind=debt.row["lender_kind"],
        product=debt.row["product"], region=debt.region, act="suit", standing=position,
    )  # fmt: skip
    found = may(debt.stack, question, History(debt.ids))
    if found.verdict != "allowed":
        until = found.not_before.astimezone(ZoneInfo(debt.zone)).date() if found.not_before else None
        return Line("law", NOT_READY, f"law_{found.verdict}", {"on": until}, found.clauses)
    if not found.requires:
        return Line("law", READY, "law_allowed")
    ids = ", ".join(clause.id for clause in found.requires)
    return Line("law", TO_CHECK, "law_observe", {"ids": ids}, found.requires)


def _rate(debt: Debt, claim: Claim) -> Line:
    pleas = [cut for cut in claim.under_law.contestable if cut.amount_minor]
    if not pleas:
        return Line("rate", READY, "rate_clear")
    amount = _shown(sum(cut.amount_minor for cut in pleas), debt)
    return Line("rate", TO_CHECK, "rate_plea", {"amount": amount}, [cut.clause for cut in pleas])


#: Columns of the standing that speak for or against a suit, by line: the column, the verdict while it is so, the reason.
STANDING = (
    ("court", (("judgment", NOT_READY, "court_judged"), ("suit_filed", NOT_READY, "court_suit")), "court_none"),
    ("plan", (("plan_current", NOT_READY, "plan_kept"), ("promises_open", TO_CHECK, "plan_promise")), "plan_none"),
    ("dispute", (("disputed", TO_CHECK, "dispute_open"), ("complaint_open", TO_CHECK, "complaint_open")), "dispute_none"),
    ("hardship", (("breathing_space", NOT_READY, "hardship_breathing"), ("hardship_requested", TO_CHECK, "hardship_open"),
                  ("hardship", TO_CHECK, "hardship_open"), ("vulnerable", TO_CHECK, "hardship_vulnerable"),
                  ("represented", TO_CHECK, "hardship_represented")), "hardship_none"),
    ("death", (("deceased", NOT_READY, "death_yes"),), "death_none"),
    ("insolvency", (("bankrupt", NOT_READY, "insolvency_yes"),), "insolvency_none"),
)  # fmt: skip
STANDING_CLAUSES = {
    "plan": ("CN-CARD-2",),
    "death": ("CN-EST-1",),
    "dispute": ("CN-SUIT-1",),
    "hardship": ("UK-BREATHING-ENFORCEMENT",),
}


def _standing(debt: Debt, position: Mapping[str, Any]) -> Iterator[Line]:
    for line, columns, none in STANDING:
        verdict, says = next(((verdict, says) for name, verdict, says in columns if position[name]), (READY, none))
        clauses = _clauses(debt, *STANDING_CLAUSES.get(line, ())) if verdict != READY else ()
        yield Line(line, verdict, says, {}, clauses)


def _clauses(debt: Debt, *ids: str) -> tuple[Any, ...]:
    return tuple(
        clause
        for clause, _ in (debt.stack.clauses if debt.stack else ())
        if clause.id in ids and clause.in_force(debt.day)
    )
