"""Streets as a graph of minutes: speeds, directions, closures of the day, snapping."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from grid_cells.distance import nearest_place, place_tree
from grid_cells.shapes import as_shapes
from grid_cells.street_chains import Chains, quickest, shorten, turned

Floats = NDArray[np.float64]

SPEED_KMH = {
    "motorway": 90.0,
    "motorway_link": 50.0,
    "trunk": 70.0,
    "trunk_link": 45.0,
    "primary": 50.0,
    "primary_link": 40.0,
    "secondary": 40.0,
    "secondary_link": 35.0,
    "tertiary": 35.0,
    "tertiary_link": 30.0,
    "unclassified": 30.0,
    "residential": 25.0,
    "living_street": 10.0,
    "service": 15.0,
    "busway": 30.0,
    "road": 30.0,
    "track": 15.0,
    "ferry": 10.0,
    "pedestrian": 5.0,
    "footway": 5.0,
    "path": 5.0,
    "cycleway": 5.0,
    "bridleway": 5.0,
    "steps": 3.0,
    **{f"track_grade{grade}": 15.0 for grade in range(1, 6)},
}
"""Usual speed in km/h in a city by OpenStreetMap's highway class, where no limit is known."""

OTHER_SPEED_KMH = 30.0
_LEAST_MINUTES = 1e-6
"""A street of no length still is a street: sparse matrices must not lose it as a zero."""


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """A directed graph of streets whose weights are minutes.

    `node_ids`, `lon`, `lat` by node index; `minutes[i, j]` along the street from i to j; `onward`
    and `backward` the same shortened for searches along the streets and against them; `tree`
    finds the nearest node.
    """

    node_ids: NDArray[np.int64]
    lon: Floats
    lat: Floats
    minutes: csr_array
    onward: Chains
    backward: Chains
    tree: cKDTree


def build_graph(edges: pd.DataFrame, closures: pd.DataFrame | None = None) -> StreetGraph:
    """Graph of minutes from street pieces, without what `closures` closes.

    `edges`: from_node, to_node, from_lon, from_lat, to_lon, to_lat, length_m, oneway (forward,
    backward or both; empty: both), and where known highway, maxspeed_kmh, way_id, name.
    Parallel pieces count by the quickest. `closures`: those in force (see `closures_on`), with
    street (a way_id or a name) or geometry. All nodes stay, also those cut off.
    """
    ends = np.concatenate((edges["from_node"].to_numpy(), edges["to_node"].to_numpy()))
    node_ids, first, index = np.unique(ends, return_index=True, return_inverse=True)
    lon, lat = (_of_both_ends(edges, axis)[first] for axis in ("lon", "lat"))
    is_open = np.ones(len(edges), dtype=bool) if closures is None else ~closed(edges, closures)
    start, end = index[: len(edges)][is_open], index[len(edges) :][is_open]
    minutes = _minutes(start, end, edges[is_open], len(node_ids))
    onward = shorten(minutes)
    return StreetGraph(node_ids, lon, lat, minutes, onward, turned(onward), place_tree(lon, lat))


def _of_both_ends(edges: pd.DataFrame, axis: str) -> Floats:
    columns = [edges[f"from_{axis}"], edges[f"to_{axis}"]]
    return np.concatenate([column.to_numpy(dtype=np.float64) for column in columns])


def _minutes(
    start: NDArray[np.intp], end: NDArray[np.intp], edges: pd.DataFrame, nodes: int
) -> csr_array:
    cost = edge_minutes(edges)
    oneway = edges["oneway"].fillna("both").to_numpy()
    there, back = oneway != "backward", oneway != "forward"
    rows, columns = np.append(start[there], end[back]), np.append(end[there], start[back])
    return quickest(rows, columns, np.append(cost[there], cost[back]), nodes)


def edge_minutes(edges: pd.DataFrame) -> Floats:
    """Minutes to drive each piece: its length at its speed limit, or at its class's usual speed."""
    usual = np.full(len(edges), OTHER_SPEED_KMH)
    if "highway" in edges:
        usual = edges["highway"].map(SPEED_KMH).fillna(OTHER_SPEED_KMH).to_numpy(np.float64)
    if "maxspeed_kmh" in edges:
        limit = edges["maxspeed_kmh"].to_numpy(dtype=np.float64, na_value=np.nan)
        usual = np.where(limit > 0, limit, usual)
    length = edges["length_m"].to_numpy(dtype=np.float64)
    return np.asarray(np.maximum(length / usual * 0.06, _LEAST_MINUTES))


def closures_on(closures: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """The closures in force at the moment `at` (timezone-aware), valid_to excluded.

    `closures`: valid_from and valid_to, timezone-aware, empty meaning unbounded.
    """
    begins, ends = (pd.to_datetime(closures[name], utc=True) for name in ("valid_from", "valid_to"))
    return closures[(begins.isna() | (begins <= at)) & (ends.isna() | (ends > at))]


def closed(edges: pd.DataFrame, closures: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each street piece is closed: by way_id or name, or because a shape touches it.

    `closures`: street and geometry (WKB or shapely), each row using one or both; a row with both
    closes that street where the shape touches it.
    """
    shut = np.zeros(len(edges), dtype=bool)
    streets = _column(closures, "street")
    shapes = as_shapes(_column(closures, "geometry"))
    for street, shape in zip(streets, shapes, strict=True):
        named = isinstance(street, str) and street.strip() != ""
        if not named and shape is None:
            continue
        hit = _is_street(edges, street) if named else np.ones(len(edges), dtype=bool)
        shut |= hit if shape is None else hit & _touches(edges, shape, hit)
    return shut


def _column(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    if name not in frame:
        return np.full(len(frame), None, dtype=object)
    return frame[name].to_numpy(dtype=object)


def _is_street(edges: pd.DataFrame, street: str) -> NDArray[np.bool_]:
    wanted = street.strip()
    hit = np.zeros(len(edges), dtype=bool)
    for name in ("way_id", "name"):
        if name in edges:
            hit |= (edges[name].astype("str") == wanted).to_numpy(dtype=bool)
    return hit


def _touches(
    edges: pd.DataFrame, shape: shapely.Geometry, among: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    touched = np.zeros(len(edges), dtype=bool)
    ends = edges.loc[among, ["from_lon", "from_lat", "to_lon", "to_lat"]]
    lines = shapely.linestrings(ends.to_numpy(dtype=np.float64).reshape(-1, 2, 2))
    shapely.prepare(shape)
    touched[np.flatnonzero(among)] = shapely.intersects(shape, lines)
    return touched


def snap(graph: StreetGraph, lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    """Index of the nearest street node of each point (-1: none) and the way to it in metres."""
    access_m, nodes = nearest_place(graph.tree, lon, lat)
    return nodes, access_m
