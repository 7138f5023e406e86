"""Stop switches: for everything, a channel, a strategy, a person or an account. Nothing they name leaves while they are on.

A switch that was set and acknowledged is never overtaken by a send: it is set under the lock of all accounts, and asked under the lock
of the account right before the hand-over. Setting and lifting are both kept. What a switch keeps back waits; it expires with its window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from arrears.errors import refuse
from arrears.store.tables import Stop

SCOPES = ("all", "channel", "strategy", "person", "account")


@dataclass(frozen=True)
class Switch:
    """A stop switch. `lifted_at` None: it is on."""

    number: int
    scope: str
    subject: str
    set_at: datetime
    set_by: str
    reason: str
    lifted_at: datetime | None
    lifted_by: str | None


class OpenStops:
    """The switches that are on, asked for one piece of work at a time."""

    def __init__(self, switches: Iterable[Switch]) -> None:
        self.switches = tuple(switches)
        self._on = {(switch.scope, switch.subject): switch for switch in reversed(self.switches)}

    def against(self, channel: str, strategy: str, person_id: str, account_id: str) -> Switch | None:
        """The first switch that keeps such work back."""
        named = (
            ("all", ""),
            ("channel", channel),
            ("strategy", strategy),
            ("person", person_id),
            ("account", account_id),
        )
        return next((self._on[key] for key in named if key in self._on), None) if self._on else None

    def everything_on(self, channel: str) -> Switch | None:
        """The switch that keeps all work of a channel back."""
        return self._on.get(("all", "")) or self._on.get(("channel", channel))


def set_stop(connection: Connection, scope: str, subject: str, by: str, why: str, now: datetime) -> int:
    """Set a switch and return its number. The caller holds all accounts (`Store.hold_all`). Refusal for an unknown scope."""
    if scope not in SCOPES or (scope == "all") == bool(subject):
        raise refuse("stop", f"must name one of {', '.join(SCOPES)}", field=scope, exit_code=2)
    values = {"scope": scope, "subject": subject, "set_at": now, "set_by": by, "reason": why}
    number = connection.execute(insert(Stop).values(**values).returning(Stop.number)).scalar_one()
    return int(number)


def lift_stop(connection: Connection, number: int, by: str, now: datetime) -> None:
    """Lift a switch. Refusal if there is none of that number or it was lifted before."""
    change = update(Stop).where(Stop.number == number, Stop.lifted_at.is_(None)).values(lifted_at=now, lifted_by=by)
    if connection.execute(change).rowcount != 1:
        raise refuse("stop", "names no switch that is on", field="--lift", value=str(number), exit_code=2,
                     todo="see `arrears stop --list`")  # fmt: skip


def stops(connection: Connection, lifted: bool = False) -> list[Switch]:
    """The switches that are on, in the order they were set; with `lifted`, all there ever were."""
    columns = (
        Stop.number,
        Stop.scope,
        Stop.subject,
        Stop.set_at,
        Stop.set_by,
        Stop.reason,
        Stop.lifted_at,
        Stop.lifted_by,
    )
    wanted = select(*columns).order_by(Stop.number)
    rows = connection.execute(wanted if lifted else wanted.where(Stop.lifted_at.is_(None)))
    return [Switch(*row) for row in rows]


def open_stops(connection: Connection) -> OpenStops:
    """The switches that are on."""
    return OpenStops(stops(connection))
