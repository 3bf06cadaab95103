"""Calls about faults: who, where, when registered, and how far the crew has come."""

from itertools import pairwise
from pathlib import Path

from loaders.checking import (
    deduplicated,
    finished,
    located,
    open_sheet,
    reject_ends_before_start,
    reject_far_future,
    require_one_of,
)
from loaders.contract import Loaded, LoadOptions
from loaders.outages import reject_before_records

STAMPS = ("registered_at", "told_at", "accepted_at", "arrived_at", "restored_at")
"""The moments of a report in the order in which they come."""


def load_fault_reports(source: Path, options: LoadOptions) -> Loaded:
    """Checked reports, one row each; raises FileRejected.

    A report names a customer, a transformer, a place or an address. A moment before the one
    that must have come first is rejected.
    """
    sheet = located(open_sheet(source, "fault_reports", options))
    for column in STAMPS:
        reject_before_records(sheet, column)
        reject_far_future(sheet, column)
    for start, end in pairwise(STAMPS):
        reject_ends_before_start(sheet, start, end)
    for end in STAMPS[2:]:
        reject_ends_before_start(sheet, STAMPS[0], end)
    require_one_of(sheet, "customer_no", "transformer_id", "lon", "lat", "address")
    return finished(deduplicated(sheet))
