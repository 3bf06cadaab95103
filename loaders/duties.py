"""Who is manager, backup, repair and inspection of an area."""

from pathlib import Path

from loaders.checking import (
    deduplicated,
    finished,
    open_sheet,
    reject_ends_before_start,
    require_one_of,
)
from loaders.contract import Loaded, LoadOptions


def load_duties(source: Path, options: LoadOptions) -> Loaded:
    """Checked duties, one row each, naming a member of staff or a crew; raises FileRejected."""
    sheet = open_sheet(source, "duties", options)
    require_one_of(sheet, "staff_id", "crew_id")
    reject_ends_before_start(sheet, "valid_from", "valid_to")
    return finished(deduplicated(sheet))
