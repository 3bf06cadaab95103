"""A little town whose halls have machines that told of themselves in the days before 19:40."""

from datetime import timedelta
from pathlib import Path

import pandas as pd

from app.store import hall_devices as store
from app.store.database import Connection, Database
from app.use_cases.load import LoadChoice, load
from loaders.contract import ColumnMap
from tests.conftest import LOADER, NOW

COLUMNS = ["device_id", "hall_id", "kind", "maker", "model", "status", "installed_on",
           "content_version"]  # fmt: skip
DEVICES = [
    ("Q1", "H0", "queue_machine", "Acme", "Q-1", "in_use", "2021-07-16", None),
    ("P1", "H0", "payment_terminal", "Acme", "P-1", "in_use", "2024-01-01", None),
    ("P2", "H1", "payment_terminal", "Bolt", "P-9", "in_use", None, None),
    ("M1", "H0", "media_player", "Bolt", "M-1", "in_use", None, "2026.9"),
    ("M2", "H1", "media_player", "Bolt", "M-1", "in_use", None, "2026.9"),
    ("X1", "H1", "service_terminal", "Acme", "S-1", "spare", None, None),
    ("X2", "H1", "service_terminal", "Acme", "S-1", "retired", None, None),
]
# key, device, event, minutes ago, detail
EVENTS = [
    ("m2", "M2", "content", 20, "2026.10"),
    ("m1", "M1", "beat", 30, None),
    ("f1", "P2", "fault", 600, "paper"),
    ("d1", "P1", "dwell_began", 12, None),
]


def ago(minutes: float):
    """A moment before the town's clock."""
    return NOW - timedelta(minutes=minutes)


def hourly(device: str, first: int, last: int) -> list[tuple[str, str, str, int, None]]:
    """Heartbeats of whole hours ago, from `first` down to `last`."""
    return [(f"{device}-{h}", device, "beat", 60 * h, None) for h in range(first, last - 1, -1)]


def add(connection: Connection, events, received: float | None = None) -> None:
    """Write events, received when they happened unless said otherwise."""
    at = [ago(one[3]) for one in events]
    frame = pd.DataFrame(
        {
            "event_key": [one[0] for one in events],
            "device_id": [one[1] for one in events],
            "event": [one[2] for one in events],
            "happened_at": pd.Series(at).astype("datetime64[us, UTC]"),
            "received_at": pd.Series([ago(received)] * len(at) if received is not None else at),
            "detail": pd.Series([one[4] for one in events], dtype="str"),
            "told_by": "machine",
        }
    )
    frame["received_at"] = frame["received_at"].astype("datetime64[us, UTC]")
    store.add_events(connection, frame)


def fill(db: Database, folder: Path) -> None:
    """Load the register and what the machines told: Q1 silent for three hours, the others not."""
    path = folder / "devices.csv"
    pd.DataFrame(DEVICES, columns=COLUMNS).to_csv(path, index=False)
    choice = LoadChoice(mapping=ColumnMap())
    load(db, LOADER, "devices", [path], choice, is_sample=True)
    told = [*EVENTS, *hourly("Q1", 48, 3), *hourly("P1", 48, 0), *hourly("P2", 48, 0)]
    db.write(lambda connection: add(connection, told))
