"""A file as it was found: its columns untouched, before anything is believed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True)
class TornRow:
    """A record that has no place in the table: its number, its text, its fields, how many fit."""

    row: int
    text: str
    fields: tuple[str, ...]
    expected: int
    code: str


@dataclass(frozen=True)
class Unfolded:
    """Where the records of a wide table made long come from.

    `table` is the file as it was, `row` the position in it and `heading` the column of each
    record; `columns` are ours that were made.
    """

    table: "RawTable"
    row: NDArray[np.int64]
    heading: pa.Array
    columns: frozenset[str]


@dataclass(frozen=True)
class RawTable:
    """Columns as the file has them (Arrow, equally long) with each record's number.

    `shapes` holds shapely geometries (None where a record has none) in `crs`, any spelling pyproj
    reads; `unfolded` tells the origin of a wide table's records.
    """

    file: str
    columns: Mapping[str, pa.Array]
    row_no: NDArray[np.int64]
    torn: tuple[TornRow, ...] = ()
    shapes: NDArray[np.object_] | None = None
    crs: str | None = None
    warnings: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    unfolded: Unfolded | None = None

    @property
    def rows(self) -> int:
        """Number of whole records."""
        return len(self.row_no)

    def text_at(self, column: str, at: NDArray[np.int64]) -> list[str]:
        """The texts a column has in the given records, the empty text for nothing."""
        if column not in self.columns:
            return [""] * len(at)
        texts: list[str] = as_text(
            self.columns[column].take(pa.array(at)), keep_empty=True
        ).to_pylist()
        return texts


def plain(column: Any) -> pa.Array:
    """One array of a chunked or dictionary column, texts as large_string."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_string(column.type) or pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    return column


def is_text(array: pa.Array) -> bool:
    """Whether its values are texts."""
    return bool(pa.types.is_large_string(array.type) or pa.types.is_string(array.type))


def as_text(array: pa.Array, *, keep_empty: bool = False) -> pa.Array:
    """The values as texts, whole floats without a fraction; "" where nothing if `keep_empty`."""
    if pa.types.is_null(array.type):
        texts = pa.nulls(len(array), pa.large_string())
    elif pa.types.is_floating(array.type):
        texts = _float_text(array)
    elif pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
        texts = pa.array(["…" if v is not None else None for v in array.to_pylist()])
    elif pa.types.is_nested(array.type):
        texts = pa.array([None if v is None else str(v) for v in array.to_pylist()])
    else:
        texts = array.cast(pa.large_string())
    texts = texts.cast(pa.large_string())
    return pc.fill_null(texts, "") if keep_empty else texts


def _float_text(array: pa.Array) -> pa.Array:
    """Texts of floats: 12.0 as "12"; NaN, which frames write for nothing, as null."""
    known = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    values = known.to_numpy(zero_copy_only=False).astype(np.float64)
    whole = np.isfinite(values) & (values == np.floor(values)) & (np.abs(values) < 2**53)
    integers = pa.array(np.where(whole, values, 0).astype(np.int64)).cast(pa.large_string())
    return pc.if_else(pa.array(whole), integers, known.cast(pa.large_string()))
