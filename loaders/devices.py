"""Machines of business halls: the register, one row a device."""

from pathlib import Path
from typing import Final

import pandas as pd

from loaders.checking import Sheet, deduplicated, finished, open_sheet, timezone_of
from loaders.contract import Loaded, LoadOptions
from loaders.moments import local_day
from loaders.visits import reject_not_come, reject_unknown_halls

IN_USE: Final = "in_use"


def load_devices(source: Path, options: LoadOptions) -> Loaded:
    """Checked devices, one row each; raises FileRejected.

    Rejected are halls that `options.known` ("halls_known": hall_id) does not have, and days of
    installation and signs of life that have not come. A device without a status is in use; other
    makers' words for kinds, makers and models come by the mapping's values.
    """
    sheet = open_sheet(source, "devices", options)
    reject_unknown_halls(sheet)
    reject_not_come(sheet, "seen_at")
    _reject_not_installed(sheet)
    if "status" in sheet.frame.columns:
        sheet.frame["status"] = sheet.frame["status"].fillna(IN_USE)
    return finished(deduplicated(sheet))


def _reject_not_installed(sheet: Sheet) -> None:
    if "installed_on" not in sheet.frame.columns or sheet.options.now is None:
        return
    today = local_day(sheet.options.now, timezone_of(sheet.options))
    late = (sheet.frame["installed_on"] > pd.Timestamp(today)).to_numpy(bool)
    sheet.findings.reject(late, "installed_on", "in_future", f"≤ {today}")
