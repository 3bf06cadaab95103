"""Banks and other payment points."""

from pathlib import Path

import pyarrow as pa

from loaders.checking import Sheet, deduplicated, finished, located, open_sheet, sheet_of
from loaders.contract import Loaded, LoadOptions
from loaders.osm import is_osm, read_osm_places
from loaders.raw import RawTable
from loaders.reading import check_file

PAYMENT_PLACES = {"amenity": frozenset({"bank", "post_office", "payment_centre"})}


def load_banks(source: Path, options: LoadOptions) -> Loaded:
    """Checked payment points, one row each, all with a place.

    From an OpenStreetMap extract the banks, post offices and payment centres. Raises FileRejected.
    """
    sheet = _of_osm(source, options) if is_osm(source) else open_sheet(source, "banks", options)
    return finished(deduplicated(located(sheet)))


def _of_osm(source: Path, options: LoadOptions) -> Sheet:
    check_file(source)
    raw = read_osm_places(source, PAYMENT_PLACES)
    columns: dict[str, pa.Array] = {"bank_id": raw.columns["id"], **raw.columns}
    del columns["id"]
    return sheet_of(RawTable(raw.file, columns, raw.row_no, crs=raw.crs), "banks", options)
