"""Ways over the streets of the city, as lists of places: what a vehicle's track follows."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from grid_cells.sample_city.ground import Flags, Floats
from grid_cells.sample_city.streets import Streets


class StreetWays:
    """The streets of the city but those that are closed, to find ways on."""

    def __init__(self, streets: Streets, closed: str) -> None:
        names = streets.lines["name"].to_numpy(object)[streets.line]
        is_open: Flags = names != closed
        start, end = streets.start[is_open], streets.end[is_open]
        speed = streets.lines["maxspeed_kmh"].to_numpy(float)[streets.line][is_open]
        minutes = streets.length_m[is_open] / (np.nan_to_num(speed, nan=30.0) / 0.06)
        both = (streets.lines["oneway"].to_numpy(object)[streets.line] != "forward")[is_open]
        rows = np.concatenate([start, end[both]])
        columns = np.concatenate([end, start[both]])
        costs = np.concatenate([minutes, minutes[both]])
        order = np.lexsort((costs, columns, rows))
        rows, columns, costs = rows[order], columns[order], costs[order]
        first = np.ones(len(rows), dtype=bool)  # of parallel pieces the quickest
        first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        size = len(streets.nodes)
        self._costs = csr_array((costs[first], (rows[first], columns[first])), shape=(size, size))
        self._nodes = streets.nodes
        self._tree = cKDTree(streets.nodes)

    def between(self, here: Floats, there: Floats) -> tuple[Floats, Floats]:
        """The way as places (n, 2) in metres, both ends included, and minutes since the start.

        Straight where no street leads there.
        """
        ends = self._tree.query([here, there])[1]
        took, before = dijkstra(self._costs, indices=int(ends[0]), return_predecessors=True)
        if not np.isfinite(took[ends[1]]):
            return np.array([here, there]), np.array([0.0, float(np.hypot(*(there - here))) / 500])
        nodes = [int(ends[1])]
        while nodes[-1] != ends[0]:
            nodes.append(int(before[nodes[-1]]))
        along = np.array(nodes[::-1])
        return np.vstack([here, self._nodes[along], there]), np.concatenate(
            [[0.0], took[along] + 0.2, [took[along[-1]] + 0.4]]
        )
