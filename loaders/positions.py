"""Where things are: coordinates checked and turned into WGS-84 and cells."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from grid_cells.cells import points_to_cells
from grid_cells.datum import DATUMS, normal_datum, to_wgs84
from grid_cells.errors import FileRejected
from loaders.contract import LoadOptions
from loaders.findings import Findings
from loaders.raw import RawTable
from loaders.rules import FAR_ROWS, FAR_TIMES, SAME_PLACE_DEGREES

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_GEOGRAPHIC_TWINS = {"EPSG:4326": "wgs84", "EPSG:4979": "wgs84", "EPSG:4490": "cgcs2000"}
_NULL_ISLAND_DEGREES = 1e-6
_ENOUGH = 5
_MOSTLY = 0.5
_FEW = 0.2
_MAX_LON, _MAX_LAT = 180, 90


@dataclass(frozen=True)
class Frame:
    """How a file's coordinates are to be read: what to call it, how to get to WGS-84.

    `degrees` tells whether the given coordinates are longitude and latitude.
    """

    name: str
    degrees: bool
    convert: Callable[[Any, Any], tuple[Any, Any]]


def frame_of_reference(raw: RawTable, findings: Findings, options: LoadOptions) -> Frame:
    """The stated datum, else the file's own system; raises FileRejected datum_missing.

    A file in a projected system keeps it under a datum stated in degrees: then the unprojected
    longitude and latitude are read in that datum, and a warning says so.
    """
    stated = normal_datum(options.datum) if options.datum else None
    own = _own_system(raw)
    if stated is None:
        if own is None:
            raise FileRejected("datum_missing", file=raw.file, datums=", ".join(DATUMS))
        return _frame_of_system(own)
    if own is not None and own.is_projected and stated in DATUMS:
        findings.warn("file_crs_used", file=raw.file, crs=_system_name(own), datum=stated)
        return _unprojected(own, stated)
    if own is not None and _system_name(own) == stated:
        return _frame_of_system(own)  # a layer's easting comes first, whatever the authority says
    return Frame(stated, _is_in_degrees(stated), lambda x, y: to_wgs84(x, y, stated))


def _own_system(raw: RawTable) -> pyproj.CRS | None:
    if not raw.crs:
        return None
    try:
        return pyproj.CRS.from_user_input(raw.crs)
    except pyproj.exceptions.CRSError:
        return None


def _system_name(system: pyproj.CRS) -> str:
    code = system.to_epsg()
    return f"EPSG:{code}" if code else system.name


def _frame_of_system(own: pyproj.CRS) -> Frame:
    name = _system_name(own)
    if name in _GEOGRAPHIC_TWINS:
        twin = _GEOGRAPHIC_TWINS[name]
        return Frame(twin, True, lambda x, y: to_wgs84(x, y, twin))
    return Frame(name, own.is_geographic, _by_system(own))


def _by_system(own: pyproj.CRS) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Layers write easting first whatever the authority's order is."""
    home = pyproj.Transformer.from_crs(own, "EPSG:4326", always_xy=True)

    def convert(x: Any, y: Any) -> tuple[Any, Any]:
        lon, lat = home.transform(np.array(x, dtype=float), np.array(y, dtype=float))
        lost = ~(np.isfinite(lon) & np.isfinite(lat))
        return np.where(lost, np.nan, lon), np.where(lost, np.nan, lat)

    return convert


def _unprojected(own: pyproj.CRS, stated: str) -> Frame:
    home = _by_system(own)
    if stated in ("wgs84", "cgcs2000"):
        return Frame(_system_name(own), False, home)
    return Frame(f"{_system_name(own)} {stated}", False, lambda x, y: to_wgs84(*home(x, y), stated))


def _is_in_degrees(datum: str) -> bool:
    return datum in DATUMS or pyproj.CRS.from_user_input(datum).is_geographic


def placed(
    frame: pd.DataFrame, given: tuple[Floats, Floats], findings: Findings, options: LoadOptions
) -> pd.DataFrame:
    """The frame with lon, lat (WGS-84), given_x, given_y, given_datum and cell_id (0: unplaced).

    `given`: the two coordinates as the file has them, NaN for nothing. Reports half_position,
    null_island, lon_lat_exchanged, coordinates_out_of_range and far_from_rest.
    """
    x, y = given
    known = np.isfinite(x) & np.isfinite(y)
    for column, lacking in (("lon", ~np.isfinite(x)), ("lat", ~np.isfinite(y))):
        findings.reject(lacking & (np.isfinite(x) | np.isfinite(y)), column, "half_position", "")
    if not known.any():
        return _with_position(frame, given, (x, y), "", options.resolution)
    reference = frame_of_reference(findings.raw, findings, options)
    lost = known & (np.abs(x) < _NULL_ISLAND_DEGREES) & (np.abs(y) < _NULL_ISLAND_DEGREES)
    findings.reject(lost, "lon", "null_island", "lon, lat")
    usable = known & ~lost
    if reference.degrees:
        usable &= ~_reject_misplaced(x, y, usable, findings)
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[usable], lat[usable] = reference.convert(x[usable], y[usable])
    nowhere = usable & ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lat) <= _MAX_LAT))
    findings.reject(nowhere, "lon", "coordinates_out_of_range", reference.name)
    far = _far_from_rest(lon, lat)
    findings.reject(far, "lon", "far_from_rest", "lon, lat")
    return _with_position(frame, given, (lon, lat), reference.name, options.resolution)


def _with_position(
    frame: pd.DataFrame,
    given: tuple[Floats, Floats],
    place: tuple[Floats, Floats],
    datum: str,
    resolution: int,
) -> pd.DataFrame:
    known = np.isfinite(place[0])
    texts = pd.Series(datum, index=range(len(known)), dtype="str").where(known)
    return frame.assign(
        lon=place[0],
        lat=place[1],
        given_x=given[0],
        given_y=given[1],
        given_datum=texts,
        cell_id=points_to_cells(place[0], place[1], resolution),
    )


def _reject_misplaced(x: Floats, y: Floats, usable: Mask, findings: Findings) -> Mask:
    """Rows of degrees that are no place, or one only with the coordinates exchanged."""
    outside = usable & ((np.abs(x) > _MAX_LON) | (np.abs(y) > _MAX_LAT))
    mirrored = outside & (np.abs(y) <= _MAX_LON) & (np.abs(x) <= _MAX_LAT)
    if mirrored.sum() >= _ENOUGH and mirrored.sum() > _MOSTLY * usable.sum():
        raise FileRejected("lon_lat_exchanged_all", file=findings.raw.file)
    exchanged = mirrored | _exchanged_beside_rest(x, y, usable & ~outside)
    findings.reject(exchanged, "lon", "lon_lat_exchanged", "lon, lat")
    nowhere = outside & ~mirrored
    findings.reject(
        nowhere & (np.abs(x) > _MAX_LON), "lon", "coordinates_out_of_range", "-180 … 180"
    )
    findings.reject(nowhere & (np.abs(y) > _MAX_LAT), "lat", "coordinates_out_of_range", "-90 … 90")
    return outside | exchanged


def _far_from_rest(lon: Floats, lat: Floats) -> Mask:
    """Points much further from the middle of all than nearly all others."""
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.sum() < FAR_ROWS:
        return np.zeros(len(lon), dtype=bool)
    away = _distance(lon - np.median(lon[known]), lat - np.median(lat[known]))
    limit = max(SAME_PLACE_DEGREES, FAR_TIMES * float(np.quantile(away[known], 0.95)))
    far: Mask = known & (away > limit)
    return far


def _exchanged_beside_rest(x: Floats, y: Floats, inside: Mask) -> Mask:
    """Rows far from the middle of all others that lie near it once exchanged."""
    none = np.zeros(len(x), dtype=bool)
    if inside.sum() < _ENOUGH:
        return none
    middle_x, middle_y = np.median(x[inside]), np.median(y[inside])
    away = _distance(x - middle_x, y - middle_y)
    far = inside & (away > SAME_PLACE_DEGREES)
    if not far.any() or far.sum() > _FEW * inside.sum():
        return none
    near: Mask = _distance(y - middle_x, x - middle_y) <= SAME_PLACE_DEGREES
    return far & near


def _distance(dx: Floats, dy: Floats) -> Floats:
    return np.maximum(np.abs(dx), np.abs(dy))
