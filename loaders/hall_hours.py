"""Figures of halls by the hour, where nobody counts single visits: waits and visitors."""

from pathlib import Path

from loaders.checking import deduplicated, finished, open_sheet
from loaders.contract import Loaded, LoadOptions
from loaders.visits import reject_not_come, reject_unknown_halls


def load_hall_hours(source: Path, options: LoadOptions) -> Loaded:
    """Checked hours, one row for a hall and hour; raises FileRejected.

    `hour` is cut to the whole hour (a reading at 09:04 is that of nine o'clock) and carries a zone
    or takes the mapping's; without either the file is refused (`timezone_missing`). An empty wait
    stays empty: unknown, not zero. Rejected are hours that have not come and halls nobody knows.
    """
    sheet = open_sheet(source, "hall_hours", options)
    sheet.frame["hour"] = sheet.frame["hour"].dt.floor("h")
    reject_not_come(sheet, "hour")
    reject_unknown_halls(sheet)
    return finished(deduplicated(sheet))
