"""Streets closed for a time."""

from pathlib import Path

from loaders.checking import (
    deduplicated,
    finished,
    open_sheet,
    reject_ends_before_start,
    require_one_of,
    shaped,
)
from loaders.contract import Loaded, LoadOptions
from loaders.shapes import POLYGON


def load_closures(source: Path, options: LoadOptions) -> Loaded:
    """Checked closures: a street by name or number, or an outline (WKB), from and to.

    Raises FileRejected.
    """
    sheet, _ = shaped(open_sheet(source, "closures", options), family=POLYGON)
    require_one_of(sheet, "street", "geometry")
    reject_ends_before_start(sheet, "valid_from", "valid_to")
    return finished(deduplicated(sheet))
