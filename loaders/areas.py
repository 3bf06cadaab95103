"""Service areas: as outlines, as cells, or as lists of transformers."""

from dataclasses import replace
from pathlib import Path

from loaders.checking import (
    Sheet,
    deduplicated,
    finished,
    open_sheet,
    require_one_of,
    shaped,
)
from loaders.contract import Loaded, LoadOptions
from loaders.duplicates import drop_duplicates
from loaders.resolutions import at_base_resolution
from loaders.shapes import POLYGON

UNITS = ("transformer_id", "cell_id", "geometry")


def load_areas(source: Path, options: LoadOptions) -> Loaded:
    """Checked claims of areas, one row for each outline, cell or transformer.

    Columns: area_id, name, hall_id, unit_id, cell_id, transformer_id, geometry (WKB), valid_from.
    A cell coarser than the base resolution becomes its children. A unit claimed by two areas is
    kept with both; the same claim twice is dropped. Raises FileRejected.
    """
    sheet, _ = shaped(open_sheet(source, "areas", options), family=POLYGON)
    require_one_of(sheet, *UNITS)
    return finished(_without_own_children(at_base_resolution(_without_repetitions(sheet))))


def _without_own_children(sheet: Sheet) -> Sheet:
    """A cell that an area claims both itself and by its parent comes once."""
    if "cell_id" not in sheet.frame.columns:
        return sheet
    claim = [name for name in sheet.kind.key if name in sheet.frame.columns]
    repeated = sheet.frame.duplicated(claim) & (sheet.frame["cell_id"] != 0)
    return replace(sheet, frame=sheet.frame[~repeated]) if repeated.any() else sheet


def _without_repetitions(sheet: Sheet) -> Sheet:
    """An area may come in several outlines, so its outline is part of the key."""
    if "geometry" not in sheet.frame.columns:
        return deduplicated(sheet)
    key = (*sheet.kind.key, "geometry")
    drop_duplicates(sheet.frame, key, sheet.findings, same="claimed_twice_alike")
    return sheet
