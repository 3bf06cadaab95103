"""Which service promise holds at a place."""

from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from grid_cells.cells import boundaries, centres
from grid_cells.shapes import as_shapes

_NEAR_DEGREES = 1e-5
"""About a metre: so near to a border a point may lie on the other side of it than its cell."""

WAITS_FOR_CREW: Final = ("fault", "hazard")
"""Service types of reports for which a crew must come, as long as nobody found otherwise."""


def promise_classes(zones: pd.DataFrame, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.object_]:
    """Promise class of each point (city, rural or remote), None outside every zone.

    `zones`: promise_class, geometry (shapely or WKB, WGS-84). Where zones lie in one another the
    smallest counts: it is the more particular statement.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    found = np.full(len(x), None, dtype=object)
    placed = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(zones) == 0 or len(placed) == 0:
        return found
    shapes = as_shapes(zones["geometry"].to_numpy(dtype=object))
    order = np.argsort([-shape.area for shape in shapes], kind="stable")
    tree = shapely.STRtree(shapely.points(x[placed], y[placed]))
    for position in order:
        inside = tree.query(shapes[position], predicate="intersects")
        found[placed[inside]] = zones["promise_class"].iloc[position]
    return found


def cell_promise_classes(zones: pd.DataFrame, cells: ArrayLike) -> pd.DataFrame:
    """Promise class of whole cells: cell_id, promise_class (None outside), is_crossed.

    Where a zone's border crosses a cell (`is_crossed`) its points must be asked one by one.
    """
    given = np.asarray(cells, dtype=np.int64)
    crossed = np.zeros(len(given), dtype=bool)
    if len(zones) and len(given):
        tree = shapely.STRtree(boundaries(given))
        borders = shapely.boundary(as_shapes(zones["geometry"].to_numpy(dtype=object)))
        found = tree.query(borders, predicate="dwithin", distance=_NEAR_DEGREES)
        crossed[found[1]] = True
    classes = promise_classes(zones, *centres(given))
    return pd.DataFrame({"cell_id": given, "promise_class": classes, "is_crossed": crossed})


def place_states(
    crew_min: ArrayLike, promise_min: ArrayLike, *, setting_out_min: float
) -> NDArray[np.object_]:
    """Whether the promise of each place can be kept at all: kept, risk, broken or unknown.

    `crew_min`: minutes from the nearest crew's base (NaN: no way is known, which breaks nothing by
    itself, as with an order); `promise_min`: NaN where nothing is promised. At risk is what
    leaves a crew less than `setting_out_min` to be told and to set out.
    """
    drive, held = np.asarray(crew_min, dtype=np.float64), np.asarray(promise_min, dtype=np.float64)
    conditions = [np.isnan(held) | np.isnan(drive), drive > held, drive + setting_out_min > held]
    return np.select(conditions, ["unknown", "broken", "risk"], "kept").astype(object)
