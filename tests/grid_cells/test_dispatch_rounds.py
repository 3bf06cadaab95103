"""What is late is served as soon as can be: small days worked out by hand."""

import time

import numpy as np

from grid_cells.dispatch import Crew, DispatchPlan, DispatchProblem, Order
from grid_cells.dispatch_rounds import cut, solve_in_rounds
from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_solver import Means, solve

NOW, END = 600, 2000


def by_solver(problem: DispatchProblem) -> DispatchPlan:
    until = time.perf_counter() + 0.2
    return solve(problem, Means(lambda: until - time.perf_counter(), threads=1))


def order(name: str, place: int, promise: int | None, priority: int = 5) -> Order:
    return Order(name, place, frozenset(), 30, ((NOW, END),), priority, promise_min=promise)


def day(*orders: Order) -> DispatchProblem:
    # one crew; every way takes ten minutes
    places = 1 + len(orders)
    minutes = np.full((places, places), 10, dtype=np.int64)
    np.fill_diagonal(minutes, 0)
    return DispatchProblem((Crew("A", 0, frozenset(), ((NOW, END),), 0, NOW),), orders, minutes)


def arrivals(problem: DispatchProblem) -> dict[str, int]:
    plan = solve_in_rounds(problem, by_solver)
    assert not list(breaches(problem, plan))
    return {stop.order: stop.arrive_min for route in plan.routes for stop in route.stops}


def test_promises_first_then_what_is_late_before_what_has_time() -> None:
    late = [order(f"late{n}", 1 + n, NOW + 10) for n in range(3)]
    found = arrivals(day(*late, order("none", 4, None)))
    # three are promised for the first place; the other two are there within two hours of it
    assert sorted(found[f"late{n}"] for n in range(3))[0] == NOW + 10
    assert max(found[f"late{n}"] for n in range(3)) <= NOW + 10 + 120
    assert set(found) == {"late0", "late1", "late2", "none"}


def test_windows_are_cut_by_the_round_in_which_an_order_found_its_place() -> None:
    problem = day(order("x", 1, NOW + 10), order("y", 2, NOW + 10), order("z", 3, None))
    asked = {one.id: one for one in cut(problem, 1, {"x": 0}).orders}
    assert asked["x"].windows == ((NOW, NOW + 10),)
    assert asked["y"].windows == ((NOW, NOW + 130),)
    assert asked["z"].windows == ((NOW, END),)
    assert asked["x"].priority > 10 * asked["y"].priority
    assert cut(problem, 3, {}).orders == problem.orders


def test_an_order_nobody_can_do_is_left_out_with_its_reason() -> None:
    hard = Order("hard", 1, frozenset({"cable"}), 30, ((NOW, END),), 5, promise_min=NOW + 60)
    plan = solve_in_rounds(day(hard, order("soon", 2, NOW + 10)), by_solver)
    assert [(one.order, one.reason) for one in plan.unserved] == [("hard", "no_skill")]
