"""Where which class of the service promise holds."""

from pathlib import Path

from loaders.checking import deduplicated, finished, open_sheet, require_shape, shaped
from loaders.contract import Loaded, LoadOptions
from loaders.shapes import POLYGON


def load_promise_zones(source: Path, options: LoadOptions) -> Loaded:
    """Checked outlines (WKB in WGS-84) with their promise_class; raises FileRejected."""
    sheet, shapes = shaped(open_sheet(source, "promise_zones", options), family=POLYGON)
    require_shape(sheet, shapes, "POLYGON")
    return finished(deduplicated(sheet, (*sheet.kind.key, "geometry")))
