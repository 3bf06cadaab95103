"""A plan in progress: what stays, what changes, who comes to the emergency."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.dispatch import DispatchProblem
from grid_cells.dispatch_progress import progress_at
from grid_cells.dispatch_replan import Change, Turn, replan
from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_solver import solve
from tests.grid_cells.dispatch_days import calm, crew, day, drawn, driven, order, plan
from tests.laws import examples

CREWS = [crew("A", 0), crew("B", 9)]
ORDERS = [order("x", 1), order("y", 3), order("z", 8)]
TOWN = day(crews=CREWS, orders=ORDERS)
BEFORE = plan(
    {"A": [("x", 490, 520), ("y", 540, 570)], "B": [("z", 490, 520)]}, travel=(60, 20), score=3
)


def fixed_at(minute: int, **positions: tuple[int, int]) -> dict[str, list[str]]:
    progress = progress_at(TOWN, BEFORE, minute, positions)
    return {route.crew: [stop.order for stop in route.stops] for route in progress.fixed}


def free_at(minute: int, **positions: tuple[int, int]) -> dict[str, tuple[int | None, int | None]]:
    ahead = progress_at(TOWN, BEFORE, minute, positions).ahead
    return {one.id: (one.start_location, one.free_from) for one in ahead.crews}


def test_what_is_done_served_or_driven_to_stays() -> None:
    assert fixed_at(480) == {}
    assert fixed_at(481) == {"A": ["x"], "B": ["z"]}  # both have left their base
    assert fixed_at(520) == {"A": ["x"], "B": ["z"]}
    assert fixed_at(521) == {"A": ["x", "y"], "B": ["z"]}


def test_crews_go_on_from_where_they_are_then() -> None:
    assert free_at(480) == {"A": (0, 480), "B": (9, 480)}
    assert free_at(500) == {"A": (1, 520), "B": (8, 520)}
    assert free_at(530) == {"A": (3, 570), "B": (8, 530)}
    assert free_at(970) == {"A": (None, 970), "B": (None, 970)}


def test_a_crew_whose_position_is_known_can_turn_round_on_its_way() -> None:
    assert fixed_at(530, A=(2, 530)) == {"A": ["x"], "B": ["z"]}
    assert free_at(530, A=(2, 530))["A"] == (2, 530)
    assert free_at(500, A=(1, 500))["A"] == (1, 520)  # it works there until 520


def test_an_emergency_is_served_and_others_keep_their_crew() -> None:
    urgent = order("fire", 2, (500, 545), priority=10)
    now = replace(TOWN, orders=(*TOWN.orders, urgent))
    found = replan(now, BEFORE, Turn(500, frozenset({"fire"})), calm())
    assert driven(found.plan) == {
        "A": [("x", 490, 520), ("fire", 530, 560), ("y", 570, 600)],
        "B": [("z", 490, 520)],
    }
    assert found.changes == (Change("fire", None, "A"),)
    assert (found.moved, found.lost, found.plan.score, found.plan.travel_min) == (0, 0, 13, 80)
    assert breaches(now, found.plan) == ()


def test_room_is_made_for_an_emergency() -> None:
    tight = day(crews=CREWS[:1], orders=[order("x", 1), order("y", 3, (540, 540), priority=9)])
    before = plan({"A": [("x", 490, 520), ("y", 540, 570)]}, travel=(60,), score=10)
    now = replace(tight, orders=(*tight.orders, order("fire", 2, (500, 545), priority=2)))
    found = replan(now, before, Turn(500, frozenset({"fire"})), calm())
    assert found.plan.crew_of() == {"x": "A", "fire": "A"}
    assert found.changes == (Change("fire", None, "A"), Change("y", "A", None))
    assert [(u.order, u.reason, u.outweighed_by) for u in found.plan.unserved] == [
        ("y", "outweighed", ("fire",))
    ]
    calmly = replan(now, before, Turn(500), calm())
    assert calmly.plan.crew_of() == {"x": "A", "y": "A"}


def test_what_a_missing_crew_leaves_goes_to_another_and_what_is_given_up_to_none() -> None:
    alone = DispatchProblem(TOWN.crews[:1], TOWN.orders, TOWN.minutes)
    found = replan(alone, BEFORE, Turn(480), calm())
    assert found.plan.crew_of() == {"x": "A", "y": "A", "z": "A"}
    assert found.changes == (Change("z", "B", "A"),)
    begun = replan(alone, BEFORE, Turn(495), calm())
    assert begun.plan.crew_of() == {"x": "A", "y": "A", "z": "B"}
    without = DispatchProblem(TOWN.crews, TOWN.orders[:1] + TOWN.orders[2:], TOWN.minutes)
    given_up = replan(without, BEFORE, Turn(480), calm())
    assert given_up.plan.crew_of() == {"x": "A", "z": "B"}


def test_an_order_stays_with_its_crew_though_another_is_nearer() -> None:
    far = plan({"A": [("z", 560, 590)]}, travel=(160,), score=1)
    town = day(crews=CREWS, orders=ORDERS[2:])
    found = replan(town, far, Turn(480), calm())
    assert (found.plan.crew_of(), found.changes) == ({"z": "A"}, ())


def test_no_more_orders_move_than_may_whatever_it_gains() -> None:
    # both would have to leave A for the third of higher priority, which A alone can reach in time
    two = [order(n, 1, (500, 530), service=20, forbidden=frozenset({"C"})) for n in "xy"]
    big = order("big", 1, (500, 500), service=60, allowed=frozenset({"A"}), priority=50)
    town = day(crews=[crew("A", 0), crew("B", 0), crew("C", 9)], orders=[*two, big])
    before = plan({"A": [("x", 500, 520), ("y", 520, 540)]}, "big", travel=(20,), score=2)
    assert replan(town, before, Turn(480), calm()).plan.crew_of() == {
        "big": "A", "x": "B", "y": "B",
    }  # fmt: skip
    for most, moved in ((2, 2), (1, 0), (0, 0)):
        found = replan(town, before, Turn(480, most_moved=most), calm())
        assert (found.moved, found.lost) == (moved, 0)


def test_a_delay_drops_what_cannot_be_reached_any_more() -> None:
    town = day(crews=CREWS[:1], orders=[order("x", 1), order("y", 3, (540, 540), priority=9)])
    before = plan({"A": [("x", 490, 520), ("y", 540, 570)]}, travel=(60,), score=10)
    late = replan(town, before, Turn(520, positions={"A": (1, 525)}), calm())
    assert late.plan.crew_of() == {"x": "A"}
    assert (late.lost, breaches(late.problem_ahead, late.ahead)) == (1, ())


def test_a_delay_drops_what_is_committed_last() -> None:
    bound = crew("A", 0, committed=("y",))
    orders = [order("x", 1, priority=9), order("y", 3, (540, 540))]
    before = plan({"A": [("x", 490, 520), ("y", 540, 570)]}, travel=(60,), score=10)
    town = day(crews=[bound], orders=orders)
    late = progress_at(town, before, 485, {"A": (0, 495)})
    assert [[town.orders[at].id for at in kept] for kept in late.kept] == [["y"]]


def test_what_went_out_of_the_van_is_not_in_it_any_more() -> None:
    town = day(crews=[crew("A", 0, capacity=3)], orders=[order("x", 1, load=2)])
    before = plan({"A": [("x", 490, 520)]}, travel=(20,), score=1)
    for load, crews in ((1, {"x": "A", "w": "A"}), (2, {"x": "A"})):
        now = replace(town, orders=(*town.orders, order("w", 2, load=load)))
        found = replan(now, before, Turn(500), calm())
        assert found.plan.crew_of() == crews
    assert [u.reason for u in found.plan.unserved] == ["no_room"]


@settings(max_examples=examples(40))
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(0, 14), st.integers(400, 1100))
def test_a_changed_plan_keeps_the_rules_and_what_is_done(
    seed: int, crews: int, orders: int, at: int
) -> None:
    problem = drawn(seed, crews=crews, orders=orders)
    before = solve(problem, calm(idle=20))
    later = replace(problem, orders=(*problem.orders, order("fire", crews, (at, at + 90))))
    found = replan(later, before, Turn(at, frozenset({"fire"})), calm(idle=20))
    assert breaches(later, found.plan) == ()
    assert breaches(found.problem_ahead, found.ahead) == ()
    assert "search_ended" not in {u.reason for u in found.ahead.unserved}
    kept = {(s.order, r.crew, s.arrive_min) for r in found.plan.routes for s in r.stops}
    done = progress_at(later, before, at).fixed
    assert {(s.order, r.crew, s.arrive_min) for r in done for s in r.stops} <= kept
    assert {s.order for r in before.routes for s in r.stops if s.arrive_min <= at} <= {
        s.order for r in done for s in r.stops
    }
    held, holds = before.crew_of(), found.plan.crew_of()
    moved = [o for o in held if o in holds and held[o] != holds[o]]
    assert found.moved == len(moved)
