from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import shapely

from grid_cells.streets import build_graph, closed, closures_on, edge_minutes, snap

# a street of four crossings on the equator, 0.01° apart, each piece said to be 1,000 m long
COLUMNS = ["way_id", "from_node", "to_node", "highway", "oneway", "name"]


def street(*rows: tuple[object, ...], length_m: float = 1000.0) -> pd.DataFrame:
    edges = pd.DataFrame(list(rows), columns=COLUMNS)
    return edges.assign(
        from_lon=edges["from_node"] * 0.01,
        from_lat=0.0,
        to_lon=edges["to_node"] * 0.01,
        to_lat=0.0,
        length_m=length_m,
        maxspeed_kmh=np.nan,
    )


THREE_PIECES = street(
    ("w1", 1, 2, "primary", "forward", "River Road"),
    ("w1", 2, 3, "primary", "both", "River Road"),
    ("w2", 3, 4, "residential", "backward", "Middle Bridge"),
)


def minutes_of(edges: pd.DataFrame, closures: pd.DataFrame | None = None) -> list[list[float]]:
    return build_graph(edges, closures).minutes.toarray().round(6).tolist()


def closure(**columns: object) -> pd.DataFrame:
    return pd.DataFrame([{"street": None, "geometry": None} | columns])


def test_minutes_are_length_at_the_usual_speed_of_the_class_in_the_allowed_direction():
    # 1 km at 50 km/h is 1.2 min, at 25 km/h 2.4 min
    assert minutes_of(THREE_PIECES) == [
        [0, 1.2, 0, 0],
        [0, 0, 1.2, 0],
        [0, 1.2, 0, 0],
        [0, 0, 2.4, 0],
    ]


def test_a_speed_limit_beats_the_class_and_an_unknown_class_has_a_speed():
    edges = street(
        ("w1", 1, 2, "primary", "both", None),
        ("w1", 2, 3, "primary", "both", None),
        ("w1", 3, 4, "never_heard", "both", None),
        ("w1", 4, 5, None, "both", None),
    ).assign(maxspeed_kmh=[20.0, 0.0, np.nan, 60.0])
    assert edge_minutes(edges).tolist() == pytest.approx([3.0, 1.2, 2.0, 1.0])


def test_of_parallel_pieces_the_quickest_counts_not_their_sum():
    edges = street(
        ("slow", 1, 2, "residential", "both", None),
        ("quick", 1, 2, "primary", "both", None),
        ("other", 2, 1, "service", "forward", None),
    )
    assert minutes_of(edges) == [[0, 1.2], [1.2, 0]]


def test_a_street_of_no_length_still_connects():
    graph = build_graph(street(("w1", 1, 2, "primary", "both", None), length_m=0.0))
    assert graph.minutes.nnz == 2
    assert (graph.minutes.data > 0).all()


def test_a_direction_nobody_states_is_both_ways():
    edges = street(("w1", 1, 2, "primary", None, None))
    assert minutes_of(edges) == [[0, 1.2], [1.2, 0]]


def test_nodes_keep_their_ids_and_places():
    graph = build_graph(THREE_PIECES)
    assert graph.node_ids.tolist() == [1, 2, 3, 4]
    assert graph.lon.tolist() == pytest.approx([0.01, 0.02, 0.03, 0.04])


@pytest.mark.parametrize("street_", ["w2", "Middle Bridge", " Middle Bridge "])
def test_a_street_is_closed_by_its_number_or_its_name(street_: str):
    shut = closed(THREE_PIECES, closure(street=street_))
    assert shut.tolist() == [False, False, True]


def test_a_shape_closes_the_pieces_it_touches():
    # between crossings 2 and 3, at 0.02° to 0.03°
    spot = shapely.box(0.024, -0.001, 0.026, 0.001)
    for geometry in (spot, shapely.to_wkb(spot)):
        assert closed(THREE_PIECES, closure(geometry=geometry)).tolist() == [False, True, False]


def test_a_street_with_a_shape_is_closed_only_there():
    spot = shapely.box(0.024, -0.001, 0.026, 0.001)
    shut = closed(THREE_PIECES, closure(street="River Road", geometry=spot))
    assert shut.tolist() == [False, True, False]


def test_a_closure_of_nothing_closes_nothing():
    assert not closed(THREE_PIECES, closure(street=" ")).any()
    assert not closed(THREE_PIECES, closure(street="Elsewhere")).any()


def test_closed_pieces_leave_the_graph_and_their_crossings_stay():
    graph = build_graph(THREE_PIECES, closure(street="Middle Bridge"))
    assert graph.minutes.toarray()[3].tolist() == [0, 0, 0, 0]
    assert len(graph.node_ids) == 4


def test_closures_hold_from_their_first_moment_until_before_their_last():
    first, last = datetime(2026, 7, 6, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
    closures = pd.DataFrame(
        {
            "street": ["bridge", "always", "later"],
            "valid_from": pd.to_datetime([first, None, last], utc=True),
            "valid_to": pd.to_datetime([last, None, None], utc=True),
        }
    )
    assert closures_on(closures, first)["street"].tolist() == ["bridge", "always"]
    assert closures_on(closures, last)["street"].tolist() == ["always", "later"]


def test_a_point_enters_at_the_nearest_crossing():
    nodes, access_m = snap(build_graph(THREE_PIECES), [0.0205, np.nan], [0.001, 0.0])
    # 0.0005° and 0.001° are 55.6 m and 111.2 m on a sphere of 6,371.0088 km
    assert nodes.tolist() == [1, -1]
    assert access_m[0] == pytest.approx(124.32, abs=0.01)
    assert np.isnan(access_m[1])
