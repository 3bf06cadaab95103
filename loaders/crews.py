"""Field crews and where they start from."""

from pathlib import Path

from loaders.checking import load_plain
from loaders.contract import Loaded, LoadOptions


def load_crews(source: Path, options: LoadOptions) -> Loaded:
    """Checked crews, one row each, all with the place of their base; raises FileRejected."""
    return load_plain(source, "crews", options)
