"""Feeders: the 10 kV lines that transformers hang on."""

from pathlib import Path

from loaders.checking import deduplicated, finished, open_sheet, shaped
from loaders.contract import Loaded, LoadOptions
from loaders.shapes import LINE


def load_feeders(source: Path, options: LoadOptions) -> Loaded:
    """Checked feeders, one row each, their lines as WKB in WGS-84; raises FileRejected."""
    sheet, _ = shaped(open_sheet(source, "feeders", options), family=LINE)
    return finished(deduplicated(sheet))
