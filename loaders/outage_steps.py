"""Outages in steps: which part went out or came back, when, and how many customers that was."""

from pathlib import Path

from loaders.checking import (
    deduplicated,
    finished,
    open_sheet,
    reject_far_future,
    require_one_of,
)
from loaders.contract import Loaded, LoadOptions
from loaders.outages import reject_bad_scopes, reject_before_records


def load_outage_steps(source: Path, options: LoadOptions) -> Loaded:
    """Checked steps, one row each, with a scope or a number of customers; raises FileRejected."""
    sheet = open_sheet(source, "outage_steps", options)
    reject_before_records(sheet, "step_at")
    reject_far_future(sheet, "step_at")
    reject_bad_scopes(sheet)
    require_one_of(sheet, "scope", "customers")
    return finished(deduplicated(sheet))
