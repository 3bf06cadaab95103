"""Shapes as they come in frames: WKB bytes or shapely, made clean."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray


def as_shapes(values: Iterable[object]) -> NDArray[np.object_]:
    """Each value as a valid two-dimensional shapely geometry, None where there is none.

    Takes shapely geometries, WKB bytes, and anything missing.
    """
    shapes = np.array([_shape(value) for value in values], dtype=object)
    return np.asarray(shapely.make_valid(shapely.force_2d(shapes)), dtype=object)


def _shape(value: object) -> shapely.Geometry | None:
    if isinstance(value, shapely.Geometry):
        return None if value.is_empty else value
    if isinstance(value, bytes | bytearray | memoryview):
        return _shape(shapely.from_wkb(bytes(value)))
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN alone differs
        return None
    raise TypeError(f"no shape: {type(value).__name__}")
