"""Where high values lie together: Getis–Ord Gi* on cells, with the false discovery rate kept."""

from typing import Final

import h3ronpy
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.stats import false_discovery_control, norm

from grid_cells.cells import Cells, neighbour_pairs, parents

Floats = NDArray[np.float64]

LEAST_CELLS: Final = 3
ALPHA: Final = 0.05
OUTSIDE: Final = -1
_BLOCK: Final = 50_000
"""Cells whose neighbours are looked up at once."""
_FLAT: Final = 1e-12
"""Variance, against the size of the values, below which they are all the same."""


def getis_ord(cells: ArrayLike, values: ArrayLike, *, rings: int = 1) -> tuple[Floats, Floats]:
    """Gi* of each cell as z, and its one-sided p for high values; NaN where the value is NaN.

    `cells`: distinct, of one resolution. Neighbours are the known cells within `rings`, the cell
    itself among them, with weights of one. z = (Σ w x − x̄ W) / (s √((n W − W²) / (n − 1))) with s
    over all known cells (Ord and Getis 1995, eq. 14). Where all values are equal, or a cell has
    everybody for neighbour, nothing stands out: z 0. Under LEAST_CELLS known cells tell nothing.
    """
    given, x = np.asarray(cells, dtype=np.int64), np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(x))
    z, p = np.full(len(x), np.nan), np.full(len(x), np.nan)
    if len(known) >= LEAST_CELLS:
        z[known] = _z(*_around(given[known], x[known], rings), x[known])
        p[known] = norm.sf(z[known])
    return z, p


def _around(cells: Cells, x: Floats, rings: int) -> tuple[Floats, Floats]:
    """How many of the cells lie within so many rings of each, itself included, and their sum.

    In the order of the cells, a block after the other: neighbours are near each other there, and
    only a block's are held at once.
    """
    order = np.argsort(cells)
    ids, sorted_x = np.ascontiguousarray(cells[order]).view(np.uint64), x[order]
    count, total = np.empty(len(ids)), np.empty(len(ids))
    for start in range(0, len(ids), _BLOCK):
        block = slice(start, start + _BLOCK)
        disks = pa.array(h3ronpy.grid_disk(ids[block], rings, flatten=False))
        first, near = disks.offsets.to_numpy()[:-1], disks.flatten().to_numpy()
        at = np.minimum(np.searchsorted(ids, near), len(ids) - 1)
        is_known = ids[at] == near
        count[order[block]] = np.add.reduceat(is_known, first, dtype=np.int64)
        total[order[block]] = np.add.reduceat(np.where(is_known, sorted_x[at], 0.0), first)
    return count, total


def _z(near: Floats, total: Floats, x: Floats) -> Floats:
    n, mean = len(x), x.mean()
    spread = float(np.mean((x - mean) ** 2))
    if spread <= _FLAT * max(float(np.mean(x**2)), _FLAT):
        return np.zeros(n)
    under = np.sqrt(spread * (n * near - near**2) / (n - 1))
    above = total - mean * near
    z: Floats = np.divide(above, under, out=np.zeros(n), where=under > 0)
    return z


def adjusted(p: ArrayLike) -> Floats:
    """Benjamini–Hochberg adjusted p of the known ones (NaN stays): below α is a discovery at α."""
    given = np.asarray(p, dtype=np.float64)
    known = ~np.isnan(given)
    found = np.full(len(given), np.nan)
    if known.any():
        found[known] = false_discovery_control(given[known], method="bh")
    return found


def clusters(cells: ArrayLike, is_hot: ArrayLike) -> NDArray[np.int64]:
    """Number of the hotspot of each cell, largest first from 0, OUTSIDE elsewhere.

    Significant cells that touch are one hotspot; of equally large ones the one with the lowest
    cell comes first.
    """
    given, hot = np.asarray(cells, dtype=np.int64), np.asarray(is_hot, dtype=bool)
    found = np.full(len(given), OUTSIDE, dtype=np.int64)
    if not hot.any():
        return found
    inside = given[hot]
    i, j = neighbour_pairs(inside)
    touching = coo_matrix((np.ones(len(i)), (i, j)), shape=(len(inside), len(inside)))
    count, label = connected_components(touching, directed=False)
    lowest = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(lowest, label, inside)
    rank = np.empty(count, dtype=np.int64)
    rank[np.lexsort((lowest, -np.bincount(label)))] = np.arange(count)
    found[hot] = rank[label]
    return found


def renumbered(numbers: ArrayLike) -> NDArray[np.int64]:
    """The numbers of hotspots without gaps, in their order from 0; OUTSIDE stays."""
    given = np.asarray(numbers, dtype=np.int64)
    place = np.searchsorted(np.unique(given[given != OUTSIDE]), given)
    return np.where(given == OUTSIDE, OUTSIDE, place).astype(np.int64)


def rolled_up(cells: pd.DataFrame, resolution: int) -> pd.DataFrame:
    """Sums by parent at the resolution: every column but cell_id is summed, unknown stays unknown.

    A parent of which no child is known is NaN; else the known children are summed.
    """
    up = parents(cells["cell_id"].to_numpy(np.int64), resolution)
    rest = cells.drop(columns="cell_id")
    return rest.groupby(up).sum(min_count=1).rename_axis("cell_id").reset_index()


def hotspots(
    cells: ArrayLike, values: ArrayLike, *, rings: int = 1, alpha: float = ALPHA
) -> pd.DataFrame:
    """The cells with their evidence: cell_id, value, z, p, adjusted_p, is_hot, hotspot.

    `hotspot` is the number from `clusters`; cells of unknown value are never hot.
    """
    given, x = np.asarray(cells, dtype=np.int64), np.asarray(values, dtype=np.float64)
    z, p = getis_ord(given, x, rings=rings)
    q = adjusted(p)
    hot = np.nan_to_num(q, nan=1.0) < alpha
    columns = {"value": x, "z": z, "p": p, "adjusted_p": q, "is_hot": hot}
    return pd.DataFrame({"cell_id": given, **columns, "hotspot": clusters(given, hot)})
