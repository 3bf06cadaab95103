"""Which area a unit that is in none should be given to: touching areas first, then the nearest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from grid_cells.unit_graph import Floats, Ints, UnitGraph, sum_by

Bools = NDArray[np.bool_]
Crosses = Callable[[Ints, Ints], Bools]


@dataclass(frozen=True)
class Ground:
    """The units of a plan with the areas they are in.

    graph: touching units, weighted by customers; area: place of each unit's area, below 0 in none
    or two; station: upper unit of each unit, area_station of each area, -1 unknown; may_take: per
    area; crosses: per pair of units whether a barrier lies between them.
    """

    graph: UnitGraph
    area: Ints
    station: Ints
    area_station: Ints
    may_take: Bools
    crosses: Crosses

    @cached_property
    def work(self) -> Floats:
        """Customers of each area."""
        return sum_by(self.area, self.graph.weight, len(self.area_station))


@dataclass(frozen=True)
class Gift:
    """The area that should take a group of units, and why.

    to: the area's place; sides: pairs of touching units the group has with it, of: with anybody;
    distance_m: between the nearest two units; share: the group's customers by those the area has
    (NaN where it has none); is_parted: a barrier lies between.
    """

    to: int
    sides: int
    of: int
    distance_m: float
    share: float
    is_parted: bool


def crossing(lon: ArrayLike, lat: ArrayLike, barriers: ArrayLike) -> Crosses:
    """A question of pairs of places: does a barrier (WGS-84 lines, polygons) lie between them."""
    places = np.column_stack((np.asarray(lon, np.float64), np.asarray(lat, np.float64)))
    tree = shapely.STRtree(np.asarray(barriers, dtype=object).ravel())

    def crosses(left: Ints, right: Ints) -> Bools:
        found = np.zeros(len(left), dtype=bool)
        ends = np.stack((places[left], places[right]), axis=1)
        known = np.flatnonzero(np.isfinite(ends).all(axis=(1, 2)))
        if len(known) and len(tree.geometries):
            segments = shapely.linestrings(ends[known])
            found[known[tree.query(segments, predicate="intersects")[0]]] = True
        return found

    return crosses


def groups(ground: Ground, stray: Ints) -> list[Ints]:
    """The stray units that touch, of one station and on one side of every barrier, together."""
    is_stray = np.zeros(ground.graph.units, dtype=bool)
    is_stray[stray] = True
    left, right = ground.graph.left, ground.graph.right
    kept = is_stray[left] & is_stray[right] & (ground.station[left] == ground.station[right])
    left, right = left[kept], right[kept]
    open_pairs = ~ground.crosses(left, right)
    shape = (ground.graph.units, ground.graph.units)
    marks = np.ones(int(open_pairs.sum()), dtype=np.int8)
    joins = coo_array((marks, (left[open_pairs], right[open_pairs])), shape=shape)
    _, piece = connected_components(joins, directed=False)
    rows = np.flatnonzero(is_stray)
    return [rows[piece[rows] == one] for one in dict.fromkeys(piece[rows].tolist())]


def receiver(ground: Ground, rows: Ints, among: Ints | None = None) -> Gift | None:
    """The area that a group of units should be given to, None where none may take it.

    Areas of the group's own station come alone where there are any; `among`: only these. First
    counts the border shared with the group, without barriers; then whether a barrier lies between,
    the distance to the nearest unit in whole metres, the fewest customers, and the first place.
    """
    candidates = _candidates(ground, rows, among)
    if not len(candidates):
        return None
    sides, of = _borders(ground, rows)
    candidates = candidates[sides[candidates] == sides[candidates].max()]
    metres, here, there = _nearest(ground, rows, candidates)
    parted = np.zeros(len(candidates), dtype=bool)
    known = (here >= 0) & (sides[candidates] == 0)
    parted[known] = ground.crosses(here[known], there[known])
    work = ground.work[candidates]
    best = int(np.lexsort((candidates, work, np.round(metres), parted))[0])
    to, added = int(candidates[best]), float(ground.graph.weight[rows].sum())
    share = added / float(work[best]) if work[best] else float("nan")
    return Gift(to, int(sides[to]), of, float(metres[best]), share, bool(parted[best]))


def _candidates(ground: Ground, rows: Ints, among: Ints | None) -> Ints:
    able = np.flatnonzero(ground.may_take)
    if among is not None:
        return np.intersect1d(able, among)
    stations = ground.station[rows]
    stations = stations[stations >= 0]
    own = able[np.isin(ground.area_station[able], stations)]
    return own if len(own) else able


def _borders(ground: Ground, rows: Ints) -> tuple[Ints, int]:
    """Sides shared with each area, barred ones left out, and sides with anybody outside."""
    inside = np.zeros(ground.graph.units, dtype=bool)
    inside[rows] = True
    left, right = ground.graph.left, ground.graph.right
    outer = inside[left] != inside[right]
    left, right = left[outer], right[outer]
    other = ground.area[np.where(inside[left], right, left)]
    counted = (other >= 0) & ~ground.crosses(left, right)
    sides = np.bincount(other[counted], minlength=len(ground.area_station))
    return sides.astype(np.int64), len(left)


def _nearest(ground: Ground, rows: Ints, candidates: Ints) -> tuple[Floats, Ints, Ints]:
    """Metres from the group to each candidate's nearest unit, and these two units (-1: none)."""
    x, y = ground.graph.x, ground.graph.y
    placed = np.isfinite(x) & np.isfinite(y)
    metres = np.full(len(candidates), np.inf)
    here = np.full(len(candidates), -1, dtype=np.int64)
    there = here.copy()
    own = rows[placed[rows]]
    others = np.flatnonzero(placed & np.isin(ground.area, candidates))
    others = others[~np.isin(others, rows)]
    if not len(own) or not len(others):
        return metres, here, there
    tree = cKDTree(np.column_stack((x[own], y[own])))
    away, at = tree.query(np.column_stack((x[others], y[others])))
    order = np.lexsort((others, away))
    first, where = np.unique(ground.area[others][order], return_index=True)
    slot = np.searchsorted(candidates, first)
    chosen = order[where]
    metres[slot], here[slot], there[slot] = away[chosen], own[at[chosen]], others[chosen]
    return metres, here, there
