"""From which day a period of law runs for a debt: a due date, an event, the receipt of a notice, or the end of the default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from arrears.law import Clause, Event, Pack, course
from arrears.law.clause_kinds import Period
from arrears.legal.debt import Debt
from arrears.legal.guarantee import Guarantee, guarantees
from arrears.legal.steps import Step


@dataclass(frozen=True)
class Start:
    """A day from which a period runs. `on` None: what it runs from has not come to be (a default that lasts).

    `code`: what the day is (`last_due` `oldest_due` `each_due` `event` `received` `assumed_receipt` `served_on_the_day` `perform_by`
    `cured` `not_cured` `guarantee_agreed`). `provisional`: the day itself rests on business days that no calendar knows. `guarantee`: whose
    guarantee it is about, where it is about one.
    """

    on: date | None
    code: str
    event: Event | None = None
    provisional: bool = False
    guarantee: Guarantee | None = None


def starts_of(step: Step, clause: Clause, pack: Pack, debt: Debt) -> tuple[Start, ...]:
    """The days from which the clause's period runs: one for each unpaid instalment where the law counts so; none if it does not run."""
    rule = clause.rule
    assert isinstance(rule, Period)
    if step.after_cure:
        return _after_default(debt, pack)
    if rule.what == "guarantee":
        return _of_guarantees(debt)
    if rule.runs_from == "each_due":
        return tuple(Start(day, "each_due") for day in debt.unpaid_due_days)
    if rule.runs_from == "oldest_due":
        return (Start(debt.oldest_due_on, "oldest_due"),) if debt.oldest_due_on else ()
    if rule.runs_from == "last_due":
        return (Start(debt.due_days[-1], "last_due"),) if debt.due_days else ()
    happened = debt.happened(rule.runs_from)
    return (_of_event(step, happened[-1], pack, debt),) if happened else ()


def _of_guarantees(debt: Debt) -> tuple[Start, ...]:
    """One for each guarantor, from the last due date; the agreed end, where there is one, goes with the guarantee."""
    if not debt.due_days:
        return ()
    return tuple(
        Start(debt.due_days[-1], "guarantee_agreed" if one.until_on else "last_due", guarantee=one)
        for one in guarantees(debt)
    )


def _of_event(step: Step, event: Event, pack: Pack, debt: Debt) -> Start:
    if event.kind == "judgment" and event.until_on is not None:
        return Start(event.until_on, "perform_by", event)
    if event.kind == "breathing_space" and event.from_on is not None:
        return Start(event.from_on, "event", event)
    day = event.day(pack.zone)
    if not step.receipt:
        return Start(day, "event", event)
    if event.received_on is not None:
        return Start(event.received_on, "received", event)
    return _assumed(event, day, debt) or Start(day, "served_on_the_day", event)


def _assumed(event: Event, day: date, debt: Debt) -> Start | None:
    """Receipt as a clause of the stack lets it be assumed for this notice; None where no clause does."""
    for clause, pack in debt.stack.clauses if debt.stack else ():
        rule = clause.rule
        if isinstance(rule, Period) and rule.what == "assumed_receipt" and rule.runs_from == f"notice:{event.notice}":
            assumed = course(rule, pack, day)
            return Start(assumed.last_on, "assumed_receipt", event, assumed.provisional)
    return None


def _after_default(debt: Debt, pack: Pack) -> tuple[Start, ...]:
    if debt.oldest_due_on is not None:
        return (Start(None, "not_cured"),)
    cured = debt.cured_by
    return (Start(cured.day(pack.zone), "cured", cured),) if cured is not None else ()
