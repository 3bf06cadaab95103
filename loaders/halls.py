"""Business halls."""

from pathlib import Path

from loaders.checking import load_plain
from loaders.contract import Loaded, LoadOptions


def load_halls(source: Path, options: LoadOptions) -> Loaded:
    """Checked halls, one row each, all with a place; raises FileRejected."""
    return load_plain(source, "halls", options)
