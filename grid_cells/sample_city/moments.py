"""The city's clock: local days and hours as moments in UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Days

ZONE = "Asia/Shanghai"
_OFFSET = np.timedelta64(8, "h")


def local(day: date, clock: str = "00:00") -> datetime:
    """The moment at that local hour and minute (`HH:MM`) of a day, aware of its zone."""
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(ZONE))


def utc(day: date, clock: str = "00:00") -> pd.Timestamp:
    """The same as a timestamp in UTC."""
    return pd.Timestamp(local(day, clock)).tz_convert("UTC").as_unit("us")


def midnights(days: Days) -> pd.DatetimeIndex:
    """The moments in UTC at which local days begin."""
    return pd.DatetimeIndex(days.astype("datetime64[us]") - _OFFSET).tz_localize("UTC")


def unknown(count: int) -> pd.Series:
    """So many moments that are not known, or never come."""
    return pd.Series(pd.NaT, index=range(count), dtype="datetime64[us, UTC]")


def days_before(end: date, days: int) -> date:
    """The day that many days before the end (negative: after)."""
    return end - timedelta(days=days)


def moment(end: date, ago: int, clock: str) -> np.datetime64:
    """A local hour (`HH:MM`) so many days before the end, as numpy has it in UTC."""
    return utc(days_before(end, ago), clock).tz_localize(None).to_datetime64()


def day_codes(at: Days) -> list[str]:
    """The day in UTC of each moment as six digits, for ids."""
    days = np.datetime_as_string(at.astype("datetime64[D]")).tolist()
    return [f"{day[2:4]}{day[5:7]}{day[8:10]}" for day in days]
