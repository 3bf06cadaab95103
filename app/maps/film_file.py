"""The binary file of a period: outages and spans of cells, from which the browser draws any moment.

Little endian. 40 bytes of header: `GCO1`, u32 outages, u32 spans, u32 cells, u8 resolution, 3 zero
bytes, f64 first and f64 last moment (seconds since 1970), 4 zero bytes. Then the columns one after
the other. Cells: u64 cell, u32 customers, u16 area (0xFFFF none), padded with zeros to 4 bytes.
Outages: f32 lon, f32 lat (NaN unplaced), i32 start, i32 end, i32 estimate, u32 customers, u8 kind,
u8 flags, padded to 4 bytes. Spans: u32 row of cells, u32 row of outages, i32 out, i32 back, u32
customers. Moments are seconds after `first`; NEVER stands for an end that has not come. A row of
cells is UNPLACED where nobody knows the place, SHADOW where the customers count in another outage.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

MAGIC: Final = b"GCO1"
NEVER: Final = 0x7FFFFFFF
UNPLACED: Final = 0xFFFFFFFF
SHADOW: Final = 0xFFFFFFFE
KINDS: Final = ("fault", "planned", "urgent", "customer", "load_limit")
IMPORTANT, NESTED, ANNOUNCED = 1, 2, 4
"""Flags: an important customer is out; it lies behind a wider outage; it has not begun yet."""
_HEADER: Final = struct.Struct("<4sIIIB3xdd4x")


@dataclass(frozen=True)
class Columns:
    """A film: first and last moment, and the columns of cells, outages and spans by name."""

    first: float
    last: float
    resolution: int
    cells: dict[str, NDArray[np.generic]]
    outages: dict[str, NDArray[np.generic]]
    spans: dict[str, NDArray[np.generic]]


_CELLS: Final = {"cell": "<u8", "customers": "<u4", "area": "<u2"}
_OUTAGES: Final = {
    "lon": "<f4", "lat": "<f4", "start": "<i4", "end": "<i4", "estimate": "<i4",
    "customers": "<u4", "kind": "u1", "flags": "u1",
}  # fmt: skip
_SPANS: Final = {"cell": "<u4", "outage": "<u4", "out": "<i4", "back": "<i4", "customers": "<u4"}


def encode(  # noqa: PLR0913 - the parts of the file
    outages: pd.DataFrame,
    spans: pd.DataFrame,
    cells: pd.DataFrame,
    *,
    first: datetime,
    last: datetime,
    resolution: int,
    is_ahead: bool = False,
) -> bytes:
    """Bytes of a film; about 26 an outage, 20 a span, 14 a cell.

    outages: outage_id, lon, lat, started_at, ended_at, estimate, customers, kind, important,
    life_support, parent_outage_id; is_ahead: they are announced and have not begun; spans:
    outage_id, cell_id, out_at, back_at, customers, is_shadow; cells: cell_id, customers,
    area_index, with every placed span's cell among them.
    Raises KeyError where a span's outage or cell is not there.
    """
    tables = (
        (_CELLS, [cells["cell_id"], cells["customers"], cells["area_index"]]),
        (_OUTAGES, _outage_columns(outages, first, is_ahead=is_ahead)),
        (_SPANS, _span_columns(spans, outages["outage_id"], cells["cell_id"], first)),
    )
    head = _HEADER.pack(
        MAGIC, len(outages), len(spans), len(cells), resolution,
        first.timestamp(), last.timestamp(),
    )  # fmt: skip
    return head + b"".join(_packed(types, columns) for types, columns in tables)


def _outage_columns(outages: pd.DataFrame, first: datetime, *, is_ahead: bool) -> list[ArrayLike]:
    kinds = outages["kind"].map({kind: n for n, kind in enumerate(KINDS)}).fillna(0)
    moments = ("started_at", "ended_at", "estimate")
    seconds = [_seconds(outages[name], first) for name in moments]
    flags = IMPORTANT * (outages["marked"] > 0).to_numpy()
    flags = flags + NESTED * outages["parent_outage_id"].notna().to_numpy() + ANNOUNCED * is_ahead
    return [outages["lon"], outages["lat"], *seconds, outages["customers"], kinds, flags]


def _span_columns(
    spans: pd.DataFrame, outage_ids: pd.Series, cell_ids: pd.Series, first: datetime
) -> list[ArrayLike]:
    cell = _rows(cell_ids, spans["cell_id"], spans["cell_id"].eq(0))
    cell = np.where(spans["is_shadow"].astype(bool), SHADOW, np.where(cell < 0, UNPLACED, cell))
    outage = _rows(outage_ids, spans["outage_id"], pd.Series(False, index=spans.index))
    times = (_seconds(spans["out_at"], first), _seconds(spans["back_at"], first))
    return [cell, outage, *times, spans["customers"]]


def _rows(known: pd.Series, wanted: pd.Series, is_none: pd.Series) -> NDArray[np.int64]:
    found: NDArray[np.int64] = pd.Index(known).get_indexer(pd.Index(wanted)).astype(np.int64)
    if ((found < 0) & ~is_none.to_numpy(bool)).any():
        raise KeyError("a span of an outage or a cell that is not in the film")
    return found


def _seconds(moments: pd.Series, first: datetime) -> NDArray[np.int64]:
    after = (moments - pd.Timestamp(first)).dt.total_seconds()
    whole = after.fillna(NEVER).clip(-NEVER, NEVER)
    seconds: NDArray[np.int64] = np.floor(whole.to_numpy(np.float64)).astype(np.int64)
    return seconds


def _packed(types: dict[str, str], columns: Sequence[ArrayLike]) -> bytes:
    """The columns as bytes, each padded to whole words of 4 bytes."""
    made = b""
    for kind, column in zip(types.values(), columns, strict=True):
        data = np.asarray(column).astype(kind).tobytes()
        made += data + bytes(-len(data) % 4)
    return made


def decode(data: bytes) -> Columns:
    """Columns of a film; raises ValueError for anything else, or a file cut short."""
    if len(data) < _HEADER.size or data[:4] != MAGIC:
        raise ValueError("not a film")
    _, outages, spans, cells, resolution, first, last = _HEADER.unpack_from(data)
    at, tables = _HEADER.size, []
    for types, count in ((_CELLS, cells), (_OUTAGES, outages), (_SPANS, spans)):
        table: dict[str, NDArray[np.generic]] = {}
        for name, kind in types.items():
            size = count * np.dtype(kind).itemsize
            if at + size > len(data):
                raise ValueError("film cut short")
            table[name] = np.frombuffer(data, kind, count, at)
            at += size + -size % 4
        tables.append(table)
    return Columns(first, last, resolution, *tables)
