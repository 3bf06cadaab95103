"""Streets as lines of nodes, cut into the pieces a graph is made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely
from numpy.typing import NDArray

from loaders.raw import as_text, is_text
from loaders.texts import truth

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Words = NDArray[np.object_]

NOT_STREETS = frozenset(
    {"construction", "proposed", "planned", "abandoned", "disused", "razed", "demolished"}
    | {"platform", "elevator", "corridor", "rest_area", "services", "raceway", "bus_stop"}
    | {"emergency_bay", "via_ferrata", "no", "street_lamp", "crossing"}
)
"""Values of `highway` under which nobody drives or walks from place to place."""

_FORWARD = ("yes", "y", "1", "true", "forward", "ft", "oneway", "是", "单行")
_BACKWARD = ("-1", "reverse", "backward", "tf", "逆行")
_CODES = ("f", "t", "b")
_MILE_KM = 1.609344
_MPH = r"(?i)^\s*(\d+(?:\.\d+)?)\s*mph"
_KMH = r"^\s*(\d+(?:\.\d+)?)"
_DEGREE_STEPS = 10_000_000
"""Two vertices within about 1 cm are one node."""
_BELIEVED_LENGTH = (0.5, 2.0)

ATTRIBUTES = ("way_id", "highway", "name", "oneway", "maxspeed_kmh", "is_bridge")
EDGE_COLUMNS = (
    "way_id",
    "seq",
    "from_node",
    "to_node",
    "from_lon",
    "from_lat",
    "to_lon",
    "to_lat",
    "length_m",
    "highway",
    "name",
    "oneway",
    "maxspeed_kmh",
    "is_bridge",
)


@dataclass(frozen=True)
class StreetLines:
    """Ways with ATTRIBUTES and row_no, and their vertices in order along each way.

    `way`: position of the way for each vertex, ascending; `node`: the vertex's node; `lon` is NaN
    where the way breaks. `length_m` may state a way's own length, NaN where unknown.
    """

    ways: pd.DataFrame
    way: Ids
    node: Ids
    lon: Floats
    lat: Floats
    length_m: Floats | None = None


def edges_of(lines: StreetLines) -> pd.DataFrame:
    """The pieces between neighbouring vertices: row_no and EDGE_COLUMNS, lengths in metres.

    Lengths are geodesic on WGS-84; a way's stated length between half and twice of that is
    believed instead and shared out. `seq` counts within a way_id.
    """
    start = _piece_starts(lines)
    end = start + 1
    way = lines.way[start]
    geod = pyproj.Geod(ellps="WGS84")
    _, _, length = geod.inv(lines.lon[start], lines.lat[start], lines.lon[end], lines.lat[end])
    length = _scaled(np.asarray(length), way, lines)
    frame = lines.ways.iloc[way].reset_index(drop=True)
    frame = frame.assign(
        from_node=lines.node[start],
        to_node=lines.node[end],
        from_lon=lines.lon[start],
        from_lat=lines.lat[start],
        to_lon=lines.lon[end],
        to_lat=lines.lat[end],
        length_m=length,
    )
    frame["seq"] = frame.groupby("way_id", sort=False).cumcount().astype("int64")
    return frame[["row_no", *EDGE_COLUMNS]]


def _piece_starts(lines: StreetLines) -> Ids:
    """Positions of the vertices that go on to another node of their way, no break between."""
    goes_on = (lines.way[:-1] == lines.way[1:]) & (lines.node[:-1] != lines.node[1:])
    known = np.isfinite(lines.lon)
    return np.flatnonzero(goes_on & known[:-1] & known[1:])


def _scaled(length: Floats, way: Ids, lines: StreetLines) -> Floats:
    if lines.length_m is None or len(length) == 0:
        return length
    whole = np.bincount(way, weights=length, minlength=len(lines.ways))
    ratio = lines.length_m / np.where(whole > 0, whole, np.nan)
    believed = (ratio >= _BELIEVED_LENGTH[0]) & (ratio <= _BELIEVED_LENGTH[1])
    scaled: Floats = length * np.where(believed, ratio, 1.0)[way]
    return scaled


def vertices_of(shapes: Words) -> tuple[Ids, Floats, Floats]:
    """Position of the line, x and y of every vertex; the parts of a line in several stay apart.

    A break is one vertex with NaN between two parts.
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    pairs, part = shapely.get_coordinates(parts, return_index=True)
    line = owner[part]
    breaks = np.flatnonzero((part[1:] != part[:-1]) & (line[1:] == line[:-1])) + 1
    x, y = (np.insert(pairs[:, axis], breaks, np.nan) for axis in (0, 1))
    return np.insert(line, breaks, line[breaks]).astype(np.int64), x, y


def nodes_at(lon: Floats, lat: Floats) -> Ids:
    """A number for each place, the same in every file (0 where there is none)."""
    known = np.isfinite(lon) & np.isfinite(lat)
    east = np.round((np.where(known, lon, 0) + 180) * _DEGREE_STEPS).astype(np.int64)
    north = np.round((np.where(known, lat, 0) + 90) * _DEGREE_STEPS).astype(np.int64)
    return np.where(known, (east << 31) | north, 0)


def directions(column: pa.Array | None, rows: int, *, coded: bool) -> Words:
    """forward, backward or both for each way.

    `coded`: F and T are directions along and against the line (Geofabrik's older layers), B is
    both; else, unless a B occurs, T and F mean true and false.
    """
    if column is None:
        return np.full(rows, "both", dtype=object)
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(pc.fill_null(as_text(column), "")))
    forward = truth(pc.is_in(texts, _set(_FORWARD)))
    backward = truth(pc.is_in(texts, _set(_BACKWARD)))
    along, against, either = (truth(pc.equal(texts, code)) for code in _CODES)
    if coded or either.any():
        forward, backward = forward | along, backward | against
    else:
        forward = forward | against
    return np.where(forward, "forward", np.where(backward, "backward", "both")).astype(object)


def speeds_kmh(column: pa.Array | None, rows: int) -> Floats:
    """Speed limits in km/h, NaN where none is stated (0, "none", "CN:urban")."""
    if column is None:
        return np.full(rows, np.nan)
    texts = as_text(column)
    miles = _first_number(texts, _MPH) * _MILE_KM
    plain = _first_number(texts, _KMH)
    values = np.where(np.isfinite(miles), miles, plain)
    return np.where(values > 0, values, np.nan)


def bridges(column: pa.Array | None, rows: int) -> NDArray[np.bool_]:
    """Whether each way is part of a bridge."""
    if column is None:
        return np.zeros(rows, dtype=bool)
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(pc.fill_null(as_text(column), "")))
    no = pc.is_in(texts, _set(("", "no", "f", "0", "false", "n", "否", "nan", "none")))
    return ~truth(no)


def _first_number(texts: pa.Array, pattern: str) -> Floats:
    found = pc.struct_field(pc.extract_regex(texts, pattern.replace("(\\d", "(?P<n>\\d", 1)), "n")
    values: Floats = found.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values


def _set(words: Any) -> pa.Array:
    return pa.array(words, pa.large_string())


def is_street(highway: pa.Array | None, rows: int) -> NDArray[np.bool_]:
    """Mask of the ways whose OpenStreetMap `highway` is filled and not one of NOT_STREETS."""
    if highway is None or not is_text(highway):
        return np.ones(rows, dtype=bool)
    texts = pc.fill_null(highway, "")
    unwanted = pc.is_in(texts, _set((*NOT_STREETS, "")))
    return ~truth(unwanted)
