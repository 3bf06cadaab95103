"""Reach hour by hour over a usual week: how many points are open, whom they reach."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.store.database import Database
from app.use_cases import derive, reach, reach_ground, reach_points, reach_wishes, small_cells
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.reach_wishes import ReachWish
from app.use_cases.remember import remembered
from grid_cells import payment_reach

HOURS_A_DAY: Final = 24


@needs("see_reach")
def week(db: Database, actor: Actor, wish: ReachWish) -> pd.DataFrame:
    """Customers in sight within the limit of an open point at every hour of this week.

    weekday (1 Monday), hour, points (open), reached (customers), share (of all). Holidays and other
    exceptions count as they fall; halls count for the wish's matter.
    """
    reach_wishes.check(wish)
    now = clock_now(db).replace(second=0, microsecond=0)
    derive.refresh(db, now)
    zone = ZoneInfo(reach_ground.zone_of(db))
    here = now.astimezone(zone)
    monday = datetime.combine(here.date() - timedelta(days=here.weekday()), time(0), zone)
    key = ("reach_week", *reach.stamp(db), wish, monday, now, small_cells.hidden_from(actor))
    return remembered(key, lambda: _week(db, actor, wish, monday, now))


def _week(
    db: Database, actor: Actor, wish: ReachWish, monday: datetime, now: datetime
) -> pd.DataFrame:
    ways = reach.ways_of(db, wish, reach_ground.moment_of(db, wish.moment, now))
    cells, row = reach.people(db, actor, ways.ground, now)
    is_open = reach_points.week(db, ways.points, monday)
    counted = is_open & ways.points["is_there"].to_numpy(dtype=bool)
    lived = cells["customers"].to_numpy(dtype="float64")
    table = payment_reach.by_hour(ways.minutes[row], counted, lived, wish.limit_min)
    hours = pd.RangeIndex(len(table))
    table.insert(0, "weekday", hours // HOURS_A_DAY + 1)
    table.insert(1, "hour", hours % HOURS_A_DAY)
    return table
