"""What a run of dispatch came to: what left, what was held and why, what is unknown, what waits for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from arrears.dispatch.reasons import Why, from_json
from arrears.store.tables import Attempt, Work

#: Reasons are told for work in these states; `ready` only where it waits for something.
WITH_REASON = ("held", "expired", "parked", "ready")


@dataclass
class Report:
    """`states`: rows of the outbox by channel and state. `reasons`: of what did not leave, by state and reason, with the clauses of each.

    `attempts`: by answer, since the run began; `open` are those without one.
    """

    states: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: dict[str, dict[str, int]] = field(default_factory=dict)
    clauses: dict[str, dict[str, int]] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)

    def count(self, state: str) -> int:
        """Rows in a state, over all channels."""
        return sum(by_state.get(state, 0) for by_state in self.states.values())

    def as_json(self) -> dict[str, Any]:
        """The report as `arrears dispatch --json` prints it."""
        return {"states": self.states, "reasons": self.reasons, "clauses": self.clauses, "attempts": self.attempts}


def report(connection: Connection, since: datetime, night: str) -> Report:
    """What stands in the outbox of a night (its name in the outbox), and the attempts made since `since`."""
    found = Report()
    own = Work.night == night
    by_state = select(Work.channel, Work.state, func.count()).where(own).group_by(Work.channel, Work.state)
    for channel, state, count in connection.execute(by_state.order_by(Work.channel, Work.state)):
        found.states.setdefault(channel, {})[state] = count
    _add_reasons(connection, found, night)
    made = select(Attempt.answer, func.count()).where(Attempt.started_at >= since).group_by(Attempt.answer)
    found.attempts = {answer or "open": count for answer, count in connection.execute(made)}
    return found


def _add_reasons(connection: Connection, found: Report, night: str) -> None:
    wanted = (
        select(Work.state, Work.reason, func.count())
        .where(Work.night == night, Work.state.in_(WITH_REASON), Work.reason.is_not(None))
        .group_by(Work.state, Work.reason)
    )
    counted: dict[str, Counter[str]] = {}
    clauses: dict[str, Counter[str]] = {}
    for state, reason, count in connection.execute(wanted):
        for why in from_json(reason):
            counted.setdefault(state, Counter())[_named(why)] += count
            for clause, _ in why.clauses:
                clauses.setdefault(why.id, Counter())[clause] += count
    found.reasons = {state: dict(counts.most_common()) for state, counts in sorted(counted.items())}
    found.clauses = {reason: dict(counts.most_common()) for reason, counts in sorted(clauses.items())}


def _named(why: Why) -> str:
    """A reason, with the kinds of fact behind it."""
    return f"{why.id}:{'+'.join(why.kinds)}" if why.kinds else why.id
