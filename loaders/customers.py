"""Customers: the people and firms supplied, placed where their position is known."""

from pathlib import Path

from loaders.checking import deduplicated, finished, located, open_sheet, reject_far_future
from loaders.contract import Loaded, LoadOptions


def load_customers(source: Path, options: LoadOptions) -> Loaded:
    """Checked customers, one row each; those without a position have cell_id 0.

    Raises FileRejected. Every other problem is in the report.
    """
    sheet = located(open_sheet(source, "customers", options))
    reject_far_future(sheet, "connected_on")
    return finished(deduplicated(sheet))
