"""Fences: driving past raises nothing, wavering at the border is one stay, silence ends nothing."""

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import fences
from grid_cells.fences import Stay

BEGIN = datetime(2026, 7, 16, 10, tzinfo=UTC)
LON, LAT = 112.5, 30.4


def m(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def stays(
    told: list[tuple[float, float]], dwell: float = 5, accuracy: float | list[float] = 10
) -> list[Stay]:
    """Stays by (minute, metres beyond the border)."""
    vague = accuracy if isinstance(accuracy, list) else [accuracy] * len(told)
    frame = pd.DataFrame({"seen_at": [m(one) for one, _ in told], "accuracy_m": vague})
    frame["seen_at"] = pd.to_datetime(frame["seen_at"], utc=True)
    return fences.stays(frame, np.array([metres for _, metres in told], float), dwell)


def test_who_drives_past_has_a_stay_that_never_counts() -> None:
    found = stays([(0, 400), (1, -50), (2, -60), (3, 300)])
    assert found == [Stay(m(1), None, m(3))]
    assert fences.counted(found) == []


def test_a_stay_counts_from_the_moment_it_has_lasted_long_enough() -> None:
    found = stays([(0, 400), (1, -50), (3, -50), (6.5, -50), (20, -40), (21, 200)])
    assert found == [Stay(m(1), m(6), m(21))]


def test_a_single_fix_inside_and_one_far_later_outside_prove_no_stay() -> None:
    assert fences.counted(stays([(0, -50), (60, 500)])) == []


def test_silence_ends_nothing() -> None:
    assert stays([(0, -50), (90, -50)]) == [Stay(m(0), m(5), None)]


def test_wavering_at_the_border_is_one_stay() -> None:
    told = [(minute, -5.0 if minute % 2 else 8.0) for minute in range(12)]
    assert stays(told) == [Stay(m(1), m(6), None)]


def test_somebody_has_left_once_the_whole_circle_lies_beyond_the_margin() -> None:
    inside = [(0.0, -50.0), (6.0, -50.0)]
    assert stays([*inside, (7, 40)], accuracy=[10, 10, 20])[0].left_at is None
    assert stays([*inside, (7, 46)], accuracy=[10, 10, 20])[0].left_at == m(7)


def test_a_fix_too_vague_neither_enters_nor_leaves() -> None:
    assert stays([(0, -50)], accuracy=400) == []
    assert stays([(0, -50), (6, 5000)], accuracy=[10, 400]) == [Stay(m(0), None, None)]


def test_without_a_dwell_the_first_fix_inside_counts() -> None:
    assert stays([(0, 100), (1, -1)], dwell=0) == [Stay(m(1), m(1), None)]


def test_an_unknown_accuracy_is_taken_at_its_word() -> None:
    assert stays([(0, -5), (9, 60)], accuracy=[np.nan, np.nan])[0].left_at == m(9)


def test_the_border_of_a_circle_lies_at_its_radius() -> None:
    """A degree of latitude has 111,195 m on the mean sphere."""
    lat = LAT + np.array([0.0, 100.0, 300.0]) / 111_195
    beyond = fences.beyond_circle(np.full(3, LON), lat, (LON, LAT), 150.0)
    assert beyond == pytest.approx([-150, -50, 150], abs=0.5)


def test_the_border_of_a_shape_is_its_edge_and_holes_are_outside() -> None:
    east = 111_195 * np.cos(np.radians(LAT))
    size = 1000 / 111_195
    outer = shapely.box(LON, LAT, LON + 2000 / east, LAT + 2 * size)
    hole = shapely.box(LON + 800 / east, LAT + 0.8 * size, LON + 1200 / east, LAT + 1.2 * size)
    shape = shapely.to_wkb(outer - hole)
    lon = np.array([LON + 100 / east, LON + 1000 / east, LON - 300 / east])
    lat = np.array([LAT + size, LAT + size, LAT + size])
    assert fences.beyond_shape(lon, lat, shape) == pytest.approx([-100, 200, 300], abs=1)


def test_stays_of_two_members_that_overlap_are_one() -> None:
    found = fences.joined(
        [Stay(m(10), m(15), m(30)), Stay(m(0), m(5), m(12)), Stay(m(40), m(45), None)]
    )
    assert found == [Stay(m(0), m(5), m(30)), Stay(m(40), m(45), None)]
    assert fences.joined([Stay(m(0), m(5), None), Stay(m(50), m(55), m(60))]) == [
        Stay(m(0), m(5), None)
    ]


TOLD = st.lists(
    st.tuples(st.integers(0, 200), st.floats(-300, 300), st.floats(0, 500)),
    max_size=30, unique_by=lambda one: one[0],
).map(sorted)  # fmt: skip


@given(TOLD, st.integers(0, 30))
def test_laws_of_stays(told: list[tuple[int, float, float]], dwell: int) -> None:
    found = stays([one[:2] for one in told], dwell, [one[2] for one in told])
    for one in found:
        assert one.left_at is None or one.left_at > one.entered_at
        if one.counted_at is not None:
            assert one.counted_at == one.entered_at + timedelta(minutes=dwell)
            assert one.left_at is None or one.left_at >= one.counted_at
    for before, after in itertools.pairwise(found):
        assert before.left_at is not None
        assert before.left_at < after.entered_at
    outside = [one for one in told if one[1] > 0]
    assert stays([one[:2] for one in outside], dwell, [one[2] for one in outside]) == []


@given(TOLD, st.integers(1, 30), st.integers(1, 30))
def test_who_must_stay_longer_counts_no_more_often(
    told: list[tuple[int, float, float]], dwell: int, more: int
) -> None:
    given_ = [one[:2] for one in told], [one[2] for one in told]
    short = fences.counted(stays(given_[0], dwell, given_[1]))
    long = fences.counted(stays(given_[0], dwell + more, given_[1]))
    assert {one.entered_at for one in long} <= {one.entered_at for one in short}
