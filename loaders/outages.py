"""Interruptions of supply: when, where or what, how many."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from loaders.checking import (
    Sheet,
    deduplicated,
    finished,
    located,
    open_sheet,
    reject_ends_before_start,
    reject_far_future,
    require_one_of,
)
from loaders.contract import Loaded, LoadOptions
from loaders.rules import FIRST_OUTAGE_YEAR
from loaders.texts import truth

_MOMENTS = ("started_at", "estimated_restore_at", "restored_at")
_ONE = r"(?:transformer|feeder|customer):[^;:\s][^;:]*"
_SCOPE = rf"^\s*{_ONE}(?:\s*[;；]\s*{_ONE})*\s*[;；]?\s*$"


def load_outages(source: Path, options: LoadOptions) -> Loaded:
    """Checked outages, one row each, with a place or a scope; raises FileRejected.

    Years before 1990 or more than a year ahead of `options.now` are mistyped and rejected.
    """
    sheet = located(open_sheet(source, "outages", options))
    for column in _MOMENTS:
        reject_before_records(sheet, column)
        reject_far_future(sheet, column)
    reject_ends_before_start(sheet, "started_at", "restored_at")
    reject_bad_scopes(sheet)
    require_one_of(sheet, "lon", "lat", "scope")
    return finished(deduplicated(sheet))


def reject_before_records(sheet: Sheet, column: str) -> None:
    """Reject the moments before the first year from which single outages are known."""
    if column not in sheet.frame.columns:
        return
    moments = sheet.frame[column]
    first = pd.Timestamp(year=FIRST_OUTAGE_YEAR, month=1, day=1, tz="UTC")
    early = (moments < first) & ~sheet.findings.is_rejected_for(column)
    sheet.findings.reject(early, column, "year_impossible", f"≥ {FIRST_OUTAGE_YEAR}")


def reject_bad_scopes(sheet: Sheet) -> None:
    """Reject the scopes that are no list of transformers, feeders and customers."""
    if "scope" not in sheet.frame.columns:
        return
    texts = pa.array(sheet.frame["scope"], pa.large_string(), from_pandas=True)
    bad = truth(pc.and_(pc.is_valid(texts), pc.invert(pc.match_substring_regex(texts, _SCOPE))))
    sheet.findings.reject(bad, "scope", "bad_scope", "transformer:ID; feeder:ID; customer:NO")
