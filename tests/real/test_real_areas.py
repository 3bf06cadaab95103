"""Areas drawn over the block groups of Arkansas, as GerryChain's documentation has them."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grid_cells.area_wishes import Wishes
from grid_cells.proposal import propose
from grid_cells.repair import Limits, repair
from grid_cells.unit_graph import UnitGraph, graph_of_points

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def block_groups(real_data: Path) -> tuple[UnitGraph, np.ndarray]:
    """Block groups with their people and touching pairs, and the code of each one's county."""
    path = real_data / "districting" / "05_bg_census_consolidated.json.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        given = json.load(file)
    nodes = given["nodes"]
    at = {node["id"]: place for place, node in enumerate(nodes)}
    left, right = np.array(
        sorted(
            {
                tuple(sorted((place, at[other["id"]])))
                for place, others in enumerate(given["adjacency"])
                for other in others
            }
        )
    ).T
    lon, lat = (
        np.array([float(node[f"INTPT{axis}20"]) for node in nodes]) for axis in ("LON", "LAT")
    )
    points = graph_of_points(lon, lat, [node["tot_pop_20"] for node in nodes])
    graph = UnitGraph(points.weight, left, right, np.ones(len(left)), points.x, points.y)
    return graph, np.array([int(node["COUNTYFP20"]) for node in nodes])


def components(graph: UnitGraph, labels: np.ndarray) -> int:
    same = labels[graph.left] == labels[graph.right]
    ends = graph.left[same], graph.right[same]
    joined = coo_array((np.ones(same.sum()), ends), shape=(graph.units, graph.units))
    return int(connected_components(joined, directed=False)[0])


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("areas", [4, 35, 100])
def test_arkansas_is_parted_within_five_per_cent_in_one_piece_each(block_groups, areas, seed):
    graph, _ = block_groups
    found = propose(graph, Wishes(areas), seed=seed)
    people = np.bincount(found.labels, graph.weight, minlength=areas)
    assert people.sum() == 3_011_524  # the census of 2020
    target = 3_011_524 / areas
    assert np.abs(people - target).max() <= 0.05 * target
    assert components(graph, found.labels) == areas


def test_counties_shared_at_random_are_mended(block_groups):
    graph, county = block_groups
    labels = np.random.default_rng(0).integers(0, 35, 1000)[county]
    targets = np.full(35, graph.weight.sum() / 35)
    mended = repair(graph, labels, Limits(targets, fills_empty=True))
    assert mended.is_within, mended.why
    assert components(graph, mended.labels) == 35
    assert mended.moved_weight == graph.weight[mended.labels != labels].sum()


def test_no_area_crosses_a_county_line_where_counties_are_upper_units(block_groups):
    graph, county = block_groups
    found = propose(graph, Wishes(150, within=county))
    pairs = np.unique(np.column_stack((found.labels, county)), axis=0)
    assert len(pairs) == 150
    assert len(set(county.tolist())) == 75
