"""The counters that the coming hours of a hall ask for, beside those it has and who is put down."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from app.store import hall_forecasts as forecasts
from app.store import hall_visits as visits
from app.store import places
from app.store.database import Database
from app.use_cases import hall_load
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.hall_forecasts import local
from grid_cells.hall_load import needed

_AN_HOUR: Final = timedelta(hours=1)
_SERVICE_DAYS: Final = 56
_STAFFING: Final = [
    "hour", "local", "expected", "low", "high", "counters_needed", "counters_needed_high",
    "counters", "staff",
]  # fmt: skip


@needs("see_halls")
def staffing(
    db: Database,
    actor: Actor,  # noqa: ARG001 - asked above
    hall: str,
) -> pd.DataFrame:
    """What the coming hours of a hall ask for; no rows without a forecast or after it.

    Columns: hour, local (by the hall's clocks), expected, low, high (visitors), counters_needed and
    counters_needed_high (the fewest with which the promised share is called within the promised
    wait, by Erlang C, for the expected and for the high number), counters (the hall has; NaN
    unknown), staff (put down for the hour; NaN where nobody is).
    """
    now = clock_now(db)
    run = forecasts.latest(db.read(), "visits", now)
    rows = pd.DataFrame() if run is None else forecasts.hours(db.read(), run["run_id"], [hall])
    if not rows.empty:
        rows = rows[rows["hour"] + _AN_HOUR > now]
    if rows.empty:
        return pd.DataFrame(columns=_STAFFING)
    service = service_min(db, hall, now)
    rows = rows.assign(
        counters_needed=_needed(rows["expected"], service),
        counters_needed_high=_needed(rows["high"], service),
        counters=_counters(db, hall),
        local=local(rows["hour"], hall_load.zone_of(db)),
    )
    return rows.merge(_staff(db, hall, rows), on="hour", how="left")[_STAFFING]


def service_min(db: Database, hall: str, now: datetime) -> float:
    """Minutes of work on one visitor of a hall lately; the table's usual where nobody came."""
    rows = hall_load.held(db, [hall], timedelta(days=_SERVICE_DAYS), now)
    known = rows[rows["load_h"].notna()]
    visitors, hours = int(known["load"].sum()), float(known["load_h"].sum())
    return float(60 * hours / visitors) if visitors and hours else hall_load.work().usual_min


def _needed(visitors: pd.Series, service: float) -> pd.Series:
    load = visitors.to_numpy(dtype=np.float64) * service / 60
    return needed(load, service, hall_load.promise()).set_axis(visitors.index)


def _counters(db: Database, hall: str) -> float:
    held = places.listing(db, "hall").set_index("hall_id")["counters"]
    return float(held.get(hall, np.nan))


def _staff(db: Database, hall: str, rows: pd.DataFrame) -> pd.DataFrame:
    first, last = rows["hour"].min().to_pydatetime(), rows["hour"].max().to_pydatetime() + _AN_HOUR
    span = hall_load.span_of(db, [hall], (first, last), clock_now(db))
    return visits.staff_hours(db.read(), span)[["hour", "staff"]]
