"""The binary file of cells with a figure that adds up: what the browser fetches tile by tile.

Little endian: 16 bytes of header (`GCT1`, u32 count, u8 resolution, 7 zero bytes), then the columns
one after the other: u64 cell in ascending order, f64 value (NaN unknown), u32 cell-days of which
the value is known, u32 cell-days of which it should be.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAGIC = b"GCT1"
CELL_BYTES = 24
_HEADER = struct.Struct("<4sIB7x")
_MOST = 2**32 - 1


@dataclass(frozen=True)
class TileFile:
    """Columns of a file of tiles."""

    resolution: int
    cells: NDArray[np.int64]
    values: NDArray[np.float64]
    known: NDArray[np.int64]
    due: NDArray[np.int64]


def encode(
    resolution: int, cells: ArrayLike, values: ArrayLike, known: ArrayLike, due: ArrayLike
) -> bytes:
    """Bytes of a file of tiles; 24 a cell.

    Raises ValueError when lengths differ or cells are not in ascending order.
    """
    index = np.asarray(cells, dtype=np.int64)
    value = np.asarray(values, dtype=np.float64)
    counts = [np.minimum(np.asarray(one, dtype=np.int64), _MOST) for one in (known, due)]
    if not index.shape == value.shape == counts[0].shape == counts[1].shape:
        raise ValueError("columns differ in length")
    if (np.diff(index) <= 0).any():
        raise ValueError("cells are not in order")
    head = _HEADER.pack(MAGIC, index.size, resolution)
    columns = (index.astype("<u8"), value.astype("<f8"), *(one.astype("<u4") for one in counts))
    return head + b"".join(column.tobytes() for column in columns)


def decode(data: bytes) -> TileFile:
    """Columns of a file of tiles; raises ValueError for anything else, or a file cut short."""
    if len(data) < _HEADER.size:
        raise ValueError("not a file of tiles")
    magic, count, resolution = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise ValueError("not a file of tiles")
    if len(data) != _HEADER.size + CELL_BYTES * count:
        raise ValueError("file of tiles cut short")
    body = _HEADER.size
    return TileFile(
        resolution,
        np.frombuffer(data, "<u8", count, body).astype(np.int64),
        np.frombuffer(data, "<f8", count, body + 8 * count).astype(np.float64),
        np.frombuffer(data, "<u4", count, body + 16 * count).astype(np.int64),
        np.frombuffer(data, "<u4", count, body + 20 * count).astype(np.int64),
    )
