"""A day's visits as a problem of vehicle routing, and what a given order of visits costs.

The people and the languages that a stop needs are loads that only some crews have room for; several lawful stretches of one stop are
clients of one group of which at most one is visited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyvrp
from pyvrp.stop import MaxIterations

from arrears.dispatch.travel import Legs, Place

#: Units of cost a minor unit: so costs an hour and a kilometre are whole numbers a second and a metre.
SCALE = 18_000
#: The search needs coarser units: about so many a metre and a second, or its penalties cannot outweigh a prize.
SEARCH_UNITS = 20
#: What one need weighs as a load, against the penalty of the search for each unit of it, and a crew's room for it.
WEIGHT, ROOM = 1_000, 1_000_000_000


@dataclass(frozen=True)
class Costs:
    """What visits cost, in minor units: the work at one door, a kilometre, an hour of a crew under way, and a crew that goes out at all."""

    door_minor: int = 0
    km_minor: int = 0
    hour_minor: int = 0
    crew_minor: int = 0


@dataclass(frozen=True)
class Stop:
    """A visit that may be made: it lies wholly within one of `windows` (from, until; seconds). `needs`: what the crew must offer."""

    id: str
    place: Place
    windows: tuple[tuple[int, int], ...]
    service_s: int
    gain_minor: int
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Crew:
    """Who goes out together. `shift`: from, until (seconds), within which it leaves its depot and is back; at most `longest_s` under way."""

    id: str
    members: tuple[str, ...]
    offers: frozenset[str]
    start: Place
    end: Place
    shift: tuple[int, int]
    longest_s: int


@dataclass(frozen=True)
class Timed:
    """When a crew leaves and returns (seconds), its metres, and of each visit: how long it waited, when it begins, when it leaves."""

    leaves_s: int
    returns_s: int
    metres: int
    visits: tuple[tuple[int, int, int], ...]


def places_of(stops: Sequence[Stop], crews: Sequence[Crew]) -> list[Place]:
    """All places of a problem, in the order in which its legs are given."""
    depots = [place for crew in crews for place in (crew.start, crew.end)]
    return list(dict.fromkeys([*depots, *(stop.place for stop in stops)]))


class Problem:
    """The problem as PyVRP has it. A day is a list of clients; a client is one window of one stop."""

    def __init__(
        self, stops: Sequence[Stop], asked: Sequence[Stop], crews: Sequence[Crew], legs: Legs, costs: Costs
    ) -> None:
        self.asked, self.crews, self.costs = tuple(asked), tuple(crews), costs
        self.places = {place: number for number, place in enumerate(places_of(stops, crews))}
        self.clients = [
            (number, window)
            for number, stop in enumerate(self.asked)
            for window in stop.windows
            if window[1] - window[0] >= stop.service_s
        ]
        dearest = max(costs.km_minor / 1000, costs.hour_minor / 3600)
        self.coarse = max(1, round(SEARCH_UNITS / dearest)) if dearest else 1
        self.loads = sorted(set().union(*(stop.needs for stop in self.asked))) if self.asked else []
        self.data = self._data(legs)

    def _data(self, legs: Legs) -> Any:
        depots = list(dict.fromkeys(place for crew in self.crews for place in (crew.start, crew.end)))
        groups: list[list[int]] = [[] for _ in self.asked]
        for client, (number, _) in enumerate(self.clients):
            groups[number].append(client)
        shared = [number for number, members in enumerate(groups) if len(members) > 1]
        clients = [self._client(number, window, shared) for number, window in self.clients]
        return pyvrp.ProblemData(
            [pyvrp.Location(place.lon, place.lat) for place in self.places],
            clients,
            [pyvrp.Depot(self.places[place]) for place in depots],
            [self._vehicle(crew, depots) for crew in self.crews],
            [legs.metres],
            [legs.seconds],
            [pyvrp.ClientGroup(groups[number], required=False) for number in shared],
        )

    def _client(self, number: int, window: tuple[int, int], shared: list[int]) -> Any:
        stop = self.asked[number]
        return pyvrp.Client(
            self.places[stop.place],
            delivery=[WEIGHT * (load in stop.needs) for load in self.loads],
            service_duration=stop.service_s,
            tw_early=window[0],
            tw_late=window[1] - stop.service_s,
            prize=(stop.gain_minor - self.costs.door_minor) * self.coarse,
            required=False,
            group=shared.index(number) if number in shared else None,
        )

    def _vehicle(self, crew: Crew, depots: list[Place]) -> Any:
        return pyvrp.VehicleType(
            1,
            capacity=[ROOM * (load in crew.offers) for load in self.loads],
            start_depot=depots.index(crew.start),
            end_depot=depots.index(crew.end),
            fixed_cost=self.costs.crew_minor * self.coarse,
            tw_early=crew.shift[0],
            tw_late=crew.shift[1],
            shift_duration=crew.longest_s,
            unit_distance_cost=round(self.costs.km_minor * self.coarse / 1000),
            unit_duration_cost=round(self.costs.hour_minor * self.coarse / 3600),
        )

    def solve(self, seed: int, iterations: int) -> list[list[int]]:
        """The best days found, one a crew (empty: it stays in); a day that breaks a rule is emptied."""
        days: list[list[int]] = [[] for _ in self.crews]
        if not self.clients:
            return days
        found = pyvrp.solve(self.data, MaxIterations(iterations), seed=seed, collect_stats=False)
        for route in found.best.routes():
            day = [item.idx for item in route.schedule() if item.is_client()]
            if route.is_feasible():
                days[route.vehicle_type()] = day
        return days

    def stop_of(self, client: int) -> Stop:
        """The stop of a client."""
        return self.asked[self.clients[client][0]]

    def window_of(self, client: int) -> tuple[int, int]:
        """The window of a client."""
        return self.clients[client][1]

    def gain(self, client: int) -> int:
        """Expected gain in units of cost."""
        return self.scaled_gain(self.stop_of(client))

    def scaled_gain(self, stop: Stop) -> int:
        """Expected gain in units of cost."""
        return stop.gain_minor * SCALE

    def in_minor(self, cost: int) -> int:
        """Units of cost as minor units, rounded up: what something costs is never shown too low."""
        return -(-cost // SCALE)

    def fits(self, crew: int, day: list[int]) -> bool:
        """Whether the crew can make the visits in this order within all windows, its shift and what it offers."""
        return not day or bool(pyvrp.Route(self.data, day, crew).is_feasible())

    def cost(self, crew: int, day: list[int]) -> int:
        """What the day costs, doors included, in units of cost."""
        if not day:
            return 0
        route, costs = pyvrp.Route(self.data, day, crew), self.costs
        under_way = route.distance() * costs.km_minor * (SCALE // 1000) + route.duration() * costs.hour_minor * (
            SCALE // 3600
        )
        return under_way + (costs.crew_minor + len(day) * costs.door_minor) * SCALE

    def cheapest(self, days: list[list[int]], stop: Stop) -> tuple[int, int, list[int] | None]:
        """What the stop would add at least, to which crew, and the day with it; None where it fits nowhere."""
        number = self.asked.index(stop)
        best: tuple[int, int, list[int] | None] = (0, 0, None)
        for client in (client for client, (owner, _) in enumerate(self.clients) if owner == number):
            for crew, day in enumerate(days):
                if not stop.needs <= self.crews[crew].offers:
                    continue
                before = self.cost(crew, day)
                for place in range(len(day) + 1):
                    longer = [*day[:place], client, *day[place:]]
                    if self.fits(crew, longer):
                        added = self.cost(crew, longer) - before
                        if best[2] is None or added < best[0]:
                            best = (added, crew, longer)
        return best

    def timed(self, crew: int, day: list[int]) -> Timed:
        """The clock of a day that fits."""
        route = pyvrp.Route(self.data, day, crew)
        visits = tuple(
            (item.wait_duration, item.start_time, item.end_time) for item in route.schedule() if item.is_client()
        )
        return Timed(route.start_time(), route.end_time(), route.distance(), visits)
