"""The round of one crew: begun first, then planned, then overdue, the rest by the solver."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.crew_round import BEGUN, CHORE, ORDER, Stop, drives, visits

NAN = float("nan")
# the crew, then stops A, B and C on one road: crew -10- A -5- B -5- C
ROAD = np.array([[0, 10, 15, 20], [10, 0, 5, 10], [15, 5, 0, 5], [20, 10, 5, 0.0]])


def stop(name: str, rank: int = ORDER, **more: float) -> Stop:
    return Stop(name, rank, 10, **more)  # type: ignore[arg-type]


def test_the_shortest_way_along_a_road() -> None:
    order, by = visits([stop("C"), stop("A"), stop("B")], ROAD[np.ix_([0, 3, 1, 2], [0, 3, 1, 2])])
    assert (order, by) == ([1, 2, 0], "solver")
    assert drives(order, ROAD[np.ix_([0, 3, 1, 2], [0, 3, 1, 2])]) == [10, 5, 5]


def test_what_is_due_first_is_not_passed_by() -> None:
    # A at minute 10, left at 20: B would be reached at 25, so B due at 16 comes first
    order, _ = visits([stop("A"), stop("B", due_min=16), stop("C")], ROAD)
    assert order[0] == 1


def test_begun_work_comes_first_then_what_was_planned_then_what_is_overdue() -> None:
    stops = [stop("A", due_min=-5), stop("B", BEGUN), stop("C", planned_min=30, due_min=60)]
    order, by = visits(stops, ROAD)
    assert (order, by) == ([1, 0, 2], "plan")


def test_what_cannot_be_reached_in_time_comes_last_by_its_due_moment() -> None:
    order, by = visits([stop("A", due_min=3), stop("B", due_min=2), stop("C", due_min=100)], ROAD)
    assert (order, by) == ([2, 1, 0], "solver")


def test_where_no_way_leads_nothing_is_lost() -> None:
    cut = ROAD.copy()
    cut[:, 3] = NAN
    order, _ = visits([stop("A"), stop("B"), stop("C")], cut)
    assert order == [0, 1, 2]
    assert np.isnan(drives(order, cut)[2])
    nowhere = np.full((2, 2), NAN)
    assert visits([stop("A")], nowhere) == ([0], "due")


def test_nothing_to_do_is_no_round() -> None:
    assert visits([], np.zeros((1, 1))) == ([], "due")


ranks = st.sampled_from([BEGUN, ORDER, CHORE])
minutes = st.none() | st.floats(-60, 600)


@given(st.lists(st.tuples(ranks, minutes, minutes), max_size=7), st.integers(0, 2**32 - 1))
def test_every_stop_is_visited_once_and_begun_ones_first(told: list[tuple], seed: int) -> None:
    stops = [
        Stop(str(n), rank, 15, n + 1, planned, due) for n, (rank, planned, due) in enumerate(told)
    ]
    drive = np.random.default_rng(seed).uniform(1, 60, (len(stops) + 1, len(stops) + 1))
    order, _ = visits(stops, drive)
    assert sorted(order) == list(range(len(stops)))
    begun = sum(one.rank == BEGUN for one in stops)
    assert all(stops[i].rank == BEGUN for i in order[:begun])
