"""The call queue: the next best call for a collector, asked again at the moment of dialling.

What may not be called now is put back with its reason, and the next one is looked at. Whoever has a call in hand tells its outcome before
the next one is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, exists, func, or_, select
from sqlalchemy.orm import aliased

from arrears.dispatch.ask import Asked
from arrears.dispatch.carried import Office, Taking, in_hand, lapse, take_up
from arrears.dispatch.channel import CARRIED_BY_PEOPLE
from arrears.dispatch.channels.call import CallSettings, Collector
from arrears.dispatch.duties import Duty, duties_of
from arrears.dispatch.reasons import Why
from arrears.dispatch.spoken import Speaker
from arrears.dispatch.works import Claimed, claimed, columns
from arrears.errors import refuse
from arrears.law import Clause, stack
from arrears.notice.language import amount_text
from arrears.notice.words import Words
from arrears.store.tables import Attempt, Person, Work

#: How many calls are looked at before one says that there is none: a bound on the work of one question.
LOOKED_AT = 50


@dataclass(frozen=True)
class Call:
    """A call to be made now. `key` names the attempt; `until`: when an outcome must have been told; `not_after`: it begins before then."""

    key: str
    account_id: str
    number: str
    name: str | None
    language: str | None
    zone: str
    url: str
    words: Words
    duties: tuple[Duty, ...]
    owed: Mapping[str, str]
    not_after: datetime
    until: datetime


@dataclass(frozen=True)
class NotCalled:
    """Work that was looked at and not given, and why."""

    account_id: str
    verdict: str
    reasons: tuple[Why, ...]


def next_call(
    office: Office, speaker: Speaker, collector: Collector, settings: CallSettings, now: datetime
) -> tuple[Call | None, list[NotCalled]]:  # fmt: skip
    """The best call that `collector` may make now (None: there is none), and those that were passed over on the way.

    Refusal if the collector has a call in hand whose outcome was not told, or has made a day's calls.
    """
    lapse(office, now)
    by = taker(collector.id)
    passed: list[NotCalled] = []
    with office.store.read() as connection:
        _free(connection, collector, by, now)
        works = candidates(connection, collector, now)
    for work in works:
        say = partial(speaker.say, now=now)
        (asked,), said = take_up(office, [work], Taking(by, now + settings.lease, say=say), now)
        if asked.verdict == "send":
            return _call(asked, said[work.key], settings, now), passed
        passed.append(NotCalled(work.account_id, asked.verdict, asked.reasons))
    return None, passed


def taker(collector: str) -> str:
    """The name under which a collector takes work."""
    return f"collector:{collector}"


def _free(connection: Connection, collector: Collector, by: str, now: datetime) -> None:
    held = in_hand(connection, by=by)
    if held:
        raise refuse("call", "is in hand and its outcome was not told", field="--staff", value=collector.id, account=held[0].work.account_id,
                     todo=f"tell it first: arrears calls outcome {held[0].attempt_id} CODE")  # fmt: skip
    if collector.a_day is not None:
        since = now.astimezone(UTC) - timedelta(days=1)
        made = select(func.count()).select_from(Attempt).where(Attempt.worker == by, Attempt.started_at > since)
        if connection.execute(made).scalar_one() >= collector.a_day:
            raise refuse("call", f"has taken {collector.a_day} calls within a day, as many as the installation allows", field="--staff",
                         value=collector.id)  # fmt: skip


def candidates(connection: Connection, collector: Collector, now: datetime) -> list[Claimed]:
    """Ready calls in their hours that suit a collector, the largest expected gain first; nobody with a call or visit in hand."""
    other = aliased(Attempt)
    busy = exists().where(
        other.person_id == Work.person_id, other.answer.is_(None), other.channel.in_(CARRIED_BY_PEOPLE)
    )
    wanted = (
        select(*columns())
        .where(
            Work.channel == "call", Work.state == "ready", Work.available_at <= now, Work.not_before <= now, Work.not_after > now,
            or_(Work.staff.is_(None), Work.staff == collector.id), ~busy,
        )
        .order_by(Work.gain.desc().nulls_last(), Work.key)
        .limit(LOOKED_AT)
    )  # fmt: skip
    if collector.actions:
        wanted = wanted.where(Work.action.in_(collector.actions))
    if collector.languages:
        speaks = exists().where(
            Person.account_id == Work.account_id, Person.person_id == Work.person_id,
            or_(Person.language.is_(None), Person.language.in_(collector.languages)),
        )  # fmt: skip
        wanted = wanted.where(speaks)
    return [claimed(row) for row in connection.execute(wanted)]


def _call(asked: Asked, words: Words, settings: CallSettings, now: datetime) -> Call:
    work, recipient, position = asked.work, asked.recipient, asked.position
    assert recipient is not None and position is not None
    return Call(
        work.attempt_id, work.account_id, recipient.to, recipient.name, recipient.language, recipient.zones[0],
        settings.url(recipient.to, work.attempt_id), words, tuple(duties_of(clauses_of(asked))), owed_of(position, words.language), work.not_after,
        min(now + settings.lease, max(work.not_after, now)),
    )  # fmt: skip


def clauses_of(asked: Asked) -> list[Clause]:
    """The clauses that the guard shows with lawful work."""
    region = asked.recipient.region if asked.recipient else None
    known = {clause.id: clause for clause, _ in stack(asked.work.law, region).clauses}
    return [known[name] for name in asked.requires if name in known]


def owed_of(position: Mapping[str, Any], language: str) -> dict[str, str]:
    """What is owed now, as text with its currency in `zh-CN` or `en`, and the days past due."""
    currency = str(position["currency"])
    amounts = {"past_due": "past_due_total", "due_total": "due_total", "payoff": "payoff"}
    shown = {name: amount_text(int(position[column]), currency, language) for name, column in amounts.items()}
    return {**shown, "days": str(position["days_past_due"])}
