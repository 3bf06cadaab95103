"""Members of staff."""

from pathlib import Path

from loaders.checking import load_plain
from loaders.contract import Loaded, LoadOptions


def load_staff(source: Path, options: LoadOptions) -> Loaded:
    """Checked members of staff, one row each; raises FileRejected."""
    return load_plain(source, "staff", options)
