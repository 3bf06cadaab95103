"""Places as a plan assumes them, by hand; and who gains on one side never loses on it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grid_cells import what_if
from grid_cells.cells import points_to_cells
from grid_cells.errors import UserError
from grid_cells.what_if import Assumption

LON, LAT = [112.0, 112.1, 112.2], [30.0, 30.1, 30.2]
HALLS = pd.DataFrame(
    {"id": ["H0", "H1", "H2"], "name": ["A", "B", "C"], "lon": LON, "lat": LAT,
     "cell_id": points_to_cells(LON, LAT, 9)}
)  # fmt: skip
NEW = Assumption("hall", "NEW-1", "added", "D", 112.3, 30.3)
MOVED = Assumption("hall", "H1", "moved", "B", 112.4, 30.4)
CLOSED = Assumption("hall", "H2", "closed", "C")


def test_added_moved_and_closed_places_are_where_they_are_assumed():
    found = what_if.with_assumed(HALLS, [NEW, MOVED, CLOSED], 9)
    assert found["id"].tolist() == ["H0", "NEW-1", "H1"]
    assert found["lon"].tolist() == [112.0, 112.3, 112.4]
    assert (
        found["cell_id"].tolist()
        == points_to_cells([112, 112.3, 112.4], [30, 30.3, 30.4], 9).tolist()
    )
    assert what_if.with_assumed(HALLS, [], 9).equals(HALLS)


def test_what_is_out_of_sight_may_be_closed_and_moved_into_sight():
    found = what_if.with_assumed(HALLS.iloc[:1], [MOVED, CLOSED], 9)
    assert found["id"].tolist() == ["H0", "H1"]
    nothing = what_if.with_assumed(HALLS.iloc[:0], [NEW], 9)
    assert (nothing["id"].tolist(), nothing["lat"].tolist()) == (["NEW-1"], [30.3])


def test_a_place_is_changed_once_and_must_exist():
    what_if.check([NEW], MOVED, HALLS)
    with pytest.raises(UserError, match="what_if_twice"):
        what_if.check([MOVED], Assumption("hall", "H1", "closed", "B"), HALLS)
    with pytest.raises(UserError, match="what_if_place_unknown"):
        what_if.check([], MOVED, HALLS.iloc[:1])
    what_if.check([MOVED], Assumption("bank", "H1", "closed", "B"), HALLS)


def test_a_place_is_not_assumed_where_one_is_but_where_one_was():
    beside_c = Assumption("hall", "NEW-1", "added", "D", 112.2005, 30.2)
    with pytest.raises(UserError, match="what_if_there_already"):
        what_if.check([], beside_c, HALLS)
    what_if.check([CLOSED], beside_c, HALLS)
    assert not what_if.is_real(beside_c, HALLS, [CLOSED, beside_c])
    with pytest.raises(UserError, match="what_if_there_already"):
        what_if.check([], Assumption("hall", "H1", "moved", "B", 112.1, 30.1), HALLS)


def test_the_first_free_code_is_taken():
    assert what_if.free_place_id({"NEW-1", "NEW-3"}) == "NEW-2"


def test_an_assumption_is_real_once_the_loaded_places_have_it():
    near = HALLS.assign(lon=[112.4, 112.4005, 112.2], lat=[30.3, 30.4, 30.2])
    assert what_if.is_real(MOVED, near), "48 m away"
    assert not what_if.is_real(MOVED, HALLS)
    assert not what_if.is_real(MOVED, near[near["id"] != "H1"])
    assert not what_if.is_real(CLOSED, HALLS)
    assert what_if.is_real(CLOSED, HALLS.iloc[:2])
    # 0.002 degrees of longitude are 192 m at 30° north
    assert not what_if.is_real(NEW, near.assign(lon=112.302))
    assert what_if.is_real(NEW, near.assign(lon=112.3005))
    assert not what_if.is_real(NEW, HALLS.iloc[:0])


def test_half_are_there_within_the_median_and_nobody_beyond_reach_is_near():
    minutes = np.array([40.0, 10.0, np.nan, 20.0, 5.0])
    customers = np.array([10.0, 50.0, 7.0, 40.0, 0.0])
    # of 100 with known minutes the 50th waits 10, the 95th 40; 10 over 30 and 7 not reached
    assert what_if.reach(minutes, customers) == {"median": 10, "p95": 40, "far": 17}
    nobody = what_if.reach(np.array([np.nan]), np.array([3.0]))
    assert np.isnan(nobody["median"])
    assert nobody["far"] == 3


def test_who_gains_and_who_loses_by_area():
    before = np.array([10.0, 10.0, 10.0, np.nan, np.nan, 5.0])
    after = np.array([8.0, 10.5, 20.0, 30.0, np.nan, np.nan])
    customers = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    gained, lost = what_if.gains(before, after, customers)
    assert gained.tolist() == [1, 0, 0, 8, 0, 0]
    assert lost.tolist() == [0, 0, 4, 0, 0, 32]
    slots = np.array([0, 0, 1, 1, 1, 2]), np.array([1, 0, 1, 1, 1, 2])
    found = what_if.reach_by_area(slots, (before, after), customers, 2)
    assert found["gained"].tolist() == [0, 9, 9], "the last row is everybody"
    assert found["lost"].tolist() == [0, 4, 36]
    assert found["customers"].tolist() == [2, 29, 63]
    assert found["median_before"].tolist() == [10, 10, 5]
    assert found["median_after"].tolist() == [10.5, 30, 30]
    assert found["far_after"].tolist() == [0, 16, 48]


minutes = arrays.arrays(np.float64, 6, elements=st.floats(0, 200) | st.just(np.nan))
people = arrays.arrays(np.float64, 6, elements=st.integers(0, 99).map(float))


@given(minutes, minutes, people)
def test_turned_round_who_gained_loses(before, after, customers):
    gained, lost = what_if.gains(before, after, customers)
    back = what_if.gains(after, before, customers)
    assert (back[0] == lost).all()
    assert (back[1] == gained).all()
    assert not (gained * lost).any()
    assert (gained + lost <= customers).all()


@given(minutes, people, st.integers(0, 5))
def test_a_way_that_becomes_shorter_makes_nothing_worse(before, customers, which):
    after = before.copy()
    after[which] = 0.0
    old, new = what_if.reach(before, customers), what_if.reach(after, customers)
    assert new["far"] <= old["far"]
    assert what_if.gains(before, after, customers)[1].sum() == 0
