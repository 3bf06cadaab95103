"""Frames written down in the formats the loaders read."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xlsxwriter

from grid_cells.cells import cells_to_hex
from grid_cells.errors import UserError
from grid_cells.vocabulary import COLUMNS

FORMATS = (".csv", ".tsv", ".xlsx", ".parquet", ".geoparquet", ".gpkg", ".geojson")
_CRS = "EPSG:4326"
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's own stamp, fixed for equal bytes
_WIDEST = 40


def write_table(frame: pd.DataFrame, path: Path, *, shapes: Sequence[Any] | None = None) -> None:
    """Write the frame in the format of the path's suffix; `shapes` are shapely, in WGS-84.

    Cells are written as 15-character hexadecimal texts, moments as ISO 8601 in UTC, texts exactly
    as they are. Text formats and workbooks hold shapes as WKT in `geometry`. Equal frames give
    equal bytes in CSV. Raises UserError format_unknown.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(FORMATS)
        raise UserError("format_unknown", file=path.name, suffix=suffix, formats=known)
    plain = shown(frame)
    if suffix in (".gpkg", ".geojson", ".geoparquet") or (
        suffix == ".parquet" and shapes is not None
    ):
        _write_layer(plain, path, shapes)
    elif suffix == ".parquet":
        plain.to_parquet(path, index=False)
    else:
        _WRITERS[suffix](_with_wkt(plain, shapes), path)


def csv_bytes(frame: pd.DataFrame, *, separator: str = ",") -> bytes:
    """The frame as CSV: UTF-8 with BOM, every text quoted, lines ended by CR LF."""
    frame = shown(frame)
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=separator, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n"
    )
    writer.writerow(list(frame.columns))
    writer.writerows(zip(*(_cells(frame[name]) for name in frame.columns), strict=True))
    return text.getvalue().encode("utf-8-sig")


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as people read it: cells in hexadecimal, WKB shapes left out of sight as WKT."""
    ready = frame.reset_index(drop=True)
    for name in ready.columns:
        column = COLUMNS.get(name)
        if column is not None and column.type == "cell" and _is_integer(ready[name]):
            texts = cells_to_hex(ready[name].fillna(0).to_numpy(np.int64))
            ready[name] = pd.Series(texts, dtype="str").replace("", None)
        elif ready[name].dtype == object and _holds_bytes(ready[name]):
            ready[name] = pd.Series(shapely.to_wkt(shapely.from_wkb(ready[name])), dtype="str")
    return ready


def _is_integer(values: pd.Series) -> bool:
    return bool(pd.api.types.is_integer_dtype(values.dtype))


def _holds_bytes(values: pd.Series) -> bool:
    first = values.dropna()
    return len(first) > 0 and isinstance(first.iloc[0], bytes)


def _cells(values: pd.Series) -> list[Any]:
    """The column's cells for a text file: empty where nothing is known."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        texts = values.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S.%f")
        return [_moment(text) for text in texts]
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days = bool((values.dropna() == values.dropna().dt.normalize()).all())
        form = "%Y-%m-%d" if days else "%Y-%m-%dT%H:%M:%S"
        return ["" if pd.isna(text) else text for text in values.dt.strftime(form)]
    known = values.notna().to_numpy()
    return [
        _cell(value) if is_known else ""
        for value, is_known in zip(values.tolist(), known, strict=True)
    ]


def _moment(text: Any) -> str:
    return text.removesuffix(".000000") + "Z" if isinstance(text, str) else ""


def _cell(value: Any) -> Any:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _with_wkt(frame: pd.DataFrame, shapes: Sequence[Any] | None) -> pd.DataFrame:
    if shapes is None:
        return frame
    return frame.assign(geometry=pd.Series(shapely.to_wkt(np.asarray(shapes)), dtype="str"))


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    path.write_bytes(csv_bytes(frame))


def _write_tsv(frame: pd.DataFrame, path: Path) -> None:
    path.write_bytes(csv_bytes(frame, separator="\t"))


def _write_workbook(frame: pd.DataFrame, path: Path) -> None:
    """One sheet; texts stay texts, so that "=1+1" is no formula and "0012" keeps its zeros."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": _MADE})
        sheet = workbook.add_worksheet()
        bold = workbook.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for position, name in enumerate(frame.columns):
            cells = _cells(frame[name])
            sheet.write_string(0, position, str(name), bold)
            for row, cell in enumerate(cells, start=1):
                _write_cell(sheet, row, position, cell)
            longest = max([len(str(name)), *(len(str(cell)) for cell in cells[:200])])
            sheet.set_column(position, position, min(longest + 2, _WIDEST))


def _write_cell(sheet: Any, row: int, column: int, cell: Any) -> None:
    if isinstance(cell, str):
        if cell:
            sheet.write_string(row, column, cell)
    else:
        sheet.write_number(row, column, cell)


def _write_layer(frame: pd.DataFrame, path: Path, shapes: Sequence[Any] | None) -> None:
    layer = gpd.GeoDataFrame(
        frame.drop(columns="geometry", errors="ignore"),
        geometry=_layer_shapes(frame, shapes),
        crs=_CRS,
    )
    path.unlink(missing_ok=True)
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        layer.to_parquet(path, index=False)
        return
    driver = "GPKG" if path.suffix.lower() == ".gpkg" else "GeoJSON"
    pyogrio.write_dataframe(_writable(layer), path, driver=driver, layer=path.stem)


def _layer_shapes(frame: pd.DataFrame, shapes: Sequence[Any] | None) -> Any:
    if shapes is not None:
        return np.asarray(shapes, dtype=object)
    if "geometry" in frame.columns:
        texts = frame["geometry"].astype(object).where(frame["geometry"].notna(), None)
        return shapely.from_wkt(texts.to_numpy())
    if "lon" in frame.columns:
        return gpd.points_from_xy(frame["lon"], frame["lat"])
    return np.full(len(frame), None, dtype=object)


def _writable(layer: Any) -> Any:
    """Types a layer's driver cannot hold, as ISO texts and plain numbers."""
    for name in layer.columns.drop("geometry"):
        if pd.api.types.is_datetime64_any_dtype(layer[name].dtype):
            layer[name] = pd.Series([c or None for c in _cells(layer[name])], dtype="str")
        elif str(layer[name].dtype) == "Int64":  # as objects the drivers would make texts of them
            layer[name] = layer[name].astype("float64" if layer[name].hasnans else "int64")
        elif str(layer[name].dtype) == "boolean":
            layer[name] = layer[name].astype(object).where(layer[name].notna(), None)
    return layer


_WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".tsv": _write_tsv,
    ".xlsx": _write_workbook,
}
