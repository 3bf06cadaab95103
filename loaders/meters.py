"""Meters and what they hang on."""

from pathlib import Path

from loaders.checking import deduplicated, finished, open_sheet, reject_ends_before_start
from loaders.contract import Loaded, LoadOptions


def load_meters(source: Path, options: LoadOptions) -> Loaded:
    """Checked meters, one row for each time a link held; raises FileRejected."""
    sheet = open_sheet(source, "meters", options)
    reject_ends_before_start(sheet, "valid_from", "valid_to")
    return finished(deduplicated(sheet))
