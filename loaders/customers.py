"""Customers: the people and firms supplied, placed where their position is known."""

from pathlib import Path

from loaders.checking import load_plain
from loaders.contract import Loaded, LoadOptions


def load_customers(source: Path, options: LoadOptions) -> Loaded:
    """Checked customers, one row each; those without a position have cell_id 0.

    Raises FileRejected. Every other problem is in the report.
    """
    return load_plain(source, "customers", options)
