"""Old against new, by hand; and whoever moves in somewhere moves out somewhere."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grid_cells import unit_figures as uf
from grid_cells.consequences import consequences, prepare
from tests.laws import examples

WEST, EAST = 0, 1
IDS = ["W-01", "E-01"]


def units(customers, minutes, **columns):
    frame = pd.DataFrame({"customers": customers, "crew_min": minutes})
    for name in uf.ADDITIVE[1:]:
        frame[name] = columns.get(name, np.zeros(len(frame)))
    frame["customers_residential"] = frame["customers"]
    return frame


def links(rows, *names):
    return pd.DataFrame(rows, columns=list(names))


def figures(frame, *, cuts=(), places=(), cells=(), followers=None, pinned=None, unplaced=0):
    columns = uf.additive(frame)
    apart = pd.DataFrame(0.0, index=pd.Index(pinned or {}, dtype="str"), columns=columns)
    apart["customers"] = list((pinned or {}).values())
    return uf.UnitFigures(
        units=frame,
        cell_links=links(cells, "unit", "cell_id", "customers"),
        transformer_links=links(cuts, "unit", "transformer_id", "customers"),
        place_links=links(places, "kind", "id", "unit", "customers"),
        followers=followers if followers is not None else frame.iloc[:0],
        pinned=apart,
        unplaced=pd.DataFrame([dict.fromkeys(columns, 0.0) | {"customers": unplaced}]),
    )


TOWN = figures(
    units([100, 50, 30, 0, 20], [10.0, 20.0, 60.0, np.nan, np.nan],
          hours=[10.0, 5.0, 3.0, 0.0, 2.0], energy_kwh=[1000.0, np.nan, 300.0, 0.0, 200.0],
          beyond_promise=[0, 0, 30, 0, 20]),
    cuts=[(0, "T1", 90), (1, "T1", 10), (1, "T2", 40), (2, "T2", 20), (2, "T3", 10)],
    places=[("halls", "H1", 0, 5), ("halls", "H1", 1, 9), ("banks", "B1", 2, 1)],
    pinned={"E-01": 7}, unplaced=4,
)  # fmt: skip
BEFORE = np.array([WEST, WEST, EAST, EAST, EAST], dtype=np.int32)
AFTER = np.array([WEST, EAST, EAST, -1, -2], dtype=np.int32)


@pytest.fixture(scope="module")
def found():
    return consequences(prepare(TOWN), BEFORE, AFTER, IDS)


def test_each_area_has_the_sums_of_its_units_and_of_those_pinned_to_it(found):
    assert found.before["customers"].to_dict() == {"W-01": 150, "E-01": 57}
    assert found.after["customers"].to_dict() == {"W-01": 100, "E-01": 87}
    assert found.before["customers_residential"].tolist() == [150, 50]
    assert found.after["hours"].tolist() == [10, 8]
    assert found.before["units"].tolist() == [2, 3]
    assert found.after["beyond_promise"].tolist() == [0, 30]


def test_energy_is_the_sum_of_what_is_known_and_unknown_where_nothing_is():
    alone = np.array([WEST, EAST, WEST, WEST, WEST], dtype=np.int32)
    found = consequences(prepare(TOWN), BEFORE, alone, IDS)
    assert found.before["energy_kwh"].tolist() == [1000, 500]
    assert found.after["energy_kwh"].iloc[WEST] == 1500
    assert np.isnan(found.after["energy_kwh"].iloc[EAST])


def test_minutes_are_those_of_customers_not_of_units(found):
    # west before: 100 customers at 10 min, 50 at 20: the 75th of 150 waits 10, the 143rd 20
    assert found.before.loc["W-01", ["crew_min_median", "crew_min_p95"]].tolist() == [10, 20]
    # east after: 50 at 20, 30 at 60: the 40th waits 20, the 76th 60
    assert found.after.loc["E-01", ["crew_min_median", "crew_min_p95"]].tolist() == [20, 60]
    # all: 180 reached, the 90th at 10, the 171st at 60
    assert found.plan.loc["before", ["crew_min_median", "crew_min_p95"]].tolist() == [10, 60]


def test_a_hall_belongs_where_most_customers_of_its_cell_do(found):
    assert found.before["halls"].tolist() == [1, 0]
    assert found.after["halls"].tolist() == [0, 1]
    assert found.after["banks"].tolist() == [0, 1]


def test_a_transformer_is_cut_where_its_customers_have_several_areas(found):
    # T2 lies on both sides before; T1 after
    assert found.before["transformers_cut"].tolist() == [1, 1]
    assert found.after["transformers_cut"].tolist() == [1, 1]
    assert found.plan["transformers_cut"].tolist() == [1, 1]
    none = consequences(prepare(TOWN), BEFORE, np.zeros(5, np.int32), IDS)
    assert none.plan["transformers_cut"].tolist() == [1, 0]


def test_who_moves_moves_out_here_and_in_there(found):
    assert found.moved.loc["W-01", ["customers_out", "customers_in"]].tolist() == [50, 0]
    assert found.moved.loc["E-01", ["customers_out", "customers_in"]].tolist() == [20, 50]
    assert found.moved.loc["E-01", ["units_out", "hours_out", "hours_in"]].tolist() == [2, 2, 5]
    assert found.plan["customers_moved"].tolist() == [0, 70]
    assert found.plan["units_moved"].tolist() == [0, 3]


def test_units_in_no_area_and_in_two_are_told_and_the_unplaced_with_them(found):
    assert found.plan["no_area_units"].tolist() == [0, 1]
    assert found.plan["no_area_customers"].tolist() == [0, 0]
    assert found.plan["two_areas_units"].tolist() == [0, 1]
    assert found.plan["two_areas_customers"].tolist() == [0, 20]
    assert found.plan["unplaced_customers"].tolist() == [4, 4]


def test_customers_of_no_transformer_follow_most_of_their_cell():
    followers = units([6, 9], [5.0, np.nan], hours=[1.0, 2.0]).set_axis([77, 88])
    town = figures(
        units([10, 20, 30], [10.0] * 3), followers=followers,
        cells=[(0, 77, 10), (1, 77, 4), (1, 88, 5), (2, 88, 30)],
    )  # fmt: skip
    before, after = np.array([0, 1, -1], np.int32), np.array([1, 1, 0], np.int32)
    found = consequences(prepare(town), before, after, IDS)
    # who is in no area does not lead: 88 follows its five customers in the east, then the 30
    assert found.before["customers"].tolist() == [16, 29]
    assert found.after["customers"].tolist() == [39, 36]
    assert found.before["units"].tolist() == [1, 1]
    assert found.before["hours"].tolist() == [1, 2]
    assert found.before["crew_min_median"].iloc[0] == 10
    assert found.plan["customers_moved"].tolist() == [0, 10 + 30 + 6 + 9]
    assert found.plan["units_moved"].tolist() == [0, 2]
    nowhere = consequences(prepare(town), before, np.full(3, -1, np.int32), IDS)
    assert nowhere.plan["no_area_customers"].tolist() == [30, 75]


def test_an_area_that_is_new_was_empty_before():
    after = np.array([2, 2, 2, 2, 2], dtype=np.int32)
    found = consequences(prepare(TOWN), BEFORE, after, [*IDS, "N-01"])
    assert found.before.loc["N-01", ["units", "customers", "halls"]].tolist() == [0, 0, 0]
    assert np.isnan(found.before.loc["N-01", "crew_min_median"])
    assert found.after.loc["N-01", "customers"] == 200


def test_a_plan_without_units_has_consequences_too():
    empty = figures(units([], []))
    found = consequences(prepare(empty), np.empty(0, np.int32), np.empty(0, np.int32), IDS)
    assert found.plan["customers"].tolist() == [0, 0]


SIZE = 12
labels = arrays.arrays(np.int32, SIZE, elements=st.integers(-2, 2))
counts = arrays.arrays(np.int64, SIZE, elements=st.integers(0, 40))


@settings(max_examples=examples(40))
@given(labels, labels, counts)
def test_nobody_is_lost_and_moved_in_is_moved_out(before, after, customers):
    minutes = np.where(customers % 7 == 3, np.nan, customers % 5 * 10.0)
    town = figures(units(customers, minutes), pinned={"A": 5}, unplaced=3)
    found = consequences(prepare(town), before, after, ["A", "B", "C"])
    for side in ("before", "after"):
        held = found.plan.loc[side]
        inside = held["customers"] + held["no_area_customers"] + held["two_areas_customers"]
        assert inside == customers.sum() + 5
    nowhere = lambda mine, other: customers[(mine < 0) & (mine != other)].sum()  # noqa: E731
    moved_in = found.moved["customers_in"].sum() + nowhere(after, before)
    moved_out = found.moved["customers_out"].sum() + nowhere(before, after)
    assert moved_in == moved_out == found.plan.loc["after", "customers_moved"]
    change = found.after["customers"] - found.before["customers"]
    assert (change == found.moved["customers_in"] - found.moved["customers_out"]).all()


@settings(max_examples=examples(40))
@given(labels, counts, st.sampled_from([("crew_min_median", 0.5), ("crew_min_p95", 0.95)]))
def test_minutes_are_the_same_as_when_every_customer_is_written_out(label, customers, asked):
    name, share = asked
    minutes = customers * 7 % 11 * 1.0
    found = consequences(prepare(figures(units(customers, minutes))), label, label, ["A", "B", "C"])
    for place in range(3):
        mine = label == place
        everybody = np.sort(np.repeat(minutes[mine], customers[mine]))
        told = found.after[name].iloc[place]
        if len(everybody) == 0:
            assert np.isnan(told)
        else:
            rank = max(int(np.ceil(share * len(everybody) - 1e-6)), 1)
            assert told == everybody[rank - 1]
