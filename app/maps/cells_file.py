"""The binary file of one measure: what the browser fetches to draw hexagons.

Little endian: 16 bytes of header (`GCH1`, u32 count, u8 resolution, 7 zero bytes), then the columns
one after the other: u64 cell, u16 area index (0xFFFF none), f32 value (NaN unknown).
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

NO_AREA = 0xFFFF
MAGIC = b"GCH1"
_HEADER = struct.Struct("<4sIB7x")


@dataclass(frozen=True)
class CellsFile:
    """Columns of a cells file: cells (int64), areas (uint16), values (float32)."""

    resolution: int
    cells: NDArray[np.int64]
    areas: NDArray[np.uint16]
    values: NDArray[np.float32]


def encode(
    cells: ArrayLike, areas: ArrayLike, values: ArrayLike, *, resolution: int | None = None
) -> bytes:
    """Bytes of a cells file; 14 a cell.

    cells: H3 indexes of one resolution (int64; 0 = unplaced rows are left out), or of several
    where the `resolution` from which they differ is named; areas: index into
    the list of areas, negative or 0xFFFF = none; values: figures, NaN = unknown.
    Raises ValueError when lengths or resolutions differ or an area index does not fit.
    """
    index = np.asarray(cells, dtype=np.int64)
    area = np.asarray(areas, dtype=np.int64)
    value = np.asarray(values, dtype=np.float32)
    if not index.shape == area.shape == value.shape:
        raise ValueError("cells, areas and values differ in length")
    placed = index != 0
    index, area, value = index[placed], area[placed], value[placed]
    if area.size and area.max() > NO_AREA:
        raise ValueError("more areas than a cells file can tell apart")
    columns = (
        index.astype("<u8"),
        np.where(area < 0, NO_AREA, area).astype("<u2"),
        value.astype("<f4"),
    )
    own = _resolution(index) if resolution is None else resolution
    head = _HEADER.pack(MAGIC, index.size, own)
    return head + b"".join(column.tobytes() for column in columns)


def decode(data: bytes) -> CellsFile:
    """Columns of a cells file.

    Raises ValueError for anything else, or a file cut short.
    """
    if len(data) < _HEADER.size:
        raise ValueError("not a cells file")
    magic, count, resolution = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise ValueError("not a cells file")
    if len(data) != _HEADER.size + 14 * count:
        raise ValueError("cells file cut short")
    body = _HEADER.size
    return CellsFile(
        resolution=resolution,
        cells=np.frombuffer(data, "<u8", count, body).astype(np.int64),
        areas=np.frombuffer(data, "<u2", count, body + 8 * count).astype(np.uint16),
        values=np.frombuffer(data, "<f4", count, body + 10 * count).astype(np.float32),
    )


def _resolution(cells: NDArray[np.int64]) -> int:
    """Resolution of H3 indexes: bits 52 to 55."""
    found = np.unique((cells >> 52) & 0xF)
    if found.size > 1:
        raise ValueError("cells of different resolutions")
    return int(found[0]) if found.size else 0
