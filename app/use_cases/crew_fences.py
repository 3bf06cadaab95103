"""Fences round sites and areas: drawn, ended, taken back; who stayed within them and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import pandas as pd
import shapely

from app.store import audit, crew_duties, meta
from app.store import fences as store
from app.store.database import Connection, Database
from app.use_cases import crew_stays
from app.use_cases.access import may, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from grid_cells.cells import outline, points_to_cells
from grid_cells.errors import UserError
from grid_cells.fences import (
    LEAST_DWELL_MIN,
    LEAST_RADIUS_M,
    MOST_DWELL_MIN,
    MOST_RADIUS_M,
)

FenceKind = Literal["site", "area"]
Event = Literal["entered", "left"]

KINDS: Final[tuple[FenceKind, ...]] = ("site", "area")
LONGEST_NAME: Final = 60
_TABLE: Final = "fence_stays"
_EVENTS: Final = {
    "added": "fence_added", "ended": "fence_ended",
    "removed": "fence_taken_back", "opened": "fence_opened_again",
}  # fmt: skip


@dataclass(frozen=True)
class FenceWish:
    """A fence to be drawn: round a place (WGS-84, metres), or of a service area's cells."""

    kind: FenceKind
    name: str
    dwell_min: float
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    area_id: str | None = None


@dataclass(frozen=True)
class FenceDeed:
    """What was done to which fence, for undo."""

    what: Literal["added", "ended"]
    fence_id: int


@needs("see_crews")
def listing(db: Database, actor: Actor) -> pd.DataFrame:  # noqa: ARG001 - the sight is the actor's
    """Fences in sight that hold now, by name.

    fence_id, kind, name, subject, lon, lat, radius_m, geometry, dwell_min, unit_id, valid_from.
    """
    found = store.at(db.read(), clock_now(db))
    return found.drop(columns="valid_to")


@needs("run_crews")
def add(db: Database, actor: Actor, wish: FenceWish) -> FenceDeed:
    """Draw a fence from now on.

    Raises UserError `fence_name`, `fence_dwell`, `fence_radius`, `fence_place`, `fence_area_empty`
    and AccessDenied for a place or an area out of sight.
    """
    _check(wish)
    row = _site(db, actor, wish) if wish.kind == "site" else _area(db, actor, wish)

    def change(connection: Connection) -> FenceDeed:
        now = read_on(connection, real_now()).now
        fence = {
            **row, "kind": wish.kind, "name": wish.name.strip(), "dwell_min": wish.dwell_min,
            "valid_from": now, "actor": actor.id,
        }  # fmt: skip
        number = store.add(connection, fence)
        _note(connection, actor, "added", number, {"kind": wish.kind, "dwell_min": wish.dwell_min})
        return FenceDeed("added", number)

    done: FenceDeed = db.write(change)
    return done


@needs("run_crews")
def end(db: Database, actor: Actor, fence_id: int) -> FenceDeed:
    """Let a fence hold no longer; what was found within it stays on record; `fence_unknown`."""
    _check_held(db, fence_id)

    def change(connection: Connection) -> FenceDeed:
        now = read_on(connection, real_now()).now
        store.set_end(connection, fence_id, now)
        _follow_all(connection, now)
        _note(connection, actor, "ended", fence_id, {})
        return FenceDeed("ended", fence_id)

    done: FenceDeed = db.write(change)
    return done


@needs("run_crews")
def undo(db: Database, actor: Actor, deed: FenceDeed) -> None:
    """Take a fence back that was drawn, or let one hold again; `fence_unknown`."""
    row = store.one(db.read(), deed.fence_id)
    if row is None:
        raise UserError("fence_unknown")

    def change(connection: Connection) -> None:
        now = read_on(connection, real_now()).now
        if deed.what == "added":
            store.remove(connection, deed.fence_id)
        else:
            store.set_end(connection, deed.fence_id, None)
            _follow_all(connection, now)
        what = "removed" if deed.what == "added" else "opened"
        _note(connection, actor, what, deed.fence_id, {})

    db.write(change)


@needs("see_crews")
def events(db: Database, actor: Actor, first: datetime, last: datetime) -> pd.DataFrame:
    """Who came to a fence and stayed long enough, and who left, the newest first.

    at, event (entered, left), fence_id, name, kind, crew_id. For who may see tracks; whoever works
    with a crew sees their own crew's.
    """
    now = clock_now(db)
    stays = store.stays(db.read(), first, min(last, now), now)
    if not may(actor, "see_tracks"):
        stays = stays[stays["crew_id"] == (actor.crew_id or "")]
    columns = ["fence_id", "name", "kind", "crew_id"]
    came = stays.assign(at=stays["counted_at"], event="entered")
    left = stays[stays["left_at"].notna()]
    left = left.assign(at=left["left_at"], event="left")
    found = pd.concat([came, left]) if len(left) else came
    found = found[["at", "event", *columns]]
    return found.sort_values("at", ascending=False, kind="stable", ignore_index=True)


def _check(wish: FenceWish) -> None:
    if not 0 < len(wish.name.strip()) <= LONGEST_NAME:
        raise UserError("fence_name", most=LONGEST_NAME)
    if not LEAST_DWELL_MIN <= wish.dwell_min <= MOST_DWELL_MIN:
        raise UserError("fence_dwell", least=LEAST_DWELL_MIN, most=MOST_DWELL_MIN)
    if wish.kind == "site" and (
        wish.radius_m is None or not LEAST_RADIUS_M <= wish.radius_m <= MOST_RADIUS_M
    ):
        raise UserError("fence_radius", least=LEAST_RADIUS_M, most=MOST_RADIUS_M)


def _site(db: Database, actor: Actor, wish: FenceWish) -> dict[str, Any]:
    if wish.lon is None or wish.lat is None:
        raise UserError("fence_place")
    cell = int(points_to_cells([wish.lon], [wish.lat], meta.resolution(db.whole.read()))[0])
    if cell == 0:
        raise UserError("fence_place")
    unit = store.unit_of_cell(db.read(), cell)
    if unit is None and db is not db.whole:
        refuse(db, actor, "access_out_of_scope", asked="crew_fences.add", about="")
    return {"lon": wish.lon, "lat": wish.lat, "radius_m": wish.radius_m, "unit_id": unit}


def _area(db: Database, actor: Actor, wish: FenceWish) -> dict[str, Any]:
    area = wish.area_id or ""
    cells = store.cells_of_area(db.read(), area)
    if not cells:
        if db is not db.whole:
            about = f"area:{area}"
            refuse(db, actor, "access_out_of_scope", asked="crew_fences.add", about=about)
        raise UserError("fence_area_empty", area=area)
    shape = shapely.to_wkb(outline(cells))
    unit = store.unit_of_cell(db.read(), cells[0])
    return {"subject": area, "geometry": shape, "unit_id": unit}


def _check_held(db: Database, fence_id: int) -> None:
    held = store.at(db.read(), clock_now(db))
    if fence_id not in set(held["fence_id"]):
        raise UserError("fence_unknown")


def _follow_all(connection: Connection, now: datetime) -> None:
    """Work out anew who is within fences, of everybody on duty."""
    for crew in crew_duties.running(connection, now)["crew_id"].unique():
        crew_stays.follow(connection, str(crew), now - timedelta(seconds=1), now)


def _note(
    connection: Connection, actor: Actor, what: str, fence_id: int, detail: Mapping[str, Any]
) -> None:
    audit.record(
        connection, actor.id, _EVENTS[what], at=real_now(), subject=f"fence:{fence_id}",
        detail=detail,
    )  # fmt: skip
