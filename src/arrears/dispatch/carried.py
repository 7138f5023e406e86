"""Work that people carry: calls and visits. It is taken, an outcome is told, and that becomes one contact fact.

A call or visit is not handed to a provider: a person takes it, does it, and tells what became of it. So no contact is recorded when it is
taken, only an attempt without an answer. From that moment on the attempt counts: asking again takes it for a contact (`open_contacts`), and
nobody else is given the same person. When the outcome is told, one transaction writes the contact fact with that outcome, at the moment
it was made, and everything that follows from it. Was it told that none was made, the work is free again.

Is nothing told until the lease ends, nobody knows what happened, and the law is to count it: it becomes a contact without an answer
(`lapse`). An outcome that is told later still is recorded; where it is one that counts for more (a conversation, a message left, a refusal),
as a contact fact of its own, so that what the law counts is never less than what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from arrears.dispatch.ask import Asked, ask_again, held_for
from arrears.dispatch.attempts import contact_id
from arrears.dispatch.channel import CARRIED_BY_PEOPLE
from arrears.dispatch.parking import queue_parked
from arrears.dispatch.reasons import Why, to_json
from arrears.dispatch.recipients import REACHED_BY
from arrears.dispatch.rules import Rules
from arrears.dispatch.works import Claimed, claimed, columns
from arrears.notice.words import Words
from arrears.store.connect import Store
from arrears.store.personal import Personal
from arrears.store.tables import Attempt, Person, Work

#: Written into `attempts.detail`: which of the person's numbers or addresses, by its place in the list.
TO = "to "
LAPSED = "lapsed"


@dataclass(frozen=True)
class Office:
    """What taking and telling need: the store, the personal data in it, and the rules of asking."""

    store: Store
    personal: Personal
    rules: Rules


@dataclass(frozen=True)
class Taking:
    """Who takes, until when an outcome is awaited, when it begins (None: now), and at which instant the law is asked (None: now).

    `say` is called in the same transaction for what is taken, to write down the words; a reason from it parks the work.
    """

    by: str
    until: datetime
    starts_at: Callable[[Claimed], datetime] | None = None
    asked_at: Callable[[Claimed], datetime] | None = None
    say: Callable[[Connection, Asked], Words | Why] | None = None


def ready_works(
    connection: Connection, channels: Collection[str], now: datetime, before: datetime | None = None
) -> list[Claimed]:
    """Ready work on channels, the largest expected gain first. Open now; with `before`, whose hours begin before then."""
    open_ = (Work.not_before < before) if before is not None else (Work.available_at <= now) & (Work.not_before <= now)
    wanted = (
        select(*columns())
        .where(Work.channel.in_(channels), Work.state == "ready", Work.not_after > now, open_)
        .order_by(Work.gain.desc().nulls_last(), Work.key)
    )
    return [claimed(row) for row in connection.execute(wanted)]


def take_up(
    office: Office, works: Sequence[Claimed], taking: Taking, now: datetime
) -> tuple[list[Asked], dict[str, Words]]:  # fmt: skip
    """Ask again about works of different persons and take those that may be done; one answer a work, `skip` where it is no longer
    ready; and the words of what was taken, by key.

    Asking and taking happen in one transaction under the lock of the accounts, so a payment, stop or request that was acknowledged before
    is seen, and two people never take the same person.
    """
    with office.store.read() as connection:
        accounts = held_for(connection, works)
    with office.store.hold(accounts), office.store.begin() as connection:
        if not held_for(connection, works) <= accounts:  # a person came to stand on one more account meanwhile
            return [Asked(work, "skip", (Why("taken"),)) for work in works], {}
        busy = _busy(connection, {work.person_id for work in works})
        still = _still_ready(connection, [work.key for work in works if work.person_id not in busy])
        answers: dict[str, Asked] = {}
        said: dict[str, Words] = {}
        for at, group in _by_instant([still[work.key] for work in works if work.key in still], taking, now):
            answers |= {
                asked.work.key: asked for asked in ask_again(connection, office.personal, group, at, office.rules)
            }
        answers = {key: _said(connection, asked, taking, said) for key, asked in answers.items()}
        sent = [asked for asked in answers.values() if asked.verdict == "send"]
        lists = _listed(
            connection, office, [(asked.work.account_id, asked.work.person_id, asked.work.channel) for asked in sent]
        )
        for asked, (column, values) in zip(sent, lists, strict=True):
            assert asked.recipient is not None  # what is to be sent says to whom
            _take(connection, asked.work, f"{TO}{column}/{values.index(asked.recipient.to)}", taking, now)
        for asked in answers.values():
            if asked.verdict != "send":
                put_back(connection, asked, now)
    skipped = {
        work.key: Asked(work, "skip", (Why("under_way" if work.person_id in busy else "taken"),)) for work in works
    }
    return [answers.get(work.key, skipped[work.key]) for work in works], said


def _by_instant(works: Sequence[Claimed], taking: Taking, now: datetime) -> list[tuple[datetime, list[Claimed]]]:
    groups: dict[datetime, list[Claimed]] = {}
    for work in works:
        groups.setdefault(taking.asked_at(work) if taking.asked_at else now, []).append(work)
    return sorted(groups.items())


def _busy(connection: Connection, persons: Collection[str]) -> set[str]:
    """Persons of whom somebody has a call or visit in hand."""
    wanted = select(Attempt.person_id).where(
        Attempt.person_id.in_(list(persons)), Attempt.answer.is_(None), Attempt.channel.in_(CARRIED_BY_PEOPLE)
    )
    return set(connection.execute(wanted).scalars())


def _still_ready(connection: Connection, keys: Sequence[str]) -> dict[str, Claimed]:
    rows = connection.execute(select(*columns()).where(Work.key.in_(list(keys)), Work.state == "ready"))
    return {work.key: work for work in map(claimed, rows)}


def _said(connection: Connection, asked: Asked, taking: Taking, said: dict[str, Words]) -> Asked:
    """What is to be sent, its words kept in `said`; parked where it has none that may be said."""
    if asked.verdict != "send" or taking.say is None:
        return asked
    words = taking.say(connection, asked)
    if isinstance(words, Why):
        return replace(asked, verdict="park", reasons=(words,))
    said[asked.work.key] = words
    return asked


def _take(connection: Connection, work: Claimed, detail: str, taking: Taking, now: datetime) -> None:
    connection.execute(
        update(Work).where(Work.key == work.key).values(
            state="leased", lease_by=taking.by, lease_until=taking.until, attempts=work.attempts + 1, changed_at=now
        )
    )  # fmt: skip
    connection.execute(
        insert(Attempt).values(
            attempt_id=work.attempt_id, key=work.key, account_id=work.account_id, person_id=work.person_id, channel=work.channel,
            worker=taking.by, event_id=contact_id(work.attempt_id), looked_up=0, detail=detail,
            started_at=taking.starts_at(work) if taking.starts_at else now,
        )
    )  # fmt: skip


def _listed(
    connection: Connection, office: Office, wanted: Sequence[tuple[str, str, str]]
) -> list[tuple[str, list[str]]]:  # fmt: skip
    """For each account, person and channel: the column of people and the numbers or addresses in it. Such a list never changes."""
    rows = connection.execute(
        select(Person.account_id, Person.person_id, Person.sealed).where(
            Person.account_id.in_([account for account, _, _ in wanted])
        )
    ).all()
    opened = office.personal.unseal_many(
        connection, "people", [row.person_id for row in rows], [row.sealed for row in rows]
    )
    told = {(row.account_id, row.person_id): found or {} for row, found in zip(rows, opened, strict=True)}
    found = []
    for account, person, channel in wanted:
        column = str(REACHED_BY[channel])
        values = told.get((account, person), {}).get(column) or []
        found.append((column, [value["text"] if isinstance(value, dict) else value for value in values]))
    return found


def to_of(
    connection: Connection, office: Office, account_id: str, person_id: str, channel: str, detail: str | None
) -> str | None:
    """The number or address that an attempt was meant for; None where the person is erased."""
    place = (detail or "").partition(TO)[2].partition("/")[2].partition(" ")[0]
    ((_, listed),) = _listed(connection, office, [(account_id, person_id, channel)])
    return listed[int(place)] if place.isdecimal() and int(place) < len(listed) else None


def put_back(connection: Connection, asked: Asked, now: datetime) -> None:
    """What may not be done now: held for good, expired, or ready again from a later instant on."""
    state = {"hold": "held", "expired": "expired", "wait": "ready", "park": "parked"}[asked.verdict]
    values = {
        "state": state,
        "reason": to_json(asked.reasons),
        "changed_at": now,
        "lease_by": None,
        "lease_until": None,
    }
    if asked.available_at is not None:
        values["available_at"] = asked.available_at
    connection.execute(update(Work).where(Work.key == asked.work.key).values(**values))
    if state == "parked":
        queue_parked(connection, [asked.work.key], now)


def lapse(office: Office, now: datetime) -> int:
    """Attempts whose outcome was not told in time become contacts without an answer; gives how many."""
    from arrears.dispatch.telling import record_lapse

    with office.store.read() as connection:
        wanted = (
            select(Attempt.attempt_id, Attempt.account_id)
            .join(Work, Work.key == Attempt.key)
            .where(Attempt.answer.is_(None), Attempt.channel.in_(CARRIED_BY_PEOPLE), Work.lease_until < now)
        )
        over = [(row.attempt_id, row.account_id) for row in connection.execute(wanted)]
    done = 0
    for attempt_id, account_id in over:
        with office.store.hold([account_id]), office.store.begin() as connection:
            done += record_lapse(connection, office, attempt_id, now)
    return done


def without_persons_twice(works: Sequence[Claimed]) -> tuple[list[Claimed], list[Claimed]]:
    """The first work of each person, and the others: one person is not called on twice at once."""
    seen: set[str] = set()
    first: list[Claimed] = []
    others: list[Claimed] = []
    for work in works:
        (others if work.person_id in seen else first).append(work)
        seen.add(work.person_id)
    return first, others


@dataclass(frozen=True)
class InHand:
    """A call or visit that was taken and of which nothing was told yet."""

    attempt_id: str
    event_id: str
    started_at: datetime
    until: datetime
    work: Claimed


def in_hand(connection: Connection, by: str | None = None, attempt_ids: Collection[str] | None = None) -> list[InHand]:
    """What is in hand: of one taker, or of these attempts; in the order in which it begins."""
    wanted = (
        select(Attempt.attempt_id, Attempt.event_id, Attempt.started_at, Work.lease_until, *columns())
        .join(Work, Work.key == Attempt.key)
        .where(Attempt.answer.is_(None), Attempt.channel.in_(CARRIED_BY_PEOPLE))
        .order_by(Attempt.started_at, Attempt.attempt_id)
    )
    if by is not None:
        wanted = wanted.where(Attempt.worker == by)
    if attempt_ids is not None:
        wanted = wanted.where(Attempt.attempt_id.in_(list(attempt_ids)))
    return [InHand(row[0], row[1], row[2], row[3], Claimed(*row[4:])) for row in connection.execute(wanted)]


def recheck(office: Office, items: Sequence[InHand], now: datetime) -> list[tuple[InHand, Asked]]:
    """Ask again about what is in hand, at the moment it begins (now, if that is over); nothing is changed."""
    found: list[tuple[InHand, Asked]] = []
    for item in items:
        with office.store.read() as connection:
            at = max(now, item.started_at)
            (asked,) = ask_again(connection, office.personal, [item.work], at, office.rules, [item.event_id])
        found.append((item, asked))
    return found
