"""Moments as people write them in commands."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.store import units
from app.store.database import Database
from app.use_cases.clock import now
from grid_cells.errors import UserError


def moment_of(db: Database, text: str | None) -> datetime | None:
    """The moment a text names in the units' zone (a bare date: its noon), None for none."""
    if text is None:
        return None
    zone = ZoneInfo(units.timezone(db.read()) or "UTC")
    try:
        if len(text) == len("2026-07-16"):
            return datetime.combine(date.fromisoformat(text), time(12), tzinfo=zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError("time_unreadable", text=text) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def known_moment_of(db: Database, text: str | None) -> datetime | None:
    """As `moment_of`, of what is asked as known then; UserError `time_ahead` for one to come."""
    moment = moment_of(db, text)
    if moment is not None and moment > (clock := now(db)):
        raise UserError("time_ahead", at=moment, now=clock.astimezone(moment.tzinfo))
    return moment
