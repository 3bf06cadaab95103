"""Rivers and lakes, drawn under the cells."""

from pathlib import Path

from loaders.checking import deduplicated, finished, open_sheet, require_shape, shaped
from loaders.contract import Loaded, LoadOptions
from loaders.shapes import POLYGON


def load_water(source: Path, options: LoadOptions) -> Loaded:
    """Checked outlines of water (WKB in WGS-84) with their names; raises FileRejected."""
    sheet, shapes = shaped(open_sheet(source, "water", options), family=POLYGON)
    require_shape(sheet, shapes, "POLYGON")
    return finished(deduplicated(sheet, sheet.kind.key))
