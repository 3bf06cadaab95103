"""Figures of halls hour by hour, laid out as days × hours × halls; NaN is unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HallHours:
    """`grid[d, h, k]`: what hall `halls[k]` had on day `first` + d in the local hour `hours[h]`.

    The unit is the caller's (visits, minutes of wait); NaN where nothing is known or the hall is
    closed.
    """

    first: date
    hours: tuple[int, ...]
    halls: tuple[str, ...]
    grid: Floats

    @property
    def days(self) -> list[date]:
        """The days in order, without gaps."""
        return [self.first + timedelta(days=at) for at in range(len(self.grid))]

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.first + timedelta(days=len(self.grid))

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """Monday is 0."""
        return (self.first.weekday() + np.arange(len(self.grid))) % 7

    def before(self, day: date) -> "HallHours":
        """What was before the day."""
        kept = max((day - self.first).days, 0)
        return HallHours(self.first, self.hours, self.halls, self.grid[:kept])


def lay_out(rows: pd.DataFrame, halls: Sequence[str] | None = None) -> HallHours:
    """From rows `hall_id`, `hour` (local, without a zone) and `value`, one a hall and hour.

    `halls`: whose, and in which order; else all of the rows, sorted. Rows of other halls fall away.
    """
    names = tuple(halls) if halls is not None else tuple(sorted(rows["hall_id"].unique()))
    kept = rows[rows["hall_id"].isin(names) & rows["value"].notna()]
    if kept.empty:
        return HallHours(date.min, (), names, np.empty((0, 0, len(names))))
    at = pd.DatetimeIndex(kept["hour"])
    hours = tuple(range(int(at.hour.min()), int(at.hour.max()) + 1))
    first = at.min().date()
    values = np.full(((at.max().date() - first).days + 1, len(hours), len(names)), np.nan)
    day = (at.normalize() - pd.Timestamp(first)).days
    hall = pd.Index(names).get_indexer(pd.Index(kept["hall_id"]))
    values[day, at.hour - hours[0], hall] = kept["value"].to_numpy(dtype=np.float64)
    return HallHours(first, hours, names, values)


def rows_of(hours: HallHours) -> pd.DataFrame:
    """The known figures as rows `hall_id`, `hour`, `value`; the reverse of `lay_out`."""
    day, hour, hall = np.nonzero(np.isfinite(hours.grid))
    start = pd.Timestamp(hours.first)
    moment = (
        start + pd.to_timedelta(day, unit="D") + pd.to_timedelta(hour + _start(hours), unit="h")
    )
    return pd.DataFrame(
        {
            "hall_id": np.array(hours.halls, dtype=object)[hall],
            "hour": moment,
            "value": hours.grid[day, hour, hall],
        }
    )


def _start(hours: HallHours) -> int:
    return hours.hours[0] if hours.hours else 0
