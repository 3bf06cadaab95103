"""The checker finds each breach, and nothing in a plan that may be driven."""

from dataclasses import replace

import pytest

from grid_cells.dispatch import DispatchPlan, Stop
from grid_cells.dispatch_rules import Breach, breaches
from tests.grid_cells.dispatch_days import LONG, crew, day, order, plan

CREWS = [crew("A", 0), crew("B", 9, "hv", committed=("z",))]
ORDERS = [order("x", 1, priority=3), order("y", 3, (480, 540)), order("z", 8, skill="hv")]
TOWN = day(crews=CREWS, orders=ORDERS)
GOOD = {"A": [("x", 490, 520), ("y", 540, 570)], "B": [("z", 490, 520)]}


def judged(routes, left="", travel=(60, 20), score=5, problem=TOWN) -> list[tuple]:
    found = breaches(problem, plan(routes, left, travel=travel, score=score))
    return [(one.code, one.crew, one.order, one.minutes) for one in found]


def test_a_plan_that_may_be_driven_has_no_breach() -> None:
    assert judged(GOOD) == []
    later = {"A": [("x", 500, 531), ("y", 540 + 0, 570)], "B": [("z", 700, 800)]}
    assert [one[0] for one in judged(later)] == ["too_fast"]  # y: 531 + 20 = 551


@pytest.mark.parametrize(
    ("routes", "left", "travel", "score", "wanted"),
    [
        ({**GOOD, "A": [("x", 489, 520), ("y", 540, 570)]}, "", (60, 20), 5,
         ("too_fast", "A", "x", 1)),
        ({**GOOD, "A": [("x", 490, 520), ("y", 541, 571)]}, "", (60, 20), 5,
         ("outside_window", "A", "y", 0)),
        ({**GOOD, "A": [("x", 490, 515), ("y", 540, 570)]}, "", (60, 20), 5,
         ("left_early", "A", "x", 5)),
        ({**GOOD, "A": [("y", 510, 540), ("x", 928, 958)]}, "", (60, 20), 5,
         ("home_late", "A", None, 8)),
        ({"A": GOOD["A"]}, "", (60,), 4, ("order_lost", None, "z", 0)),
        ({**GOOD, "B": [("z", 490, 520), ("x", 590, 620)]}, "", (60, 160), 5,
         ("order_twice", None, "x", 0)),
        ({**GOOD, "B": [("z", 490, 520), ("q", 590, 620)]}, "", (60, 20), 5,
         ("order_unknown", None, "q", 0)),
        ({"A": [("x", 490, 520)], "B": [("z", 490, 520), ("y", 540, 570)]}, "", (20, 120), 5,
         ("no_skill", "B", "y", 0)),
        ({"A": [*GOOD["A"], ("z", 620, 650)]}, "", (160,), 5,
         ("committed_elsewhere", "A", "z", 0)),
        ({"A": GOOD["A"], "Q": GOOD["B"]}, "", (60, 20), 5, ("crew_unknown", "Q", None, 0)),
        (GOOD, "", (60, 20), 6, ("wrong_score", None, None, 0)),
        (GOOD, "", (61, 20), 5, ("wrong_travel", "A", None, 1)),
        (GOOD, "x", (60, 20), 5, ("order_twice", None, "x", 0)),
    ],
)  # fmt: skip
def test_each_breach_is_found(routes, left, travel, score, wanted) -> None:
    assert wanted in judged(routes, left, travel, score)


def test_a_wish_a_shift_and_a_second_route() -> None:
    shy = day(crews=CREWS, orders=[*ORDERS[1:], order("x", 1, allowed=frozenset({"B"}))])
    assert ("against_wishes", "A", "x", 0) in judged(GOOD, problem=shy, score=3)
    good = plan(GOOD, travel=(60, 20), score=5)
    other = replace(good.routes[0], shift=(480, 961))
    wrong = replace(good, routes=(other, good.routes[1]))
    assert breaches(TOWN, wrong) == (Breach("shift_unknown", "A"),)
    again = replace(good.routes[0], stops=(), travel_min=0)
    assert Breach("route_twice", "A") in breaches(TOWN, replace(good, routes=(*good.routes, again)))


def test_a_crew_starts_where_it_is_and_not_before_it_is_free() -> None:
    away = day(crews=[crew("A", 0, start_location=3, free_from=500)], orders=[order("x", 2)])
    route = plan({"A": [("x", 510, 540)]}, travel=(30,), score=1)
    assert breaches(away, route) == ()
    early = plan({"A": [("x", 509, 539)]}, travel=(30,), score=1)
    assert breaches(away, early) == (Breach("too_fast", "A", "x", 1),)


def test_a_van_is_not_overloaded() -> None:
    town = day(crews=[crew("A", 0, capacity=3)], orders=[order("x", 1, load=2)])
    stands = plan({"A": [("x", 490, 520)]}, travel=(20,), score=1)
    assert breaches(town, stands) == ()
    used = replace(town, crews=(replace(town.crews[0], used=2, free_from=480),))
    assert breaches(used, stands) == (Breach("overloaded", "A"),)


def test_sums_are_those_of_the_routes() -> None:
    good = plan(GOOD, travel=(60, 20), score=5)
    wrong = DispatchPlan(good.routes, (), 5, 79)
    assert breaches(TOWN, wrong) == (Breach("wrong_travel"),)
    assert good.routes[0].shift == LONG
    assert good.routes[0].stops[0] == Stop("x", 490, 520)
