"""Payment points by hand: nearest, overlap, operators, hours, losses and gaps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import payment_channels, payment_reach, walking
from grid_cells.payment_reach import nearest
from grid_cells.streets import build_graph
from grid_cells.travel_time import nearest as by_streets

WAYS = np.array([[9.0, 38.0, np.nan], [2.0, 60.0, 4.0], [np.nan, np.nan, np.nan]])
ALL = np.array([True, True, True])
NOT_FIRST = np.array([False, True, True])
CELLS = pd.DataFrame(
    {
        "cell_id": [11, 12, 13], "customers": [100.0, 50.0, 7.0], "payers": [30.0, 5.0, np.nan],
        "group_share": [34.0, 20.0, 10.0],
        "group_people": [1.0, 9.0, 2.0],
    }
)  # fmt: skip
POINTS = pd.DataFrame({"operator": ["Bank", "Post", "Post"]})


def test_the_nearest_open_point():
    minutes, which = nearest(WAYS, NOT_FIRST)
    np.testing.assert_array_equal(minutes, [38.0, 4.0, np.nan])
    assert which.tolist() == [1, 2, -1]
    assert np.isnan(nearest(WAYS, np.zeros(3, dtype=bool))[0]).all()


def test_how_many_points_and_operators_are_near():
    assert payment_reach.overlap(WAYS, ALL, 40.0).tolist() == [2, 2, 0]
    told = payment_reach.operators(WAYS, ALL, POINTS["operator"], 60.0)
    assert told.tolist() == [2, 2, 0]
    alone = payment_reach.operators(WAYS, NOT_FIRST, POINTS["operator"], 60.0)
    assert alone.tolist() == [1, 1, 0]
    unknown = pd.Series([None, None, "Post"], dtype=object)
    assert payment_reach.operators(WAYS, ALL, unknown, 60.0).tolist() == [2, 3, 0]


def test_hours_reach_those_who_have_an_open_point():
    hours = np.array([[True, True, True], [False, True, False], [False, False, False]])
    table = payment_reach.by_hour(WAYS, hours, np.array([100.0, 50.0, 7.0]), 40.0)
    assert table["points"].tolist() == [3, 1, 0]
    assert table["reached"].tolist() == [150.0, 100.0, 0.0]
    assert table["share"].tolist() == pytest.approx([150 / 157, 100 / 157, 0])


def test_who_loses_by_a_closed_branch():
    found = payment_reach.loss(WAYS, ALL, NOT_FIRST, CELLS, POINTS)
    # the second cell goes from 2 to 4 min, which is no loss; the third never had any
    assert (found.cells.tolist(), found.customers, found.payers) == ([0], 100.0, 30.0)
    assert (found.before_min, found.after_min, found.elderly) == (9.0, 38.0, 34.0)
    assert (found.stranded, found.operators_left) == (0.0, ("Post",))


def test_who_is_left_with_none_is_counted_apart():
    found = payment_reach.loss(WAYS, ALL, np.zeros(3, dtype=bool), CELLS, POINTS)
    assert (found.customers, found.stranded, found.operators_left) == (150.0, 150.0, ())
    assert np.isnan(found.after_min)


def test_gaps_are_ranked_by_who_pays_in_person():
    cells = CELLS.assign(minutes=[40.0, 50.0, np.nan])
    table = payment_reach.gaps(cells, np.array([0, 1, 1]))
    assert table["gap"].tolist() == [0, 1]
    assert table["payers"].tolist() == [30.0, 5.0]
    assert table["customers"].tolist() == [100.0, 57.0]
    assert table["unreached"].tolist() == [0.0, 7.0]
    assert table["cell_id"].tolist() == [11, 12]
    assert table["group_share"].iloc[1] == pytest.approx((50 * 20 + 7 * 10) / 57)
    nobody = payment_reach.gaps(cells, np.array([-1, -1, -1]))
    assert list(nobody.columns) == payment_reach.GAP_COLUMNS
    assert nobody.empty


MINUTES = st.lists(st.one_of(st.just(np.nan), st.floats(0, 99)), min_size=3, max_size=3)


@given(st.lists(MINUTES, min_size=1, max_size=6))
def test_closing_never_shortens_a_way(ways):
    minutes = np.array(ways)
    was, now = nearest(minutes, ALL)[0], nearest(minutes, NOT_FIRST)[0]
    both = np.isfinite(now)
    assert (now[both] >= was[both]).all()
    assert np.isnan(now[np.isnan(was)]).all()


def test_payments_of_unknown_channels_are_neither_online_nor_in_person():
    june = pd.Timestamp("2026-06-01")
    paid = pd.DataFrame(
        {"month": [june] * 4, "channel": ["app", "bank", "pigeon", "app"], "payments": [6, 2, 9, 2],
         "amount": [60.0, 20.0, 90.0, 20.0]}
    )  # fmt: skip
    ways = pd.DataFrame({"channel": ["app", "bank"], "in_person": [0, 1]})
    table = payment_channels.by_month(paid, ways)
    row = table.iloc[0]
    assert (row["online"], row["in_person"], row["unsure"], row["online_share"]) == (8, 2, 9, 0.8)
    shares = payment_channels.by_channel(paid).set_index("channel")["share"]
    assert shares["app"] == pytest.approx(8 / 19)
    assert payment_channels.recent(paid["month"]) == [june]


def test_people_on_foot_mind_no_one_way_street_and_no_speed_limit():
    edges = pd.DataFrame(
        {"from_node": [1, 2], "to_node": [2, 3], "from_lon": [112.0, 112.01],
         "to_lon": [112.01, 112.02], "from_lat": [30.0, 30.0], "to_lat": [30.0, 30.0],
         "length_m": [1000.0, 1000.0], "oneway": ["forward", "both"],
         "highway": ["primary", "motorway"], "maxspeed_kmh": [60.0, 100.0]}
    )  # fmt: skip
    graph = build_graph(walking.on_foot(edges))
    ends = pd.DataFrame({"lon": [112.01], "lat": [30.0]})
    start = pd.DataFrame({"lon": [112.0], "lat": [30.0]})
    found = by_streets(graph, ends, start, "to_source")
    assert found["travel_time_min"].iloc[0] == pytest.approx(12)
    assert len(graph.node_ids) == 2
