"""Shapes out of a file: from its layer or from text, mended, in WGS-84."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from loaders.findings import Findings
from loaders.raw import is_text

Shapes = NDArray[np.object_]
Convert = Callable[[Any, Any], tuple[Any, Any]]

POINT, LINE, POLYGON = 0, 1, 3
_FAMILY = {0: POINT, 1: LINE, 2: LINE, 3: POLYGON, 4: POINT, 5: LINE, 6: POLYGON}
_WORDS = {POINT: "POINT", LINE: "LINESTRING", POLYGON: "POLYGON"}


def shapes_of_column(array: pa.Array, column: str, findings: Findings) -> Shapes:
    """Shapes written as WKT, GeoJSON, or WKB (bytes or hexadecimal); None where empty."""
    if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
        values = array.to_numpy(zero_copy_only=False)
        shapes = shapely.from_wkb(values, on_invalid="ignore")
        findings.reject(_lost(values, shapes), column, "bad_shape", "WKB")
        return np.asarray(shapes, dtype=object)
    if not is_text(array):
        return np.full(len(array), None, dtype=object)
    values = np.array([(text or "").strip() or None for text in array.to_pylist()], dtype=object)
    shapes = np.array([_shape(text) for text in values], dtype=object)
    findings.reject(_lost(values, shapes), column, "bad_shape", "WKT, GeoJSON, WKB")
    return shapes


def _lost(values: Any, shapes: Any) -> NDArray[np.bool_]:
    given = np.array([value is not None for value in values], dtype=bool)
    lost: NDArray[np.bool_] = given & shapely.is_missing(shapes)
    return lost


def _shape(text: str | None) -> Any:
    if text is None:
        return None
    if text.startswith("{"):
        return shapely.from_geojson(text, on_invalid="ignore")
    if text[:2] in ("00", "01"):
        return shapely.from_wkb(text, on_invalid="ignore")
    return shapely.from_wkt(text.split(";")[-1], on_invalid="ignore")


def checked_shapes(
    shapes: Shapes, column: str, findings: Findings, *, family: int | None
) -> Shapes:
    """Flat shapes of one family (POINT, LINE, POLYGON; None: any), outlines mended.

    Reports wrong_shape, bad_shape (nothing in it) and shape_mended.
    """
    flat = shapely.force_2d(shapes)
    present = ~shapely.is_missing(flat)
    empty = present & (shapely.is_empty(flat) | ~np.isfinite(shapely.bounds(flat)).all(axis=1))
    findings.reject(empty, column, "bad_shape", "")
    if family == POLYGON:
        flat = _mended(flat, present & ~empty, column, findings)
    if family is not None:
        kinds = shapely.get_type_id(flat)
        other = np.array([_FAMILY.get(int(k), -1) != family for k in kinds])
        findings.reject(present & ~empty & other, column, "wrong_shape", _WORDS[family])
    return np.asarray(flat, dtype=object)


def _mended(shapes: Any, present: NDArray[np.bool_], column: str, findings: Findings) -> Any:
    broken = present & ~shapely.is_valid(shapes)
    if not broken.any():
        return shapes
    mended = shapes.copy()
    mended[broken] = [_polygons_of(shape) for shape in shapely.make_valid(shapes[broken])]
    healed = broken & ~shapely.is_empty(mended)
    findings.correct(healed, column, "shape_mended", "")
    findings.reject(broken & ~healed, column, "bad_shape", "POLYGON")
    return mended


def _polygons_of(shape: Any) -> Any:
    """The polygons of a mended outline, without the stray lines mending leaves."""
    parts = [p for p in shapely.get_parts(shapely.get_parts(shape)) if p.geom_type == "Polygon"]
    if not parts:
        return shapely.MultiPolygon()
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def converted(shapes: Shapes, convert: Convert) -> Shapes:
    """The shapes with every coordinate pair run through `convert` at once."""
    if len(shapes) == 0:
        return shapes

    def move(pairs: Any) -> Any:
        x, y = convert(pairs[:, 0], pairs[:, 1])
        return np.column_stack([x, y])

    return np.asarray(shapely.transform(shapes, move), dtype=object)


def as_wkb(shapes: Shapes) -> list[bytes | None]:
    """The shapes as WKB bytes, None where there is none."""
    return list(shapely.to_wkb(shapes))


def points_of(shapes: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One point for each shape: itself, or for lines and outlines a point inside; NaN for none."""
    usable = np.array(shapes, dtype=object)
    usable[shapely.is_empty(usable)] = None
    is_point = shapely.get_type_id(usable) == POINT
    points = usable.copy()
    points[~is_point] = None
    others = ~is_point & ~shapely.is_missing(usable)
    if others.any():
        points[others] = shapely.point_on_surface(usable[others])
    return shapely.get_x(points), shapely.get_y(points)
