"""The way along the streets from stop to stop, as a line to be drawn."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from grid_cells.streets import StreetGraph, snap

Floats = NDArray[np.float64]
_NONE = -9999
"""What scipy's search writes where a node has no predecessor."""


def path_through(graph: StreetGraph | None, stops: pd.DataFrame) -> list[tuple[float, float]]:
    """Lon and lat of the quickest way through `stops` (lon, lat) in their order.

    Where no way joins two stops, and without streets, the line between them is straight.
    """
    ends = list(zip(stops["lon"].astype(float), stops["lat"].astype(float), strict=True))
    if graph is None or len(ends) < 2:  # noqa: PLR2004
        return ends
    nodes, _ = snap(graph, stops["lon"].to_numpy(float), stops["lat"].to_numpy(float))
    placed = np.unique(nodes[:-1][nodes[:-1] >= 0])
    _, before = dijkstra(graph.minutes, indices=placed, return_predecessors=True)
    line = [ends[0]]
    for leg in range(len(ends) - 1):
        row = int(np.searchsorted(placed, nodes[leg]))
        start, end = int(nodes[leg]), int(nodes[leg + 1])
        line += _leg(graph, before[row], start, end) if start >= 0 and end >= 0 else []
        line.append(ends[leg + 1])
    return line


def _leg(
    graph: StreetGraph, before: NDArray[np.int32], start: int, end: int
) -> list[tuple[float, float]]:
    """The nodes from start to end; none where no way leads there."""
    nodes = [end]
    while nodes[-1] != start:
        earlier = int(before[nodes[-1]])
        if earlier == _NONE:
            return []
        nodes.append(earlier)
    return [(float(graph.lon[one]), float(graph.lat[one])) for one in reversed(nodes)]
