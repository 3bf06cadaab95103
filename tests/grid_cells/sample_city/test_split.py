"""Parts, shares and sums, worked by hand and as laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.sample_city.split import apportion, split_compact, subset_with_sum
from tests.laws import examples


def test_a_row_of_points_is_cut_across_its_length() -> None:
    x, y = np.array([0.0, 10.0, 20.0, 30.0]), np.zeros(4)
    label = split_compact(x, y, np.ones(4), np.ones(2))
    assert label.tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])


def test_shares_decide_where_the_cut_falls() -> None:
    x, y = np.arange(10.0), np.zeros(10)
    sizes = np.bincount(split_compact(x, y, np.ones(10), np.array([3.0, 7.0])))
    assert sorted(sizes.tolist()) == [3, 7]


def test_fewer_points_than_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="2 points cannot fill 3 parts"):
        split_compact(np.zeros(2), np.zeros(2), np.ones(2), np.ones(3))


@given(st.integers(1, 60), st.integers(0, 2**32), st.data())
@settings(max_examples=examples(60), deadline=None)
def test_every_point_has_a_part_and_every_part_a_point(
    points: int, seed: int, data: st.DataObject
) -> None:
    parts = data.draw(st.integers(1, points))
    rng = np.random.default_rng(seed)
    weight = rng.integers(1, 50, points).astype(float)
    label = split_compact(rng.normal(size=points), rng.normal(size=points), weight, np.ones(parts))
    assert set(label.tolist()) == set(range(parts))


def test_ten_seats_among_three_by_largest_remainder() -> None:
    # 10 × (5, 3, 1) / 9 = 5.56, 3.33, 1.11: floors 5, 3, 1 and the tenth to the first
    seats = apportion(10, np.array([5.0, 3.0, 1.0]), np.zeros(3, int), np.full(3, 99))
    assert seats.tolist() == [6, 3, 1]


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=12), st.integers(0, 300))
@settings(max_examples=examples(80), deadline=None)
def test_seats_add_up_and_keep_their_bounds(weights: list[float], total: int) -> None:
    count = len(weights)
    least, most = np.ones(count, dtype=np.int64), np.full(count, 40)
    seats = apportion(total, np.array(weights), least, most)
    assert seats.sum() == min(max(total, count), 40 * count)
    assert (seats >= 1).all()
    assert (seats <= 40).all()


def test_a_sum_is_hit_exactly_where_it_can_be() -> None:
    weights = np.array([70, 50, 33, 20])
    assert weights[subset_with_sum(weights, 103)].sum() == 103
    assert subset_with_sum(weights, 103).tolist() == [0, 2]


def test_a_sum_out_of_reach_is_met_from_below() -> None:
    weights = np.array([70, 50])
    assert subset_with_sum(weights, 60).tolist() == [1]
    assert subset_with_sum(weights, 40).tolist() == []


@given(st.lists(st.integers(1, 40), max_size=9), st.integers(0, 150))
@settings(max_examples=examples(80), deadline=None)
def test_no_other_subset_comes_nearer(weights: list[int], target: int) -> None:
    sums = {0}
    for weight in weights:
        sums |= {one + weight for one in sums}
    best = max(one for one in sums if one <= target)
    found = subset_with_sum(np.array(weights, dtype=np.int64), target)
    assert len(set(found.tolist())) == len(found)
    assert sum(weights[position] for position in found) == best
