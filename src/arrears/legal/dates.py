"""Legal dates of a debt: the last day of each step that a period of law gives, how it came about, and what would move it.

Nothing here decides a case. A date follows from the facts that were given and from the clause as it is encoded; what is not confirmed
in the clause, or not known in the facts, is said with the date.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from arrears.calendar import end_of_day
from arrears.law import Clause, Course, Event, Pack, course
from arrears.law.clause_kinds import Period
from arrears.legal.debt import Debt
from arrears.legal.guarantee import claimed_on
from arrears.legal.starts import Start, starts_of
from arrears.legal.steps import Step, step_of

#: For so many days after a provisional last day it is in doubt whether it has passed: no holiday in any calendar here is longer.
DOUBT_DAYS = 14
#: What a borrower does that starts a period again: they are warned of it.
BY_BORROWER = ("acknowledged", "payment", "promise", "plan")


@dataclass(frozen=True)
class LegalDate:
    """The last day of a step. `status`:

    `running`; `not_started` (it runs from a later day); `doubtful` (a provisional last day has passed a short time ago); `over`;
    `held` (suspended without an end that is known); `taken` (the step was taken in time, on `taken_on`: the course is that up to then); `waiting` (what it runs
    from has not come to be). `if_today_on`: the last day if the borrower acknowledged the debt or paid a part on the day asked about; None where
    that starts nothing again.
    """

    step: Step
    clause: Clause
    pack: Pack
    start: Start
    course: Course | None
    status: str
    taken_on: date | None
    taken_late: bool
    if_today_on: date | None
    aside: tuple[tuple[Event, str], ...]

    @property
    def last_on(self) -> date | None:
        """The last day; None while it is held or has not begun to be known."""
        return self.course.last_on if self.course else None

    @property
    def provisional(self) -> bool:
        """Whether the last day may yet move to a later working day."""
        return self.start.provisional or (self.course is not None and self.course.provisional)

    @property
    def instalment_due_on(self) -> date | None:
        """The due date of the instalment it is about, where the law counts by instalment."""
        return self.start.on if self.start.code == "each_due" else None

    @property
    def starts_again(self) -> tuple[str, ...]:
        """The kinds of event that would start it again, while it runs."""
        rule = self.clause.rule
        assert isinstance(rule, Period)
        return tuple(sorted(rule.restart_on)) if self.status in ("running", "held", "doubtful") else ()

    @property
    def before_in_force(self) -> bool:
        """Whether it began to run before the clause was in force: which law governs it then was not checked."""
        return self.start.on is not None and self.start.on < self.clause.from_on

    @property
    def if_region(self) -> tuple[str, ...]:
        """The regions for which the clause holds, where it names some."""
        return tuple(sorted(self.clause.regions or ()))


@dataclass(frozen=True)
class LegalDates:
    """All legal dates of a debt, the earliest last day first. `gaps`: `no_pack`, `no_schedule`, `no_limitation` (none encoded for this law and region)."""

    debt: Debt
    dates: tuple[LegalDate, ...]
    gaps: tuple[str, ...]


def legal_dates(debt: Debt, only: Collection[str] | None = None) -> LegalDates:
    """The legal dates of a debt on its day. `only`: of the clauses with these ids, for who asks about a few; the replay is not asked for others."""
    if debt.stack is None:
        return LegalDates(debt, (), ("no_pack",))
    found, limited = [], False
    for clause, pack in debt.stack.clauses:
        step = step_of(clause)
        if step is None or (only is not None and clause.id not in only) or not holds(clause, debt):
            continue
        limited = limited or step.limitation
        found += [_date(step, clause, pack, start, debt) for start in starts_of(step, clause, pack, debt)]
    shown = [one for one in found if not (one.step.open_only and one.status == "over")]
    gaps = [] if limited else ["no_limitation"]
    return LegalDates(debt, tuple(sorted(shown, key=_order)), tuple(gaps if debt.due_days else [*gaps, "no_schedule"]))


def _order(one: LegalDate) -> tuple[date, str, date]:
    return one.last_on or date.max, one.clause.id, one.start.on or date.max


def holds(clause: Clause, debt: Debt, anyone: bool = False) -> bool:
    """Whether the clause is law on the day for this debt. Unconfirmed clauses are taken in and marked; proposals are not law.

    `anyone`: also clauses about people (third parties, guarantors) whom the facts do not name.
    """
    return (
        clause.force != "proposal"
        and (clause.on or clause.confirmed == "false")
        and clause.in_force(debt.day)
        and bool(debt.parties & set(clause.binds))
        and (anyone or clause.roles is None or bool(debt.roles & clause.roles))
        and clause.speaks_to(debt.row["lender_kind"], debt.row["product"], debt.region)
    )


def _date(step: Step, clause: Clause, pack: Pack, start: Start, debt: Debt) -> LegalDate:
    rule = clause.rule
    assert isinstance(rule, Period)
    if start.on is None:
        return LegalDate(step, clause, pack, start, None, "waiting", None, False, None, ())
    taken = _taken(step, start, pack, debt)
    ran = _ran(rule, pack, start, [event for event in debt.events if taken is None or event.day(pack.zone) < taken])
    late = taken is not None and ran.last_on is not None and taken > ran.last_on
    if late:
        ran = _ran(rule, pack, start, debt.events)
    status = "taken" if taken is not None and not late else _status(ran, step, start, debt.day)
    aside = tuple(
        (event, why) for event, why in debt.aside
        if event.kind in rule.restart_on | rule.suspend_on and event.day(pack.zone) >= start.on
    )  # fmt: skip
    again = _if_today(rule, pack, start.on, debt) if status in ("running", "held") else None
    return LegalDate(step, clause, pack, start, ran, status, taken, late, again, aside)


def _ran(rule: Period, pack: Pack, start: Start, events: Sequence[Event]) -> Course:
    """The course of the period; a guarantee period that was agreed ends when it was agreed to, and nothing moves it."""
    assert start.on is not None
    ran = course(rule, pack, start.on, events)
    until_on = start.guarantee.until_on if start.guarantee else None
    return replace(ran, counted_on=until_on, last_on=until_on, provisional=False) if until_on else ran


def _status(ran: Course, step: Step, start: Start, day: date) -> str:
    if ran.last_on is None:
        return "held"
    if start.on is not None and day < start.on and not step.any_time_before:
        return "not_started"
    if day <= ran.last_on:
        return "running"
    in_doubt = ran.provisional or start.provisional
    return "doubtful" if in_doubt and day <= ran.last_on + timedelta(days=DOUBT_DAYS) else "over"


def _taken(step: Step, start: Start, pack: Pack, debt: Debt) -> date | None:
    """The day on which the step was first taken since the period began to run."""
    if start.guarantee is not None:
        days = claimed_on(start.guarantee, debt)
    else:
        days = [event.day(pack.zone) for word in step.taken_by for event in debt.happened(word)]
    return min((day for day in days if start.on is not None and day >= start.on), default=None)


def _if_today(rule: Period, pack: Pack, start: date, debt: Debt) -> date | None:
    """The last day if the borrower acknowledged the debt on the day asked about (or paid, where only that counts)."""
    kind = next((kind for kind in BY_BORROWER if kind in rule.restart_on), None)
    if kind is None:
        return None
    today = Event(end_of_day(debt.day, pack.zone), kind)
    return course(rule, pack, start, [*debt.events, today]).last_on
