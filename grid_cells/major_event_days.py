"""Major event days: days so bad that they are told apart from ordinary reliability.

The 2.5 beta method of IEEE Std 1366-2012, clause 3.5: the logarithms of daily SAIDI of up to five
years have mean α and standard deviation β; a day above exp(α + 2.5 β) is a major event day.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import pandas as pd

from grid_cells.errors import UserError

BETAS: Final = 2.5
FULL_DAYS: Final = 5 * 365
LEAST_DAYS: Final = 365

ZeroDays = Literal["dropped", "lowest"]
"""What days without an interruption do: nothing (2012), or count as the lowest other day (2003)."""


@dataclass(frozen=True)
class Threshold:
    """The threshold in minutes of daily SAIDI and what it stands on.

    days: calendar days of history; counted: days among them with any interruption; standing:
    "full" from five years on, "provisional" below, "too_little" under one year (minutes None).
    """

    minutes: float | None
    alpha: float | None
    beta: float | None
    days: int
    counted: int
    standing: Literal["full", "provisional", "too_little"]


def daily_saidi(interruptions: pd.DataFrame, served: float, *, zone: str) -> pd.Series:
    """Minutes of SAIDI by day at company level: an interruption's minutes go to the day it began.

    interruptions: began (with a zone), minutes, customers, sustained ones only; a day is the
    calendar's at `zone`. Days without any are not in the result.
    """
    if served <= 0:
        raise UserError("nobody_served")
    day = interruptions["began"].dt.tz_convert(zone).dt.date
    weighed = interruptions["minutes"] * interruptions["customers"]
    return weighed.groupby(day).sum() / served


def threshold(
    saidi: pd.Series, *, first: date, last: date, zero_days: ZeroDays = "dropped"
) -> Threshold:
    """The threshold from the daily SAIDI (by date) of the history `first` to `last`, both included.

    No more than the last five years count. Days with no interruption have no logarithm: they are
    dropped, or stand in as the lowest day that has one. β is the sample's standard deviation.
    """
    begins = max(first, last - timedelta(days=FULL_DAYS - 1))
    days = (last - begins).days + 1
    held = ((day, float(value)) for day, value in saidi.items() if isinstance(day, date))
    logs = [math.log(value) for day, value in held if value > 0 and begins <= day <= last]
    if days < LEAST_DAYS or len(logs) < 2:  # noqa: PLR2004 - a deviation needs two
        return Threshold(None, None, None, max(0, days), len(logs), "too_little")
    counted = len(logs)
    if zero_days == "lowest":
        logs += [min(logs)] * (days - counted)
    alpha = math.fsum(logs) / len(logs)
    beta = math.sqrt(math.fsum((one - alpha) ** 2 for one in logs) / (len(logs) - 1))
    standing: Literal["full", "provisional"] = "full" if days >= FULL_DAYS else "provisional"
    minutes = math.exp(alpha + BETAS * beta)
    return Threshold(minutes, alpha, beta, days, counted, standing)


def major_days(saidi: pd.Series, found: Threshold) -> list[date]:
    """The days above the threshold, in order; none where there is too little history."""
    if found.minutes is None:
        return []
    above = saidi[saidi > found.minutes]
    return sorted(day for day in above.index if isinstance(day, date))
