"""Ask again: may this piece of work leave now, on the facts as they stand at this very moment?

The night decided at the end of day D for day D+1. Now the same questions are put once more, in the transaction that writes the attempt and
under the lock of the accounts: is a stop switch on, did a fact come in that changes the picture, is anything due, what does the ladder have
against the action, what does the law say of this person, this number, this minute. The stage stays the night's, for a day more past due
changes no decision. What only has to wait goes back to the outbox; everything else is held, and the next night decides anew.

The law counts what the store knows of the person over all their accounts, and of a number over all who have it, which a night that reads
one part at a time cannot.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection

from arrears.calendar import BUSINESS_ZONES
from arrears.dispatch.fresh import (
    changed_since,
    last_recorded,
    positions,
    reasons_against,
    standings,
    without_not_taken,
)
from arrears.dispatch.open_contacts import open_contacts
from arrears.dispatch.outbox import latest_night
from arrears.dispatch.reasons import Why, by_law
from arrears.dispatch.recipients import Recipient, candidates, without_bad
from arrears.dispatch.related import accounts_by_number, accounts_of
from arrears.dispatch.rules import Rules
from arrears.dispatch.stops import OpenStops, open_stops
from arrears.dispatch.works import Claimed, night_on
from arrears.facts.schema import MONEY_KINDS, Facts
from arrears.law import Event, History, Question, Stack, Verdict, may, packs, stack
from arrears.law.history import event_of
from arrears.store.facts import facts_of
from arrears.store.personal import Personal

#: How long work waits that a stop switch keeps back, before it is asked again.
STOPPED_WAITS = timedelta(minutes=1)
#: Clocks of machines may differ by so much; a fact from further ahead means that this clock is wrong.
CLOCK_SLACK = timedelta(seconds=5)
CLOCK_WAITS = timedelta(minutes=1)
#: Kinds that no clause asks the history for (a test holds this to the packs): money speaks through the position.
UNHEARD = (*MONEY_KINDS, "delivery", "decision")
#: Channels on which a clause limits contacts by number, whoever they were meant for (a test holds this to the packs).
BY_NUMBER = ("call", "voicebot")


@dataclass(frozen=True)
class Asked:
    """The answer for one piece of work. verdict: `send`; `hold` (for good); `wait` (until `available_at`); `expired`.

    `position`: the account as it stands now, minor units, by column of replay; `recipient`: whom exactly it reaches. Both None unless
    it may be sent.
    """

    work: Claimed
    verdict: str
    reasons: tuple[Why, ...] = ()
    position: Mapping[str, Any] | None = None
    recipient: Recipient | None = None
    available_at: datetime | None = None
    requires: tuple[str, ...] = ()


def ask_again(
    connection: Connection, personal: Personal, works: Sequence[Claimed], now: datetime, rules: Rules, own: Collection[str] = (),
) -> list[Asked]:  # fmt: skip
    """One answer for each piece of work, in order. The caller holds all accounts of the persons (`held_for`) until after the hand-over.

    `own`: contacts (event ids) that these works have in hand already, which do not count against them.

    All works are of different persons, since what is sent to one counts for the next. Refusal if the store cannot be read.
    """
    stops, latest = open_stops(connection), latest_night(connection)
    early = [_before_facts(work, now, stops, latest) for work in works]
    open_works = [work for work, answer in zip(works, early, strict=True) if answer is None]
    late = iter(_on_facts(connection, personal, open_works, now, rules, own) if open_works else ())
    return [next(late) if answer is None else answer for answer in early]


def held_for(connection: Connection, works: Sequence[Claimed]) -> frozenset[str]:
    """The accounts to hold while these pieces of work are asked and sent: their own, all others of the same persons, and those behind
    the same number where the number counts."""
    related = accounts_of(connection, {work.person_id for work in works})
    return frozenset({work.account_id for work in works}).union(
        *related.values(), *_neighbours(connection, works).values()
    )


def _neighbours(connection: Connection, works: Sequence[Claimed]) -> dict[str, frozenset[str]]:
    persons = {work.person_id for work in works if work.channel in BY_NUMBER}
    return accounts_by_number(connection, persons) if persons else {}


def _before_facts(work: Claimed, now: datetime, stops: OpenStops, latest: str) -> Asked | None:
    """What can be said without looking at the account: window, a later night, stop switches."""
    if work.night_on < night_on(latest):
        return Asked(work, "hold", (Why("superseded"),))
    if now >= work.not_after:
        return Asked(work, "expired", (Why("window_over"),))
    if now < work.not_before:
        return Asked(work, "wait", (Why("too_early"),), available_at=work.not_before)
    switch = stops.against(work.channel, work.strategy, work.person_id, work.account_id)
    if switch is not None:
        return _wait(work, now + STOPPED_WAITS, Why("stopped", note=f"{switch.scope} {switch.number}"))
    return None


def _wait(work: Claimed, until: datetime, *reasons: Why) -> Asked:
    """Later within the window, else over."""
    if until >= work.not_after:
        return Asked(work, "expired", reasons)
    return Asked(work, "wait", reasons, available_at=until)


def _on_facts(
    connection: Connection, personal: Personal, works: Sequence[Claimed], now: datetime, rules: Rules, own: Collection[str]
) -> list[Asked]:  # fmt: skip
    picture = _picture(connection, personal, works, now, rules, own)
    return [_ask_one(work, picture, now, rules) for work in works]


@dataclass(frozen=True)
class _Picture:
    """The fresh facts of a batch. `reasons`: by account what facts and ladder have against its work; `events`: by account, of those without.
    `neighbours`: by person the accounts of others who have a number of theirs."""

    related: Mapping[str, frozenset[str]]
    neighbours: Mapping[str, frozenset[str]]
    standing: Mapping[str, Mapping[str, Any]]
    recorded: Mapping[str, datetime]
    reasons: Mapping[str, tuple[Why, ...]]
    people: Mapping[tuple[str, str], Mapping[str, Any]]
    events: Mapping[str, Sequence[tuple[str, Event]]]


def _picture(
    connection: Connection, personal: Personal, works: Sequence[Claimed], now: datetime, rules: Rules, in_hand: Collection[str]
) -> _Picture:  # fmt: skip
    work_of = {work.account_id: work for work in works}
    related = accounts_of(connection, {work.person_id for work in works})
    neighbours = _neighbours(connection, works)
    told_of = frozenset(work_of).union(*related.values(), *neighbours.values())
    facts = facts_of(connection, told_of, personal)
    # a call or visit that somebody else has in hand counts as made
    open_ = open_contacts(connection, told_of, now, in_hand)
    facts = replace(facts, events=pl.concat([without_not_taken(facts.events), open_]))
    frame = positions(_of(facts, work_of), rules, now)
    standing = standings(frame)
    reasons = _reasons(work_of, facts.events, frame, standing, rules)
    people = {(row["account_id"], row["person_id"]): row for row in facts.people.iter_rows(named=True)}
    wanted = {
        account
        for work in works
        if work.account_id not in reasons
        for account in related[work.person_id] | neighbours.get(work.person_id, frozenset())
    }
    return _Picture(
        related, neighbours, standing, last_recorded(facts.events), reasons, people,
        _told(facts.events, wanted | (work_of.keys() - reasons.keys()), people),
    )  # fmt: skip


def _of(facts: Facts, accounts: Collection[str]) -> Facts:
    """The facts of those accounts."""
    own = pl.col("account_id").is_in(list(accounts))
    return Facts(
        facts.accounts.filter(own), facts.instalments.filter(own), facts.events.filter(own), facts.people.filter(own)
    )  # fmt: skip


def _reasons(
    work_of: Mapping[str, Claimed], events: pl.DataFrame, frame: pl.DataFrame, standing: Mapping[str, Mapping[str, Any]], rules: Rules
) -> dict[str, tuple[Why, ...]]:  # fmt: skip
    """What facts and ladder have against the work of each account now; accounts without anything are left out."""
    actions = {account: (work.strategy, work.action) for account, work in work_of.items()}
    changed = changed_since(events, {account: work.night_as_of for account, work in work_of.items()})
    by_ladder = reasons_against(frame, actions, rules)
    found: dict[str, tuple[Why, ...]] = {}
    for account, (ladder, action) in actions.items():
        own = [Why("changed_since", kinds=changed[account])] if account in changed else []
        if ladder not in rules.ladders or action not in rules.ladders[ladder].ids:
            own.append(Why("unknown_ladder", note=f"{ladder}/{action}"))
        if account in standing and standing[account]["refused"] is not None:
            own.append(Why("refused_account"))
        elif account in standing and standing[account]["settled"]:
            own.append(Why("settled"))
        own += [Why(reason) for reason in by_ladder.get(account, ()) if reason != "refused_account"]
        if own:
            found[account] = tuple(own)
    return found


_TOLD = ("account_id", "event_id", "person_id", "at", "kind", "channel", "direction", "outcome", "data")


def _told(
    events: pl.DataFrame, accounts: Collection[str], people: Mapping[tuple[str, str], Mapping[str, Any]]
) -> dict[str, list[tuple[str, Event]]]:  # fmt: skip
    """The events of those accounts as the law reads them, by account, with their ids."""
    roles: dict[str, dict[str, str]] = {}
    for (account, person), row in people.items():
        roles.setdefault(account, {})[person] = str(row["role"])
    found: dict[str, list[tuple[str, Event]]] = {}
    rows = events.filter(pl.col("account_id").is_in(list(accounts)) & ~pl.col("kind").is_in(UNHEARD)).select(_TOLD)
    for values in rows.iter_rows():
        row = dict(zip(_TOLD, values, strict=True))
        account = row["account_id"]
        found.setdefault(account, []).append((row["event_id"], event_of(row, roles.get(account, {}))))
    return found


def _ask_one(work: Claimed, picture: _Picture, now: datetime, rules: Rules) -> Asked:
    standing = picture.standing.get(work.account_id)
    person = picture.people.get((work.account_id, work.person_id))
    if standing is None or person is None:
        return Asked(work, "hold", (Why("no_account" if standing is None else "no_person"),))
    recorded = picture.recorded.get(work.account_id, now)
    if recorded > now + CLOCK_SLACK:
        return _wait(work, now + CLOCK_WAITS, Why("clock_behind"))
    if work.account_id in picture.reasons:
        return Asked(work, "hold", picture.reasons[work.account_id])
    # what is recorded has happened: the law is to see it
    return _by_law(work, standing, person, picture, max(now, recorded), rules)


def _by_law(
    work: Claimed, standing: Mapping[str, Any], person: Mapping[str, Any], picture: _Picture, now: datetime, rules: Rules
) -> Asked:  # fmt: skip
    """The law on each way to reach the person, and the first that it allows now."""
    laws = _stack(work.law, person.get("region"), rules.asking.house)
    if laws is None:
        return Asked(work, "hold", (Why("law_no_pack"),))
    history = History([*_of_person(work, picture), *_of_number(work, picture)])
    ways = without_bad(candidates(person, work.channel, laws.zone or BUSINESS_ZONES[work.law]), history.events)
    if not ways:
        return Asked(work, "hold", (Why("no_recipient"),))
    verdicts = []
    for way in ways:
        verdict = may(laws, _question(work, standing, way, now, rules), history, rules.asking.policy)
        if verdict.verdict == "allowed":
            requires = tuple(clause.id for clause in verdict.requires)
            return Asked(work, "send", (), standing, way, requires=requires)
        verdicts.append(verdict)
    return _closed(work, verdicts)


def _closed(work: Claimed, verdicts: Sequence[Verdict]) -> Asked:
    """No way is open now: the one that opens first, or held."""
    waits = [verdict for verdict in verdicts if verdict.not_before is not None]
    if not waits:
        return Asked(work, "hold", (by_law("law_never", verdicts[0].clauses),))
    first = min(waits, key=lambda verdict: verdict.not_before or work.not_after)
    assert first.not_before is not None
    return _wait(work, first.not_before, by_law("law_wait", first.clauses))


def _of_person(work: Claimed, picture: _Picture) -> list[Event]:
    """What the store knows of the person on all their accounts; one event about several debts is one event."""
    found: dict[tuple[str, datetime], Event] = {}
    for account in sorted(picture.related[work.person_id] | {work.account_id}):
        for event_id, event in picture.events.get(account, ()):
            key = (event_id, event.at)
            known = found.get(key)
            found[key] = event if known is None else replace(known, accounts=known.accounts | event.accounts)
    return list(found.values())


def _of_number(work: Claimed, picture: _Picture) -> list[Event]:
    """Calls that were meant for others who have a number of the person: they count for the number, and for nobody else's limits."""
    return [
        replace(event, role="other")
        for account in sorted(picture.neighbours.get(work.person_id, frozenset()) - picture.related[work.person_id])
        for _, event in picture.events.get(account, ())
        if event.kind == "contact" and event.channel in BY_NUMBER and event.outbound and event.person != work.person_id
    ]


def _question(work: Claimed, standing: Mapping[str, Any], way: Recipient, now: datetime, rules: Rules) -> Question:
    return Question(
        work.channel, now, way.zones, person=way.person_id, accounts=(work.account_id,), number=number_of(work.channel, way.to),
        binds=rules.asking.binds, lender_kind=standing.get("lender_kind"), product=standing.get("product"), region=way.region,
        standing=standing,
    )  # fmt: skip


def number_of(channel: str, to: str) -> str | None:
    """The number or mailbox that limits and requests of law name; a postal address or a page is none."""
    return to if channel in ("sms", "call", "voicebot", "email") else None


@cache
def _stack(law: str, region: str | None, house: tuple[Path, ...]) -> Stack | None:
    return stack(law, region, house) if law in packs() else None
