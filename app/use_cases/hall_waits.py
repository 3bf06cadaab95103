"""The wait at each hall at a moment, for whoever needs it; nothing after the clock is known."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import hall_visits as store
from app.store import meta, units
from app.store.database import Database
from app.store.hall_visits import Limits
from app.use_cases import hall_rules
from app.use_cases.clock import now as clock_now
from app.use_cases.hall_load import lately
from app.use_cases.remember import remembered
from grid_cells import hall_waits
from grid_cells.hall_waits import Known


def present_waits(db: Database, at: datetime) -> pd.DataFrame:
    """The wait at every hall in sight for somebody who comes at the moment.

    hall_id, wait_min (minutes, NaN: unknown), source (tickets, hall_hours, usual, unknown), waiting
    (people, NA unless by tickets). A moment in the past is answered as it was known then; one
    more than the live window ahead of the clock by what is usual at that weekday and hour.
    """
    now = clock_now(db)
    known = min(at, now)
    is_near = at - now <= timedelta(minutes=hall_rules.figure("live_window"))
    connection = db.read()
    limits = Limits(
        hall_rules.figure("live_window"), hall_rules.figure("abandoned_after"),
        hall_rules.figure("passed_after"),
    )  # fmt: skip
    live = store.live(connection, known, limits)
    hourly = store.latest_hours(connection, known, hall_rules.figure("hour_holds"))
    usual = _usual(db, at, known)
    if not is_near:
        live, hourly = live.iloc[:0], hourly.iloc[:0]
    return hall_waits.present_waits(
        store.hall_ids(connection), Known(live, hourly, usual),
        now=known, stale_min=hall_rules.figure("stale_after"),
    )  # fmt: skip


def from_minutes() -> dict[str, float]:
    """The wait in minutes from which a hall is busy, and full, by the table of rules."""
    return {code: hall_rules.figure(f"{code}_wait") for code in ("busy", "full")}


def _usual(db: Database, at: datetime, known: datetime) -> pd.DataFrame:
    """The usual waits of the moment's hour; of weeks gone by, so that one answer holds a while."""
    hours = _same_hours(db, at, known)
    facts = meta.versions(db.whole.read(), ("halls", "visits", "hall_hours"))
    key = ("usual_waits", db.whole.opened_as, db.seen_as, tuple(hours), lately(known), facts)
    return remembered(key, lambda: store.usual_waits(db.read(), hours, known))


def _same_hours(db: Database, at: datetime, known: datetime) -> list[datetime]:
    """The hours of the same weekday and clock in the weeks before, by the company's clocks."""
    zone = ZoneInfo(units.timezone(db.whole.read()) or "UTC")
    hour = at.astimezone(zone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    weeks = int(hall_rules.figure("usual_weeks"))
    past = int((at - known) / timedelta(weeks=1))
    back = (hour - timedelta(weeks=n) for n in range(past + 1, past + weeks + 1))
    return [one.replace(tzinfo=zone) for one in back]
