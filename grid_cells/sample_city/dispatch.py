"""Which crew was told of a fault, when it accepted, and when it arrived."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from grid_cells.sample_city.ground import Days, Flags, Floats, Ints, to_metres
from grid_cells.sample_city.moments import ZONE

DAY_SHIFT, NIGHT_SHIFT, ALWAYS = "Mo-Su 08:00-20:00", "Mo-Su 20:00-08:00", "24/7"
_DAY_FROM, _DAY_TO = 8, 20
_KMH, _DETOUR, _START_MIN = 26.0, 1.3, 3.0
_LOOK_MIN = (26.0, 46.0)
_LEAST_MIN = np.timedelta64(3, "m")


@dataclass(frozen=True, eq=False)
class Visits:
    """By fault: the crew's position and its moments in UTC; crew -1 where nobody was sent."""

    crew: Ints
    told: Days
    accepted: Days
    arrived: Days

    def of(self, rows: Ints) -> "Visits":
        """Those of some faults, in the order of `rows`."""
        return Visits(self.crew[rows], self.told[rows], self.accepted[rows], self.arrived[rows])


def after(at: Days | np.datetime64, wait_min: Floats | float) -> Days:
    """The moments so many minutes later, to the second."""
    begin: Any = at
    return np.asarray(begin + np.round(np.asarray(wait_min) * 60).astype("timedelta64[s]"))


def first_visits(
    ready: Days, back: Days, sites: Floats, crews: pd.DataFrame, rng: np.random.Generator
) -> Visits:
    """Visits of an evening with more faults than crews: each fault gets whoever is there first.

    `ready`: when each fault is known; `back`: when its power returns, before which the crew has
    come; `sites`: metres (n, 2). A crew looks, makes safe and goes on to the next fault.
    """
    on_duty = evening_crews(crews)
    bases = np.column_stack(to_metres(crews["lon"].to_numpy(), crews["lat"].to_numpy()))[on_duty]
    free = np.full(len(on_duty), ready.min())
    accept, look = rng.uniform(0.5, 3, len(ready)), rng.uniform(*_LOOK_MIN, len(ready))
    crew = np.zeros(len(ready), dtype=np.int64)
    told = ready.copy()
    arrived = ready.copy()
    for fault in np.argsort(ready, kind="stable").tolist():
        way = _way_min(np.hypot(*(bases - sites[fault]).T)) + accept[fault]
        there = after(np.maximum(free, ready[fault]), way)
        chosen = int(there.argmin())
        told[fault] = max(free[chosen], ready[fault])
        arrived[fault], crew[fault] = there[chosen], on_duty[chosen]
        free[chosen] = after(there[chosen], look[fault])
        bases[chosen] = sites[fault]
    arrived = np.minimum(arrived, back - _LEAST_MIN)
    told = np.minimum(told, arrived)
    return Visits(crew, told, np.minimum(after(told, accept), arrived), arrived)


def evening_crews(crews: pd.DataFrame) -> Ints:
    """Crews on shift in the early evening."""
    return np.flatnonzero(crews["shift"].isin((DAY_SHIFT, ALWAYS)).to_numpy())


def _way_min(straight_m: Floats) -> Floats:
    return np.asarray(straight_m * _DETOUR / 1_000 / _KMH * 60 + _START_MIN)


def usual_visits(
    ready: Days, way_min: Floats, sites: Floats, crews: pd.DataFrame, rng: np.random.Generator
) -> Visits:
    """Visits of ordinary days: the nearest crew on shift, `way_min` away."""
    hour = pd.DatetimeIndex(ready).tz_localize("UTC").tz_convert(ZONE).hour.to_numpy()
    is_day = (hour >= _DAY_FROM) & (hour < _DAY_TO)
    crew = np.where(is_day, _nearest(crews, DAY_SHIFT, sites), _nearest(crews, NIGHT_SHIFT, sites))
    told = after(ready, rng.uniform(0.5, 4, len(ready)))
    accepted = after(told, rng.uniform(0.5, 4, len(ready)))
    return Visits(crew, told, accepted, after(accepted, way_min))


def _nearest(crews: pd.DataFrame, shift: str, sites: Floats) -> Ints:
    own = np.flatnonzero((crews["shift"] == shift).to_numpy())
    bases = np.column_stack(to_metres(crews["lon"].to_numpy(), crews["lat"].to_numpy()))[own]
    return np.asarray(own[cKDTree(bases).query(sites)[1]])


def nobody(count: int) -> Visits:
    """So many faults to which no crew was sent."""
    never = np.full(count, np.datetime64("NaT", "us"))
    return Visits(np.full(count, -1), never, never, never)


def replaced(visits: Visits, rows: Flags, others: Visits) -> Visits:
    """The visits, with `others` (as many) where `rows` is set."""
    return Visits(
        np.where(rows, others.crew, visits.crew), np.where(rows, others.told, visits.told),
        np.where(rows, others.accepted, visits.accepted),
        np.where(rows, others.arrived, visits.arrived),
    )  # fmt: skip
