"""Crews of the little town at work: people, the clock set, places as phones tell them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from app.store import crew_shifts
from app.store.database import Connection, Database
from app.use_cases import clock, crew_duties, crew_fences, crew_positions
from app.use_cases.actors import Actor
from app.use_cases.crew_duties import DutyState, DutyStep
from app.use_cases.crew_fences import FenceWish
from app.use_cases.crew_positions import Fix, Told
from tests.conftest import NOW

CREW = Actor("user:town-crew", "赵强", role="crew", crew_id="C0")
MATE = Actor("user:town-mate", "钱勇", role="crew", crew_id="C0")
OTHERS = Actor("user:town-others", "何北", role="crew", crew_id="C1")
NO_CREW = Actor("user:town-inspector", "钱勇", role="inspector")
BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
MANAGER = Actor("user:town-manager", "周明", role="manager")
LON, LAT = 112.5140, 30.4230
SITE_NAME = "West gate"


def at(minutes: float) -> datetime:
    """So many minutes after the town's present."""
    return NOW + timedelta(minutes=minutes)


def set_now(db: Database, minutes: float) -> None:
    """Let the town's clock stand so many minutes after its present."""
    db.write(lambda c: clock.start_clock(c, at=at(minutes), running=False))


def plan(db: Database, crew_id: str, *spans: tuple[float, float, str]) -> None:
    """Shifts of a crew by minutes after the present, and their kind."""

    def change(connection: Connection) -> None:
        for begins, ends, kind in spans:
            row = {"crew_id": crew_id, "starts_at": at(begins), "ends_at": at(ends), "kind": kind}
            crew_shifts.add(connection, row)

    db.write(change)


def go_on(db: Database, actor: Actor = CREW, key: str = "on-1", **more: Any) -> DutyState:
    """The person comes on duty, having been told of tracks."""
    wish: dict[str, Any] = {"told_of_tracks": True, "lon": LON, "lat": LAT, "accuracy_m": 9.0}
    return crew_duties.go_on(db, actor, DutyStep(key, **(wish | more)))


def go_off(db: Database, actor: Actor = CREW, key: str = "off-1", **more: Any) -> DutyState:
    """The person goes off duty."""
    return crew_duties.go_off(db, actor, DutyStep(key, **more))


def fix(minutes: float, east: float = 0, north: float = 0, vague: float | None = 9.0) -> Fix:
    """A place in metres from the town's middle, so many minutes after the present."""
    return Fix(at(minutes), LON + east / 95_900, LAT + north / 111_195, vague)


def tell(db: Database, *fixes: Fix, actor: Actor = CREW) -> Told:
    """A phone tells places."""
    return crew_positions.store_positions(db, actor, fixes)


def rows(db: Database, table: str) -> int:
    """How many rows a table has."""
    return len(db.query(f"SELECT 1 FROM {table}"))


def every_table(db: Database) -> dict[str, int]:
    """How many rows each table has."""
    names = db.query("SELECT table_name AS name FROM duckdb_tables() WHERE NOT internal")["name"]
    return {name: rows(db, f'"{name}"') for name in names}


def events(db: Database, names: Sequence[str]) -> pd.DataFrame:
    """Audit rows of these events, oldest first."""
    found = db.query("SELECT event, actor, subject, detail FROM audit_log ORDER BY event_id")
    return found[found["event"].isin(list(names))].reset_index(drop=True)


def draw(db: Database, actor: Actor) -> int:
    """The number of a fence round the town's middle."""
    return crew_fences.add(db, actor, FenceWish("site", SITE_NAME, 5, LON, LAT, 100)).fence_id
