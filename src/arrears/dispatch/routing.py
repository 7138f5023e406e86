"""Which crew goes where, in which order and when: routes for one day that earn the most.

Visits are optional: one is made if what it is expected to bring in is more than what it adds in travel, time and work at the door. The
routes are found by PyVRP (vehicle routing with time windows and prizes) within a number of iterations, so the same question has the same
answer on every machine. What it leaves is then looked at stop by stop: none is kept that costs more than it brings, none is left out that
would still fit and pay, and each one left out has its reason with both amounts.

Times are seconds from the beginning of the plan, money is whole minor units, distances are metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from arrears.dispatch.routing_problem import Costs, Crew, Problem, Stop
from arrears.dispatch.travel import Legs

#: gain_below_cost: already the work at the door costs more. no_crew: none has the people or the language. no_time: it fits into no route.
#: travel_not_worth: the cheapest way to go there costs more than the visit is expected to bring in.
Why = Literal["gain_below_cost", "no_crew", "no_time", "travel_not_worth"]
ITERATIONS = 2_000
ROUNDS = 50


@dataclass(frozen=True)
class Visit:
    """One stop on a route. `arrives_s` at the door, `begins_s` when the window opens or at once, `leaves_s` when the service is over."""

    stop: Stop
    arrives_s: int
    begins_s: int
    leaves_s: int
    window: tuple[int, int]


@dataclass(frozen=True)
class Route:
    """One crew's day, from leaving its depot to being back. `cost_minor` is all of it: crew, time, distance, doors."""

    crew: Crew
    visits: tuple[Visit, ...]
    leaves_s: int
    returns_s: int
    metres: int
    cost_minor: int


@dataclass(frozen=True)
class LeftOut:
    """A stop that is not made, why, and the least it would add to the cost (None where no route can take it)."""

    stop: Stop
    why: Why
    cost_minor: int | None


@dataclass(frozen=True)
class Plan:
    """The routes, and the stops that are not made."""

    routes: tuple[Route, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def net_minor(self) -> int:
        """Expected gain of all visits less the cost of all routes."""
        gains = sum(visit.stop.gain_minor for route in self.routes for visit in route.visits)
        return gains - sum(route.cost_minor for route in self.routes)


def plan_routes(
    stops: Sequence[Stop], crews: Sequence[Crew], legs: Legs, costs: Costs, seed: int = 0, iterations: int = ITERATIONS
) -> Plan:  # fmt: skip
    """The day's routes. `legs`: between `places_of(stops, crews)`, in that order."""
    early: list[LeftOut] = []
    asked: list[Stop] = []
    for stop in stops:
        if stop.gain_minor <= costs.door_minor:
            early.append(LeftOut(stop, "gain_below_cost", costs.door_minor))
        elif not any(stop.needs <= crew.offers for crew in crews):
            early.append(LeftOut(stop, "no_crew", None))
        else:
            asked.append(stop)
    problem = Problem(stops, asked, crews, legs, costs)
    days = problem.solve(seed, iterations)
    _make_worth(problem, days)
    routes = tuple(_route(problem, crew, day) for crew, day in enumerate(days) if day)
    made = {visit.stop.id for route in routes for visit in route.visits}
    left = [_left_out(problem, days, stop) for stop in asked if stop.id not in made]
    order = {stop.id: number for number, stop in enumerate(stops)}
    return Plan(routes, tuple(sorted([*early, *left], key=lambda item: order[item.stop.id])))


def _make_worth(problem: Problem, days: list[list[int]]) -> None:
    """Take out what costs more than it brings, put in what still fits and pays, until neither is found."""
    for _ in range(ROUNDS):
        if not (_took_out(problem, days) or _put_in(problem, days)):
            return


def _took_out(problem: Problem, days: list[list[int]]) -> bool:
    for crew, day in enumerate(days):
        for place in range(len(day)):
            rest = [*day[:place], *day[place + 1 :]]
            saved = problem.cost(crew, day) - problem.cost(crew, rest)
            if saved > problem.gain(day[place]) and problem.fits(crew, rest):
                days[crew] = rest
                return True
    return False


def _put_in(problem: Problem, days: list[list[int]]) -> bool:
    made = {problem.stop_of(client).id for day in days for client in day}
    best: tuple[int, int, list[int]] | None = None
    for stop in problem.asked:
        if stop.id in made:
            continue
        added, crew, day = problem.cheapest(days, stop)
        if (
            day is not None
            and added < problem.scaled_gain(stop)
            and (best is None or added - problem.scaled_gain(stop) < best[0])
        ):
            best = (added - problem.scaled_gain(stop), crew, day)
    if best is not None:
        days[best[1]] = best[2]
    return best is not None


def _left_out(problem: Problem, days: list[list[int]], stop: Stop) -> LeftOut:
    added, _, day = problem.cheapest(days, stop)
    if day is None:
        return LeftOut(stop, "no_time", None)
    return LeftOut(stop, "travel_not_worth", problem.in_minor(added))


def _route(problem: Problem, crew: int, day: list[int]) -> Route:
    timed = problem.timed(crew, day)
    visits = tuple(
        Visit(problem.stop_of(client), begins - waited, begins, leaves, problem.window_of(client))
        for client, (waited, begins, leaves) in zip(day, timed.visits, strict=True)
    )
    return Route(
        problem.crews[crew],
        visits,
        timed.leaves_s,
        timed.returns_s,
        timed.metres,
        problem.in_minor(problem.cost(crew, day)),
    )
