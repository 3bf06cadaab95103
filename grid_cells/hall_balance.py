"""Halls that overflow beside idle neighbours, and what opening, closing or staffing one changes.

A hall's capacity is the most visits an hour of which the promised share is called in time (Erlang
C). What comes above it overflows; a neighbour within reach takes it up as far as it keeps a margin
below its own capacity. The nearest pair moves first. Halls of which visits, counters or service
times are unknown neither overflow nor help.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells import erlang
from grid_cells.hall_load import Promise

Floats = NDArray[np.float64]

MARGIN: Final = 0.9
"""A neighbour is filled up to so much of its capacity, so that it does not overflow in turn."""
_HALVINGS: Final = 40
_LEAST_MOVED: Final = 1e-9
MOVE_COLUMNS: Final = ["from_hall", "to_hall", "minutes", "visits"]


def capacity(servers: Floats, service_min: Floats, promise: Promise) -> Floats:
    """Most visits an hour with which the promise is kept; NaN where servers or times are unknown.

    0 without a server. Found by halving: the share called in time falls as visits rise.
    """
    many, service = np.broadcast_arrays(servers, service_min)
    known = np.isfinite(many) & np.isfinite(service) & (service > 0)
    low = np.zeros(many.shape)
    high = np.where(known, np.floor(np.nan_to_num(many)) * 60 / np.where(known, service, 1.0), 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        kept = _level(middle, many, service, promise.wait_min) >= promise.share
        low, high = np.where(kept, middle, low), np.where(kept, high, middle)
    return np.where(known, low, np.nan)


def _level(visits: Floats, servers: Floats, service_min: Floats, wait_min: float) -> Floats:
    load = np.nan_to_num(visits * service_min / 60)
    many, service = np.nan_to_num(servers), np.where(service_min > 0, service_min, 1.0)
    return np.asarray(np.nan_to_num(erlang.service_level(load, many, service, wait_min)))


def moves(halls: pd.DataFrame, between_min: Floats, limit_min: float) -> pd.DataFrame:
    """Visits an hour that would move if people were told: from_hall, to_hall, minutes, visits.

    `halls`: hall_id, visits, capacity (an hour; NaN unknown); `between_min`: halls by halls, NaN
    without a way.
    """
    visits, most = (halls[name].to_numpy(dtype=np.float64) for name in ("visits", "capacity"))
    over = np.nan_to_num(np.maximum(visits - most, 0.0))
    spare = np.nan_to_num(np.maximum(MARGIN * most - visits, 0.0))
    rows, ids = [], halls["hall_id"].tolist()
    near = np.argwhere(between_min <= limit_min)
    for full, idle in sorted(near.tolist(), key=lambda pair: (between_min[tuple(pair)], pair)):
        moved = min(over[full], spare[idle])
        if full == idle or moved <= _LEAST_MOVED:
            continue
        over[full] -= moved
        spare[idle] -= moved
        rows.append((ids[full], ids[idle], float(between_min[full, idle]), float(moved)))
    return pd.DataFrame(rows, columns=MOVE_COLUMNS)


def with_moves(halls: pd.DataFrame, moved: pd.DataFrame) -> Floats:
    """Visits of each hall once people have moved; their sum stays what it was."""
    ids = halls["hall_id"]
    left = ids.map(moved.groupby("from_hall")["visits"].sum()).fillna(0.0)
    come = ids.map(moved.groupby("to_hall")["visits"].sum()).fillna(0.0)
    return (halls["visits"] - left + come).to_numpy(dtype=np.float64)


def waits(visits: Floats, servers: Floats, service_min: Floats) -> Floats:
    """Mean wait in minutes by Erlang C; NaN where the load is not below the counters or unknown."""
    known = np.isfinite(visits) & np.isfinite(servers) & np.isfinite(service_min)
    load = np.where(known, visits * service_min / 60, 0.0)
    found = erlang.mean_wait_min(load, np.where(known, servers, 1.0), np.nan_to_num(service_min))
    return np.where(known, found, np.nan)


@dataclass(frozen=True)
class Shift:
    """What changed halls mean: visits of each hall after, and mean minutes before and after.

    visits: in the order of the halls after; before_min, after_min: over visits whose cell reaches
    a hall; lost: visits whose cell reaches none any more.
    """

    visits: Floats
    before_min: float
    after_min: float
    lost: float


def shift(weight: Floats, before: Floats, after: Floats, visits: Floats) -> Shift:
    """Where visits go when halls change: each cell's to its nearest hall, before and after.

    `weight`: customers of each cell; `before`, `after`: minutes, cells by halls (NaN no way);
    `visits`: of each hall before (NaN unknown: 0 moves). A hall's visits are shared among the
    cells nearest to it by customers, so that every hall begins with what it really has.
    """
    was, now = _nearest(before), _nearest(after)
    lived = np.bincount(was[was >= 0], weight[was >= 0], before.shape[1])
    rate = np.divide(np.nan_to_num(visits), lived, out=np.zeros(len(visits)), where=lived > 0)
    come = np.where(was >= 0, rate[was] * weight, 0.0)
    held = now >= 0
    found = np.bincount(now[held], come[held], after.shape[1]).astype(np.float64)
    rest = np.where(lived > 0, 0.0, np.nan_to_num(visits))  # nobody lives nearest: they stay
    size = min(len(rest), len(found))
    found[:size] += rest[:size]
    return Shift(
        found, _mean(before, was, come), _mean(after, now, come), float(come[~held].sum())
    )  # fmt: skip


def _nearest(minutes: Floats) -> NDArray[np.int64]:
    if not minutes.shape[1]:
        return np.full(len(minutes), -1, dtype=np.int64)
    held = np.where(np.isnan(minutes), np.inf, minutes)
    which = np.argmin(held, axis=1)
    return np.where(np.isfinite(held[np.arange(len(held)), which]), which, -1).astype(np.int64)


def _mean(minutes: Floats, which: NDArray[np.int64], weight: Floats) -> float:
    used = (which >= 0) & (weight > 0)
    if not used.any():
        return float("nan")
    took = minutes[np.flatnonzero(used), which[used]]
    return float(np.average(took, weights=weight[used]))
