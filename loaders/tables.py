"""Parquet, GeoParquet and plain JSON: tables whose columns have types already."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from grid_cells.errors import FileRejected
from loaders.layers import read_layer
from loaders.raw import RawTable, plain

_LON_LAT = "OGC:CRS84"


def read_parquet(source: Path) -> RawTable:
    """The file's columns; the primary shape column of a GeoParquet file as shapes."""
    try:
        with pq.ParquetFile(source) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            # column by column, so that not all of the file is held twice
            columns = {name: plain(file.read([name]).column(name)) for name in schema.names}
    except (pa.ArrowException, OSError) as error:
        detail = str(error)[:200]
        raise FileRejected("file_unreadable", file=source.name, detail=detail) from error
    row_no = np.arange(2, rows + 2, dtype=np.int64)
    about = _geo_metadata(schema.metadata, source.name)
    columns = {n: c for n, c in columns.items() if not n.startswith("__index_level_")}
    shape_column = about.get("primary_column")
    if shape_column not in columns:
        return RawTable(source.name, columns, row_no)
    given = columns.pop(shape_column)
    shapes, crs = _shapes(given, about["columns"][shape_column], source.name)
    return RawTable(source.name, columns, row_no, shapes=shapes, crs=crs)


def _geo_metadata(metadata: Mapping[bytes, bytes] | None, file: str) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads((metadata or {}).get(b"geo", b"{}"))
    except ValueError as error:
        raise FileRejected("file_unreadable", file=file, detail="geo") from error
    return about


def _shapes(column: pa.Array, about: Mapping[str, Any], file: str) -> tuple[Any, str]:
    if about.get("encoding", "WKB").upper() != "WKB":
        raise FileRejected("file_unreadable", file=file, detail=str(about.get("encoding")))
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    crs = about.get("crs", _LON_LAT)
    return np.asarray(shapes, dtype=object), crs if isinstance(crs, str) else json.dumps(crs)


def read_json(source: Path) -> RawTable:
    """GeoJSON as a layer; else a list of flat records (or the only list within an object)."""
    try:
        found = json.loads(source.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError) as error:
        detail = str(error)[:200]
        raise FileRejected("file_unreadable", file=source.name, detail=detail) from error
    if isinstance(found, dict) and found.get("type") in ("FeatureCollection", "Feature"):
        return read_layer(source, "", encoding=None)
    records = _records(found)
    if records is None:
        raise FileRejected("file_unreadable", file=source.name, detail="[{…}, {…}]")
    return _table_of(records, source.name)


def _records(found: Any) -> Sequence[Mapping[str, Any]] | None:
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        return None
    return found


def _table_of(records: Sequence[Mapping[str, Any]], file: str) -> RawTable:
    names = dict.fromkeys(name for row in records for name in row)
    columns = {
        name: pa.array([_text(row.get(name)) for row in records], pa.large_string())
        for name in names
    }
    return RawTable(file, columns, np.arange(2, len(records) + 2, dtype=np.int64))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else repr(value)
