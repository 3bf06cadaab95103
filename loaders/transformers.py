"""Transformers, each with the area of customers beneath it (台区)."""

from pathlib import Path

from loaders.checking import (
    deduplicated,
    finished,
    located,
    open_sheet,
    reject_ends_before_start,
)
from loaders.contract import Loaded, LoadOptions


def load_transformers(source: Path, options: LoadOptions) -> Loaded:
    """Checked transformers, one row for each time a link held; raises FileRejected."""
    sheet = located(open_sheet(source, "transformers", options))
    reject_ends_before_start(sheet, "valid_from", "valid_to")
    return finished(deduplicated(sheet))
