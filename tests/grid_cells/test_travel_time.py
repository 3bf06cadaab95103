import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.cells import centres, points_to_cells
from grid_cells.streets import StreetGraph, build_graph
from grid_cells.travel_time import (
    cell_origins,
    centre_origins,
    matrix,
    nearest,
    spread,
    straight_line_matrix,
    straight_line_nearest,
)
from tests.laws import examples


def town(pieces: list[tuple[int, int, float, str]]) -> StreetGraph:
    """Crossings 0.01° apart on the equator; pieces (from, to, minutes, direction) at 60 km/h."""
    edges = pd.DataFrame(pieces, columns=["from_node", "to_node", "minutes", "oneway"])
    edges["length_m"], edges["maxspeed_kmh"] = edges["minutes"] * 1000, 60.0
    for end in ("from", "to"):
        edges[f"{end}_lon"], edges[f"{end}_lat"] = edges[f"{end}_node"] * 0.01, 0.0
    return build_graph(edges)


def at(*crossings: float) -> pd.DataFrame:
    return pd.DataFrame({"lon": np.array(crossings) * 0.01, "lat": 0.0})


# 1 → 2 one-way (3 min), 2 - 3 (4 min), 3 - 4 (5 min); 8 - 9 (1 min) is an island
TOWN = town([(1, 2, 3, "forward"), (2, 3, 4, "both"), (3, 4, 5, "both"), (8, 9, 1, "both")])


def test_the_customer_goes_to_the_hall_along_the_streets():
    found = nearest(TOWN, at(1, 2, 3, 4), at(4, 2), "to_source")
    assert found["travel_time_min"].tolist() == pytest.approx([3, 0, 4, 0])
    assert found["source_index"].tolist() == [1, 1, 1, 0]
    assert set(found["method"]) == {"streets"}


def test_the_crew_comes_to_the_customer_and_cannot_go_against_a_one_way_street():
    found = nearest(TOWN, at(1, 2), at(2), "from_source")
    assert found["travel_time_min"].tolist() == pytest.approx([np.nan, 0], nan_ok=True)
    assert found["source_index"].tolist() == [-1, 0]
    assert nearest(TOWN, at(1), at(2), "to_source")["travel_time_min"].tolist() == [3]


def test_an_island_is_unreachable_and_not_far():
    found = nearest(TOWN, at(9, 4), at(1, 2), "from_source")
    assert np.isnan(found["travel_time_min"][0])
    assert found["travel_time_min"][1] == pytest.approx(9)  # 2 → 3 → 4
    assert found["source_index"].tolist() == [-1, 1]


def test_walking_to_and_from_the_street_counts_at_both_ends():
    # 0.001° north is 111.195 m: 1.33434 min at 5 km/h
    home = at(2).assign(lat=0.001)
    hall = at(3).assign(lat=-0.001)
    found = nearest(TOWN, home, hall, "to_source")
    assert found["travel_time_min"][0] == pytest.approx(4 + 2 * 1.33434, abs=1e-4)
    assert matrix(TOWN, home, hall, "to_source")[0, 0] == pytest.approx(4 + 2 * 1.33434, abs=1e-4)


def test_the_walk_from_the_street_decides_which_hall_is_nearest():
    far_off, close_by = at(2).assign(lat=0.009), at(3)  # 12 min of walking against 4 by street
    halls = pd.concat([far_off, close_by], ignore_index=True)
    found = nearest(TOWN, at(2), halls, "to_source")
    assert found["source_index"].tolist() == [1]
    assert found["travel_time_min"].tolist() == pytest.approx([4])


def test_two_halls_at_one_crossing_stay_apart():
    halls = pd.concat([at(2).assign(lat=0.002), at(2).assign(lat=0.001)], ignore_index=True)
    assert nearest(TOWN, at(3), halls, "to_source")["source_index"].tolist() == [1]


def test_places_without_a_position_are_left_out_on_both_sides():
    nowhere = pd.DataFrame({"lon": [np.nan], "lat": [np.nan]})
    halls = pd.concat([nowhere, at(3)], ignore_index=True)
    found = nearest(TOWN, pd.concat([at(2), nowhere], ignore_index=True), halls, "to_source")
    assert found["source_index"].tolist() == [1, -1]
    assert found["travel_time_min"].isna().tolist() == [False, True]
    table = matrix(TOWN, at(2), halls, "to_source")
    assert np.isnan(table[0, 0])
    assert table[0, 1] == pytest.approx(4)


def test_no_source_at_all_reaches_nobody():
    found = nearest(TOWN, at(1, 2), at(), "to_source")
    assert found["travel_time_min"].isna().all()
    assert matrix(TOWN, at(1, 2), at(), "to_source").shape == (2, 0)


def test_the_index_of_the_origins_is_kept():
    origins = at(1, 2).set_axis(["p", "q"])
    assert nearest(TOWN, origins, at(2), "to_source").index.tolist() == ["p", "q"]
    assert nearest(None, origins, at(2), "to_source").index.tolist() == ["p", "q"]


def test_the_matrix_is_directed_and_stops_at_the_limit():
    table = matrix(TOWN, at(1, 2, 4), at(2, 4, 9), "to_source")
    expected = [[3, 12, np.nan], [0, 9, np.nan], [9, 0, np.nan]]
    assert table == pytest.approx(np.array(expected), nan_ok=True)
    limited = matrix(TOWN, at(1, 2, 4), at(2, 4, 9), "to_source", limit_min=9)
    expected[0][1] = np.nan
    assert limited == pytest.approx(np.array(expected), nan_ok=True)


def test_without_streets_the_straight_line_stands_in_and_says_so():
    # 0.01° is 1,111.95 m: x 1.3 at 30 km/h makes 2.89107 min
    found = nearest(None, at(1, 5), at(2, 9), "to_source")
    assert found["travel_time_min"].tolist() == pytest.approx([2.89107, 3 * 2.89107], abs=1e-4)
    assert found["source_index"].tolist() == [0, 0]
    assert set(found["method"]) == {"straight_line"}
    pd.testing.assert_frame_equal(found, straight_line_nearest(at(1, 5), at(2, 9)))
    table = straight_line_matrix(at(1, 5), at(2, 9))
    assert table[0].tolist() == pytest.approx([2.89107, 8 * 2.89107], abs=1e-3)


def test_without_streets_nobody_to_go_to_is_unreachable():
    found = straight_line_nearest(at(1), at())
    assert found["travel_time_min"].isna().all()
    assert found["source_index"].tolist() == [-1]


def test_a_cell_enters_where_its_customers_are_in_the_middle():
    people = pd.DataFrame(
        {
            "cell_id": [5, 5, 7, 0, None],
            "lon": [1.0, 3.0, 9.0, 50.0, 50.0],
            "lat": [0.0, 1.0, 2.0, 0, 0],
        }
    )
    found = cell_origins(people.astype({"cell_id": "Int64"}))
    assert found.to_dict("list") == {
        "cell_id": [5, 7], "lon": [2.0, 9.0], "lat": [0.5, 2.0], "customers": [2, 1],
    }  # fmt: skip


def test_an_empty_cell_enters_at_its_centre():
    cells = points_to_cells([108.94], [34.26], 9)
    found = centre_origins(cells)
    assert (found["lon"][0], found["lat"][0]) == tuple(axis[0] for axis in centres(cells))


crossings = st.integers(1, 8)
pieces = st.tuples(
    crossings, crossings, st.integers(1, 9), st.sampled_from(["forward", "backward", "both"])
)


@settings(max_examples=examples(60), deadline=None)
@given(
    streets=st.lists(pieces, min_size=1, max_size=20),
    halls=st.lists(crossings, min_size=1, max_size=3),
    direction=st.sampled_from(["to_source", "from_source"]),
)
def test_minutes_equal_those_of_networkx(
    streets: list[tuple[int, int, int, str]], halls: list[int], direction: str
):
    graph = town([(a, b, float(cost), way) for a, b, cost, way in streets])
    nodes = np.searchsorted(graph.node_ids, [h for h in halls if h in graph.node_ids])
    theirs = nx.MultiDiGraph()
    theirs.add_nodes_from(graph.node_ids.tolist())
    for a, b, cost, way in streets:
        theirs.add_edges_from([(a, b, {"m": cost})] if way != "backward" else [])
        theirs.add_edges_from([(b, a, {"m": cost})] if way != "forward" else [])
    if direction == "to_source":
        theirs = theirs.reverse()
    minutes, which = spread(graph, nodes, direction)
    expected = {}
    if len(nodes):
        sources = set(graph.node_ids[nodes].tolist())
        expected = nx.multi_source_dijkstra_path_length(theirs, sources, weight="m")
    reached = dict(zip(graph.node_ids.tolist(), minutes.tolist(), strict=True))
    known = {node: m for node, m in reached.items() if np.isfinite(m)}
    assert known == pytest.approx(expected)
    table = matrix(graph, at(*graph.node_ids), at(*graph.node_ids[nodes]), direction)
    for row, source in enumerate(which):
        assert (source == -1) == (not np.isfinite(minutes[row]))
        if source >= 0:
            assert table[row, source] == pytest.approx(np.nanmin(table[row]), abs=1e-6)
            assert table[row, source] == pytest.approx(minutes[row], abs=1e-6)
