"""H3 cells as int64 arrays: from points, to text, parents, shapes, neighbours; 0 is no cell."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import h3.api.numpy_int as h3  # type: ignore[import-untyped,unused-ignore]
import h3ronpy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from h3ronpy import vector
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]

MAX_LON, MAX_LAT = 180, 90
_CHUNK = 65_536
_RESOLUTION_SHIFT = 52
_RESOLUTION_MASK = 0xF << _RESOLUTION_SHIFT
_HEXAGON_WKB_BYTES = 125
_DECIMAL_DIGITS = 18


def points_to_cells(lon: ArrayLike, lat: ArrayLike, resolution: int) -> Cells:
    """H3 cell of each point at `resolution`, 0 where the point is no place on Earth.

    `lon`, `lat`: WGS-84 degrees, equally long. The one function that swaps to H3's lat, lon.
    """
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"lon has shape {x.shape}, lat has {y.shape}")
    if _is_within(x, MAX_LON) and _is_within(y, MAX_LAT):
        return _in_chunks(x, y, resolution)
    placed = (np.abs(x) <= MAX_LON) & (np.abs(y) <= MAX_LAT)
    cells = np.zeros(len(x), dtype=np.int64)
    cells[placed] = _in_chunks(x[placed], y[placed], resolution)
    return cells


def _is_within(values: Floats, limit: int) -> bool:
    """Whether all lie in ± limit; NaN does not."""
    return len(values) == 0 or bool(values.min() >= -limit and values.max() <= limit)


def _in_chunks(x: Floats, y: Floats, resolution: int) -> Cells:
    """Cells by threads: h3ronpy lets go of the interpreter lock."""
    cells = np.empty(len(x), dtype=np.uint64)

    def fill(start: int) -> None:
        part = slice(start, start + _CHUNK)
        cells[part] = np.asarray(vector.coordinates_to_cells(y[part], x[part], resolution))

    starts = range(0, len(x), _CHUNK)
    if len(starts) == 1:
        fill(0)
    elif starts:
        with ThreadPoolExecutor() as threads:
            list(threads.map(fill, starts))
    return cells.view(np.int64)


def _unsigned(cells: ArrayLike) -> NDArray[np.uint64]:
    return np.ascontiguousarray(cells, dtype=np.int64).view(np.uint64)


def cells_to_hex(cells: ArrayLike) -> NDArray[np.object_]:
    """Each cell as its 15-character hexadecimal text, the empty text for no cell (0)."""
    given = _unsigned(cells)
    texts = np.full(len(given), "", dtype=object)
    placed = given != 0
    shown = pa.array(h3ronpy.cells_to_string(given[placed]))
    texts[placed] = shown.to_numpy(zero_copy_only=False)
    return texts


def hex_to_cells(texts: Sequence[str | None] | NDArray[np.object_]) -> Cells:
    """Cell of each text, 0 where it is none; reads hexadecimal (any case) and decimal texts."""
    clean = pa.array([_cell_text(text) for text in texts], pa.large_string())
    parsed = pa.array(h3ronpy.cells_parse(clean, set_failing_to_invalid=True))
    found: NDArray[np.uint64] = parsed.fill_null(0).to_numpy()
    return found.view(np.int64)


def _cell_text(text: object) -> str:
    if not isinstance(text, str):
        return ""
    trimmed = text.strip().lower().removeprefix("0x")
    if len(trimmed) >= _DECIMAL_DIGITS and trimmed.isdecimal():
        return f"{int(trimmed):x}"
    return trimmed


def resolutions(cells: ArrayLike) -> NDArray[np.int64]:
    """Resolution of each cell (0 to 15); also 0 where there is no cell."""
    given = np.asarray(cells, dtype=np.int64)
    return (given & _RESOLUTION_MASK) >> _RESOLUTION_SHIFT


def parents(cells: ArrayLike, resolution: int) -> Cells:
    """Ancestor of each cell at the coarser (or same) `resolution`, 0 stays 0.

    Raises ValueError where a cell is coarser. Works on the bits as the H3 index defines them:
    4 bits of resolution, then three a digit, unused digits all ones.
    """
    given = np.asarray(cells, dtype=np.int64)
    placed = given != 0
    if np.any(resolutions(given[placed]) < resolution):
        raise ValueError(f"a cell is coarser than resolution {resolution}")
    unused = (1 << 3 * (15 - resolution)) - 1
    coarser = (given & ~_RESOLUTION_MASK) | (resolution << _RESOLUTION_SHIFT) | unused
    return np.where(placed, coarser, 0)


def centres(cells: ArrayLike) -> tuple[Floats, Floats]:
    """Longitude and latitude of each cell's centre in WGS-84 degrees, NaN for no cell."""
    given = _unsigned(cells)
    placed = given != 0
    points: Any = vector.cells_to_coordinates(given[placed])
    lon, lat = np.full(len(given), np.nan), np.full(len(given), np.nan)
    lon[placed], lat[placed] = np.asarray(points["lng"]), np.asarray(points["lat"])
    return lon, lat


def boundaries(cells: ArrayLike) -> NDArray[np.object_]:
    """Each cell's outline as a shapely Polygon in WGS-84 lon, lat; raises ValueError on 0."""
    column = pa.array(vector.cells_to_wkb_polygons(_unsigned(cells)), pa.large_binary())
    lengths = pc.binary_length(column).to_numpy(zero_copy_only=False)
    if np.all(lengths == _HEXAGON_WKB_BYTES):
        return _hexagons(column)
    return np.asarray(shapely.from_wkb(column.to_numpy(zero_copy_only=False)), dtype=object)


def _hexagons(column: Any) -> NDArray[np.object_]:
    """Polygons of plain hexagons read at a stride: shapely's WKB reader takes 30 µs each."""
    _, offsets, data = column.buffers()
    start = int(np.frombuffer(offsets, dtype=np.int64)[column.offset]) if len(column) else 0
    raw = np.frombuffer(data or b"", dtype=np.uint8)
    rows = raw[start : start + len(column) * _HEXAGON_WKB_BYTES].reshape(-1, _HEXAGON_WKB_BYTES)
    corners = np.ascontiguousarray(rows[:, 13:]).view("<f8").reshape(-1, 7, 2)
    return np.asarray(shapely.polygons(corners), dtype=object)


def neighbour_pairs(cells: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions (i, j), i < j, of every two cells that touch, each pair once.

    `cells`: distinct cells of one resolution, none 0.
    """
    given = _unsigned(cells)
    if len(given) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    disks = pa.array(h3ronpy.grid_disk(given, 1, flatten=False))
    owner = np.repeat(np.arange(len(given)), np.diff(disks.offsets.to_numpy()))
    near = disks.values.to_numpy()
    order = np.argsort(given)
    at = np.minimum(np.searchsorted(given, near, sorter=order), len(given) - 1)
    other = order[at]
    wanted = (given[other] == near) & (owner < other)
    return owner[wanted], other[wanted]


def outline(cells: ArrayLike) -> shapely.MultiPolygon:
    """The cells dissolved into one shapely MultiPolygon (WGS-84 lon, lat) without gaps or seams.

    `cells`: of one resolution; duplicates and 0 are left out. No cell gives an empty shape.
    """
    given = _unsigned(cells)
    distinct = np.unique(given[given != 0])
    if len(distinct) == 0:
        return shapely.MultiPolygon()
    shape = h3.cells_to_h3shape(distinct, tight=False)
    return shapely.MultiPolygon([_polygon(part.outer, part.holes) for part in shape])


def _polygon(outer: Any, holes: Any) -> shapely.Polygon:
    return shapely.Polygon([p[::-1] for p in outer], [[p[::-1] for p in hole] for hole in holes])


def column_cells(lon: pa.Array, lat: pa.Array, resolution: int) -> pa.Array:
    """Cell of each point of two Arrow columns as an Arrow column, null where there is no place.

    The one function that engines of SQL call for cells: `points_to_cells` on columns.
    """
    x, y = (np.asarray(column.to_numpy(zero_copy_only=False), np.float64) for column in (lon, lat))
    found = points_to_cells(x, y, resolution)
    return pa.array(found, mask=found == 0)


def column_cells_of_text(texts: pa.Array) -> pa.Array:
    """Cell of each text of an Arrow column, hexadecimal or decimal, null where it is none."""
    found = hex_to_cells(texts.to_pylist())
    return pa.array(found, mask=found == 0)
