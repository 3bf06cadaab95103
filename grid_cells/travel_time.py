"""Minutes between places over the streets, or as the crow flies where no streets are known."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.cells import centres
from grid_cells.distance import distance_m, nearest_place, place_tree
from grid_cells.street_chains import Chains, from_each, from_nearest
from grid_cells.streets import StreetGraph, snap

Floats = NDArray[np.float64]
Direction = Literal["to_source", "from_source"]
"""Who travels: the customer to the hall (to_source) or the crew to the customer (from_source)."""

WALK_KMH = 5.0
"""Pace between a place and the nearest street node."""
DETOUR_FACTOR = 1.3
"""Streets over straight line, usual in cities."""
STRAIGHT_LINE_KMH = 30.0
BY_STREETS, BY_STRAIGHT_LINE = "streets", "straight_line"

_BATCH = 16
"""Sources a round of the matrix: bounds memory to 16 x nodes."""


def nearest(
    graph: StreetGraph | None, origins: pd.DataFrame, sources: pd.DataFrame, direction: Direction
) -> pd.DataFrame:
    """Minutes from each origin to its nearest source, NaN where none can be reached.

    `origins`, `sources`: lon, lat (WGS-84; a source without them is left out). Returned on the
    index of `origins`: travel_time_min, source_index (position in `sources`, -1 for none) and
    method: "streets", or "straight_line" where there is no graph. The way from a place to its
    street node counts at walking pace at both ends. One Dijkstra from all sources at once.
    """
    if graph is None or len(graph.node_ids) == 0:
        return straight_line_nearest(origins, sources)
    nodes, access_min = _enter(graph, origins)
    source_nodes, source_min = _enter(graph, sources)
    used = np.flatnonzero(source_nodes >= 0)
    minutes, which = spread(graph, source_nodes[used], direction, start_min=source_min[used])
    total = np.where(nodes >= 0, minutes[nodes] + access_min, np.inf)
    reached = np.isfinite(total)
    chosen = np.full(len(origins), -1, dtype=np.int64)
    chosen[reached] = used[which[nodes[reached]]]
    return _answer(origins, np.where(reached, total, np.nan), chosen, BY_STREETS)


def spread(
    graph: StreetGraph,
    nodes: NDArray[np.int64],
    direction: Direction,
    *,
    start_min: Floats | None = None,
) -> tuple[Floats, NDArray[np.int64]]:
    """Minutes between every street node and its nearest source, and which source it is.

    `nodes`: street node of each source; `start_min`: minutes already spent there, by default
    none; they count in what is nearest. Infinite and -1 where no source is reached.
    """
    start = np.zeros(len(nodes)) if start_min is None else start_min
    return from_nearest(_network(graph, direction), nodes, start)


def matrix(
    graph: StreetGraph,
    origins: pd.DataFrame,
    sources: pd.DataFrame,
    direction: Direction,
    *,
    limit_min: float = np.inf,
) -> Floats:
    """Minutes between every origin (row) and source (column); NaN if unreachable or over the limit.

    `origins`, `sources`: lon, lat. `limit_min` also spares the search beyond it.
    """
    nodes, access_min = _enter(graph, origins)
    source_nodes, source_min = _enter(graph, sources)
    minutes = np.full((len(origins), len(sources)), np.inf)
    placed = np.flatnonzero(nodes >= 0)
    used = np.flatnonzero(source_nodes >= 0)
    network = _network(graph, direction)
    for start in range(0, len(used), _BATCH):
        batch = used[start : start + _BATCH]
        found = from_each(
            network, source_nodes[batch], source_min[batch], nodes[placed], limit_min=limit_min
        )
        minutes[np.ix_(placed, batch)] = (found + access_min[placed]).T
    return np.where(np.isfinite(minutes) & (minutes <= limit_min), minutes, np.nan)


def straight_line_nearest(origins: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Minutes to the nearest source by straight line x 1.3 at 30 km/h, said in `method`.

    Columns as those of `nearest`; the fallback where no streets are loaded.
    """
    placed = np.flatnonzero(sources["lon"].notna() & sources["lat"].notna())
    tree = place_tree(*_lon_lat(sources.iloc[placed]))
    metres, place = nearest_place(tree, *_lon_lat(origins))
    chosen = np.full(len(origins), -1, dtype=np.int64)
    chosen[place >= 0] = placed[place[place >= 0]]
    return _answer(origins, _straight_minutes(metres), chosen, BY_STRAIGHT_LINE)


def straight_line_matrix(origins: pd.DataFrame, sources: pd.DataFrame) -> Floats:
    """Minutes between every origin (row) and source (column) by straight line x 1.3 at 30 km/h."""
    lon, lat = _lon_lat(origins)
    to_lon, to_lat = _lon_lat(sources)
    return _straight_minutes(distance_m(lon[:, None], lat[:, None], to_lon, to_lat))


def cell_origins(customers: pd.DataFrame) -> pd.DataFrame:
    """Where each cell's customers are in the middle: cell_id, lon, lat, customers.

    `customers`: cell_id (0 or empty: unplaced, left out), lon, lat. A cell enters the streets
    where its people live, not at its centre.
    """
    placed = customers[customers["cell_id"].fillna(0) != 0]
    grouped = placed.groupby("cell_id", sort=True)
    middles = grouped.agg(lon=("lon", "mean"), lat=("lat", "mean"), customers=("lon", "size"))
    return middles.reset_index().astype({"cell_id": np.int64})


def centre_origins(cells: NDArray[np.int64]) -> pd.DataFrame:
    """Origins at the cells' own centres, for cells without customers: cell_id, lon, lat."""
    lon, lat = centres(cells)
    return pd.DataFrame({"cell_id": cells, "lon": lon, "lat": lat})


def _lon_lat(places: pd.DataFrame) -> tuple[Floats, Floats]:
    lon, lat = (places[axis].to_numpy(dtype=np.float64, na_value=np.nan) for axis in ("lon", "lat"))
    return lon, lat


def _enter(graph: StreetGraph, places: pd.DataFrame) -> tuple[NDArray[np.int64], Floats]:
    """Street node of each place (-1: none) and the minutes of walking to it."""
    nodes, access_m = snap(graph, *_lon_lat(places))
    return nodes, access_m * (0.06 / WALK_KMH)


def _network(graph: StreetGraph, direction: Direction) -> Chains:
    """The streets as the search from the sources runs over them: backwards if customers travel."""
    return graph.backward if direction == "to_source" else graph.onward


def _straight_minutes(metres: Floats) -> Floats:
    return metres * (DETOUR_FACTOR * 0.06 / STRAIGHT_LINE_KMH)


def _answer(
    origins: pd.DataFrame, minutes: Floats, chosen: NDArray[np.int64], method: str
) -> pd.DataFrame:
    columns = {"travel_time_min": minutes, "source_index": chosen, "method": method}
    return pd.DataFrame(columns, index=origins.index)
