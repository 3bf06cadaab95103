"""Banks and other payment points."""

from pathlib import Path

from loaders.checking import load_plain
from loaders.contract import Loaded, LoadOptions


def load_banks(source: Path, options: LoadOptions) -> Loaded:
    """Checked payment points, one row each, all with a place; raises FileRejected."""
    return load_plain(source, "banks", options)
