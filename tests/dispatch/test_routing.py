"""Routes of a day: every rule is kept, and on instances small enough to try everything nothing better is left."""

import itertools
import random

import pytest

from arrears.dispatch.routing import plan_routes
from arrears.dispatch.routing_problem import Costs, Crew, Stop, places_of
from arrears.dispatch.travel import Place, Travel, legs_between, read_legs
from arrears.errors import Refusal

HOUR = 3600
COSTS = Costs(door_minor=3_000, km_minor=150, hour_minor=12_000, crew_minor=5_000)
DEPOT = Place("office", 31.2304, 121.4737)
TRAVEL = Travel(detour=1.3, km_an_hour=20)


def made(count, crews, seed):
    """Stops around an office, every second one for two people, every third one closed over noon; crews of two and of one."""
    chance = random.Random(seed)
    stops = []
    for number in range(count):
        place = Place(f"A{number}", 31.23 + chance.uniform(-0.2, 0.2), 121.47 + chance.uniform(-0.2, 0.2))
        begins = chance.randint(8, 15) * HOUR
        windows = ((8 * HOUR, 12 * HOUR), (14 * HOUR, 19 * HOUR)) if number % 3 == 0 else ((begins, begins + 3 * HOUR),)
        needs = frozenset({"people:2"} if number % 2 else ())
        stops.append(Stop(place.id, place, windows, 1200, chance.randint(2_000, 40_000), needs))
    of_two = frozenset({"people:1", "people:2"})
    teams = [
        Crew(f"C{number}", ("ann", "bo")[: 2 - number % 2], of_two if number % 2 == 0 else frozenset({"people:1"}),
             DEPOT, DEPOT, (8 * HOUR, 18 * HOUR), 7 * HOUR)
        for number in range(crews)
    ]  # fmt: skip
    return stops, teams


def planned(stops, crews, **options):
    return plan_routes(stops, crews, legs_between(places_of(stops, crews), TRAVEL), COSTS, **options)


def leg(stops, crews):
    places = places_of(stops, crews)
    legs = legs_between(places, TRAVEL)
    return lambda one, other: (
        int(legs.metres[places.index(one), places.index(other)]),
        int(legs.seconds[places.index(one), places.index(other)]),
    )


@pytest.mark.parametrize("seed", range(6))
def test_every_route_keeps_windows_shift_people_and_travel_times(seed):
    stops, crews = made(25, 3, seed)
    between = leg(stops, crews)

    plan = planned(stops, crews, iterations=200)

    seen = [visit.stop.id for route in plan.routes for visit in route.visits]
    assert sorted(seen + [left.stop.id for left in plan.left_out]) == sorted(stop.id for stop in stops)
    for route in plan.routes:
        at, place, metres = route.leaves_s, route.crew.start, 0
        for visit in route.visits:
            distance, seconds = between(place, visit.stop.place)
            assert visit.arrives_s == at + seconds
            assert visit.begins_s >= visit.arrives_s and visit.leaves_s == visit.begins_s + visit.stop.service_s
            assert any(first <= visit.begins_s and visit.leaves_s <= last for first, last in visit.stop.windows)
            assert visit.stop.needs <= route.crew.offers
            at, place, metres = visit.leaves_s, visit.stop.place, metres + distance
        distance, seconds = between(place, route.crew.end)
        assert (route.returns_s, route.metres) == (at + seconds, metres + distance)
        assert route.crew.shift[0] <= route.leaves_s and route.returns_s <= route.crew.shift[1]
        assert route.returns_s - route.leaves_s <= route.crew.longest_s


def best_by_trying(stops, crews):
    """The most that any choice of stops, crews, orders and windows earns, in minor units."""
    between = leg(stops, crews)
    days = {
        (number, frozenset(order)): None
        for number in range(len(crews))
        for size in range(len(stops) + 1)
        for order in itertools.combinations(range(len(stops)), size)
    }
    for number, chosen in days:
        crew = crews[number]
        if all(stops[index].needs <= crew.offers for index in chosen):
            found = [
                earned
                for order in itertools.permutations(chosen)
                for windows in itertools.product(*(stops[index].windows for index in order))
                if (earned := earned_by(crew, [stops[index] for index in order], windows, between)) is not None
            ]
            days[number, chosen] = max(found, default=None)
    best = 0.0
    for choice in itertools.product(range(-1, len(crews)), repeat=len(stops)):
        parts = [
            days[number, frozenset(i for i, c in enumerate(choice) if c == number)] for number in range(len(crews))
        ]
        if all(part is not None for part in parts):
            best = max(best, sum(parts))
    return best


def earned_by(crew, order, windows, between):
    """Gain less cost of one day in one order, started as late as its earliest end allows; None if it breaks a rule."""
    if not order:
        return 0.0
    stops = [crew.start, *(stop.place for stop in order), crew.end]
    rides = [between(one, other) for one, other in itertools.pairwise(stops)]
    at = crew.shift[0]
    for stop, (first, last), (_, seconds) in zip(order, windows, rides, strict=False):
        at = max(at + seconds, first) + stop.service_s
        if at > last:
            return None
    ends = at + rides[-1][1]
    latest = ends - rides[-1][1]
    for stop, (_, last), (_, seconds) in zip(reversed(order), reversed(windows), reversed(rides[:-1]), strict=True):
        latest = min(latest, last) - stop.service_s - seconds
    if ends > crew.shift[1] or ends - latest > crew.longest_s:
        return None
    metres = sum(distance for distance, _ in rides)
    cost = COSTS.crew_minor + len(order) * COSTS.door_minor
    return (
        sum(s.gain_minor for s in order)
        - cost
        - metres * COSTS.km_minor / 1000
        - (ends - latest) * COSTS.hour_minor / 3600
    )


@pytest.mark.parametrize("seed", range(12))
def test_on_small_instances_no_choice_of_visits_earns_more(seed):
    stops, crews = made(5, 2, seed + 100)

    plan = planned(stops, crews, iterations=300)

    # every route's cost is rounded up to a whole minor unit
    assert best_by_trying(stops, crews) - len(crews) <= plan.net_minor <= best_by_trying(stops, crews)


def test_every_stop_left_out_has_the_reason_that_holds_for_it():
    near = Place("near", 31.2314, 121.4747)
    window = ((9 * HOUR, 17 * HOUR),)
    stops = [
        Stop("worth it", near, window, 1200, 50_000),
        Stop("poor", Place("poor", 31.2320, 121.4740), window, 1200, 2_500),
        Stop("far", Place("far", 31.47, 121.65), window, 1200, 30_000),
        Stop("at night", Place("at night", 31.2325, 121.4745), ((19 * HOUR, 20 * HOUR),), 1200, 50_000),
        Stop("for two", Place("for two", 31.2330, 121.4745), window, 1200, 50_000, frozenset({"people:2"})),
        Stop("too short", Place("too short", 31.2335, 121.4745), ((9 * HOUR, 9 * HOUR + 600),), 1200, 50_000),
    ]
    alone = Crew("C1", ("ann",), frozenset({"people:1"}), DEPOT, DEPOT, (8 * HOUR, 18 * HOUR), 8 * HOUR)

    plan = planned(stops, [alone], iterations=200)

    assert [visit.stop.id for route in plan.routes for visit in route.visits] == ["worth it"]
    assert {left.stop.id: left.why for left in plan.left_out} == {
        "poor": "gain_below_cost", "far": "travel_not_worth", "at night": "no_time", "for two": "no_crew",
        "too short": "no_time",
    }  # fmt: skip
    assert next(left.cost_minor for left in plan.left_out if left.stop.id == "far") > 30_000


def test_nobody_goes_out_where_nothing_is_worth_a_crew():
    stops, crews = made(4, 2, 3)
    poor = [Stop(s.id, s.place, s.windows, s.service_s, COSTS.door_minor + 1, s.needs) for s in stops]

    plan = planned(poor, crews, iterations=100)

    assert plan.routes == () and {left.why for left in plan.left_out} == {"travel_not_worth"}


def test_the_same_question_has_the_same_answer():
    stops, crews = made(20, 2, 9)

    assert planned(stops, crews, iterations=150) == planned(stops, crews, iterations=150)


def test_a_leg_that_was_measured_is_taken_as_measured_and_in_its_own_direction(tmp_path):
    file = tmp_path / "legs.csv"
    file.write_text("from,to,metres,seconds\noffice,A1,4200,900\n", "utf-8")
    places = [DEPOT, Place("A1", 31.24, 121.48)]

    legs = legs_between(places, Travel(measured=read_legs(file)))

    assert (legs.metres[0, 1], legs.seconds[0, 1]) == (4200, 900)
    assert legs.metres[1, 0] == pytest.approx(1.35 * 1223, rel=0.02) and legs.estimated == 1


def test_a_file_of_legs_that_cannot_be_read_is_refused_with_every_line(tmp_path):
    file = tmp_path / "legs.csv"
    file.write_text("from,to,metres,seconds\na,b,4.2,900\nb,a,100,-1\n", "utf-8")

    with pytest.raises(Refusal) as refused:
        read_legs(file)

    assert [finding.line for finding in refused.value.findings] == [2, 3]
