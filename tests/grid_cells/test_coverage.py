"""Whom crews reach, how many could, and which cells are one gap: answers worked out by hand."""

import h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grid_cells import coverage
from grid_cells.cells import hex_to_cells

NAN = np.nan
MIDDLE = h3.latlng_to_cell(30.4, 112.5, 9)
RING = sorted(h3.grid_ring(MIDDLE, 1))
FAR = h3.latlng_to_cell(30.6, 112.5, 9)


def floats(*values: float) -> coverage.Floats:
    return np.array(values, dtype=np.float64)


def same(found: np.ndarray, *wanted: float) -> None:
    np.testing.assert_array_equal(found, np.array(wanted, dtype=float))


def test_nearest_second_and_who_it_is() -> None:
    minutes = np.array([[9.0, 4.0, 20.0], [NAN, NAN, 31.0], [NAN, NAN, NAN]])
    first, second, which = coverage.nearest(minutes)
    same(first, 4, 31, NAN)
    same(second, 9, NAN, NAN)
    assert which.tolist() == [1, 2, -1]


def test_without_crews_nobody_is_reached() -> None:
    first, second, which = coverage.nearest(np.empty((2, 0)))
    assert np.isnan(first).all()
    assert np.isnan(second).all()
    assert which.tolist() == [-1, -1]
    assert coverage.depth(np.empty((2, 0)), floats(45, 45)).tolist() == [0, 0]


def test_depth_counts_crews_within_the_limit_of_the_place() -> None:
    minutes = np.array([[45.0, 46.0, NAN], [10.0, 20.0, 30.0], [1.0, 1.0, 1.0]])
    assert coverage.depth(minutes, floats(45, 90, NAN)).tolist() == [1, 3, 0]


def test_beyond_is_who_is_late_or_never_reached_but_not_where_nothing_is_promised() -> None:
    found = coverage.beyond(floats(45, 45.1, NAN, NAN), floats(45, 45, 45, NAN))
    assert found.tolist() == [False, True, True, False]


def test_reached_counts_customers_up_to_each_bracket() -> None:
    told = coverage.reached(floats(15, 16, 45, 119, NAN), floats(1, 2, 4, 8, 16))
    assert told == {15: 1, 30: 3, 45: 7, 90: 7, 120: 15}


def test_touching_cells_are_one_piece_and_others_are_not() -> None:
    cells = hex_to_cells([MIDDLE, RING[0], RING[3], FAR])
    found = coverage.pieces(cells, np.array([True, True, False, True]))
    assert found[0] == found[1] >= 0
    assert found[3] not in {-1, found[0]}
    assert found[2] == -1
    assert len(set(coverage.pieces(cells, np.zeros(4, dtype=bool)))) == 1


def test_pieces_near_each_other_by_the_streets_are_one() -> None:
    """0 and 1 are 15 min apart one way, 1 and 2 too far, so 2 stays alone; nobody knows of 3."""
    between = np.full((4, 4), NAN)
    between[0, 1], between[1, 0] = 15.0, 40.0
    between[1, 2] = between[2, 1] = 15.1
    found = coverage.joined(np.array([0, 1, 2, 3, -1]), between)
    assert found[0] == found[1]
    assert len({found[1], found[2], found[3]}) == 3
    assert found[4] == -1
    assert coverage.joined(np.array([-1, -1]), np.empty((0, 0))).tolist() == [-1, -1]


def frame(*rows: tuple[float, ...]) -> pd.DataFrame:
    names = ["customers", "important", "minutes", "before_min", "was_beyond"]
    return pd.DataFrame(rows, columns=names).assign(cell_id=range(1, len(rows) + 1))


def test_gaps_are_ranked_by_customers_and_say_what_changed() -> None:
    cells = frame(
        (10, 1, 50.0, 10.0, False), (30, 0, 54.0, 14.0, False), (90, 2, 60.0, 60.0, True),
        (0, 0, 99.0, 99.0, True), (5, 0, 3.0, 3.0, False),
    )  # fmt: skip
    group = np.array([0, 0, 1, 2, -1])
    remedies = {"closure": np.array([True, True, False, False, True])}
    found = coverage.gaps(cells, group, remedies)
    assert found["gap"].tolist() == [1, 0]
    assert found["customers"].tolist() == [90, 40]
    assert found["important"].tolist() == [2, 1]
    assert found["minutes"].tolist() == [60, 53]
    assert found["before_min"].tolist() == [60, 13]
    assert found["new"].tolist() == [0, 40]
    assert found["cause"].tolist() == ["far", "closure"]
    assert found["cells"].tolist() == [1, 2]
    assert found["cell_id"].tolist() == [3, 2]


def test_the_first_remedy_that_brings_half_the_gap_in_time_is_its_cause() -> None:
    cells = frame((10, 0, 50.0, NAN, True), (10, 0, 50.0, NAN, True), (10, 0, 50.0, NAN, True))
    one, two = np.array([True, False, False]), np.array([True, True, False])
    group = np.zeros(3, dtype=np.int64)
    found = coverage.gaps(cells, group, {"closure": one, "busy": two, "shift": two})
    assert found["cause"].tolist() == ["busy"]


def test_where_no_way_leads_a_gap_is_cut_off() -> None:
    cells = frame((10, 0, NAN, NAN, True), (9, 0, 50.0, NAN, True))
    found = coverage.gaps(cells, np.zeros(2, dtype=np.int64), {"closure": np.zeros(2, dtype=bool)})
    assert found["cause"].tolist() == ["cut_off"]
    assert found["unreached"].tolist() == [10]
    assert found["minutes"].tolist() == [50]


def test_a_gap_in_which_nobody_lives_is_none() -> None:
    found = coverage.gaps(frame((0, 0, 50.0, NAN, True)), np.array([0]), {})
    assert found.empty
    assert list(found.columns) == coverage.GAP_COLUMNS


def test_the_middle_of_a_piece_is_where_most_live() -> None:
    cells = frame((1, 0, 0, 0, 0), (7, 0, 0, 0, 0), (3, 0, 0, 0, 0), (9, 0, 0, 0, 0))
    found = coverage.middles(cells, np.array([0, 0, 1, -1]))
    assert found["row"].to_dict() == {0: 1, 1: 2}


def test_the_mean_is_over_those_who_are_reached() -> None:
    assert coverage.mean(floats(10, 20, NAN), floats(1, 3, 5)) == pytest.approx(17.5)
    assert np.isnan(coverage.mean(floats(NAN), floats(5)))


MINUTES = arrays(
    np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.one_of(st.just(NAN), st.floats(0, 200)),
)  # fmt: skip


@given(MINUTES)
def test_one_crew_more_never_takes_anybody_away(minutes: np.ndarray) -> None:
    people = np.ones(len(minutes))
    fewer, more = coverage.nearest(minutes[:, 1:])[0], coverage.nearest(minutes)[0]
    before, after = coverage.reached(fewer, people), coverage.reached(more, people)
    assert all(after[limit] >= before[limit] for limit in coverage.BRACKETS)
    limit = np.full(len(minutes), 45.0)
    assert (coverage.depth(minutes, limit) >= coverage.depth(minutes[:, 1:], limit)).all()


@given(MINUTES)
def test_who_is_in_time_is_not_beyond_and_has_a_crew(minutes: np.ndarray) -> None:
    limit = np.full(len(minutes), 45.0)
    first, second, which = coverage.nearest(minutes)
    late = coverage.beyond(first, limit)
    assert (late == (coverage.depth(minutes, limit) == 0)).all()
    assert ((which >= 0) == np.isfinite(first)).all()
    known = np.isfinite(second)
    assert (second[known] >= first[known]).all()
