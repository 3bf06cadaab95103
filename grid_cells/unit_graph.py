"""The units of a plan and which of them touch: what areas are drawn on, checked and mended."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Delaunay, QhullError

from grid_cells.cell_parts import touching_pairs
from grid_cells.cells import Cells, centres
from grid_cells.distance import offset_m

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_FOR_A_SURFACE = 3


@dataclass(frozen=True)
class UnitGraph:
    """Units (cells or transformers) with their weights, and the pairs that touch.

    `weight` (n): customers or hours, none negative. `left`, `right` (m): positions of the units
    of each touching pair, each pair once. `price` (m): how much a plan minds a border there; 1 is
    plain, less is a welcome border such as a river. `x`, `y` (n): metres east and north of some
    common place.
    """

    weight: Floats
    left: Ints
    right: Ints
    price: Floats
    x: Floats
    y: Floats

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.weight)


def part_of(graph: UnitGraph, rows: Ints) -> UnitGraph:
    """The graph of some of its units alone, numbered in the order of `rows`."""
    place = np.full(graph.units, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    left, right = place[graph.left], place[graph.right]
    kept = (left >= 0) & (right >= 0)
    return UnitGraph(
        graph.weight[rows], left[kept], right[kept], graph.price[kept], graph.x[rows], graph.y[rows]
    )


def graph_of_cells(
    cells: ArrayLike, weight: ArrayLike, *, price: ArrayLike | None = None
) -> UnitGraph:
    """Graph of distinct H3 cells; pairs in the order of `cell_parts.touching_pairs`.

    `price`: of each of these pairs, as from `barrier_price`; by default 1.
    Raises ValueError on a weight that is negative, missing, or not one for each cell.
    """
    left, right = touching_pairs(cells)
    return _graph(*centres(cells), weight, pairs=(left, right), price=price)


def graph_of_points(lon: ArrayLike, lat: ArrayLike, weight: ArrayLike) -> UnitGraph:
    """Graph of transformers: points touch where their Delaunay triangles share a side.

    `lon`, `lat`: WGS-84 degrees. Points in one place touch the first of them, points on one line
    touch the next ones along it, and a point without a position touches none.
    Raises ValueError on weights as `graph_of_cells` does.
    """
    x, y = (np.asarray(axis, dtype=np.float64) for axis in (lon, lat))
    return _graph(x, y, weight, pairs=_point_pairs(*_metres(x, y)), price=None)


def _graph(
    lon: Floats,
    lat: Floats,
    weight: ArrayLike,
    *,
    pairs: tuple[Ints, Ints],
    price: ArrayLike | None,
) -> UnitGraph:
    weights = np.asarray(weight, dtype=np.float64)
    if weights.shape != lon.shape or not np.all(weights >= 0) or not np.all(np.isfinite(weights)):
        raise ValueError("each unit needs one weight, none of them negative or missing")
    prices = np.ones(len(pairs[0])) if price is None else np.asarray(price, dtype=np.float64)
    if prices.shape != pairs[0].shape:
        raise ValueError(f"{len(pairs[0])} pairs touch, {prices.shape} prices are given")
    return UnitGraph(weights, *pairs, prices, *_metres(lon, lat))


def _metres(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Metres east and north of the middle of all placed points."""
    placed = np.isfinite(lon) & np.isfinite(lat)
    if not placed.any():
        return np.full(len(lon), np.nan), np.full(len(lon), np.nan)
    return offset_m(lon[placed].mean(), lat[placed].mean(), lon, lat)


def _point_pairs(x: Floats, y: Floats) -> tuple[Ints, Ints]:
    placed = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    places = np.column_stack((x, y))[placed]
    distinct, first, place_of = np.unique(places, axis=0, return_index=True, return_inverse=True)
    twins = np.setdiff1d(np.arange(len(placed)), first)
    sides = first[delaunay_sides(distinct)]
    joined = np.column_stack((first[place_of.ravel()[twins]], twins))
    both = placed[np.concatenate((sides.reshape(-1, 2), joined))]
    both.sort(axis=1)
    return both[:, 0], both[:, 1]


def delaunay_sides(places: Floats) -> Ints:
    """Positions (m rows of two) of the distinct places (n rows of x, y) whose triangles touch.

    Places on one line, or fewer than three, touch the next ones along it.
    """
    if len(places) < _LEAST_FOR_A_SURFACE:
        return _along_a_line(places)
    try:
        corners = Delaunay(places).simplices
    except QhullError:
        return _along_a_line(places)
    sides = np.sort(corners[:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2), axis=1)
    found = np.unique(sides, axis=0).astype(np.int64)
    missed = np.setdiff1d(np.arange(len(places)), found)
    return found if len(missed) == 0 else _along_a_line(places)


def _along_a_line(places: Floats) -> Ints:
    if len(places) == 0:
        return np.empty((0, 2), dtype=np.int64)
    spread = np.ptp(places, axis=0)
    order = np.argsort(places[:, int(spread[1] > spread[0])], kind="stable")
    return np.column_stack((order[:-1], order[1:]))


def sum_by(labels: Ints, values: Floats, count: int) -> Floats:
    """Sum of the values under each label from 0 to `count` - 1; what is under -1 counts nowhere."""
    placed = labels >= 0
    sums = np.bincount(labels[placed], values[placed], minlength=count)
    return np.asarray(sums, dtype=np.float64)


def touching_matrix(graph: UnitGraph, *, kept: NDArray[np.bool_] | None = None) -> csr_array:
    """Both directions of the touching pairs as a sparse matrix of prices; only `kept` pairs."""
    chosen = slice(None) if kept is None else kept
    left, right, price = graph.left[chosen], graph.right[chosen], graph.price[chosen]
    ends = np.concatenate((left, right)), np.concatenate((right, left))
    shape = (graph.units, graph.units)
    return csr_array(coo_array((np.concatenate((price, price)), ends), shape=shape))


def pieces(graph: UnitGraph, *, kept: NDArray[np.bool_] | None = None) -> tuple[int, Ints]:
    """Number of connected pieces and the piece of each unit; over the `kept` pairs, by default all.

    A unit that touches none is a piece of its own.
    """
    count, piece_of = connected_components(_joins(graph, kept), directed=False)
    return int(count), piece_of.astype(np.int64)


def _joins(graph: UnitGraph, kept: NDArray[np.bool_] | None) -> coo_array:
    """Pairs in one direction: enough where direction does not count; prices may be 0, joins not."""
    chosen = slice(None) if kept is None else kept
    left, right = graph.left[chosen], graph.right[chosen]
    marks = np.ones(len(left), dtype=np.int8)
    return coo_array((marks, (left, right)), shape=(graph.units, graph.units))


def barrier_price(cells: Cells, barriers: ArrayLike, *, price: float, plain: float = 1.0) -> Floats:
    """Price of a border at each touching pair of cells: `price` across a barrier, else `plain`.

    `barriers`: shapely lines or polygons (WGS-84) of rivers, railways, expressways. A pair is
    parted where the segment between the two centres meets one. In the order of `graph_of_cells`.
    """
    left, right = touching_pairs(cells)
    places = np.column_stack(centres(cells))
    segments = shapely.linestrings(np.stack((places[left], places[right]), axis=1))
    shapes = np.asarray(barriers, dtype=object).ravel()
    prices = np.full(len(left), plain)
    if len(left) and len(shapes):
        prices[shapely.STRtree(segments).query(shapes, predicate="intersects")[1]] = price
    return prices
