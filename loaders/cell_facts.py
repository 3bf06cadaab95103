"""Figures about cells: population, ages, potential for PV and whatever else is mapped."""

from dataclasses import replace
from pathlib import Path

import h3ronpy.vector
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from h3ronpy import ContainmentMode
from numpy.typing import NDArray

from grid_cells.cells import points_to_cells
from loaders.checking import (
    Sheet,
    deduplicated,
    finished,
    open_sheet,
    require_one_of,
    shaped,
)
from loaders.contract import Loaded, LoadOptions
from loaders.resolutions import at_base_resolution
from loaders.shapes import POLYGON, points_of

COUNTED = frozenset(
    {"person", "persons", "people", "population", "customer", "customers", "household"}
    | {"households", "job", "jobs", "count", "number", "kwh", "kw", "mw", "mwh", "1"}
    | {"人", "户", "个", "台", "元"}
)
"""Units of figures that add up: a shape's or coarse cell's figure is divided among its cells.
All other figures (shares, ages, minutes, per-km²) hold in each of the cells alike."""


def load_cell_facts(source: Path, options: LoadOptions) -> Loaded:
    """Checked figures, one row for a cell at the base resolution, measure and moment.

    A figure of a polygon goes to the cells whose centre lies in it (at least one), that of a
    coarser cell to its children: divided evenly where its unit counts things, else copied.
    Raises FileRejected.
    """
    sheet, shapes = shaped(open_sheet(source, "cell_facts", options), family=POLYGON)
    require_one_of(sheet, "cell_id", "geometry")
    if "cell_id" in sheet.frame.columns or not len(shapes):
        sheet = deduplicated(sheet)
        return finished(_divided(at_base_resolution(sheet), sheet))
    return finished(_divided(_by_shape(sheet, shapes), sheet))


def _by_shape(sheet: Sheet, shapes: NDArray[np.object_]) -> Sheet:
    usable = shapes.copy()
    usable[~sheet.findings.kept] = None
    rows, cells = cells_by_centre(usable, sheet.options.resolution)
    frame = sheet.frame.drop(columns="geometry").iloc[rows].assign(cell_id=cells)
    return replace(sheet, frame=frame)


def cells_by_centre(
    shapes: NDArray[np.object_], resolution: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the shapes and the cells whose centres they hold; one cell for a thin shape."""
    present = np.flatnonzero(~shapely.is_missing(shapes))
    wkb = pa.array(shapely.to_wkb(shapes[present]), pa.large_binary())
    lists = pa.array(
        h3ronpy.vector.wkb_to_cells(
            wkb, resolution, containment_mode=ContainmentMode.ContainsCentroid, flatten=False
        )
    )
    counts = np.diff(lists.offsets.to_numpy())
    rows = np.repeat(present, counts)
    cells = pc.list_flatten(lists).to_numpy().view(np.int64)
    thin = present[counts == 0]
    lon, lat = points_of(shapes[thin])
    all_rows = np.concatenate([rows, thin])
    all_cells = np.concatenate([cells, points_to_cells(lon, lat, resolution)])
    order = np.argsort(all_rows, kind="stable")
    return all_rows[order], all_cells[order]


def _divided(spread: Sheet, given: Sheet) -> Sheet:
    """Figures of a counting unit divided by the number of cells their row became."""
    frame = spread.frame
    if len(frame) == len(given.frame) or "unit" not in frame.columns:
        return spread
    counts = frame.groupby(level=0)["row_no"].transform("size")
    adds_up = frame["unit"].str.casefold().isin(COUNTED)
    value = frame["value"].where(~adds_up, frame["value"] / counts)
    return replace(spread, frame=frame.assign(value=value))
