"""Crews' shifts: who works at a moment, who is planned when; entered, changed, taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import pandas as pd

from app.store import audit, units
from app.store import crew_shifts as store
from app.store.database import Connection, Database
from app.use_cases import privacy
from app.use_cases.access import needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.clock import read_on, real_now
from grid_cells import shifts as rules
from grid_cells.errors import UserError
from grid_cells.shifts import KINDS, ShiftKind, Span

LONGEST_NOTE: Final = 200
LONGEST: Final = {"leave": timedelta(days=92)}
LONGEST_SHIFT: Final = timedelta(hours=36)
_A_DAY: Final = timedelta(days=1)
_EVENTS: Final = {
    "added": "crew_shift_added", "changed": "crew_shift_changed",
    "cancelled": "crew_shift_cancelled", "undone": "crew_shift_undone",
}  # fmt: skip


@dataclass(frozen=True)
class ShiftWish:
    """A shift to be entered: of whom, from when to when, of what kind."""

    crew_id: str
    starts_at: datetime
    ends_at: datetime
    kind: ShiftKind = "duty"
    vehicle: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class ShiftDeed:
    """What was done to a shift: as it stood before and after (None: there was none)."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None


def crews(connection: Connection) -> pd.DataFrame:
    """Crews in sight as `grid_cells.shifts` asks for them, each with the clock it goes by."""
    found = store.crews(connection)
    zone = units.timezone(connection) or "UTC"
    return found.assign(timezone=found["timezone"].replace("", zone))


def on_shift(db: Database, at: datetime) -> pd.DataFrame:
    """Crews in sight that work at the moment, by crew_id.

    name, skills, unit_id, kind of the shift that runs (None: by the text of the archive), and lon,
    lat, cell_id of where the crew starts from: the shift's own place, else its base.
    """
    connection = db.read()
    found = crews(connection)
    near = store.between(connection, at - 2 * _A_DAY, at + 2 * _A_DAY)
    works = rules.on_shift(found, near, at)
    running = near[(near["starts_at"] <= at) & (near["ends_at"] > at) & (near["kind"] != "leave")]
    there = found.set_index("crew_id")[works.to_numpy()]
    own = running.drop_duplicates("crew_id").set_index("crew_id").reindex(there.index)
    for name in ("lon", "lat", "cell_id"):
        there[name] = there[name].where(own["lon"].isna(), own[name])
    there["kind"] = own["kind"]
    return there[["name", "skills", "unit_id", "kind", "lon", "lat", "cell_id"]]


def planned(
    connection: Connection,
    found: pd.DataFrame,
    first: date,
    last: date,
    *,
    kinds: frozenset[str] = rules.WORKING,
) -> dict[str, list[Span]]:
    """When each of the crews is to work in the days, both included, by crew_id."""
    if found.empty:
        return {}
    zones = found["timezone"].unique()
    starts = min(rules.day_of(first, zone).starts for zone in zones)
    ends = max(rules.day_of(last, zone).ends for zone in zones)
    rows = store.between(connection, starts - _A_DAY, ends)
    keys = zip(found["crew_id"], found["shift"], found["timezone"], strict=True)
    return {str(key[0]): rules.planned(key, rows, first, last, kinds=kinds) for key in keys}


@needs("see_crews")
def roster(db: Database, actor: Actor, first: datetime, last: datetime) -> pd.DataFrame:
    """Shifts of crews in sight that share time with the span, as the actor may see them."""
    rows = store.between(db.read(), first, last).drop(columns=["lon", "lat", "cell_id"])
    names = store.crews(db.read())[["crew_id", "name"]]
    return privacy.shown(actor, "crew_shifts", rows.merge(names, on="crew_id"))


@needs("run_crews")
def add(db: Database, actor: Actor, wish: ShiftWish) -> ShiftDeed:
    """Enter a shift; raises as `_check`."""
    _check_sight(db, actor, wish.crew_id, "add")
    return _do(db, actor, "added", None, _row(wish))


@needs("run_crews")
def change(db: Database, actor: Actor, starts_at: datetime, wish: ShiftWish) -> ShiftDeed:
    """Put another shift in place of the crew's own that begins then; raises as `_check`."""
    _check_sight(db, actor, wish.crew_id, "change")
    return _do(db, actor, "changed", (wish.crew_id, starts_at), _row(wish))


@needs("run_crews")
def cancel(db: Database, actor: Actor, crew_id: str, starts_at: datetime) -> ShiftDeed:
    """Take the crew's shift that begins then out; raises as `_check`."""
    _check_sight(db, actor, crew_id, "cancel")
    return _do(db, actor, "cancelled", (crew_id, starts_at), None)


@needs("run_crews")
def undo(db: Database, actor: Actor, deed: ShiftDeed) -> ShiftDeed:
    """Put things back as before the deed; UserError `shift_changed_since` where they moved on."""
    held = deed.after or deed.before or {}
    _check_sight(db, actor, str(held.get("crew_id")), "undo")

    def put_back(connection: Connection) -> ShiftDeed:
        key = _key(deed.after)
        if key is not None and store.one(connection, *key) != deed.after:
            raise UserError("shift_changed_since")
        before = _key(deed.before)
        if before is not None and before != key and store.one(connection, *before) is not None:
            raise UserError("shift_changed_since")
        _exchange(connection, key, deed.before)
        _note(connection, actor, "undone", deed.after, deed.before)
        return ShiftDeed(deed.after, deed.before)

    done: ShiftDeed = db.write(put_back)
    return done


def _row(wish: ShiftWish) -> dict[str, Any]:
    note = (wish.note or "").strip()[:LONGEST_NOTE] or None
    vehicle = (wish.vehicle or "").strip()[:LONGEST_NOTE] or None
    return {
        "crew_id": wish.crew_id, "starts_at": pd.Timestamp(wish.starts_at),
        "ends_at": pd.Timestamp(wish.ends_at), "kind": wish.kind, "vehicle": vehicle, "note": note,
    }  # fmt: skip


def _do(
    db: Database,
    actor: Actor,
    what: str,
    key: tuple[str, datetime] | None,
    wanted: dict[str, Any] | None,
) -> ShiftDeed:
    def write(connection: Connection) -> ShiftDeed:
        now = read_on(connection, real_now()).now
        before = None if key is None else store.one(connection, *key)
        if key is not None and before is None:
            raise UserError("shift_unknown", crew=key[0], at=key[1])
        _check(connection, now, before, wanted)
        after = None if wanted is None else {**(before or {}), **wanted}
        _exchange(connection, key, after)
        _note(connection, actor, what, before, after)
        kept = _key(after)
        return ShiftDeed(before, None if kept is None else store.one(connection, *kept))

    done: ShiftDeed = db.write(write)
    return done


def _exchange(
    connection: Connection, key: tuple[str, datetime] | None, after: Mapping[str, Any] | None
) -> None:
    if key is not None:
        store.remove(connection, *key)
    if after is not None:
        store.add(connection, after)


def _check(
    connection: Connection,
    now: datetime,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Whether the shift may become that one.

    Raises UserError `shift_kind_unknown`, `shift_span`, `shift_long`, `shift_over` for what ended
    before now, `shift_overlaps` where the crew has another shift at the time.
    """
    for one in (before, after):
        if one is not None and one["ends_at"] <= now:
            raise UserError("shift_over", at=one["ends_at"].to_pydatetime())
    if after is None:
        return
    if after["kind"] not in KINDS:
        raise UserError("shift_kind_unknown", known=", ".join(KINDS))
    lasts = after["ends_at"] - after["starts_at"]
    if lasts <= timedelta(0):
        raise UserError("shift_span")
    most = LONGEST.get(after["kind"], LONGEST_SHIFT)
    if lasts > most:
        raise UserError("shift_long", hours=round(most.total_seconds() / 3600))
    _check_free(connection, before, after)


def _check_free(
    connection: Connection, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> None:
    """Leave may lie over other shifts, which it takes away; work may not lie over work."""
    held = store.between(connection, after["starts_at"], after["ends_at"])
    held = held[held["crew_id"] == after["crew_id"]]
    if before is not None:
        held = held[held["starts_at"] != before["starts_at"]]
    is_leave = held["kind"] == "leave"
    alike = held[
        (is_leave == (after["kind"] == "leave")) | (held["starts_at"] == after["starts_at"])
    ]
    if not alike.empty:
        raise UserError("shift_overlaps", at=alike["starts_at"].iloc[0].to_pydatetime())


def _key(shift: Mapping[str, Any] | None) -> tuple[str, datetime] | None:
    return None if shift is None else (str(shift["crew_id"]), shift["starts_at"])


def _check_sight(db: Database, actor: Actor, crew_id: str, asked: str) -> None:
    """Refuse a crew out of sight, alike whether or not it exists."""
    if crew_id not in set(store.crews(db.read())["crew_id"]):
        about = f"crew:{crew_id}"
        refuse(db, actor, "access_out_of_scope", asked=f"shifts.{asked}", about=about)


def _note(
    connection: Connection,
    actor: Actor,
    what: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Record the deed, without the members and words of the shift."""
    held = after or before or {}
    detail = {
        f"{name}_{side}": row[name]
        for side, row in (("before", before), ("after", after))
        if row is not None
        for name in ("starts_at", "ends_at", "kind")
    }
    audit.record(
        connection, actor.id, _EVENTS[what], at=real_now(),
        subject=f"crew:{held['crew_id']}", detail=detail,
    )  # fmt: skip
