"""The way along the streets, drawn through stops."""

import pandas as pd

from grid_cells.street_paths import path_through
from grid_cells.streets import build_graph

# a square: 1 -- 2 along the south, 2 -- 3 up the east, and a slow straight way 1 -- 3
CORNERS = {1: (112.0, 30.0), 2: (112.01, 30.0), 3: (112.01, 30.01), 4: (112.05, 30.05)}


def street(start: int, end: int, length_m: float) -> dict[str, object]:
    (a, b), (x, y) = CORNERS[start], CORNERS[end]
    return {"from_node": start, "to_node": end, "from_lon": a, "from_lat": b, "to_lon": x,
            "to_lat": y, "length_m": length_m, "oneway": "both", "highway": "primary"}  # fmt: skip


def stops(*corners: int) -> pd.DataFrame:
    return pd.DataFrame([CORNERS[one] for one in corners], columns=["lon", "lat"])


GRAPH = build_graph(pd.DataFrame([street(1, 2, 1000), street(2, 3, 1000), street(1, 3, 9000)]))


def test_the_line_follows_the_quickest_streets() -> None:
    line = path_through(GRAPH, stops(1, 3))
    assert list(dict.fromkeys(line)) == [CORNERS[1], CORNERS[2], CORNERS[3]]


def test_without_streets_the_line_is_straight() -> None:
    assert path_through(None, stops(1, 3)) == [CORNERS[1], CORNERS[3]]
    assert path_through(GRAPH, stops(2)) == [CORNERS[2]]


def test_where_no_way_leads_the_leg_is_straight() -> None:
    apart = build_graph(pd.DataFrame([street(1, 2, 1000), {**street(3, 4, 900)}]))
    line = path_through(apart, stops(1, 4))
    assert (line[0], line[-1]) == (CORNERS[1], CORNERS[4])
    assert CORNERS[2] not in line
