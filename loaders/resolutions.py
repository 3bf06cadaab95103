"""Cells of a file brought to the base resolution of the store."""

from dataclasses import replace

import h3ronpy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from grid_cells.cells import resolutions
from loaders.checking import Sheet

Cells = NDArray[np.int64]


def at_base_resolution(sheet: Sheet) -> Sheet:
    """The sheet with a coarser cell's row once for each child at the base resolution.

    Rows with a finer cell are rejected (cell_finer), those up to the options' `finest` are kept.
    """
    if "cell_id" not in sheet.frame.columns:
        return sheet
    cells = sheet.frame["cell_id"].to_numpy(np.int64)
    base = sheet.options.resolution
    level = np.where(cells == 0, base, resolutions(cells))
    finest = base if sheet.options.finest is None else sheet.options.finest
    sheet.findings.reject(level > finest, "cell_id", "cell_finer", f"≤ {finest}")
    if not (level < base).any():
        return sheet
    rows, children = expanded(np.where(level > base, 0, cells), base)
    is_kept = (level > base) & (level <= finest)
    children = np.where(is_kept[rows], cells[rows], children)
    frame = sheet.frame.iloc[rows].assign(cell_id=children)
    return replace(sheet, frame=frame)


def expanded(cells: Cells, resolution: int) -> tuple[NDArray[np.int64], Cells]:
    """Positions and the cells at `resolution` beneath them; 0 stays one 0."""
    placed = np.flatnonzero(cells)
    given = cells[placed].view(np.uint64)
    lists = pa.array(h3ronpy.change_resolution_list(given, resolution))
    counts = np.diff(lists.offsets.to_numpy())
    below = pc.list_flatten(lists).to_numpy().view(np.int64)
    empty = np.flatnonzero(cells == 0)
    rows = np.concatenate([np.repeat(placed, counts), empty])
    children = np.concatenate([below, np.zeros(len(empty), np.int64)])
    order = np.argsort(rows, kind="stable")
    return rows[order], children[order]
