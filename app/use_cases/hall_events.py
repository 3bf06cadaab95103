"""What queue machines tell while it happens: a ticket taken, called, finished.

Events come late, twice and in any order. No moment is lost: a call or an end that no ticket has
room for waits without a taking, so whatever the order the same events make the same tickets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import audit
from app.store import hall_events as store
from app.store import hall_visits as visit_store
from app.store.database import Connection, Database
from app.use_cases import hall_load, reference
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.hall_visit_files import visitor_hash
from app.use_cases.machine_events import AHEAD, EARLIEST, LONGEST, moment_in, short
from grid_cells import hall_tickets
from grid_cells.errors import UserError
from grid_cells.vocabulary import CHOICES
from loaders.visits import matter_words

MOST_AT_ONCE: Final = 2_000
KINDS: Final = ("taken", "called", "finished")
TEXTS: Final = ("matter", "counter", "outcome", "channel", "visitor")
FIELDS: Final = ("hall", "ticket", "event", "at", "appointment_at", *TEXTS)


@dataclass(frozen=True)
class VisitEvent:
    """One event of a ticket: what happened when, and what the machine says of the visit."""

    hall: str
    ticket: str
    event: str
    at: datetime
    appointment_at: datetime | None = None
    matter: str | None = None
    counter: str | None = None
    outcome: str | None = None
    channel: str | None = None
    visitor: str | None = None


def read(given: Any) -> VisitEvent:
    """An event from JSON; UserError names the field and the value that cannot be used."""
    if not isinstance(given, dict):
        raise UserError("hall_event_type", field="", value=short(given), expected="object")
    for name in given:
        if name not in FIELDS:
            raise UserError("hall_event_unknown", field=str(name)[:60], known=", ".join(FIELDS))
    return VisitEvent(
        hall=_text(given, "hall", is_needed=True),
        ticket=_text(given, "ticket", is_needed=True),
        event=_one_of(_text(given, "event", is_needed=True), "event", KINDS),
        at=_moment(given, "at"),
        appointment_at=_moment(given, "appointment_at") if given.get("appointment_at") else None,
        **_said(given),
    )


def _said(given: Mapping[str, Any]) -> dict[str, str | None]:
    said = {name: _text(given, name) or None for name in TEXTS}
    for name in ("outcome", "channel"):
        if said[name] is not None:
            said[name] = _choice(name, str(said[name]))
    if said["matter"] is not None:
        said["matter"] = _matters().get(said["matter"].casefold(), said["matter"])
    return said


@cache
def _matters() -> dict[str, str]:
    return matter_words(reference.table("matters"))


def _text(given: Mapping[str, Any], name: str, *, is_needed: bool = False) -> str:
    value = given.get(name)
    text = "" if value is None else value
    if not isinstance(text, str):
        raise UserError("hall_event_type", field=name, value=short(value), expected="text")
    text = text.strip()
    if len(text) > LONGEST or not text.isprintable():
        raise UserError("hall_event_long", field=name, value=short(value), most=LONGEST)
    if is_needed and not text:
        raise UserError("hall_event_missing", field=name)
    return text


def _one_of(value: str, name: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise UserError("hall_event_choice", field=name, value=value, known=", ".join(allowed))
    return value


def _choice(name: str, value: str) -> str:
    """The code of a word that files may write too."""
    allowed = CHOICES["visits", name]
    for code, words in allowed.items():
        if value.casefold() in {code, *(word.casefold() for word in words)}:
            return code
    return _one_of(value, name, tuple(allowed))


def _moment(given: Mapping[str, Any], name: str) -> datetime:
    value = given.get(name)
    if value is None or value == "":
        raise UserError("hall_event_missing", field=name)
    moment = moment_in(value.strip()) if isinstance(value, str) else None
    if moment is None:
        raise UserError("hall_event_time", field=name, value=short(value))
    return moment


@needs("tell_visits")
def take(db: Database, actor: Actor, events: Sequence[VisitEvent]) -> dict[str, int]:
    """Keep all the events, or none: tickets made, changed, and those about which all was known.

    Raises UserError with the `item` meant: `hall_event_hall` for a hall nobody knows,
    `hall_event_future`, `hall_event_old` (more than 31 days ago).
    """
    now, halls = clock_now(db), set(visit_store.hall_ids(db.read())["hall_id"])
    for item, one in enumerate(events):
        _check(one, item, now, halls)
    if not events:
        return {"made": 0, "changed": 0, "known": 0}
    rows, zone = _rows(db, events), hall_load.zone_of(db)

    def change(connection: Connection) -> dict[str, int]:
        counts = store.merge(connection, _assigned(connection, rows, events, zone), now)
        if counts["made"] or counts["changed"]:
            audit.record(connection, actor.id, "visits_told", at=real_now(), detail=counts)
        return counts

    return db.write(change)


def _check(one: VisitEvent, item: int, now: datetime, halls: set[str]) -> None:
    if one.hall not in halls:
        raise UserError("hall_event_hall", item=item, field="hall", value=one.hall)
    if one.at > now + AHEAD:
        raise UserError("hall_event_future", item=item, field="at", value=one.at.isoformat())
    if one.at < now - EARLIEST:
        raise UserError(
            "hall_event_old", item=item, field="at", value=one.at.isoformat(), days=EARLIEST.days
        )


def _assigned(
    connection: Connection, rows: pd.DataFrame, events: Sequence[VisitEvent], zone: str
) -> pd.DataFrame:
    """The rows with id and day of their tickets, and the tickets that turned out to be another."""
    told = pd.DataFrame(
        {"hall_id": rows["hall_id"], "number": [one.ticket for one in events],
         "kind": [one.event for one in events], "at": [one.at for one in events]}
    )  # fmt: skip
    days = [one.at.astimezone(ZoneInfo(zone)).date() for one in events]
    around = timedelta(days=1)
    held = store.known(
        connection, told[["hall_id", "number"]].drop_duplicates(), min(days) - around,
        max(days) + around,
    )  # fmt: skip
    found = hall_tickets.assigned(told, held, zone)
    named = rows.assign(ticket_id=found.ticket_ids, day=found.days)
    parts = [named]
    if len(found.parted):
        parts.append(store.part(connection, found.parted))
    if len(found.moved):
        parts.append(store.move(connection, found.moved))
    return pd.concat([one for one in parts if len(one)], ignore_index=True)


def _rows(db: Database, events: Sequence[VisitEvent]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "hall_id": [one.hall for one in events],
            **{
                f"{kind}_at": _moments([one.at if one.event == kind else None for one in events])
                for kind in KINDS
            },
            "appointment_at": _moments([one.appointment_at for one in events]),
            **{name: _texts([getattr(one, name) for one in events]) for name in TEXTS[:-1]},
            "visitor_key": _texts(
                [None if one.visitor is None else visitor_hash(db, one.visitor) for one in events]
            ),
        }
    )


def _moments(values: Any) -> "pd.Series[pd.Timestamp]":
    return pd.Series(pd.to_datetime(values, utc=True)).astype("datetime64[us, UTC]")


def _texts(values: Any) -> "pd.Series[str]":
    return pd.Series(values, dtype="str")
