"""What devices of halls tell while it happens: heartbeats, faults, sessions, content.

Events come late, twice and in any order: each has a key under which it counts once, and what
follows from them is worked out by the moments they happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store import audit
from app.store import hall_devices as store
from app.store.database import Connection, Database
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.machine_events import AHEAD, EARLIEST, LONGEST, moment_in, short
from grid_cells.errors import UserError

MOST_AT_ONCE: Final = 5_000
KINDS: Final = ("beat", "fault", "repaired", "dwell_began", "dwell_ended", "content")
FIELDS: Final = ("key", "device", "event", "at", "detail")


@dataclass(frozen=True)
class DeviceEvent:
    """One event: `detail` is the code of a fault or the version of a content."""

    key: str
    device: str
    event: str
    at: datetime
    detail: str | None = None


def read(given: Any) -> DeviceEvent:
    """An event from JSON; UserError names the field and the value that cannot be used.

    Without a key of its own an event is told from others by device, event and moment.
    """
    if not isinstance(given, dict):
        raise UserError("device_event_type", field="", value=short(given), expected="object")
    for name in given:
        if name not in FIELDS:
            raise UserError("device_event_unknown", field=str(name)[:60], known=", ".join(FIELDS))
    device, event = _text(given, "device"), _text(given, "event")
    if event not in KINDS:
        raise UserError("device_event_choice", field="event", value=event, known=", ".join(KINDS))
    at = _moment(given)
    detail = _text(given, "detail", is_needed=event == "content") or None
    key = _text(given, "key", is_needed=False) or f"{device}|{event}|{at.isoformat()}"
    return DeviceEvent(key, device, event, at, detail)


def _text(given: dict[str, Any], name: str, *, is_needed: bool = True) -> str:
    value = given.get(name)
    text = "" if value is None else value
    if not isinstance(text, str):
        raise UserError("device_event_type", field=name, value=short(value), expected="text")
    text = text.strip()
    if len(text) > LONGEST or not text.isprintable():
        raise UserError("device_event_long", field=name, value=short(value), most=LONGEST)
    if is_needed and not text:
        raise UserError("device_event_missing", field=name)
    return text


def _moment(given: dict[str, Any]) -> datetime:
    text = _text(given, "at")
    moment = moment_in(text)
    if moment is None:
        raise UserError("device_event_time", field="at", value=text)
    return moment


@needs("tell_devices")
def take(db: Database, actor: Actor, events: Sequence[DeviceEvent]) -> dict[str, int]:
    """Keep all the events, or none: how many were new, and how many known already.

    Raises UserError with the `item` meant: `device_event_device` for a device nobody knows,
    `device_event_future`, `device_event_old` (more than 31 days ago), `device_event_key_taken`
    (another event has the key).
    """
    now, devices = clock_now(db), store.known_ids(db.read())
    for item, one in enumerate(events):
        _check(one, item, now, devices)
    if not events:
        return {"new": 0, "known": 0}
    rows = _rows(events, now, actor)

    def change(connection: Connection) -> dict[str, int]:
        _check_keys(connection, events)
        counts = {"new": len(store.add_events(connection, rows))}
        counts["known"] = len(events) - counts["new"]
        if any(one.event != "beat" for one in events) and counts["new"]:
            audit.record(
                connection, actor.id, "device_events_told", at=real_now(), detail=counts
            )  # heartbeats alone come by the minute: the record is of what somebody may ask about
        return counts

    return db.write(change)


def _check(one: DeviceEvent, item: int, now: datetime, devices: set[str]) -> None:
    if one.device not in devices:
        raise UserError("device_event_device", item=item, field="device", value=one.device)
    if one.at > now + AHEAD:
        raise UserError("device_event_future", item=item, field="at", value=one.at.isoformat())
    if one.at < now - EARLIEST:
        raise UserError(
            "device_event_old", item=item, field="at", value=one.at.isoformat(), days=EARLIEST.days
        )


def _check_keys(connection: Connection, events: Sequence[DeviceEvent]) -> None:
    """Refuse a key that stands for something else, in the store or in the same request."""
    meant = store.held_events(connection, [one.key for one in events])
    for item, one in enumerate(events):
        mine = (one.device, one.event, one.at)
        if meant.setdefault(one.key, mine) != mine:
            raise UserError("device_event_key_taken", item=item, field="key", value=one.key)


def _rows(events: Sequence[DeviceEvent], now: datetime, actor: Actor) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "event_key": [one.key for one in events],
            "device_id": [one.device for one in events],
            "event": [one.event for one in events],
            "happened_at": pd.Series([one.at for one in events]).astype("datetime64[us, UTC]"),
            "received_at": pd.Series([now] * len(events)).astype("datetime64[us, UTC]"),
            "detail": pd.Series([one.detail for one in events], dtype="str"),
            "told_by": actor.id,
        }
    )
    return frame.drop_duplicates("event_key")
