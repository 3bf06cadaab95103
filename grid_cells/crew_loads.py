"""How much work crews hold at a moment, and when a part of each is free."""

from datetime import datetime
from typing import Final

import pandas as pd

LEAST_LEFT_MIN: Final = 5.0
"""Work that should be over already still takes so long."""
_PARTS_MOST: Final = 50


def left_min(held: pd.DataFrame, now: datetime) -> "pd.Series[float]":
    """Minutes of work left of each holding: arrived_at (NaT: not there yet), service_min."""
    service = held["service_min"].astype("float64").fillna(0.0)
    there = pd.to_datetime(held["arrived_at"], utc=True)
    gone = (pd.Timestamp(now) - there).dt.total_seconds() / 60
    left = (service - gone).clip(lower=LEAST_LEFT_MIN)
    return left.where(there.notna(), service)


def loads(crews: pd.DataFrame, held: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The crews (crew_id, parts) with open_orders, held_min and free_in_min.

    `held`: crew_id, order_id, arrived_at, service_min of orders still to be done. Parts take the
    orders in turn, those where work has begun first; free_in_min: until the first part has none.
    """
    rows = held.assign(left=left_min(held, now), waits=held["arrived_at"].isna())
    rows = rows.sort_values(["crew_id", "waits", "order_id"], kind="stable")
    work = {str(crew): part["left"].tolist() for crew, part in rows.groupby("crew_id")}
    own = [work.get(str(crew), []) for crew in crews["crew_id"]]
    parts = crews["parts"].tolist()
    return crews.assign(
        open_orders=[len(one) for one in own],
        held_min=[float(sum(one)) for one in own],
        free_in_min=[_free(one, int(n)) for one, n in zip(own, parts, strict=True)],
    )


def _free(work: list[float], parts: int) -> float:
    busy = [0.0] * min(max(parts, 1), _PARTS_MOST)
    for minutes in work:
        first = busy.index(min(busy))
        busy[first] += minutes
    return min(busy)
