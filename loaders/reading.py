"""Any file into a raw table, by what its name and its first bytes say it is."""

from pathlib import Path

from grid_cells.errors import FileRejected
from loaders.contract import LoadOptions
from loaders.delimited import read_delimited
from loaders.layers import LAYER_SUFFIXES, read_layer
from loaders.raw import RawTable
from loaders.sheets import read_workbook
from loaders.tables import read_json, read_parquet

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".csv.gz", ".tsv.gz")
FORMATS = ".csv, .tsv, .xlsx, .parquet, .geoparquet, .gpkg, .geojson, .json, .zip (Shapefile), .shp"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_raw(source: Path, kind: str, options: LoadOptions) -> RawTable:
    """The file's table; raises FileRejected with the reason when there is no reading it."""
    check_file(source)
    suffix = suffix_of(source)
    if suffix in TEXT_SUFFIXES:
        return read_delimited(source, encoding=options.encoding)
    if suffix in (".xlsx", ".xlsm", ".ods"):
        return read_workbook(source)
    if suffix in (".parquet", ".geoparquet", ".pq"):
        return read_parquet(source)
    if suffix == ".json":
        return read_json(source)
    if suffix in LAYER_SUFFIXES:
        return read_layer(source, kind, encoding=options.encoding)
    raise FileRejected("format_unknown", file=source.name, suffix=suffix, formats=FORMATS)


def suffix_of(source: Path) -> str:
    """The lower-case suffix, with the one before .gz and .bz2."""
    last = source.suffix.lower()
    if last in (".gz", ".bz2") and len(source.suffixes) > 1:
        return source.suffixes[-2].lower() + last
    return last


def check_file(source: Path) -> None:
    """Raise FileRejected where there is no file, an empty one, or an old workbook."""
    if not source.is_file():
        raise FileRejected("file_missing", file=source.name)
    with source.open("rb") as stream:
        head = stream.read(8)
    if not head:
        raise FileRejected("file_empty", file=source.name)
    if source.suffix.lower() == ".xls" or head.startswith(_OLD_EXCEL):
        raise FileRejected("format_old_excel", file=source.name)
