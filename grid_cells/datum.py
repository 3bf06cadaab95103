"""Datums: to and from WGS-84, and which datum a set of coordinates really is in."""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from grid_cells.cells import points_to_cells
from grid_cells.china_offset import bd_to_wgs, gcj_to_wgs, wgs_to_bd, wgs_to_gcj
from grid_cells.distance import nearest_place, offset_m, place_tree
from grid_cells.errors import UserError

Floats = NDArray[np.float64]
Points = tuple[Floats, Floats]

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")

_TO_WGS = {"gcj02": gcj_to_wgs, "bd09": bd_to_wgs}
_FROM_WGS = {"gcj02": wgs_to_gcj, "bd09": wgs_to_bd}

_SAMPLE = 20_000
_WITHIN_SHARE = 0.99
_GUARD_RESOLUTION = 9
_FEWEST_POINTS, _FEWEST_PARTNERS = 20, 3
_FEWEST_CELLS, _MANY_CELLS = 10, 50
_CLEAR_SHARE, _CLEAR_SHARE_OF_FEW = 0.8, 0.6
_NEAR_M = 150
"""Farther places (halls, say) say little about a shift of 100 to 1,100 m."""


def normal_datum(datum: str) -> str:
    """The datum's one spelling: a member of DATUMS or "EPSG:<n>"; raises datum_unknown."""
    plain = re.sub(r"[\s_\-]", "", datum).lower()
    if plain in DATUMS:
        return plain
    code = plain.removeprefix("epsg").removeprefix(":")
    if not (code.isascii() and code.isdigit()):
        raise UserError("datum_unknown", datum=datum)
    name = f"EPSG:{int(code)}"
    try:
        _crs(name)
    except pyproj.exceptions.CRSError as error:
        raise UserError("datum_unknown", datum=datum) from error
    return name


def to_wgs84(x: ArrayLike, y: ArrayLike, datum: str) -> Points:
    """Longitude and latitude in WGS-84 degrees of coordinates given in `datum`.

    `x`, `y`: longitude and latitude, or an EPSG code's two axes in either order (see
    `eastings_first`). GCJ-02 and BD-09 are inverted by fixed point, error under 1 mm; points
    outside China stay where they are, as the published code leaves them. NaN stays NaN.
    Raises UserError datum_unknown.
    """
    name = normal_datum(datum)
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if name in _TO_WGS:
        return _TO_WGS[name](first, second)
    if name.startswith("EPSG:"):
        return _epsg_to_wgs(first, second, name)
    return first.copy(), second.copy()


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> Points:
    """Coordinates in `datum` of WGS-84 points: longitude, latitude, or an EPSG code's own axes.

    Outside China GCJ-02 and BD-09 equal WGS-84. Raises UserError datum_unknown.
    """
    name = normal_datum(datum)
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if name in _FROM_WGS:
        return _FROM_WGS[name](x, y)
    if not name.startswith("EPSG:"):
        return x.copy(), y.copy()
    away = pyproj.Transformer.from_crs("EPSG:4326", _crs(name), always_xy=True)
    east, north = away.transform(x, y)
    return (north, east) if _is_north_first(_crs(name)) else (east, north)


@lru_cache(maxsize=64)
def _crs(name: str) -> pyproj.CRS:
    return pyproj.CRS.from_user_input(name)


def _is_north_first(crs: pyproj.CRS) -> bool:
    return bool(crs.axis_info) and crs.axis_info[0].direction.lower() == "north"


def _epsg_to_wgs(x: Floats, y: Floats, name: str) -> Points:
    east, north = (x, y) if eastings_first(x, y, name) else (y, x)
    lon, lat = _unproject(east, north, name)
    lost = ~(np.isfinite(lon) & np.isfinite(lat))
    lon[lost], lat[lost] = np.nan, np.nan
    return lon, lat


def _unproject(east: Floats, north: Floats, name: str) -> Points:
    home = pyproj.Transformer.from_crs(_crs(name), "EPSG:4326", always_xy=True)
    lon, lat = home.transform(east.copy(), north.copy())
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def eastings_first(x: ArrayLike, y: ArrayLike, datum: str) -> bool:
    """Whether `x` is the easting (or longitude) of these coordinates in an EPSG code.

    The order in which at least 99 % of the points fall into the code's area of use. When both
    or neither do, a projected code keeps its authority's order (EPSG:4528: northing, easting),
    and a geographic one is longitude, latitude, as files write it.
    """
    crs = _crs(normal_datum(datum))
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(first) & np.isfinite(second))
    sample = known[:: max(1, len(known) // _SAMPLE)]
    as_given = _is_within(first[sample], second[sample], crs)
    swapped = _is_within(second[sample], first[sample], crs)
    if as_given != swapped:
        return as_given
    return crs.is_geographic or not _is_north_first(crs)


def _is_within(east: Floats, north: Floats, crs: pyproj.CRS) -> bool:
    area = crs.area_of_use
    if area is None or len(east) == 0:
        return False
    lon, lat = _unproject(east, north, crs.to_string())
    inside = (lat >= area.south) & (lat <= area.north)
    if area.west <= area.east:
        inside &= (lon >= area.west) & (lon <= area.east)
    else:  # the area crosses the date line
        inside &= (lon >= area.west) | (lon <= area.east)
    return bool(inside.mean() >= _WITHIN_SHARE)


@dataclass(frozen=True)
class DatumFit:
    """How well coordinates fit what is known, under each datum they might be in.

    `median_distance_m` by datum is the median distance to the reference; `changed_cells` of the
    `sampled` points lie in another cell (resolution 9) under `best` than under `stated`.
    """

    stated: str
    best: str
    median_distance_m: dict[str, float]
    changed_cells: int
    sampled: int


def fit_datum(
    lon: ArrayLike, lat: ArrayLike, stated: str, *, reference: Points, paired: bool
) -> DatumFit:
    """Which datum the coordinates as given fit best, with the median distance in metres under each.

    `reference`: WGS-84 lon, lat of what is known. Paired: one for each point (its own
    transformer, NaN where unknown); judged is the middle offset of all points from their
    partners, since customers surround their transformer. Otherwise streets or halls, judged by
    the distance to the nearest. `best` departs from `stated` only when clearly better: few
    points, a reference that tells nothing, or a projected `stated` keep it. At most 20,000
    points are looked at. Raises UserError datum_unknown.
    """
    name = normal_datum(stated)
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    ref_x, ref_y = np.asarray(reference[0], np.float64), np.asarray(reference[1], np.float64)
    usable = np.isfinite(x) & np.isfinite(y)
    ref_usable = np.isfinite(ref_x) & np.isfinite(ref_y)
    if not ref_usable.any():
        return DatumFit(name, name, {}, 0, 0)
    rows = _sample(np.flatnonzero(usable & ref_usable if paired else usable))
    readings = _readings(x[rows], y[rows], name)
    partners = rows if paired else np.flatnonzero(ref_usable)
    compare = _compare_paired if paired else _compare_nearest
    distances, best = compare(readings, (ref_x[partners], ref_y[partners]), name)
    changed = _cells_of(readings[name]) != _cells_of(readings[best])
    return DatumFit(name, best, distances, int(changed.sum()), len(rows))


def _sample(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    if len(rows) <= _SAMPLE:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, _SAMPLE, replace=False))


def _readings(x: Floats, y: Floats, name: str) -> dict[str, Points]:
    """The points in WGS-84 under each datum they might be in, the stated one among them."""
    plain = to_wgs84(x, y, name) if name.startswith("EPSG:") else (x, y)
    readings = {"wgs84" if name in _TO_WGS else name: plain}
    if name.startswith("EPSG:") and not _crs(name).is_geographic:
        return readings
    return readings | {datum: convert(*plain) for datum, convert in _TO_WGS.items()}


def _cells_of(points: Points) -> NDArray[np.int64]:
    return points_to_cells(*points, _GUARD_RESOLUTION)


def _compare_paired(
    readings: dict[str, Points], partners: Points, stated: str
) -> tuple[dict[str, float], str]:
    """Median distances, and the datum whose middle offset is clearly the smallest."""
    groups = len(np.unique(np.column_stack(partners), axis=0))
    if len(partners[0]) < _FEWEST_POINTS:
        return {}, stated
    offsets = {datum: offset_m(*partners, *points) for datum, points in readings.items()}
    distances = {datum: float(np.median(np.hypot(*both))) for datum, both in offsets.items()}
    middles = {d: float(np.hypot(np.median(o[0]), np.median(o[1]))) for d, o in offsets.items()}
    best = min(middles, key=lambda datum: middles[datum])
    noise_m = 1.25 * distances[best] / np.sqrt(groups)  # standard error of a median
    gain_m = middles[stated] - middles[best]
    is_clear = groups >= _FEWEST_PARTNERS and middles[best] <= middles[stated] / 2
    return distances, best if is_clear and gain_m > 3 * noise_m else stated


def _compare_nearest(
    readings: dict[str, Points], places: Points, stated: str
) -> tuple[dict[str, float], str]:
    """Median distances to the nearest place, and the datum that stands out from all others.

    A wrong shift of hundreds of metres scatters points about the streets at random, so the wrong
    readings resemble one another and the right one is nearer than each of them. Places that are
    far under every reading cannot tell.
    """
    if len(readings[stated][0]) < _FEWEST_POINTS:
        return {}, stated
    tree = place_tree(*places)
    distances = {
        datum: float(np.median(nearest_place(tree, *points)[0]))
        for datum, points in readings.items()
    }
    best = min(distances, key=lambda datum: distances[datum])
    others = [distance for datum, distance in distances.items() if datum != best]
    spread = len(np.unique(_cells_of(readings[stated])))
    if best == stated or spread < _FEWEST_CELLS or distances[best] > _NEAR_M:
        return distances, stated
    share = _CLEAR_SHARE if spread >= _MANY_CELLS else _CLEAR_SHARE_OF_FEW
    return distances, best if distances[best] <= share * min(others) else stated
