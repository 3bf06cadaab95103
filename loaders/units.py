"""Organisational units: company, province, city, county, station."""

from pathlib import Path
from zoneinfo import available_timezones

from loaders.checking import Sheet, deduplicated, finished, open_sheet
from loaders.contract import Loaded, LoadOptions


def load_units(source: Path, options: LoadOptions) -> Loaded:
    """Checked units, one row each, with an IANA zone where one is given; raises FileRejected."""
    sheet = open_sheet(source, "units", options)
    _reject_unknown_zones(sheet)
    return finished(deduplicated(sheet))


def _reject_unknown_zones(sheet: Sheet) -> None:
    if "timezone" in sheet.frame.columns:
        zones = sheet.frame["timezone"]
        unknown = zones.notna() & ~zones.isin(available_timezones())
        sheet.findings.reject(unknown, "timezone", "unknown_timezone", "Asia/Shanghai")
