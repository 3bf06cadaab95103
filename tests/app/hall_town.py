"""A little town whose two halls had visitors on Thursday 16 July."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from app.store.database import Connection, Database
from app.use_cases.load import LoadChoice, load
from loaders.contract import ColumnMap
from tests.conftest import LOADER

ZONE = ColumnMap(timezone="Asia/Shanghai")
_MISSING = "papers_missing"
# ticket, hall, taken, called, finished, matter, counter, visitor, outcome, appointment
TICKETS = [
    ("A1", "H0", "16 09:00", "16 09:10", "16 09:20", "billing", "1", "V1", _MISSING, None),
    ("A2", "H0", "16 09:05", "16 09:25", "16 09:31", "name_change", "2", "V2", "done", None),
    ("A3", "H0", "16 09:30", "16 09:40", "16 09:52", "billing", "1", None, "done", "16 09:36"),
    ("A4", "H0", "16 09:40", None, None, "billing", None, "V3", "left", None),
    ("A5", "H0", "16 10:00", "16 10:30", None, "pv", "2", "V4", None, None),
    ("A6", "H0", "16 10:15", None, None, "invoice", None, None, None, None),
    ("B1", "H0", "09 09:10", "09 09:22", "09 09:30", "name_change", "1", "V2", _MISSING, None),
    ("B2", "H1", "02 09:10", "02 09:14", "02 09:20", "name_change", "1", "V5", _MISSING, None),
    ("B3", "H0", "16 10:20", "16 10:21", "16 10:25", "name_change", "1", "V5", "done", None),
]  # fmt: skip
COLUMNS = ["ticket_id", "hall_id", "taken_at", "called_at", "finished_at", "matter", "counter",
           "visitor_key", "outcome", "appointment_at"]  # fmt: skip
HOURS = [("H1", "16 09:00", None, None), ("H1", "16 10:00", 4.0, 6)]


def at(text: str) -> datetime:
    """A moment of July 2026 by the town's clocks (`day HH:MM`)."""
    return datetime.fromisoformat(f"2026-07-{text.replace(' ', 'T')}:00+08:00").astimezone(UTC)


def _stamp(text: object) -> str | None:
    return f"2026-07-{text}" if isinstance(text, str) else None


def tickets() -> pd.DataFrame:
    """The tickets as a machine's export."""
    frame = pd.DataFrame(TICKETS, columns=COLUMNS)
    for name in COLUMNS:
        if name.endswith("_at"):
            frame[name] = [_stamp(one) for one in frame[name]]
    return frame


def fill(db: Database, folder: Path, town_halls: pd.DataFrame) -> None:
    """Load the halls with their hours and counters, the tickets, hourly figures and a duty."""
    halls = town_halls.assign(
        opens="Mo-Fr 08:30-12:00,14:00-17:00",
        counters=[3, 2],
        capabilities=["billing;name_change;pv", "billing"],
    )
    hours = pd.DataFrame(HOURS, columns=["hall_id", "hour", "wait_min", "visits"])
    hours["hour"] = [_stamp(one) for one in hours["hour"]]
    for kind, frame in (("halls", halls), ("visits", tickets()), ("hall_hours", hours)):
        path = folder / f"{kind}.csv"
        frame.to_csv(path, index=False)
        load(db, LOADER, kind, [path], LoadChoice(datum="wgs84", mapping=ZONE), is_sample=True)
    db.write(_duty)
    for number, (matter, tapped) in enumerate(
        [("enquiry", "16 09:07"), ("enquiry", "16 09:50"), ("app_help", "16 10:01")]
    ):
        db.write(lambda c, n=number, m=matter, t=tapped: tap(c, f"K{n}", "H0", m, t))


def _duty(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO hall_duties"
        " VALUES (nextval('hall_duty_ids'), 'H0', NULL, 2, ?, ?, ?, 'test', NULL, NULL)",
        [at("16 08:30"), at("16 10:30"), at("01 00:00")],
    )


def tap(connection: Connection, key: str, hall: str, matter: str, tapped: str) -> None:
    """One tally, received when it was tapped."""
    connection.execute(
        "INSERT INTO hall_tallies VALUES (?, ?, ?, ?, ?, 'town-clerk', NULL)",
        [key, hall, matter, at(tapped), at(tapped)],
    )
