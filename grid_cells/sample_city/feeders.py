"""Feeders along the streets from their stations, and the transformers' archive."""

from datetime import date

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from grid_cells.sample_city.ground import Geometries, Ints, shape_to_lon_lat, to_lon_lat
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import days_before, unknown, utc
from grid_cells.sample_city.network import Network
from grid_cells.sample_city.service import station_ids, station_middles
from grid_cells.sample_city.streets import Streets

_MONTH_DAYS = 30
_HIGH_SIDE_KVA = 315.0
_REACH = 2.2
"""How far a feeder may wander: times the straight way to its farthest transformer."""


def feeder_frame(layout: Layout) -> pd.DataFrame:
    """The file's columns of `feeders`, geometry a MultiLineString along streets in WGS-84."""
    network = layout.network
    station = _station_of_feeder(network)
    feeder = network.feeder[layout.people.transformer]
    energy = np.bincount(feeder, layout.demand.base_kwh) * _MONTH_DAYS
    names = [f"{code} {_line_name(number)}" for number, code in enumerate(network.feeder_id)]
    frame = pd.DataFrame(
        {
            "feeder_id": network.feeder_id,
            "name": names,
            "unit_id": station_ids(network)[station],
            "geometry": shape_to_lon_lat(_routes(network, layout.streets, station)),
            "month_energy_kwh": np.round(energy, 0),
        }
    )
    return frame.sort_values("feeder_id", ignore_index=True)


def _line_name(number: int) -> str:
    stems = (
        "Jiangan 江岸",
        "Dengshi 灯市",
        "Binhe 滨禾",
        "Xizhou 西洲",
        "Donghu 东荷",
        "Nanhua 楠华",
    )
    pinyin, word = stems[number % len(stems)].split(" ")
    turn = number // len(stems) + 1
    return f"{pinyin} {turn} {word}{turn}线"


def _station_of_feeder(network: Network) -> Ints:
    """The station that most of a feeder's transformers belong to."""
    count = np.zeros((len(network.feeder_id), network.stations), dtype=np.int64)
    np.add.at(count, (network.feeder, network.station), 1)
    return np.asarray(count.argmax(axis=1))


def _routes(network: Network, streets: Streets, station: Ints) -> Geometries:
    """The tree of shortest ways from each feeder's substation to its transformers, in metres."""
    graph = _street_graph(streets)
    tree = cKDTree(streets.nodes)
    roots = tree.query(np.column_stack(station_middles(network)))[1]
    sites = tree.query(np.column_stack([network.x, network.y]))[1]
    routes = np.empty(len(network.feeder_id), dtype=object)
    for number in range(len(routes)):
        ends = sites[network.feeder == number]
        routes[number] = _tree_shape(graph, streets, int(roots[station[number]]), ends)
    return routes


def _street_graph(streets: Streets) -> csr_array:
    count = len(streets.nodes)
    shape = (np.maximum(streets.length_m, 0.01), (streets.start, streets.end))
    return coo_array(shape, shape=(count, count)).tocsr()


def _tree_shape(
    graph: csr_array, streets: Streets, root: int, ends: Ints
) -> shapely.MultiLineString:
    gap = np.hypot(*(streets.nodes[ends] - streets.nodes[root]).T)
    limit = float(gap.max()) * _REACH + 500
    before = _predecessors(graph, root, limit)
    if (before[ends[ends != root]] < 0).any():
        before = _predecessors(graph, root, np.inf)
    seen = {root}
    lines = []
    for end in np.unique(ends).tolist():
        path = [end]
        while path[-1] not in seen:
            seen.add(path[-1])
            path.append(int(before[path[-1]]))
        if len(path) > 1:
            lines.append(shapely.LineString(streets.nodes[path]))
    return shapely.MultiLineString(lines)


def _predecessors(graph: csr_array, root: int, limit: float) -> Ints:
    _, before = dijkstra(graph, directed=False, indices=root, return_predecessors=True, limit=limit)
    return np.asarray(before)


def transformer_frame(layout: Layout, *, end: date) -> pd.DataFrame:
    """The file's columns of `transformers`; those of Riverside Garden are two weeks old."""
    network, places, demand = layout.network, layout.places, layout.demand
    order = np.argsort(network.transformer_id, kind="stable")
    order = order[np.argsort([len(code) for code in network.transformer_id[order]], kind="stable")]
    lon, lat = to_lon_lat(network.x, network.y)
    titles = np.array([place.name for place in places], dtype=object)[network.place]
    label = np.where(titles == "", network.transformer_id, titles + " " + network.transformer_id)
    since = unknown(len(order))
    since[network.of_place(places, "riverside")] = utc(days_before(end, 16))
    kind = np.where(network.is_dedicated, "dedicated", "public")
    side = np.where(demand.capacity_kva >= _HIGH_SIDE_KVA, "high", "low").astype(object)
    side[~network.is_dedicated] = None
    frame = pd.DataFrame(
        {
            "transformer_id": network.transformer_id,
            "name": label,
            "kind": kind,
            "feeder_id": network.feeder_id[network.feeder],
            "capacity_kva": demand.capacity_kva,
            "metering_side": side,
            "valid_from": since,
            "valid_to": unknown(len(order)),
            "lon": lon,
            "lat": lat,
        }
    )
    return frame.iloc[order].reset_index(drop=True)
