"""Areas grown over units that have none: from areas already there, or from seats of their own."""

import heapq

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from grid_cells.area_board import Heed, never_mind
from grid_cells.unit_graph import Floats, Ints, UnitGraph, pieces, sum_by, touching_matrix

Flags = NDArray[np.bool_]

_ROUNDS = 40
"""Rounds of moving the borders between seats, 25 ms each at 50,000 units."""
_NEAR_ENOUGH = 0.08
"""Deviation from the target from which unit by unit is quicker."""
_TINY_M = 1e-3
"""A way of no length would be none in a sparse matrix."""


def release_strays(graph: UnitGraph, labels: Ints, *, frozen: Flags, joined: Flags) -> Ints:
    """Labels with -1 for units outside their area's main piece, its heaviest.

    A piece with a frozen unit keeps its area. `joined`: pairs that may share an area.
    """
    kept = joined & (labels[graph.left] == labels[graph.right])
    count, piece_of = pieces(graph, kept=kept)
    first = np.zeros(count, dtype=np.int64)
    first[piece_of] = np.arange(graph.units)
    area = labels[first]
    order = np.lexsort((
        -np.bincount(piece_of, minlength=count), -sum_by(piece_of, graph.weight, count), area,
    ))  # fmt: skip
    is_main = np.zeros(count, dtype=bool)
    is_main[order[np.unique(area[order], return_index=True)[1]]] = True
    is_held = sum_by(piece_of, frozen.astype(np.float64), count) > 0
    return np.where((is_main | is_held)[piece_of], labels, -1)


def grow_into_free(
    graph: UnitGraph, labels: Ints, targets: Floats, *, frozen: Flags, joined: Flags
) -> Ints:
    """Labels in which units without an area have joined one that they touch, lightest areas first.

    Frozen units and those that no area reaches stay at -1.
    """
    free = (labels < 0) & ~frozen
    if not free.any():
        return labels
    matrix = touching_matrix(graph, kept=joined)
    begin, near = matrix.indptr.tolist(), matrix.indices.tolist()
    area_of, is_free, weight = labels.tolist(), free.tolist(), graph.weight.tolist()
    loads = sum_by(labels, graph.weight, len(targets))
    load = (loads / np.maximum(targets, 1e-12)).tolist()
    rim = [v for u in np.flatnonzero(free).tolist() for v in near[begin[u] : begin[u + 1]]]
    waiting = [(load[area_of[v]], v) for v in set(rim) if area_of[v] >= 0]
    heapq.heapify(waiting)
    while waiting:
        _, unit = heapq.heappop(waiting)
        area = area_of[unit]
        for other in near[begin[unit] : begin[unit + 1]]:
            if is_free[other]:
                is_free[other], area_of[other] = False, area
                load[area] += weight[other] / max(float(targets[area]), 1e-12)
                heapq.heappush(waiting, (load[area], other))
    return np.array(area_of, dtype=np.int64)


def spread_from_seats(
    graph: UnitGraph, seats: Ints, targets: Floats, *, joined: Flags, heed: Heed = never_mind
) -> Ints:
    """Area of each unit when areas spread from their seats until near their targets; -1 unreached.

    `seats` (n): area whose seat the unit is, or -1. A unit belongs to the seat with the shortest
    way plus the area's head start, and head starts are moved until weights fit (a power diagram
    over the graph): every area is in one piece with its seats, and never crosses another's.
    """
    ways = _ways(graph, seats, len(targets), joined=joined)
    start, best = np.zeros(len(targets)), (np.inf, np.full(graph.units, -1, dtype=np.int64))
    for turn in range(_ROUNDS):
        heed()
        labels, metres = _nearest(ways, start)
        reached = labels >= 0
        load = sum_by(labels, graph.weight, len(targets))
        off = load / np.maximum(targets, 1e-12) - 1
        best = min(best, (float(np.abs(off).max()), labels), key=lambda one: one[0])
        if best[0] <= _NEAR_ENOUGH or not reached.any():
            break
        step = metres[reached].mean() / (1 + turn / 10)
        start += 0.6 * step * np.clip(off, -1, 1)
    return best[1]


def _ways(
    graph: UnitGraph, seats: Ints, areas: int, *, joined: Flags
) -> tuple[csr_array, NDArray[np.bool_]]:
    """Ways to each unit, from touching units and, after these, from each area to its seats.

    No way leads from a unit to a seat: an area's seat is reached by that area alone.
    """
    left, right = graph.left[joined], graph.right[joined]
    metres = np.hypot(graph.x[left] - graph.x[right], graph.y[left] - graph.y[right])
    metres = np.where(metres > 0, metres, _TINY_M)
    rows, columns = np.concatenate((left, right)), np.concatenate((right, left))
    open_way = seats[columns] < 0
    seated = np.flatnonzero(seats >= 0)
    rows = np.concatenate((rows[open_way], graph.units + seats[seated]))
    columns = np.concatenate((columns[open_way], seated))
    lengths = np.concatenate((np.tile(metres, 2)[open_way], np.full(len(seated), _TINY_M)))
    size = graph.units + areas
    matrix = csr_array(coo_array((lengths, (rows, columns)), shape=(size, size)))
    from_area = np.repeat(np.arange(size), np.diff(matrix.indptr)) >= graph.units
    return matrix, from_area


def _nearest(ways: tuple[csr_array, NDArray[np.bool_]], start: Floats) -> tuple[Ints, Floats]:
    """Area that reaches each unit first, -1 for none, and the length of the way with its start."""
    matrix, from_area = ways
    units = matrix.shape[0] - len(start)
    lengths = matrix.data.copy()
    owner = np.repeat(np.arange(len(start)), np.diff(matrix.indptr)[units:])
    lengths[from_area] = _TINY_M + (start - start.min())[owner]
    moved = csr_array((lengths, matrix.indices, matrix.indptr), shape=matrix.shape)
    sources = np.flatnonzero(np.diff(matrix.indptr)[units:] > 0) + units
    metres, _, source = dijkstra(moved, indices=sources, min_only=True, return_predecessors=True)
    labels = np.where(np.isfinite(metres[:units]), source[:units].astype(np.int64) - units, -1)
    return labels, metres[:units]


def deepest_units(graph: UnitGraph, labels: Ints, *, barred: Flags) -> Ints:
    """A unit of each area as far as can be from its border, not a barred one; -1 for none.

    `labels`: 0 to the number of areas less one.
    """
    same = labels[graph.left] == labels[graph.right]
    rim = np.unique(np.concatenate((graph.left[~same], graph.right[~same])))
    depth = np.zeros(graph.units)
    if len(rim):
        inner = touching_matrix(graph, kept=same)
        inner.data[:] = 1.0
        depth = dijkstra(inner, indices=rim, min_only=True, unweighted=True)
    found = np.full(int(labels.max(initial=-1)) + 1, -1, dtype=np.int64)
    order = np.flatnonzero(~barred)
    order = order[np.argsort(depth[order], kind="stable")]
    found[labels[order]] = order
    return found
