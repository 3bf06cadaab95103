"""How far readings are trusted, worked out by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.theft_filling import filled_feed
from grid_cells.theft_neighbours import neighbours
from grid_cells.theft_quality import quality
from grid_cells.theft_trend import grade, trend

NAN = np.nan


def judged(*days: float, begins: int = 0, ends: int | None = None):
    use = np.array([days], np.float32)
    found = quality(use, np.array([begins]), np.array([len(days) if ends is None else ends]))
    return found, use[0]


def test_a_standstill_of_zeros_with_its_catch_up_is_frozen():
    found, use = judged(5, 6, 5, 6, 0, 0, 0, 0, 25, 5, 6, 5)
    assert (found.frozen[0], found.frozen_from[0], found.zero[0]) == (5, 4, 0)
    assert np.isnan(use[4:9]).all()
    assert found.score()[0] < 0.65


def test_zeros_without_a_catch_up_are_no_standstill():
    found, use = judged(5, 6, 5, 6, 0, 0, 0, 0, 5, 6)
    assert (found.frozen[0], found.zero[0]) == (0, 4)
    assert not np.isnan(use).any()


def test_the_same_figure_for_five_days_is_a_standstill():
    found, _ = judged(5, 6, 7, 7, 7, 7, 7, 6, 5)
    assert (found.frozen[0], found.frozen_from[0]) == (5, 2)


def test_what_is_missing_counts_only_where_the_meter_was_due():
    found, _ = judged(NAN, NAN, 5, 6, NAN, 5, 6, NAN, begins=2, ends=7)
    assert (found.due[0], found.missing[0]) == (5, 1)


def test_a_spike_and_a_figure_below_nothing_are_not_believed():
    found, use = judged(5, 6, 5, 6, 5, 90, 5, -2, 6, 5, 6, 5, 6)
    assert (found.spiking[0], found.negative[0]) == (1, 1)
    assert np.flatnonzero(np.isnan(use)).tolist() == [5, 7]


@given(st.lists(st.floats(0.5, 5), min_size=8, max_size=20), st.floats(0.1, 100))
def test_the_unit_of_energy_changes_no_standstill(days, factor):
    once, _ = judged(*days)
    other, _ = judged(*(day * 4 * max(1.0, np.round(factor)) for day in days))
    assert once.frozen[0] == other.frozen[0]


def test_feed_in_that_was_not_read_is_the_own_size_times_the_sun_of_all():
    fed = np.array([[4.0, 8.0, NAN], [2.0, 4.0, 6.0]])
    # own mean 6; the other had 6 of its mean of 4 that day
    assert filled_feed(fed)[0].tolist() == [4.0, 8.0, 9.0]


def test_neighbours_are_the_nearest_and_a_place_speaks_for_the_nearer():
    places = np.array([[0.0, 0.0], [400.0, 0.0], [5000.0, 0.0]])
    homes = np.array([[10.0, 0.0], [390.0, 0.0], [400.0, 5.0], [NAN, NAN]])
    near, odds = neighbours(places, homes, np.array([0, 0, 1, 2]))
    assert near[0, :2].tolist() == [1, 2]
    assert odds[0, 0] < 0 < odds[1, 0]
    assert odds[3].tolist() == [0.0] * 10


def test_grades_and_trends():
    words = [grade(r, raised=0.055, high=0.08) for r in (None, -0.01, 0.03, 0.055, 0.09)]
    assert words == ["unknown", "negative", "usual", "raised", "high"]
    day = np.arange(12)
    assert (
        trend(day, 0.03 + 0.001 * day) == 0.03 or abs(trend(day, 0.03 + 0.001 * day) - 0.03) < 1e-9
    )
    assert np.isnan(trend(day[:5], np.zeros(5)))
