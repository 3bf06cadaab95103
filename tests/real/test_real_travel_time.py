"""Minutes and the datum guard on the streets of Xi'an."""

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from grid_cells.datum import fit_datum, from_wgs84
from grid_cells.streets import build_graph, edge_minutes
from grid_cells.travel_time import spread
from loaders.contract import LoadOptions
from loaders.streets import load_streets

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def streets(real_data: Path) -> pd.DataFrame:
    return load_streets(real_data / "xian_roads" / "xian_roads_shp.zip", LoadOptions()).frame


def test_minutes_to_the_nearest_of_seventy_places_equal_those_of_networkx(streets: pd.DataFrame):
    graph = build_graph(streets)
    halls = np.random.default_rng(0).choice(len(graph.node_ids), 70, replace=False)
    minutes, _ = spread(graph, halls, "from_source")
    theirs = nx.MultiDiGraph()
    ends = streets["from_node"], streets["to_node"], edge_minutes(streets), streets["oneway"]
    for a, b, cost, oneway in zip(*ends, strict=True):
        if oneway != "backward":
            theirs.add_edge(a, b, m=cost)
        if oneway != "forward":
            theirs.add_edge(b, a, m=cost)
    sources = set(graph.node_ids[halls].tolist())
    found = nx.multi_source_dijkstra_path_length(theirs, sources, weight="m")
    reached = np.isfinite(minutes)
    assert set(graph.node_ids[reached].tolist()) == set(found)
    expected = [found[node] for node in graph.node_ids[reached].tolist()]
    assert np.abs(minutes[reached] - expected).max() < 1e-6
    assert 0.9 < reached.mean() < 1  # some pieces of the file really are islands


@pytest.mark.parametrize("real", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("stated", ["wgs84", "gcj02", "bd09"])
def test_homes_along_real_streets_tell_their_datum(streets: pd.DataFrame, real: str, stated: str):
    random = np.random.default_rng(1)
    lon, lat = streets["from_lon"].to_numpy(), streets["from_lat"].to_numpy()
    at = random.choice(len(lon), 3200)
    homes = lon[at] + random.normal(0, 4e-4, 3200), lat[at] + random.normal(0, 4e-4, 3200)
    given = from_wgs84(*homes, real)
    fit = fit_datum(*given, stated, reference=(lon, lat), paired=False)
    assert fit.best == real
    if stated != real:
        assert fit.changed_cells > 3100  # of 3,200: the smallest shift is over one cell's width
