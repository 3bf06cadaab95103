"""The best halls: worked by hand, and laws over random halls."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import hall_choice
from grid_cells.hall_choice import KNOWN, UNSURE, WAIT_UNKNOWN, Spans, best, doors, ready_min

ZONE = "Asia/Shanghai"
THURSDAY_1140 = datetime(2026, 7, 16, 3, 40, tzinfo=UTC)  # 11:40 in Shanghai
ALL_DAY: Spans = ((0.0, 400.0),)


def halls(*rows: tuple[Spans | None, float, bool | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "spans": pd.Series([row[0] for row in rows], dtype=object),
            "wait_min": [row[1] for row in rows],
            "can": pd.Series([row[2] for row in rows], dtype=object),
        }
    )


def test_lunch_is_an_interval_of_its_own():
    spans = doors("Mo-Fr 09:00-12:00,14:00-17:00", None, THURSDAY_1140, ZONE)
    assert spans == ((0.0, 20.0), (140.0, 320.0))
    way = np.array([10.0, 20.0, 25.0, 319.0, 320.0])
    # 10 min: inside at once; at 12:00 the door is shut: who comes then waits until 14:00
    expected = [10.0, 140.0, 140.0, 319.0, np.nan]
    np.testing.assert_array_equal(ready_min(way, spans), expected)


def test_exceptions_win_over_hours():
    assert doors("Mo-Fr 09:00-12:00", "2026 Jul 16 off", THURSDAY_1140, ZONE) == ()


def test_a_door_shut_for_longer_than_the_horizon_is_no_choice():
    spans = doors("Mo-Fr 14:00-17:00", None, THURSDAY_1140, ZONE, horizon_min=60)
    assert spans is not None
    assert spans[0][0] == 140.0
    assert np.isnan(ready_min(np.array([70.0]), spans, 60.0)).all()  # 70 min before the door
    assert ready_min(np.array([80.0]), spans, 60.0).tolist() == [140.0]


@pytest.mark.parametrize("hours", [None, "", "whenever", 3.0])
def test_hours_nobody_can_read_are_unknown_not_open(hours):
    assert doors(hours, None, THURSDAY_1140, ZONE) is None
    assert hall_choice.is_open(None) is None


def test_open_now_or_not():
    assert hall_choice.is_open(((0.0, 5.0),)) is True
    assert hall_choice.is_open(((3.0, 5.0),)) is False
    assert hall_choice.is_open(()) is False


def test_what_a_hall_can_do():
    codes = {"billing": "billing", "payment": "payment", "invoice": "invoice", "缴费": "payment"}
    assert hall_choice.can("billing; payment", "payment", codes) is True
    assert hall_choice.can("billing；invoice", "payment", codes) is False
    assert hall_choice.can(None, "payment", codes) is None
    assert hall_choice.can(None, None, codes) is True
    assert hall_choice.can("缴费、invoice", "payment", codes) is True
    assert hall_choice.can("缴费", "invoice", codes) is False
    assert hall_choice.can("存款；贷款", "payment", codes) is None


def test_a_word_nobody_knows_may_be_the_matter_asked_for():
    codes = {"billing": "billing", "payment": "payment"}
    assert hall_choice.can("billing; 缴电费", "payment", codes) is None
    assert hall_choice.can("billing; 缴电费", "billing", codes) is True
    assert hall_choice.can(" ; ", "payment", codes) is None


def test_travel_and_wait_together_decide():
    # 5 + 34, 11 + 4: the further hall serves earlier
    found = best(np.array([[5.0, 11.0]]), halls((ALL_DAY, 34.0, True), (ALL_DAY, 4.0, True)))
    assert found.which.tolist() == [[1, 0, -1]]
    np.testing.assert_array_equal(found.total_min, [[15.0, 39.0, np.nan]])


def test_an_unknown_wait_is_no_wait_of_zero():
    found = best(
        np.array([[1.0, 50.0, 2.0, 3.0]]),
        halls(
            (ALL_DAY, np.nan, True), (ALL_DAY, 20.0, True), (None, 0.0, True), (ALL_DAY, 1.0, False)
        ),
        count=4,
    )  # fmt: skip
    assert found.which.tolist() == [[1, 0, 2, -1]]
    assert found.rank.tolist() == [[KNOWN, WAIT_UNKNOWN, UNSURE, -1]]
    assert np.isnan(found.total_min[0, 1])
    assert found.ready_min[0, 1] == 1.0


def test_a_wait_nobody_knows_is_filled_for_comparing_alone():
    travel = np.array([[1.0, np.nan], [np.nan, 5.0], [np.nan, np.nan]])
    found = best(travel, halls((ALL_DAY, np.nan, True), (ALL_DAY, 20.0, True)), count=1)
    told = hall_choice.first_total(found, 8.0)
    np.testing.assert_array_equal(told, [9.0, 25.0, np.nan])
    assert np.isnan(found.total_min[0, 0])


def test_no_halls_and_no_way():
    assert best(np.empty((2, 0)), halls()).which.tolist() == [[-1] * 3] * 2
    found = best(np.array([[np.nan]]), halls((ALL_DAY, 1.0, True)), count=1)
    assert found.which.tolist() == [[-1]]


MINUTES = st.one_of(st.just(np.nan), st.floats(0, 200))
DOORS = st.sampled_from([ALL_DAY, ((30.0, 90.0),), ((0.0, 20.0), (60.0, 100.0)), (), None])
HALLS = st.lists(
    st.tuples(DOORS, MINUTES, st.sampled_from([True, False, None])), min_size=1, max_size=7
)


def one_by_one(way: list[float], rows: list[Any]) -> list[tuple[int, float]]:
    """Rank and minutes of each possible hall, the best first, without any arrays."""
    asked = []
    for minutes, (spans, wait, able) in zip(way, rows, strict=True):
        ready = float(ready_min(np.array([minutes]), spans)[0])
        if np.isnan(ready) or able is False:
            continue
        known = WAIT_UNKNOWN if np.isnan(wait) else KNOWN
        rank = UNSURE if spans is None or able is None else known
        asked.append((rank, ready + float(np.nan_to_num(wait))))
    return sorted(asked)


@given(rows=HALLS, data=st.data())
def test_many_places_at_once_are_each_place_alone(rows, data):
    way = st.lists(MINUTES, min_size=len(rows), max_size=len(rows))
    ways = data.draw(st.lists(way, min_size=1, max_size=5))
    found = best(np.array(ways), halls(*rows), count=2)
    for number, one in enumerate(ways):
        expected = one_by_one(one, rows)[:2]
        chosen = [which for which in found.which[number].tolist() if which >= 0]
        assert len(chosen) == len(expected)
        for column, (which, (rank, cost)) in enumerate(zip(chosen, expected, strict=True)):
            ready = found.ready_min[number, column]
            assert found.rank[number, column] == rank
            assert ready + np.nan_to_num(rows[which][1]) == pytest.approx(cost, abs=1e-6)
