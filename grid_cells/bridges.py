"""Empty cells that join a scattered set of cells, so that areas can be in one piece."""

import h3.api.numpy_int as h3  # type: ignore[import-untyped,unused-ignore]
import h3ronpy
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from grid_cells.cells import Cells, centres, points_to_cells, resolutions
from grid_cells.unit_graph import Ints, UnitGraph, delaunay_sides, graph_of_cells, pieces

_SIDES = 6
_LOOKS_A_CELL = 8
"""Places looked at in each cell of a way where H3's own grid path fails (across a pentagon)."""


def bridges(cells: Cells, *, margin: int = 0) -> Cells:
    """Cells to add so that `cells` become one connected piece; none if they are one already.

    `cells`: distinct, of one resolution. The pieces are joined by straight grid paths between
    their nearest cells, along the tree of least length over all pieces (the tree of nearest
    neighbours lies within the Delaunay triangles of the cells on the rims). `margin`: rings of
    cells to add around cells and paths alike; over a path one cell wide no area passes another,
    so that villages along it may be impossible to balance.
    """
    given = np.asarray(cells, dtype=np.int64)
    ways = _ways(given)
    if margin == 0:
        return np.setdiff1d(ways, given)
    whole = np.concatenate((given, ways)).astype(np.uint64)
    around = np.asarray(h3ronpy.grid_disk(whole, margin, flatten=True))
    return np.setdiff1d(around.astype(np.int64), given)


def _ways(cells: Cells) -> Cells:
    """Cells of all paths, ends included."""
    graph = graph_of_cells(cells, np.zeros(len(cells)))
    count, piece_of = pieces(graph)
    if count <= 1:
        return np.empty(0, dtype=np.int64)
    ends = cells[_joining_pairs(graph, piece_of)]
    return np.concatenate([_way(int(start), int(end)) for start, end in ends])


def _joining_pairs(graph: UnitGraph, piece_of: Ints) -> Ints:
    """Positions (rows of two) of the cells at both ends of each bridge."""
    touching = np.bincount(np.concatenate((graph.left, graph.right)), minlength=graph.units)
    rim = np.flatnonzero(touching < _SIDES)
    sides = rim[delaunay_sides(np.column_stack((graph.x, graph.y))[rim])]
    sides = sides[piece_of[sides[:, 0]] != piece_of[sides[:, 1]]]
    metres = np.hypot(*(np.diff(axis[sides], axis=1)[:, 0] for axis in (graph.x, graph.y)))
    parted = np.sort(piece_of[sides], axis=1)
    order = np.lexsort((metres, parted[:, 1], parted[:, 0]))
    parted, first = np.unique(parted[order], axis=0, return_index=True)
    nearest = order[first]
    count = int(piece_of.max()) + 1
    between = coo_array((metres[nearest], (parted[:, 0], parted[:, 1])), shape=(count, count))
    chosen = minimum_spanning_tree(between.tocsr()).tocoo()
    keys = parted[:, 0] * count + parted[:, 1]
    at = nearest[np.searchsorted(keys, chosen.row.astype(np.int64) * count + chosen.col)]
    return np.asarray(sides[at], dtype=np.int64)


def _way(start: int, end: int) -> Cells:
    """Cells from one to the other, each touching the next."""
    try:
        return np.asarray(h3.grid_path_cells(start, end)).astype(np.int64)
    except h3.H3BaseException:
        return _along_the_line(start, end)


def _along_the_line(start: int, end: int) -> Cells:
    lon, lat = centres([start, end])
    resolution = int(resolutions([start])[0])
    apart_m = h3.great_circle_distance((lat[0], lon[0]), (lat[1], lon[1]), unit="m")
    side_m = h3.average_hexagon_edge_length(resolution, unit="m")
    share = np.linspace(0, 1, 2 + int(_LOOKS_A_CELL * apart_m / side_m))
    at = (lon[0] + share * (lon[1] - lon[0]), lat[0] + share * (lat[1] - lat[0]))
    return np.unique(points_to_cells(*at, resolution))
