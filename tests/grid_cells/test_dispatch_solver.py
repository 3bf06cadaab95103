"""Plans of small days, worked out by hand, and the rules on days drawn by chance."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.dispatch import DispatchProblem
from grid_cells.dispatch_promises import promises_kept
from grid_cells.dispatch_routes import sequences_of, worth
from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_solver import Means, solve, usual_seconds
from grid_cells.dispatch_vroom import solve_by_vroom
from tests.grid_cells.dispatch_days import calm, crew, day, drawn, driven, order
from tests.laws import examples


def test_one_crew_goes_out_and_home() -> None:
    found = solve(day(crews=[crew("A", 0)], orders=[order("far", 2), order("near", 1)]), calm())
    assert (found.served, found.score, found.travel_min) == (2, 2, 40)
    assert driven(found) in (
        {"A": [("near", 490, 520), ("far", 530, 560)]},
        {"A": [("far", 500, 530), ("near", 540, 570)]},
    )


def test_the_matrix_need_not_be_symmetric() -> None:
    minutes = np.array([[0, 5, 50], [50, 0, 5], [5, 50, 0]])
    line = day(crews=[crew("A", 0)], orders=[order("one", 1), order("two", 2)])
    found = solve(replace(line, minutes=minutes), calm())
    assert driven(found) == {"A": [("one", 485, 515), ("two", 520, 550)]}
    assert found.travel_min == 15


def test_each_goes_where_it_is_near() -> None:
    found = solve(day(crews=[crew("A", 0), crew("B", 9)], orders=[order("x", 1), order("y", 8)]),
                  calm())  # fmt: skip
    assert found.crew_of() == {"x": "A", "y": "B"}


def test_skills_and_wishes_rule() -> None:
    crews = [crew("A", 0), crew("B", 9, "lv hv"), crew("C", 9, "lv hv meter")]
    orders = [
        order("hv", 1, skill="hv meter"),
        order("not A", 1, forbidden=frozenset({"A"}), allowed=frozenset({"A", "B"})),
        order("only C", 1, allowed=frozenset({"C"})),
    ]
    found = solve(day(crews=crews, orders=orders), calm())
    assert found.crew_of() == {"hv": "C", "not A": "B", "only C": "C"}


def test_the_more_important_order_is_served_where_there_is_time_for_one() -> None:
    orders = [order("small", 1, (480, 490), priority=4), order("big", 3, (480, 510), priority=5)]
    found = solve(day(crews=[crew("A", 0)], orders=orders), calm())
    assert driven(found) == {"A": [("big", 510, 540)]}
    assert (found.score, found.travel_min) == (5, 60)
    assert [(u.order, u.reason, u.outweighed_by) for u in found.unserved] == [
        ("small", "outweighed", ("big",))
    ]


def test_a_crew_waits_for_the_window_and_may_take_the_second() -> None:
    orders = [order("late", 1, (600, 610)), order("twice", 2, windows=((480, 485), (700, 720)))]
    found = solve(day(crews=[crew("A", 0)], orders=orders), calm())
    assert driven(found) == {"A": [("late", 600, 630), ("twice", 700, 730)]}


def test_what_counts_for_nothing_is_served_where_it_fits_and_leaves_for_what_counts() -> None:
    orders = [order("x", 1, (490, 490), priority=0), order("y", 2, (500, 500), priority=0)]
    found = solve(day(crews=[crew("A", 0)], orders=orders), calm())
    (left,) = found.unserved
    assert (found.served, left.reason) == (1, "outweighed")
    orders[1] = replace(orders[1], priority=1)
    assert solve(day(crews=[crew("A", 0)], orders=orders), calm()).crew_of() == {"y": "A"}


def test_shifts_may_touch() -> None:
    double = crew("A", 0, shifts=((480, 540), (540, 600)))
    found = solve(day(crews=[double], orders=[order("x", 1), order("y", 1)]), calm())
    assert [r.shift for r in found.routes] == [(480, 540), (540, 600)]
    assert breaches(day(crews=[double], orders=[order("x", 1), order("y", 1)]), found) == ()


def test_home_within_the_shift() -> None:
    short = crew("A", 0, shift=(480, 560))
    fits = solve(day(crews=[short], orders=[order("x", 2, service=40)]), calm())
    assert fits.served == 1
    over = solve(day(crews=[short], orders=[order("x", 2, service=41)]), calm())
    assert [u.reason for u in over.unserved] == ["out_of_reach"]


def test_two_shifts_each_from_the_base() -> None:
    both = crew("A", 0, shifts=((480, 540), (600, 660)))
    found = solve(day(crews=[both], orders=[order("x", 1), order("y", 1)]), calm())
    assert [(r.shift, [s.order for s in r.stops], r.travel_min) for r in found.routes] in (
        [((480, 540), ["x"], 20), ((600, 660), ["y"], 20)],
        [((480, 540), ["y"], 20), ((600, 660), ["x"], 20)],
    )


def test_a_crew_goes_on_from_where_it_is() -> None:
    away = crew("A", 0, start_location=5, free_from=500)
    found = solve(day(crews=[away], orders=[order("x", 6)]), calm())
    assert driven(found) == {"A": [("x", 510, 540)]}
    assert found.travel_min == 70


def test_what_is_committed_stays_with_its_crew_before_what_weighs_more() -> None:
    bound = crew("A", 0, committed=("x",))
    orders = [order("x", 1, (490, 490)), order("y", 2, (500, 500), priority=10)]
    found = solve(day(crews=[bound, crew("B", 1)], orders=orders), calm())
    assert found.crew_of() == {"x": "A", "y": "B"}
    alone = solve(day(crews=[bound], orders=orders), calm())
    assert alone.crew_of() == {"x": "A"}


def test_what_is_committed_goes_late_and_before_any_sum_of_priorities() -> None:
    bound = crew("A", 0, shift=(480, 600), committed=("x",))
    late = order("x", 3, (480, 600), service=60, promise_min=500, priority=5)
    others = [order(name, 1, (480, 600), priority=90) for name in "yz"]
    problem = day(crews=[bound], orders=[late, *others])
    assert solve(problem, calm(idle=20)).crew_of() == {"x": "A"}
    assert solve(problem, Means(lambda: 0.0, 1)).crew_of() == {"x": "A"}


def test_a_promise_is_kept_before_travel_is_saved_and_served_late_before_not_at_all() -> None:
    orders = [order("a", 1), order("b", 4, promise_min=525)]
    found = solve(day(crews=[crew("A", 0)], orders=orders), calm())
    assert driven(found)["A"][0] == ("b", 520, 550)
    hopeless = [order("a", 1), order("b", 4, promise_min=500)]
    problem = day(crews=[crew("A", 0)], orders=hopeless)
    late = solve(problem, calm())
    assert (late.served, promises_kept(problem, late)) == (2, (0, 1))


def test_a_van_takes_what_it_can_hold_and_is_filled_again_for_the_next_shift() -> None:
    small = crew("A", 0, capacity=5)
    orders = [order("x", 1, load=3), order("y", 1, load=3, priority=2), order("z", 1, load=6)]
    found = solve(day(crews=[small], orders=orders), calm())
    assert found.crew_of() == {"y": "A"}
    assert {u.order: (u.reason, u.outweighed_by) for u in found.unserved} == {
        "x": ("outweighed", ("y",)), "z": ("no_room", ()),
    }  # fmt: skip
    both = solve(
        day(crews=[replace(small, shifts=((480, 600), (700, 960)))], orders=orders), calm()
    )
    assert both.served == 2
    rest = solve(day(crews=[replace(small, used=3, free_from=500)], orders=orders), calm())
    assert rest.served == 0


def test_nothing_to_do_and_nobody_to_do_it() -> None:
    empty = solve(DispatchProblem((), (), np.zeros((0, 0), dtype=np.int64)), calm())
    assert (empty.routes, empty.unserved, empty.score) == ((), (), 0)
    assert solve(day(crews=[crew("A", 0)], orders=[]), calm()).routes == ()
    nobody = solve(day(crews=[], orders=[order("x", 1)]), calm())
    assert [u.reason for u in nobody.unserved] == ["not_on_shift"]


def test_each_order_left_out_has_its_reason() -> None:
    crews = [crew("A", 0), crew("B", 0, "hv", (480, 600)), crew("C", 9, shift=(900, 960))]
    orders = [
        order("skill", 1, skill="gas"),
        order("wish", 1, skill="hv", forbidden=frozenset({"B"})),
        order("evening", 1, (1000, 1100)),
        order("hv evening", 1, (700, 800), skill="hv"),
        order("far", 9, (480, 500)),
    ]
    found = solve(day(crews=crews, orders=orders), calm())
    assert {u.order: u.reason for u in found.unserved} == {
        "skill": "no_skill", "wish": "not_allowed", "evening": "not_on_shift",
        "hv evening": "not_on_shift", "far": "out_of_reach",
    }  # fmt: skip


def test_without_time_the_answer_is_vrooms_and_with_time_no_worse() -> None:
    problem = drawn(7, crews=4, orders=30)
    none_left = solve(problem, Means(lambda: 0.0, 1))
    assert none_left.found_by == "vroom 0"
    first = worth(problem, solve_by_vroom(problem, 0, seconds=None, threads=1))
    better = solve(problem, calm(level=2))
    assert worth(problem, sequences_of(problem, better)) >= first


def test_the_same_seed_gives_the_same_plan_where_iterations_end_the_search() -> None:
    problem = drawn(3, crews=4, orders=25)
    assert solve(problem, calm()).routes == solve(problem, calm()).routes


def test_larger_days_are_given_more_time() -> None:
    usual = usual_seconds(drawn(0, crews=2, orders=5))
    many = day(crews=[crew("A", 0)] * 60, orders=[order("x", 1)] * 600)
    assert usual_seconds(many) == 9 * usual


@settings(max_examples=examples(60))
@given(st.integers(0, 10**6), st.integers(0, 5), st.integers(0, 14), st.integers(0, 2))
def test_every_plan_keeps_the_rules(seed: int, crews: int, orders: int, level: int) -> None:
    problem = drawn(seed, crews=max(crews, 1), orders=orders)
    problem = replace(problem, crews=problem.crews[:crews])
    found = solve(problem, calm(level, idle=30))
    assert breaches(problem, found) == ()
    assert found.served + len(found.unserved) == orders
    assert not {u.reason for u in found.unserved} & {"unexplained", "search_ended"}
