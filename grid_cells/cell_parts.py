"""Cells of several resolutions in one plan: what lies in what, who counts where, what touches.

A cell of H3 does not hold its children's ground exactly, so membership goes by the index: whoever
lives in a cell that is divided counts in one of its own children, at the cell's fringe in the
nearest one, and nobody is lost or counted twice.
"""

from typing import Final

import h3ronpy
import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from grid_cells.cells import (
    Cells,
    Floats,
    centres,
    neighbour_pairs,
    parents,
    points_to_cells,
    resolutions,
)

Rows = NDArray[np.int64]

FINER: Final = 2
COARSER: Final = 3
"""Steps by which a plan's cells may be finer or coarser than the store's own resolution."""
_LAST: Final = 15


def limits(resolution: int) -> tuple[int, int]:
    """The coarsest and the finest resolution of a plan's cells in a store of that resolution."""
    return max(resolution - COARSER, 0), min(resolution + FINER, _LAST)


def children(cells: ArrayLike) -> tuple[Rows, Cells]:
    """Place of the parent in `cells`, and the child, for every child of every cell (none 0)."""
    given = np.asarray(cells, dtype=np.int64)
    found_in, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    level = resolutions(given)
    for resolution in np.unique(level).tolist():
        rows = np.flatnonzero(level == resolution)
        parts = pa.array(
            h3ronpy.change_resolution_list(given[rows].view(np.uint64), resolution + 1)
        )
        found_in.append(np.repeat(rows, np.diff(parts.offsets.to_numpy())))
        found.append(parts.values.to_numpy().view(np.int64))
    owner, kids = np.concatenate(found_in), np.concatenate(found)
    order = np.lexsort((kids, owner))
    return owner[order], kids[order]


def parent_of(cells: ArrayLike) -> Cells:
    """The parent of each cell, one step coarser."""
    given = np.asarray(cells, dtype=np.int64)
    level = resolutions(given)
    found = np.zeros(len(given), dtype=np.int64)
    for resolution in np.unique(level).tolist():
        at = level == resolution
        found[at] = parents(given[at], max(resolution - 1, 0))
    return found


def below(cells: ArrayLike, resolution: int) -> tuple[Rows, Cells]:
    """Place in `cells` and the cell of the resolution, for every cell of it within each of them.

    Cells finer than the resolution are in their ancestor; no cell (0) stays as it is.
    """
    now = np.asarray(cells, dtype=np.int64)
    row = np.arange(len(now))
    deeper = resolutions(now) > resolution
    now = now.copy()
    now[deeper] = parents(now[deeper], resolution)
    while (split := (resolutions(now) < resolution) & (now != 0)).any():
        owner, kids = children(now[split])
        row = np.concatenate([row[~split], row[split][owner]])
        now = np.concatenate([now[~split], kids])
    return row, now


def ancestors(cells: ArrayLike, coarsest: int) -> Cells:
    """Every cell that holds one of these, from the `coarsest` resolution on, they not included."""
    given = np.asarray(cells, dtype=np.int64)
    level = resolutions(given)
    found = [
        np.unique(parents(given[level > resolution], resolution))
        for resolution in range(coarsest, int(level.max(initial=0)))
    ]
    return np.unique(np.concatenate([np.empty(0, np.int64), *found]))


def refine(cells: ArrayLike, others: ArrayLike) -> tuple[Cells, Rows]:
    """The cells, cut down to the finer ones of the others in them, and whence each came.

    Places in `cells` in their order; cells that need no cut are left as they are.
    """
    now = np.asarray(cells, dtype=np.int64)
    row = np.arange(len(now))
    coarsest = int(resolutions(now).min(initial=_LAST))
    held = ancestors(others, coarsest)
    while (split := np.isin(now, held)).any():
        owner, kids = children(now[split])
        row = np.concatenate([row[~split], row[split][owner]])
        now = np.concatenate([now[~split], kids])
    order = np.lexsort((now, row))
    return now[order], row[order]


def within(cells: ArrayLike, units: ArrayLike) -> Cells:
    """The unit that is each cell or holds it, of several the finest; the cell itself where none."""
    given = np.asarray(cells, dtype=np.int64)
    among = np.unique(np.asarray(units, dtype=np.int64))
    level, unit_level = resolutions(given), resolutions(among)
    found = given.copy()
    for resolution in np.unique(unit_level).tolist():
        rows = np.flatnonzero((level > resolution) & (given != 0))
        up = parents(given[rows], resolution)
        held = _is_in(up, among[unit_level == resolution])
        found[rows[held]] = up[held]
    own = _is_in(given, among)
    found[own] = given[own]
    return found


def counted_in(cells: ArrayLike, lon: ArrayLike, lat: ArrayLike, units: ArrayLike) -> Cells:
    """The unit in which whoever lives in a cell counts, the finest one; the cell itself where none.

    cells: the store's cell of each (0 = unplaced); lon, lat: their places (WGS-84), NaN unknown,
    asked only where units lie below the cells: who has no place counts in the middle one.
    """
    homes = np.asarray(cells, dtype=np.int64)
    store = int(resolutions(homes.max(initial=0)))  # a finer cell is the larger number
    among = np.unique(np.asarray(units, dtype=np.int64))
    level = resolutions(among)
    if bool(np.all(level == store)):
        return homes
    found = within(homes, among[level <= store])
    x, y = (np.asarray(axis, dtype=np.float64) for axis in (lon, lat))
    for resolution in np.unique(level[level > store]).tolist():
        fine = among[level == resolution]
        rows = np.flatnonzero(_is_in(homes, np.unique(parents(fine, store))))
        deep = descend(homes[rows], x[rows], y[rows], resolution)
        held = _is_in(deep, fine)
        found[rows[held]] = deep[held]
    return found


def descend(cells: Cells, lon: Floats, lat: Floats, resolution: int) -> Cells:
    """The cell of the finer resolution below each cell in which the place lies, or the nearest."""
    now = np.asarray(cells, dtype=np.int64)
    first = int(resolutions(now).min(initial=resolution))
    for step in range(first + 1, resolution + 1):
        deeper = points_to_cells(lon, lat, step)
        aside = np.flatnonzero(parents(deeper, step - 1) != now)
        deeper[aside] = _nearest_child(now[aside], lon[aside], lat[aside])
        now = deeper
    return now


def _nearest_child(cells: Cells, lon: Floats, lat: Floats) -> Cells:
    owner, kids = children(cells)
    middle_x, middle_y = centres(cells)
    x, y = (np.where(np.isnan(p), m, p) for p, m in ((lon, middle_x), (lat, middle_y)))
    kid_x, kid_y = centres(kids)
    shrink = np.cos(np.radians(y[owner]))
    east = (np.mod(kid_x - x[owner] + 180, 360) - 180) * shrink
    order = np.lexsort((np.hypot(east, kid_y - y[owner]), owner))
    _, first = np.unique(owner[order], return_index=True)
    return kids[order[first]]


def _is_in(cells: Cells, among: Cells) -> NDArray[np.bool_]:
    """Whether each cell is among these, which are sorted."""
    if not len(among):
        return np.zeros(len(cells), dtype=bool)
    at = np.minimum(np.searchsorted(among, cells), len(among) - 1)
    found: NDArray[np.bool_] = among[at] == cells
    return found


def touching_pairs(cells: ArrayLike) -> tuple[Rows, Rows]:
    """Positions (i, j), i < j, of every two cells that touch, each pair once.

    cells: distinct, none within another. A finer cell touches a coarser one that holds one of its
    neighbours of its own size; of one resolution in the order of `neighbour_pairs`.
    """
    given = np.asarray(cells, dtype=np.int64)
    level = resolutions(given)
    if not len(given) or level.min() == level.max():
        return neighbour_pairs(given)
    pairs = [np.empty((0, 2), np.int64)]
    for resolution in np.unique(level).tolist():
        rows = np.flatnonzero(level == resolution)
        owner, near = _around(given[rows])
        for other in np.unique(level[level <= resolution]).tolist():
            there = np.flatnonzero(level == other)
            at = _places(parents(near, other), given[there])
            found = np.column_stack([rows[owner[at >= 0]], there[at[at >= 0]]])
            pairs.append(found[found[:, 0] != found[:, 1]])
    both = np.concatenate(pairs)
    both.sort(axis=1)
    distinct = np.unique(both, axis=0)
    return distinct[:, 0], distinct[:, 1]


def shared_sides(cells: ArrayLike, left: Rows, right: Rows) -> NDArray[np.int64]:
    """How many sides of the finer cell of each touching pair lie against the coarser one."""
    given = np.asarray(cells, dtype=np.int64)
    level = resolutions(given)
    fine = np.where(level[left] >= level[right], left, right)
    coarse = np.where(level[left] >= level[right], right, left)
    count = np.ones(len(left), dtype=np.int64)
    uneven = np.flatnonzero(level[left] != level[right])
    owner, near = _around(given[fine[uneven]])
    aim = given[coarse[uneven]][owner]
    inside = np.zeros(len(near), dtype=bool)
    for resolution in np.unique(resolutions(aim)).tolist():
        at = resolutions(aim) == resolution
        inside[at] = parents(near[at], resolution) == aim[at]
    count[uneven] = np.bincount(owner[inside], minlength=len(uneven))
    return count


def _around(cells: Cells) -> tuple[Rows, Cells]:
    """Place in `cells` and the neighbour, for every neighbour of every cell, itself included."""
    disks = pa.array(h3ronpy.grid_disk(cells.view(np.uint64), 1, flatten=False))
    owner = np.repeat(np.arange(len(cells)), np.diff(disks.offsets.to_numpy()))
    return owner, disks.values.to_numpy().view(np.int64)


def _places(cells: Cells, among: Cells) -> Rows:
    order = np.argsort(among)
    at = np.minimum(np.searchsorted(among, cells, sorter=order), len(among) - 1)
    found = order[at]
    return np.where(among[found] == cells, found, -1)
