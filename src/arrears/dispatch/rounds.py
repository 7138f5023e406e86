"""Rounds: who is visited on a day, by which crew, in which order and when; everybody else with the reason why not.

Every candidate is asked again for the day; what remains is routed by what it is worth; what is on a route is taken, asked once more for the
very time at which it is planned, in one transaction with the taking. A visit that may no longer be made then falls out of its route; the
others keep their times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from arrears import money
from arrears.dispatch.ask import Asked, ask_again
from arrears.dispatch.calls import clauses_of
from arrears.dispatch.carried import Office, Taking, lapse, ready_works, take_up, without_persons_twice
from arrears.dispatch.channels.visit import CrewSettings, VisitSettings
from arrears.dispatch.duties import people_needed
from arrears.dispatch.reasons import Why
from arrears.dispatch.routing import LeftOut, Plan, Route, Visit, plan_routes
from arrears.dispatch.routing_problem import Crew, Stop, places_of
from arrears.dispatch.spoken import Speaker
from arrears.dispatch.travel import Place, is_place, legs_between
from arrears.dispatch.visit_windows import lawful_stretches
from arrears.dispatch.works import Claimed
from arrears.errors import refuse
from arrears.law.clock import instant_of, midnight
from arrears.notice.words import Words

BATCH = 200
#: How often one is asked for a later moment of the day: each names the first that may be lawful.
ROUNDS = 8


@dataclass(frozen=True)
class NotVisited:
    """Work that is on no round, and why. `gain_minor` and `cost_minor`: both sides of the reckoning, where it came to that."""

    work: Claimed
    reasons: tuple[Why, ...]
    gain_minor: int | None = None
    cost_minor: int | None = None


@dataclass(frozen=True)
class Round:
    """A day's round. `begins` is the first instant of the day in the settings' zone: from there the seconds of `plan` count.

    `asked` and `words` by account id of what was taken; `estimated`: legs that were not measured.
    """

    id: str
    on: date
    begins: datetime
    plan: Plan
    asked: dict[str, Asked]
    words: dict[str, Words]
    not_visited: tuple[NotVisited, ...]
    estimated: int

    def at(self, seconds: int) -> datetime:
        """An instant of the plan, UTC."""
        return self.begins + timedelta(seconds=seconds)

    def visits(self, route: Route) -> list[Visit]:
        """The visits of a route that were taken."""
        return [visit for visit in route.visits if visit.stop.id in self.asked]


def plan_round(
    office: Office, speaker: Speaker, settings: VisitSettings, on: date, now: datetime, crews: Collection[str] = ()
) -> Round:  # fmt: skip
    """The round of `on` by the crews named (all if none is); what is on it is taken. Refusal if the day is over or a crew is not known."""
    lapse(office, now)
    begins = midnight(on, settings.zone)
    if now >= midnight(on + timedelta(days=1), settings.zone):
        raise refuse("visits", "is over", field="--on", value=on.isoformat(), exit_code=2)
    chosen = _crews(settings, crews)
    asked, left = _who(office, on, settings, now)
    stops, unfit = _stops(office, settings, asked, chosen, on, now)
    teams = [_crew(crew, stops, settings, on) for crew in chosen]
    legs = legs_between(places_of(stops, teams), settings.travel)
    plan = plan_routes(stops, teams, legs, settings.costs, settings.seed, settings.iterations)
    works = {one.work.account_id: one.work for one in asked}
    name = _name(on, [visit.stop.id for route in plan.routes for visit in route.visits], now)
    taken, words, late = _take(office, speaker, settings, plan, works, name, begins, on, now)
    left_out = [*left, *unfit, *(_not_routed(works[one.stop.id], one) for one in plan.left_out), *late]
    return Round(name, on, begins, plan, taken, words, tuple(left_out), legs.estimated)


def _crews(settings: VisitSettings, named: Collection[str]) -> list[CrewSettings]:
    unknown = set(named) - {crew.id for crew in settings.crews}
    if unknown:
        raise refuse("visits", "is no crew of the installation", field="--crew", value=", ".join(sorted(unknown)), exit_code=2,
                     todo=f"known: {', '.join(crew.id for crew in settings.crews)}")  # fmt: skip
    return [crew for crew in settings.crews if not named or crew.id in named]


def _who(office: Office, on: date, settings: VisitSettings, now: datetime) -> tuple[list[Asked], list[NotVisited]]:
    """Who may be visited on the day, asked again for the first moment of it that is open to the work."""
    begins, ends = midnight(on, settings.zone), midnight(on + timedelta(days=1), settings.zone)
    with office.store.read() as connection:
        ready = [work for work in ready_works(connection, ["visit"], now, before=ends) if work.not_after > begins]
        first, others = without_persons_twice(ready)
        answers = _asked_for(connection, office, first, now)
    left = [NotVisited(work, (Why("same_person"),)) for work in others]
    left += [NotVisited(one.work, one.reasons) for one in answers if one.verdict != "send"]
    return [one for one in answers if one.verdict == "send"], left


def _asked_for(connection: Connection, office: Office, works: Sequence[Claimed], now: datetime) -> list[Asked]:
    """Asked for the first moment that is open to each: one that has to wait is asked again for the moment it waits for."""
    final: list[Asked] = []
    times = {work.key: max(now, work.not_before) for work in works}
    waiting = list(works)
    for _ in range(ROUNDS):
        answers = list(_asked_at(connection, office, waiting, times))
        later = {
            one.work.key: one.available_at for one in answers if one.verdict == "wait" and one.available_at is not None
        }
        final += [one for one in answers if one.work.key not in later]
        times |= later
        waiting = [one.work for one in answers if one.work.key in later]
        if not waiting:
            return final
    return final + [one for one in answers if one.work.key in later]


def _asked_at(
    connection: Connection, office: Office, works: Sequence[Claimed], times: Mapping[str, datetime]
) -> Iterator[Asked]:
    groups: dict[datetime, list[Claimed]] = {}
    for work in works:
        groups.setdefault(times[work.key], []).append(work)
    for at, group in sorted(groups.items()):
        for begin in range(0, len(group), BATCH):
            yield from ask_again(connection, office.personal, group[begin : begin + BATCH], at, office.rules)


def _stops(
    office: Office, settings: VisitSettings, asked: Sequence[Asked], crews: Sequence[CrewSettings], on: date, now: datetime
) -> tuple[list[Stop], list[NotVisited]]:  # fmt: skip
    """What can be put on a route: with a place, a gain, and lawful hours that day."""
    stops, left = [], []
    languages = any(crew.languages for crew in crews)
    with office.store.read() as connection:
        for one in asked:
            reason = _unroutable(one, settings)
            windows = None if reason else _windows(connection, office, settings, one, on, now)
            if not windows:
                reason = reason or ("no_hours" if windows is not None else "not_at_home")
                left.append(NotVisited(one.work, (Why(reason),)))
            else:
                stops.append(_stop(one, settings, windows, languages))
    return stops, left


def _unroutable(asked: Asked, settings: VisitSettings) -> str | None:
    position = asked.position
    assert position is not None
    if place_of(asked, settings) is None:
        return "no_coordinates"
    if asked.work.gain is None:
        return "no_gain"
    return "other_currency" if position["currency"] != settings.currency else None


def place_of(asked: Asked, settings: VisitSettings) -> tuple[float, float] | None:
    """Where it is, in degrees: by the address itself, else by the places of the installation; None if neither says."""
    recipient = asked.recipient
    assert recipient is not None
    if (
        recipient.latitude is not None
        and recipient.longitude is not None
        and is_place(recipient.latitude, recipient.longitude)
    ):
        return recipient.latitude, recipient.longitude
    return settings.places.get((asked.work.account_id, asked.work.person_id))


def _windows(
    connection: Connection, office: Office, settings: VisitSettings, asked: Asked, on: date, now: datetime
) -> list[tuple[int, int]] | None:  # fmt: skip
    """Lawful stretches from now on, in whole seconds of the plan: the first one up, the last one down. None: not at home."""
    begins = midnight(on, settings.zone)
    lawful = lawful_stretches(connection, office, asked, on)
    if lawful is None:
        return None
    found = [(max(first, now), last) for first, last in lawful]
    seconds = [
        (-int(-(first - begins).total_seconds() // 1), int((last - begins).total_seconds() // 1))
        for first, last in found
    ]
    return [(first, last) for first, last in seconds if last - first >= settings.service_s]


def _stop(asked: Asked, settings: VisitSettings, windows: list[tuple[int, int]], languages: bool) -> Stop:
    recipient, work, place = asked.recipient, asked.work, place_of(asked, settings)
    assert recipient is not None and place is not None and work.gain is not None  # else it is not put on a route
    needs = {f"people:{people_needed(clauses_of(asked))}"}
    if languages and recipient.language:
        needs.add(f"language:{recipient.language}")
    gain = round(work.gain * 10 ** money.decimals(settings.currency))
    return Stop(
        work.account_id, Place(work.account_id, *place), tuple(windows), settings.service_s, gain, frozenset(needs)
    )


def _crew(crew: CrewSettings, stops: Sequence[Stop], settings: VisitSettings, on: date) -> Crew:
    """A crew on the day; one that names no languages is taken to speak them all."""
    begins = midnight(on, settings.zone)
    shift = tuple(int((instant_of(on, second, settings.zone) - begins).total_seconds()) for second in crew.shift_s)
    spoken = {f"language:{name}" for name in crew.languages}
    if not crew.languages:
        spoken = {need for stop in stops for need in stop.needs if need.startswith("language:")}
    people = {f"people:{number}" for number in range(1, len(crew.members) + 1)}
    return Crew(
        crew.id, crew.members, frozenset(spoken | people), crew.start, crew.end, (shift[0], shift[1]), crew.longest_s
    )


def _take(
    office: Office, speaker: Speaker, settings: VisitSettings, plan: Plan, works: dict[str, Claimed], name: str, begins: datetime,
    on: date, now: datetime,
) -> tuple[dict[str, Asked], dict[str, Words], list[NotVisited]]:  # fmt: skip
    """Take what is on the routes, each asked for the time at which it is planned."""
    times = {
        visit.stop.id: begins + timedelta(seconds=visit.begins_s) for route in plan.routes for visit in route.visits
    }
    until = midnight(on + timedelta(days=1), settings.zone) + timedelta(hours=settings.report_hours)
    taking = Taking(
        f"round:{name}", until, lambda work: times[work.account_id], lambda work: max(now, times[work.account_id]),
        partial(speaker.say, now=now),
    )  # fmt: skip
    taken: dict[str, Asked] = {}
    words: dict[str, Words] = {}
    late: list[NotVisited] = []
    wanted = [works[account] for account in times]
    for begin in range(0, len(wanted), BATCH):
        answers, said = take_up(office, wanted[begin : begin + BATCH], taking, now)
        for one in answers:
            if one.verdict == "send":
                taken[one.work.account_id], words[one.work.account_id] = one, said[one.work.key]
            else:
                late.append(NotVisited(one.work, one.reasons))
    return taken, words, late


def _not_routed(work: Claimed, left: LeftOut) -> NotVisited:
    return NotVisited(work, (Why(left.why),), left.stop.gain_minor, left.cost_minor)


def _name(on: date, accounts: Sequence[str], now: datetime) -> str:
    """A name for the round that no other has: the day, and what it was made of and when."""
    whole = "\n".join([now.astimezone(UTC).isoformat(), *sorted(accounts)])
    return f"{on.isoformat()}-{hashlib.sha256(whole.encode()).hexdigest()[:6]}"
