"""GeoPackage, GeoJSON, Shapefile (plain or zipped) and kindred layers."""

import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray

from grid_cells.errors import FileRejected
from loaders.raw import RawTable, plain

LAYER_SUFFIXES = (".gpkg", ".geojson", ".shp", ".zip", ".fgb", ".kml", ".gml", ".geojsonl")
_WANTED_SHAPES = {
    "streets": ("LineString",),
    "feeders": ("LineString",),
    "areas": ("Polygon",),
    "promise_zones": ("Polygon",),
    "closures": ("Polygon",),
}
_SHAPE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_ENCODINGS = ("utf-8", "gb18030")
_LANGUAGE_BYTE, _UNSTATED = 29, (0x00, 0x57)
"""Where a .dbf states its code page, and what it says when nobody chose one."""
_STREET_WORDS = ("road", "street", "道路")


def read_layer(source: Path, kind: str, *, encoding: str | None) -> RawTable:
    """The layer's attributes and shapes; raises FileRejected where none or several fit."""
    if source.suffix.lower() == ".zip":
        return _read_archive(source, kind, encoding)
    if source.suffix.lower() == ".shp":
        encoding = encoding or _encoding_of_attributes(source)
    return _read(source, source.name, _layer_name(source, kind), encoding)


def _read_archive(source: Path, kind: str, encoding: str | None) -> RawTable:
    with tempfile.TemporaryDirectory() as folder:
        unpacked = _unpacked(source, Path(folder))
        chosen = _chosen_part(unpacked, source.name, kind)
        if chosen.suffix == ".shp":
            encoding = encoding or _encoding_of_attributes(chosen)
            return _read(chosen, source.name, None, encoding)
        return _read(chosen, source.name, _layer_name(chosen, kind), encoding)


def _unpacked(source: Path, folder: Path) -> dict[str, Path]:
    """Layers of the archive under plain names of ours: name inside → file."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = [m for m in archive.namelist() if not m.startswith("__MACOSX/")]
            layers = [m for m in members if m.lower().endswith((".shp", ".gpkg", ".geojson"))]
            layers = [m for m in layers if not PurePosixPath(m).name.startswith("._")]
            return {
                layer: _extracted(archive, layer, members, folder / f"layer{i}")
                for i, layer in enumerate(layers)
            }
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        detail = str(error)[:200]
        raise FileRejected("file_unreadable", file=source.name, detail=detail) from error


def _extracted(archive: Any, layer: str, members: Sequence[str], target: Path) -> Path:
    stem, suffix = layer[: -len(_suffix(layer))], _suffix(layer)
    parts = _SHAPE_PARTS if suffix == ".shp" else (suffix,)
    for member in members:
        same = member[: -len(_suffix(member)) or None].casefold() == stem.casefold()
        if same and _suffix(member) in parts:
            target.with_suffix(_suffix(member)).write_bytes(archive.read(member))
    return target.with_suffix(suffix)


def _suffix(member: str) -> str:
    return PurePosixPath(member).suffix.lower()


def _chosen_part(unpacked: dict[str, Path], file: str, kind: str) -> Path:
    if not unpacked:
        raise FileRejected("archive_without_data", file=file)
    fitting = {name: path for name, path in unpacked.items() if _fits(path, None, kind)}
    chosen: Path = _only(fitting or unpacked, file, kind)
    return chosen


def _only(candidates: dict[str, Any], file: str, kind: str) -> Any:
    if len(candidates) > 1 and kind == "streets":
        words = _STREET_WORDS
        named = {n: v for n, v in candidates.items() if any(w in n.casefold() for w in words)}
        candidates = named or candidates
    if len(candidates) > 1:
        same = {n: v for n, v in candidates.items() if kind and kind in n.casefold()}
        candidates = same or candidates
    if len(candidates) > 1:
        raise FileRejected("layers_ambiguous", file=file, layers=", ".join(candidates))
    return next(iter(candidates.values()))


def _layer_name(source: Path, kind: str) -> str | None:
    layers = _listed(source)
    if len(layers) <= 1:
        return layers[0] if layers else None
    fitting = [name for name in layers if _fits(source, name, kind)]
    names = {name: name for name in (fitting or layers)}
    chosen: str = _only(names, source.name, kind)
    return chosen


def _listed(source: Path) -> list[str]:
    try:
        return [str(name) for name in pyogrio.list_layers(source)[:, 0]]
    except pyogrio.errors.DataSourceError as error:
        detail = str(error)[:200]
        raise FileRejected("file_unreadable", file=source.name, detail=detail) from error


def _fits(source: Path, layer: str | None, kind: str) -> bool:
    wanted = _WANTED_SHAPES.get(kind)
    try:
        shape = pyogrio.read_info(source, layer=layer)["geometry_type"] or "None"
    except pyogrio.errors.DataSourceError:
        return False
    return wanted is None or shape == "Unknown" or any(word in shape for word in wanted)


def _encoding_of_attributes(shape_file: Path) -> str | None:
    """The attributes' encoding where the layer states none: UTF-8 if they are, else GB18030."""
    if any(shape_file.with_suffix(suffix).is_file() for suffix in (".cpg", ".CPG")):
        return None
    table = next(
        (
            p
            for p in (shape_file.with_suffix(".dbf"), shape_file.with_suffix(".DBF"))
            if p.is_file()
        ),
        None,
    )
    if table is None:
        return None
    raw = table.read_bytes()
    body = raw[int.from_bytes(raw[8:10], "little") :]
    if body.isascii() or raw[_LANGUAGE_BYTE] not in _UNSTATED:
        return None
    broken = {name: body.decode(name, "replace").count("\ufffd") for name in _ENCODINGS}
    return min(_ENCODINGS, key=broken.__getitem__)


def _read(source: Path, file: str, layer: str | None, encoding: str | None) -> RawTable:
    try:
        about, table = pyogrio.read_arrow(
            source, layer=layer, encoding=encoding, datetime_as_string=True
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        detail = str(error)[:200]
        raise FileRejected("file_unreadable", file=file, detail=detail) from error
    except (LookupError, UnicodeDecodeError, pa.ArrowException) as error:
        raise FileRejected("encoding_wrong", file=file, encoding=encoding or "") from error
    name = about["geometry_name"] or "wkb_geometry"
    shapes = _shapes(table, name)
    columns = {
        heading: plain(table.column(heading))
        for heading in table.column_names
        if heading not in (name, "OGC_FID")
    }
    row_no = np.arange(2, table.num_rows + 2, dtype=np.int64)
    return RawTable(file, columns, row_no, shapes=shapes, crs=_crs(about))


def _shapes(table: pa.Table, name: str) -> NDArray[np.object_] | None:
    if name not in table.column_names:
        return None
    column = plain(table.column(name))
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    return np.asarray(shapes, dtype=object)


def _crs(about: dict[str, Any]) -> str | None:
    crs = about.get("crs")
    return json.dumps(crs) if isinstance(crs, dict) else crs
