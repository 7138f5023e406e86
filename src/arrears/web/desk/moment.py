"""One account at this instant: everything the store knows of it, and what the guard says now of each channel.

The law counts what is known of the person over all their accounts, calls and visits that somebody has in hand, and stop switches come on
top, as right before a message leaves (`dispatch.ask`). Nothing is decided here: a call is asked about once more when it is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

import polars as pl
from sqlalchemy import Connection, select

from arrears.account import Account, borrower_of, contact_question, laws_of, look_at
from arrears.dispatch.carried import Office
from arrears.dispatch.fresh import without_not_taken
from arrears.dispatch.open_contacts import open_contacts
from arrears.dispatch.reasons import asked_again_not
from arrears.dispatch.recipients import REACHED_BY, Recipient, candidates, without_bad
from arrears.dispatch.related import accounts_of
from arrears.dispatch.stops import Switch, open_stops
from arrears.facts.schema import CHANNELS, Facts
from arrears.law import Clause, Verdict, may
from arrears.store.facts import facts_of
from arrears.store.tables import Work
from arrears.strategy import Ladder, Reason, default_ladder


@dataclass(frozen=True)
class Held:
    """An account with its own facts, and `around`: its facts with what is known of the same person on other accounts. `zone`: its business zone."""

    account: Account
    facts: Facts
    around: Facts
    zone: str


@dataclass(frozen=True)
class Now:
    """A channel at this instant. verdict: `allowed`, `wait` (until `not_before`), `never`, `stopped`, `no_recipient`, `no_law`,
    or `held`: what is known of the account speaks against it (`against`), as it would when the work is asked again.
    """

    channel: str
    verdict: str
    not_before: datetime | None = None
    clauses: tuple[Clause, ...] = ()
    stop: Switch | None = None
    requires: tuple[Clause, ...] = ()
    against: tuple[Reason, ...] = ()


def held(connection: Connection, office: Office, account_id: str, now: datetime) -> Held | None:
    """The account as it stands now; None if it is not there."""
    own = facts_of(connection, [account_id], office.personal)
    if not own.accounts.height:
        return None
    person = borrower_of(own, account_id).get("person_id")
    related = accounts_of(connection, [person])[person] if person else frozenset()
    around = facts_of(connection, related | {account_id}, office.personal) if len(related) > 1 else own
    open_ = open_contacts(connection, related | {account_id}, now)
    own = replace(own, events=without_not_taken(own.events), terms=dict(office.rules.terms))
    mine = pl.col("account_id") == account_id
    # what is about several debts is one event; of two rows the account's own counts
    known = pl.concat([around.events.filter(mine), around.events.filter(~mine), open_])
    known = without_not_taken(known).unique(["event_id", "at"], keep="first", maintain_order=True)
    ladder = _ladder(connection, office, account_id, str(own.accounts["law"][0]))
    account = look_at(own, account_id, ladder, now, None, office.rules.asking)
    return Held(account, own, replace(own, events=known), account.zone)


def _ladder(connection: Connection, office: Office, account_id: str, law: str) -> Ladder:
    """The ladder by which the account's latest work was decided; without any, the included one of its law."""
    latest = select(Work.strategy).where(Work.account_id == account_id).order_by(Work.night.desc()).limit(1)
    name = connection.execute(latest).scalar()
    return office.rules.ladders.get(str(name)) or _default(law)


@cache
def _default(law: str) -> Ladder:
    """The included ladder of a law, which keeps the steps of its decisions."""
    return default_ladder(law)


def channels_now(connection: Connection, office: Office, found: Held, now: datetime) -> list[Now]:
    """What the guard says of each channel at this instant."""
    account, asking = found.account, office.rules.asking
    laws, stops = laws_of(found.facts, account.account_id, asking), open_stops(connection)
    if laws is None:
        return [Now(channel, "no_law") for channel in CHANNELS]
    question, history = contact_question(
        found.around, account.account_id, account.replayed.position, account.day(), now, None, laws, asking
    )
    borrower = borrower_of(found.facts, account.account_id)
    answers = []
    for channel in CHANNELS:
        stop = stops.against(channel, account.ladder.name, str(question.person or ""), account.account_id)
        ways = _ways(borrower, channel, found.zone, history.events)
        if stop is not None:
            answers.append(Now(channel, "stopped", stop=stop))
        elif not ways:
            answers.append(Now(channel, "no_recipient"))
        elif against := against_channel(account, channel):
            answers.append(Now(channel, "held", against=against))
        else:
            asked = [
                may(laws, replace(question, channel=channel, at=now, zones=way.zones, number=_number(channel, way)), history, asking.policy)
                for way in ways
            ]  # fmt: skip
            answers.append(_best(channel, asked))
    return answers


def against_channel(account: Account, channel: str) -> tuple[Reason, ...]:
    """What the ladder has against every action of a channel, but for what the night settles and for law, which is asked itself."""
    passing = asked_again_not() | {"law_wait", "law_never", "law_no_pack"}
    found = [
        tuple(reason for reason in item.reasons if reason.id not in passing)
        for item in account.decision.not_taken
        if item.action.channel == channel
    ]
    taken = account.decision.action is not None and account.decision.action.channel == channel
    return found[0] if found and all(found) and not taken else ()


def _ways(borrower: dict[str, object], channel: str, zone: str, events: Sequence[object]) -> list[Recipient]:
    if not borrower or channel not in REACHED_BY:
        return []
    return list(without_bad(candidates(borrower, channel, zone), events))  # type: ignore[arg-type]


def _number(channel: str, way: Recipient) -> str | None:
    return way.to if channel in ("sms", "call", "voicebot", "email") else None


def _best(channel: str, verdicts: Sequence[Verdict]) -> Now:
    """The most that any of the person's numbers or addresses allows."""
    order = {"allowed": 0, "wait": 1, "never": 2}
    far = datetime.max
    best = min(verdicts, key=lambda one: (order[one.verdict], (one.not_before or far).replace(tzinfo=None)))
    return Now(channel, best.verdict, best.not_before, best.clauses, None, best.requires)
