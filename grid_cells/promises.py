"""Which service promise holds at a place."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from grid_cells.shapes import as_shapes


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
