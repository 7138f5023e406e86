"""May this contact be made? One answer for one contact: allowed, wait until, or never, with every deciding clause.

Each clause gives its own first lawful instant from a candidate on; the latest of them is the next candidate, until all agree on one. At
every candidate the law of its own day applies. So `wait` names the first lawful instant, and asked at that instant the guard allows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from arrears.law.clause_kinds import CONTACTS_MADE, DECIDING, SHOWN, Forbid, Hours, Limit, Require, ThirdParty, Wait
from arrears.law.clauses import FORCES, Clause
from arrears.law.clock import local_day, midnight
from arrears.law.consents import answers, is_reply, next_consent
from arrears.law.history import History
from arrears.law.hours import Next, all_open, next_open
from arrears.law.limits import after_limit, at_place, sooner
from arrears.law.packs import Pack, Stack
from arrears.law.questions import Asked, Question
from arrears.law.requests import after_request, inconvenient_hours
from arrears.law.waits import after_wait

ROUNDS = 400  # a wait is found within a few rounds; beyond this there is no lawful instant in sight
ONE_DAY = timedelta(days=1)
KEPT_MOST = 4096


@dataclass(frozen=True)
class Policy:
    """Which forces of law block a contact in this house; clauses of other forces are shown as advisories."""

    blocks: frozenset[str] = frozenset(FORCES) - {"proposal"}


EVERYTHING = Policy()


@dataclass(frozen=True)
class Verdict:
    """`allowed`, `wait` (until `not_before`, UTC) or `never`, the clauses that decide, and what goes with it.

    `requires`: what the contact must observe. `advisories`: clauses that speak against it but do not block in this house.
    """

    verdict: str
    not_before: datetime | None
    clauses: tuple[Clause, ...]
    requires: tuple[Clause, ...] = ()
    advisories: tuple[Clause, ...] = ()

    def as_json(self, language: str) -> dict[str, Any]:
        """The form of `arrears may --json`."""
        return {
            "verdict": self.verdict,
            "not_before": self.not_before.isoformat() if self.not_before else None,
            "clauses": [clause.as_json(language) for clause in self.clauses],
            "requires": [clause.as_json(language) for clause in self.requires],
            "advisories": [clause.as_json(language) for clause in self.advisories],
        }


@dataclass(frozen=True)
class Applicable:
    """The clauses that speak of a question on a day: those that block, those that warn, those that are shown."""

    blocking: tuple[tuple[Clause, Pack], ...]
    warning: tuple[tuple[Clause, Pack], ...]
    shown: tuple[Clause, ...]


@dataclass
class Search:
    """The way to the first lawful instant: clauses that moved the candidate, those that never allow, the instant (None: none in sight)."""

    moved: dict[Clause, None] = field(default_factory=dict)
    never: tuple[Clause, ...] = ()
    found: datetime | None = None

    @property
    def deciding(self) -> tuple[Clause, ...]:
        """The clauses that decide: those that never allow, else those that moved the instant."""
        return self.never or tuple(self.moved)


def may(stack: Stack, question: Question, history: History, policy: Policy = EVERYTHING) -> Verdict:
    """The verdict on one contact, by what had happened up to the instant asked about."""
    asked = Asked(question, history)
    law = applicable(stack, question, question.at, policy)
    search = search_from(stack, asked, asked.at, policy)
    deciding = search.deciding
    requires = tuple(clause for clause in law.shown if clause not in deciding)
    warning = tuple(clause for clause, pack in law.warning if first_lawful(asked, clause, pack, asked.at) != asked.at)
    if search.found is None:
        return Verdict("never", None, deciding, requires, warning)
    if search.found == question.at:
        return Verdict("allowed", None, (), requires, warning)
    return Verdict("wait", search.found, deciding, requires, warning)


def may_together(asks: Sequence[tuple[Stack, Question]], history: History, policy: Policy = EVERYTHING) -> Verdict:
    """The verdict on one contact about several debts, each with its own stack and standing: the strictest, at one instant.

    All questions ask about the same instant. `history` holds nothing after it.
    """
    at = asks[0][1].at
    named: dict[str, dict[Clause, None]] = {"clauses": {}, "requires": {}, "advisories": {}}
    for round_ in range(ROUNDS):
        verdicts = [may(stack, replace(question, at=at), history, policy) for stack, question in asks]
        never = [verdict for verdict in verdicts if verdict.verdict == "never"]
        for verdict in never or verdicts:
            named["clauses"].update(dict.fromkeys(verdict.clauses))
        for name in ("requires", "advisories") if round_ == 0 else ():
            named[name].update(dict.fromkeys(clause for verdict in verdicts for clause in getattr(verdict, name)))
        later = max((verdict.not_before or at for verdict in verdicts), default=at)
        if never or later == at:
            break
        at = later
    waits = at != asks[0][1].at
    return Verdict(
        "never" if never else "wait" if waits else "allowed", at if waits and not never else None,
        tuple(dict.fromkeys(clause for verdict in never for clause in verdict.clauses) if never else named["clauses"]),
        tuple(named["requires"]), tuple(named["advisories"]),
    )  # fmt: skip


def search_from(stack: Stack, asked: Asked, at: datetime, policy: Policy) -> Search:
    """The first lawful instant from `at` on, by what had happened up to the instant asked about (which may be earlier)."""
    search = Search()
    for _ in range(ROUNDS):
        later, never = at, []
        for clause, pack in applicable(stack, asked.question, at, policy).blocking:
            found = first_lawful(asked, clause, pack, at)
            if found is None:
                never.append(clause)
            elif found > at:
                search.moved[clause] = None
                later = max(later, found)
        if never:
            search.never = tuple(never)
            return search
        if later == at:
            search.found = at
            return search
        at = later
    return search


def is_lawful(stack: Stack, asked: Asked, at: datetime, policy: Policy) -> bool:
    """Whether no clause that blocks speaks against the contact at `at`, by what had happened up to the instant asked about."""
    blocking = applicable(stack, asked.question, at, policy).blocking
    return all(first_lawful(asked, clause, pack, at) == at for clause, pack in blocking)


def applicable(stack: Stack, question: Question, at: datetime, policy: Policy) -> Applicable:
    """The clauses in force on the day of `at` that speak of the question. Kept by the stack: most questions are alike."""
    days = tuple(local_day(at, pack.zone) for pack in stack.packs)
    key = (
        days, policy, question.act, question.channel, question.role, question.purpose, question.binds,
        question.lender_kind, question.product, question.region,
    )  # fmt: skip
    kept: dict[Any, Applicable] = stack.kept
    found = kept.get(key)
    if found is None:
        if len(kept) >= KEPT_MOST:
            kept.clear()
        found = kept[key] = _applicable(stack, question, dict(zip(stack.packs, days, strict=True)), policy)
    return found


def _applicable(stack: Stack, question: Question, days: dict[Pack, date], policy: Policy) -> Applicable:
    speaking = [
        (clause, pack)
        for clause, pack in stack.clauses
        if clause.on and clause.in_force(days[pack]) and speaks_of(clause, question)
    ]
    deciding = [item for item in speaking if item[0].kind in DECIDING]
    return Applicable(
        tuple(item for item in deciding if item[0].force in policy.blocks),
        tuple(item for item in deciding if item[0].force not in policy.blocks),
        tuple(clause for clause, _ in speaking if clause.kind in SHOWN and _is_shown(clause)),
    )


def speaks_of(clause: Clause, question: Question) -> bool:
    """Whether a clause speaks of who asks, whom, for what and how."""
    return (
        question.act in clause.acts
        and question.binds in clause.binds
        and (clause.channels is None or question.channel in clause.channels)
        and (clause.roles is None or question.role in clause.roles)
        and (clause.purposes is None or question.purpose in clause.purposes)
        and question.purpose not in clause.except_purposes
        and clause.speaks_to(question.lender_kind, question.product, question.region)
    )


def _is_shown(clause: Clause) -> bool:
    rule = clause.rule
    if isinstance(rule, Require):
        return bool(rule.observe)
    return not isinstance(rule, ThirdParty) or bool(rule.may_say)


def first_lawful(asked: Asked, clause: Clause, pack: Pack, at: datetime) -> datetime | None:
    """The first instant from `at` on at which the clause alone does not forbid; None if none is in sight.

    A clause that ends (`in_force.until`) forbids nothing from the day after on.
    """
    found = _RULES[clause.kind](asked, clause.rule, pack, at)
    if clause.until_on is not None and found != at and clause.kind in ("hours", "limit", "wait"):
        found = sooner(found, max(at, midnight(clause.until_on + ONE_DAY, pack.zone)))
    return found


def _hours(asked: Asked, rule: Hours, pack: Pack, at: datetime) -> datetime | None:
    if not at_place(asked.question, rule.place):
        return at
    opens = opening(asked, rule, pack, at)
    if opens == at or ("reply" in rule.lifted_by and _is_reply_now(asked, rule, pack, at, opens)):
        return at
    # a request is taken back by a later consent only (`law.requests`): an earlier one does not outweigh it
    if "consent" in rule.lifted_by and not rule.requested:
        return sooner(opens, next_consent(asked, at, asked.question.accounts, rule.consent_days, naming_hours=True))
    return opens


def opening(asked: Asked, rule: Hours, pack: Pack, at: datetime) -> datetime | None:
    """When the hours of a clause are open from `at` on, in every zone, apart from what lifts them."""
    if rule.requested:
        return inconvenient_hours(asked, at)
    closed = pack.calendar.is_holiday if rule.holidays_closed and pack.calendar else None
    zones = (rule.zone,) if rule.zone else asked.zones
    if len(zones) == 1:
        return next_open(at, rule.windows, zones[0], rule.through, closed)

    def step(zone: str) -> Next:
        return lambda later: next_open(later, rule.windows, zone, rule.through, closed)

    return all_open(at, [step(zone) for zone in zones])


def _is_reply_now(asked: Asked, rule: Hours, pack: Pack, at: datetime, opens: datetime | None) -> bool:
    """Whether the person wrote or called on this channel in the closed time that `at` lies in, unanswered so far."""
    asking = answers(asked)
    return asking is not None and opening(asked, rule, pack, asking.at) == opens


def _limit(asked: Asked, rule: Limit, pack: Pack, at: datetime) -> datetime | None:
    return after_limit(asked, rule, pack.zone, at)


def _wait(asked: Asked, rule: Wait, pack: Pack, at: datetime) -> datetime | None:
    return after_wait(asked, rule, pack.zone, pack.calendar, at)


def _forbid(asked: Asked, rule: Forbid, pack: Pack, at: datetime) -> datetime | None:
    found = _forbidden_until(asked, rule, at)
    if found == at or ("reply" in rule.unless and is_reply(asked, at)):
        return at
    # a request is opened again by what `law.requests` takes for a consent to just that
    if "consent" in rule.unless and rule.request is None:
        return sooner(found, next_consent(asked, at, asked.question.accounts, rule.consent_days))
    return found


def _forbidden_until(asked: Asked, rule: Forbid, at: datetime) -> datetime | None:
    if rule.request is not None:
        return after_request(asked, rule.request, at)
    if rule.when is None or not rule.when.holds(lambda name: asked.value(name, at)):
        return at
    last = asked.value(rule.until, at) if rule.until is not None else None
    if last is None:
        return None
    return max(at, *(midnight(last + ONE_DAY, zone) for zone in asked.zones))


def _require(asked: Asked, rule: Require, pack: Pack, at: datetime) -> datetime | None:
    if rule.needs is None or rule.needs.holds(lambda name: asked.value(name, at)):
        return at
    return None


def _third_party(asked: Asked, rule: ThirdParty, pack: Pack, at: datetime) -> datetime | None:
    question = asked.question
    if question.purpose not in rule.purposes:
        return None
    if rule.only_when is not None and not rule.only_when.holds(lambda name: asked.value(name, at)):
        return None
    if rule.stop_on_refusal and (asked.of_person("cease") or asked.of_person("opt_out")):
        return None
    if rule.most is None or question.invited:
        return at
    made = [
        event
        for event in asked.contacts()
        if event.outbound
        and event.outcome in CONTACTS_MADE
        and event.with_person(question.person, question.role)
    ]  # fmt: skip
    return at if len(made) < rule.most else None


_RULES: dict[str, Callable[..., datetime | None]] = {
    "hours": _hours, "limit": _limit, "wait": _wait, "forbid": _forbid, "require": _require,
    "third_party": _third_party,
}  # fmt: skip
