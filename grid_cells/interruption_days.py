"""Interruptions cut into the days on which they lasted."""

from datetime import datetime, tzinfo

import numpy as np
import pandas as pd

_NS_A_SECOND = 1_000_000_000


def by_day(spans: pd.DataFrame, zone: tzinfo, now: datetime) -> pd.DataFrame:
    """Each customer's seconds without supply by day: day, customer_no, seconds, is_first_day.

    `spans`: customer_no, began, ended (UTC; NaT: still out at `now`). Days are those of `zone`,
    with 23 or 25 hours where the clock is changed. What had not begun at `now` is left out; an
    interruption that begins and ends in one second lasts 0 seconds and still counts on its day.
    """
    known = spans[spans["began"] <= now]
    began = known["began"].dt.tz_convert(zone)
    ended = known["ended"].fillna(now)
    ended = ended.where(ended <= now, now).dt.tz_convert(zone)
    first, last = (
        began.dt.tz_localize(None).dt.normalize(),
        ended.dt.tz_localize(None).dt.normalize(),
    )
    lasts = (last - first).dt.days.to_numpy() + 1
    at = np.repeat(np.arange(len(known)), lasts)
    step = np.arange(len(at)) - np.repeat(np.cumsum(lasts) - lasts, lasts)
    days = first.iloc[at] + pd.to_timedelta(step, unit="D")
    starts = np.maximum(_ns(_midnight(days, zone)), _ns(began.iloc[at]))
    ends = np.minimum(_ns(_midnight(days + pd.Timedelta(days=1), zone)), _ns(ended.iloc[at]))
    seconds = np.rint((ends - starts) / _NS_A_SECOND).astype(np.int64)
    is_first = step == 0
    kept = is_first | (seconds > 0)
    return pd.DataFrame(
        {
            "day": days.dt.date.to_numpy()[kept],
            "customer_no": known["customer_no"].to_numpy()[at][kept],
            "seconds": seconds[kept],
            "is_first_day": is_first[kept],
        }
    )


def _midnight(days: "pd.Series[pd.Timestamp]", zone: tzinfo) -> "pd.Series[pd.Timestamp]":
    """The beginning of each day in the zone; where the clock skips it, the first moment after."""
    return days.dt.tz_localize(zone, nonexistent="shift_forward", ambiguous=True)


def _ns(moments: "pd.Series[pd.Timestamp]") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    utc = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    return utc.to_numpy().astype("datetime64[ns]").astype(np.int64)
