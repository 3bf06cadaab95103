"""Figures of halls by the hour, where nobody counts single visits: waits and visitors."""

from pathlib import Path

import pandas as pd

from loaders.checking import deduplicated, finished, open_sheet, timezone_of
from loaders.contract import Loaded, LoadOptions
from loaders.visits import reject_not_come, reject_unknown_halls


def load_hall_hours(source: Path, options: LoadOptions) -> Loaded:
    """Checked hours, one row for a hall and hour; raises FileRejected.

    `hour` is cut to the whole hour (a reading at 09:04 is that of nine o'clock) by the clocks of
    the mapping's zone, else the company's: not all are whole hours from UTC. It carries a zone or
    takes the mapping's; without either the file is refused (`timezone_missing`). An empty wait
    stays empty: unknown, not zero. Rejected are hours that have not come and halls nobody knows.
    """
    sheet = open_sheet(source, "hall_hours", options)
    sheet.frame["hour"] = _whole(sheet.frame["hour"], timezone_of(options))
    reject_not_come(sheet, "hour")
    reject_unknown_halls(sheet)
    return finished(deduplicated(sheet))


def _whole(moments: "pd.Series[pd.Timestamp]", zone: str) -> "pd.Series[pd.Timestamp]":
    """The beginning of the local hour; of an hour that the clocks repeat, its own."""
    local = moments.dt.tz_convert(zone).dt.tz_localize(None)
    return moments - (local - local.dt.floor("h"))
