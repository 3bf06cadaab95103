"""Chores of a crew's day: meters to read, energy that is lost, planned work to announce."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import audit, meta, outage_lists, places, readings, units
from app.store import crew_chores as store
from app.store.database import Connection, Database
from app.use_cases import crew_area, outage_notices, reference, small_cells
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from app.use_cases.crew_area import Ground
from app.use_cases.remember import remembered
from grid_cells.errors import UserError
from grid_cells.line_loss import loss_rates

KINDS: Final = ("unread", "loss", "announce")
LONGEST_ID: Final = 120
_LATE_DAYS: Final = 2
"""A phone without a line may tick off what was on the list so many days ago."""
_FACTS: Final = ("readings", "meters", "customers", "areas", "transformers")


@dataclass(frozen=True)
class Chore:
    """Something to look after on the way.

    about: the transformer or outage; count: meters or customers; share: of energy lost, of contacts
    confirmed; visits: customers to be told at the door (None where the actor may not know).
    """

    chore_id: str
    kind: str
    about: str
    count: int
    lon: float | None
    lat: float | None
    share: float | None = None
    due_at: datetime | None = None
    visits: int | None = None
    is_done: bool = False


def rule(name: str) -> float:
    """One figure of the table of rules about chores."""
    rows = reference.table("chore_rules").set_index("name")
    return float(rows.loc[name, "value"])  # type: ignore[arg-type]


@needs("do_orders")
def chores(db: Database, actor: Actor, ground: Ground, now: datetime) -> list[Chore]:
    """The chores of today in the ground, by kind, with what the crew ticked off since midnight."""
    areas = ground.areas["area_id"].tolist()
    every = [*_of_readings(db, actor, areas, now), *_announcements(db, actor, ground, now)]
    done = _done(db, actor, now)
    return [Chore(**{**vars(one), "is_done": one.chore_id in done}) for one in every]


def _most(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.head(int(rule("most_of_kind"))).to_dict("records")


def _of_readings(db: Database, actor: Actor, areas: list[str], now: datetime) -> list[Chore]:
    """Chores that follow from readings, worked out once while these stay as they are."""
    hides = small_cells.hidden_from(actor)
    key = (
        "crew_chores", db.whole.opened_as, db.seen_as, tuple(areas), hides, now.date(),
        meta.versions(db.whole.read(), _FACTS),
    )  # fmt: skip
    return remembered(key, lambda: [*_unread(db, areas, now), *_losses(db, actor, areas, now)])


def _unread(db: Database, areas: list[str], now: datetime) -> list[Chore]:
    day = readings.last_day(db.read())
    if day is None or day >= now.date() + timedelta(days=1):
        return []
    return [
        Chore(
            f"unread:{row['transformer_id']}:{day}", "unread", str(row["transformer_id"]),
            int(row["meters"]), *_place(row),
        )
        for row in _most(store.unread(db.read(), areas, day))
    ]  # fmt: skip


def _losses(db: Database, actor: Actor, areas: list[str], now: datetime) -> list[Chore]:
    """Of transformers with a few customers the loss would be those customers' energy."""
    last = readings.last_day(db.read())
    if last is None or last > now.date():
        return []
    first = last - timedelta(days=int(rule("loss_days")) - 1)
    sums = store.energy_sums(db.read(), areas, first, last)
    if small_cells.hidden_from(actor):
        sums = sums[sums["customers"] >= small_cells.least(db)]
    found = loss_rates(sums, least_measured=rule("loss_measured"))
    found = found[found["loss_rate"] >= rule("loss_from")]
    return [
        Chore(
            f"loss:{row['transformer_id']}:{last}", "loss", str(row["transformer_id"]),
            int(row["customers"]), *_place(row), share=float(row["loss_rate"]),
        )
        for row in _most(found.sort_values("loss_rate", ascending=False))
    ]  # fmt: skip


def _announcements(db: Database, actor: Actor, ground: Ground, now: datetime) -> list[Chore]:
    ahead = now + timedelta(days=rule("announce_ahead"))
    rows = places.planned_outages(db.read(), now, ahead).sort_values(["started_at", "outage_id"])
    mine = _reaches(db, ground, rows, ahead)
    return [_announcement(db, actor, row, now) for row in _most(rows[mine])]


def _reaches(db: Database, ground: Ground, rows: pd.DataFrame, at: datetime) -> "pd.Series[bool]":
    """Whether each planned outage reaches the ground."""
    reached = outage_lists.cells_of(db.read(), rows["outage_id"].tolist(), at)
    near = reached[reached["cell_id"].isin(ground.cells["cell_id"])]["outage_id"]
    return rows["outage_id"].isin(near) | rows["cell_id"].isin(ground.cells["cell_id"])


def _announcement(db: Database, actor: Actor, row: dict[Any, Any], now: datetime) -> Chore:
    told = outage_notices.notices(db, actor, str(row["outage_id"]), now)
    return Chore(
        f"announce:{row['outage_id']}", "announce", str(row["outage_id"]), told.customers,
        *_place(row), share=told.confirmed / told.customers if told.customers else None,
        due_at=row["started_at"].to_pydatetime(), visits=told.visits,
    )  # fmt: skip


def _place(row: dict[Any, Any]) -> tuple[float | None, float | None]:
    if pd.isna(row["lon"]) or pd.isna(row["lat"]):
        return None, None
    return float(row["lon"]), float(row["lat"])


def _done(db: Database, actor: Actor, now: datetime) -> set[str]:
    if actor.crew_id is None:
        return set()
    zone = ZoneInfo(units.timezone(db.whole.read()) or "UTC")
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    said = store.ticks(db.whole.read(), actor.crew_id, midnight, now)
    return set(said.loc[said["is_done"], "chore_id"])


def _is_chore(db: Database, actor: Actor, ground: Ground, chore_id: str, now: datetime) -> bool:
    """Whether the chore is on today's list, or may have been on one of the last days'."""
    if chore_id in {one.chore_id for one in chores(db, actor, ground, now)}:
        return True
    kind, _, rest = chore_id.partition(":")
    if kind == "announce":
        ahead = now + timedelta(days=rule("announce_ahead"))
        told = places.planned_outages(db.read(), now - timedelta(days=_LATE_DAYS), ahead)
        row = told[told["outage_id"] == rest]
        return bool(_reaches(db, ground, row, ahead).any())
    thing, _, day = rest.rpartition(":")
    if kind not in KINDS or not _is_late(readings.last_day(db.read()), day):
        return False
    return store.is_in(db.read(), ground.areas["area_id"].tolist(), thing)


def _is_late(last: date | None, day: str) -> bool:
    """Whether the day is that of a list that has moved on since, and not long ago."""
    try:
        given = date.fromisoformat(day)
    except ValueError:
        return False
    return last is not None and timedelta(0) <= last - given <= timedelta(days=_LATE_DAYS)


@needs("do_orders")
def tick(  # noqa: PLR0913
    db: Database, actor: Actor, chore_id: str, *, is_done: bool, step_key: str,
    device_at: datetime | None = None,
) -> bool:  # fmt: skip
    """Tick a chore off, or open it again; False where that step was taken already.

    A chore of today's list, or one that a phone may have kept of the last days' lists.

    Raises UserError `crew_none` without a crew, `chore_unknown` for what is no chore of theirs.
    """
    if actor.crew_id is None:
        raise UserError("crew_none")
    check(db, actor, "see_outages", asked="crew_chores.tick")
    now = clock_now(db)
    if store.has_step(db.whole.read(), step_key):
        return False
    ground = crew_area.ground(db, actor, now)
    if not _is_chore(db, actor, ground, chore_id, now):
        raise UserError("chore_unknown", chore=chore_id[:LONGEST_ID])
    row = {
        "chore_id": chore_id, "crew_id": actor.crew_id, "happened_at": now, "device_at": device_at,
        "move": store.TICKED if is_done else store.UNTICKED, "step_key": step_key,
        "actor": actor.id,
    }  # fmt: skip

    def change(connection: Connection) -> bool:
        if store.has_step(connection, step_key):
            return False
        store.add_tick(connection, row)
        audit.record(
            connection, actor.id, "chore_ticked", at=real_now(), subject=f"crew:{actor.crew_id}",
            detail={"chore": chore_id, "done": is_done},
        )  # fmt: skip
        return True

    return bool(db.write(change))
