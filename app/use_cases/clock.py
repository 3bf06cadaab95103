"""What time it is: the real clock, or the sample city's demo clock."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.store import audit, meta
from app.store.database import Connection, Database
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from grid_cells.errors import UserError


@dataclass(frozen=True)
class Clock:
    """The present moment and, in the sample city, the moments one can jump to."""

    now: datetime
    is_demo: bool
    is_running: bool
    events: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True)
class _Setting:
    """The demo clock's moment, since when it goes on from there, and the moments of events."""

    at: datetime
    running_since: datetime | None
    events: tuple[tuple[str, datetime], ...]


def real_now() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)


def is_sample(db: Database) -> bool:
    """Whether everything in the database came from the sample generator."""
    return meta.read_value(db.read(), "origin") == "sample"


def read_clock(db: Database) -> Clock:
    """The clock every page and command goes by."""
    return _clock(db.kept("clock", _setting), real_now())


def now(db: Database) -> datetime:
    """The present moment of this database."""
    return read_clock(db).now


@needs("set_clock")
def set_clock(db: Database, actor: Actor, *, at: datetime, running: bool) -> Clock:
    """Set the demo clock; refused where the data are not the sample's."""
    if not is_sample(db):
        raise UserError("clock_is_real")

    def change(connection: Connection) -> None:
        start_clock(connection, at=at, running=running)
        audit.record(connection, actor.id, "demo_clock_set", at=real_now(), detail={"to": at})

    db.write(change)
    return read_clock(db)


def start_clock(connection: Connection, *, at: datetime, running: bool) -> None:
    """Write the demo clock's settings inside a transaction."""
    meta.set_value(connection, "clock_at", at.astimezone(UTC).isoformat())
    meta.set_value(connection, "clock_set_at", real_now().isoformat())
    meta.set_value(connection, "clock_running", "1" if running else "0")


def read_on(connection: Connection, real: datetime) -> Clock:
    """The clock as this connection sees it, inside a transaction too."""
    return _clock(_setting(connection), real)


def _setting(connection: Connection) -> _Setting | None:
    """How the demo clock is set; None where the real one goes."""
    text = meta.read_value(connection, "clock_at")
    if meta.read_value(connection, "origin") != "sample" or not text:
        return None
    running = meta.read_value(connection, "clock_running") == "1"
    since = datetime.fromisoformat(meta.read_value(connection, "clock_set_at")) if running else None
    events = sorted(
        ((c, datetime.fromisoformat(t)) for c, t in meta.values_like(connection, "event:").items()),
        key=lambda event: event[1],
    )
    return _Setting(datetime.fromisoformat(text), since, tuple(events))


def _clock(setting: _Setting | None, real: datetime) -> Clock:
    if setting is None:
        return Clock(now=real, is_demo=False, is_running=True)
    at, since = setting.at, setting.running_since
    if since is not None:
        at += real - since
    return Clock(now=at, is_demo=True, is_running=since is not None, events=setting.events)
