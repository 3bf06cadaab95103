"""Open orders against the service promise: each call's clocks, what breaks next, the day so far."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import meta, places, units
from app.store import promises as store
from app.store.database import Database
from app.use_cases import derive, privacy, promise_crews, reference
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.remember import newest, remembered
from grid_cells import order_crews, promise_clock
from grid_cells.cells import centres
from grid_cells.errors import UserError
from grid_cells.promise_clock import BROKEN, RISK, WORST_FIRST
from grid_cells.promises import promise_classes

A_DAY = timedelta(days=1)
_SAME_S = 10
_WRITTEN = (
    "facts_version", "version:work_orders", "version:reports_taken", "version:outages",
    "order_deeds",
)  # fmt: skip


@dataclass(frozen=True)
class PromiseFigure:
    """One figure of the strip and its change since the same time yesterday (None: unknown)."""

    code: str
    value: float | None
    unit: str
    change: float | None


@needs("see_promises")
def open_orders(db: Database, actor: Actor, at: datetime | None = None) -> pd.DataFrame:
    """Calls that wait for a crew or for power, with both clocks: what breaks first comes first.

    Columns of `promise_clock.clocks` with crew_min, the place (masked for who may not see
    addresses: then the middle of its cell), state (the worse of the two promises) with its
    state_left_min and state_of (arrival or restore). `at`: now unless said; facts after it are not
    known.
    """
    if at is None:
        at = moment(db)
        derive.refresh(db, at)
    found = clocked(db, at)
    found = found[found["restored_at"].isna()]
    shown = privacy.shown(actor, "fault_reports", found)
    rank = shown["state"].map(WORST_FIRST.index)
    ranked = in_cells(shown).assign(rank=rank)
    ranked = ranked.sort_values(["rank", "state_left_min", "report_id"])
    return ranked.drop(columns="rank").reset_index(drop=True)


@needs("see_promises")
def figures(db: Database, actor: Actor) -> list[PromiseFigure]:  # noqa: ARG001
    """The strip: open orders, at risk, broken, average arrival and share kept today, longest wait.

    Each with its change against the same time yesterday.
    """
    now = moment(db)
    derive.refresh(db, now)
    zone = ZoneInfo(units.timezone(db.read()) or "UTC")
    yesterday = (now - A_DAY).replace(second=0, microsecond=0)
    today, before = (_of_moment(db, at, zone) for at in (now, yesterday))
    found = []
    for code, unit in _FIGURES.items():
        value, was = today[code], before[code]
        change = None if value is None or was is None else value - was
        found.append(PromiseFigure(code, value, unit, change))
    return found


_FIGURES = {
    "open": "1", "risk": "1", "broken": "1", "average": "min", "kept": "%", "longest": "min",
}  # fmt: skip


def _of_moment(db: Database, at: datetime, zone: ZoneInfo) -> dict[str, float | None]:
    midnight = datetime.combine(at.astimezone(zone).date(), time(0), tzinfo=zone)
    calls = clocked(db, at, midnight)
    still = calls[calls["restored_at"].isna()]
    waiting = still[still["arrived_at"].isna()]
    today = calls[calls["registered_at"] >= midnight]
    there = today[today["arrived_at"].notna()]
    decided = today["arrive_state"].isin([promise_clock.KEPT, BROKEN])
    late = today["arrive_state"] == BROKEN
    return {
        "open": float(len(still)),
        "risk": float((still["state"] == RISK).sum()),
        "broken": float((still["state"] == BROKEN).sum()),
        "average": float(there["counted_min"].mean()) if len(there) else None,
        "kept": 100 * float(1 - late.sum() / decided.sum()) if decided.any() else None,
        "longest": float(waiting["elapsed_min"].max()) if len(waiting) else None,
    }


def clocked(db: Database, at: datetime, since: datetime | None = None) -> pd.DataFrame:
    """Every order open at `at`, and with `since` those registered from then on, with its clocks."""
    if since is not None and at - since > A_DAY:
        return _clocked(db, at, since)  # a year of calls is too much to keep
    sight = ("promise_clocks", db.opened_as, db.seen_as, since)
    return newest(sight, (*_stamp(db), at), lambda: _clocked(db, at, since))


def moment(db: Database) -> datetime:
    """Now, the same for some seconds and all parts of a page, but never before the last deed."""
    now = clock_now(db)
    lately = int(now.timestamp()) // _SAME_S
    return remembered(("promise_moment", *_stamp(db), lately), lambda: now)


def _stamp(db: Database) -> tuple[object, ...]:
    """What clocks depend on beside the moment: whose sight, and everything that was written."""
    whole = db.whole.read()
    written = (meta.read_value(whole, name) for name in _WRITTEN)
    return db.opened_as, db.seen_as, *written


def _clocked(db: Database, at: datetime, since: datetime | None) -> pd.DataFrame:
    connection = db.read()
    calls = promise_clock.known_at(store.calls(connection, at, since), at)
    calls = with_promises(db, calls)
    outage_ids = calls["outage_id"].dropna().unique().tolist()
    calls = promise_clock.with_site_arrival(calls, store.visits(db.whole.read(), outage_ids, at))
    calls = _with_travel(db, calls, at)
    stops = promise_clock.stops_of(store.stops(connection, at), at)
    stops = promise_clock.with_outage_stops(stops, calls, _outage_stops(db, outage_ids, at))
    found = promise_clock.clocks(calls, stops, at)
    # a breach of the arrival stays one when the crew is there; one of the restoration is the newer
    late = (found["arrive_state"] == BROKEN) & (found["restore_state"] != BROKEN)
    of_restore = found["arrived_at"].notna() & ~late
    return found.assign(
        state=found["restore_state"].where(of_restore, found["arrive_state"]),
        state_left_min=found["restore_left_min"].where(of_restore, found["left_min"]),
        state_of=np.where(of_restore, "restore", "arrival"),
    )


def _outage_stops(db: Database, outage_ids: list[str], at: datetime) -> pd.DataFrame:
    """Stops that hold for all calls of the outages, also for those that come later."""
    reasons = reference.stops_for_all()
    found = store.outage_stops(db.whole.read(), outage_ids, reasons, at)
    outage = found.drop_duplicates("report_id").set_index("report_id")["outage_id"]
    stops = promise_clock.stops_of(found, at)
    return stops.assign(outage_id=stops["report_id"].map(outage)).drop(columns="report_id")


def _with_travel(db: Database, calls: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Travel of those that still wait; the others need none."""
    waits = calls["arrived_at"].isna() & calls["restored_at"].isna()
    if not waits.any():
        return calls.assign(crew_min=np.nan, travel_left_min=np.nan)
    asked = promise_crews.with_travel(db, calls[waits], at)
    return calls.join(asked[["crew_min", "travel_left_min"]])


def in_cells(calls: pd.DataFrame) -> pd.DataFrame:
    """The calls, those without a position in the middle of their cell."""
    bare = calls["lon"].isna() & calls["cell_id"].notna()
    middle = centres(calls["cell_id"].fillna(0).to_numpy(dtype="int64"))
    held = {
        axis: calls[axis].astype("float64").mask(bare, pd.Series(value, calls.index))
        for axis, value in zip(("lon", "lat"), middle, strict=True)
    }
    return calls.assign(**held)


def with_promises(db: Database, calls: pd.DataFrame) -> pd.DataFrame:
    """The calls with promise_class (the place's where they have none), arrive_min, restore_min."""
    bare = calls["promise_class"].isna()
    classes = calls["promise_class"].astype("object")
    if bare.any():
        rows = in_cells(calls[bare])
        classes[bare] = promise_classes(places.zones(db.read()), rows["lon"], rows["lat"])
    level = calls["fault_class"].map(order_crews.fault_level)
    restore = reference.restore_promises_min()
    held = [restore.get(key, np.nan) for key in zip(classes, level, strict=True)]
    return calls.assign(
        promise_class=classes,
        arrive_min=classes.map(reference.arrival_promises_min()).astype("float64"),
        restore_min=pd.Series(held, calls.index, dtype="float64"),
    )


@needs("see_promises")
def order(db: Database, actor: Actor, report_id: str) -> tuple["pd.Series[float]", pd.DataFrame]:
    """One order with its clocks, as the actor may see it, and what was done about it.

    Events: happened_at, event, reason_code, crew_id, actor. Raises UserError `order_unknown`.
    """
    at = moment(db)
    rows = open_orders(db, actor, at)
    row = rows[rows["report_id"] == report_id]
    if row.empty:
        raise UserError("order_unknown")
    return row.iloc[0], store.events(db.read(), report_id, at)


@needs("see_promises")
def who_could(
    db: Database,
    actor: Actor,  # noqa: ARG001
    report_id: str,
    at: datetime | None = None,
) -> pd.DataFrame:
    """Crews on shift that can do it, the best first, as from `grid_cells.order_crews.ranked`.

    Those whose way is not known (no cell, or none of the map) come last: they can be sent as well.
    Also name, busy_with (the order a crew is on, None where that is out of sight). `at`: now
    unless said. Raises UserError `order_unknown`.
    """
    at = at or moment(db)
    calls = clocked(db, at)
    row = calls[calls["report_id"] == report_id]
    if row.empty:
        raise UserError("order_unknown")
    call = row.iloc[0]
    level = order_crews.fault_level(call["fault_class"])
    crews = promise_crews.on_shift(db, at)
    crews = crews[[order_crews.is_skilled(one, level) for one in crews["skills"]]]
    cell = 0 if pd.isna(call["cell_id"]) else int(call["cell_id"])
    minutes = promise_crews.minutes_from_bases(db, at).reindex([cell]).iloc[0]
    found = crews.assign(travel_min=minutes.reindex(crews.index).astype("float64"))
    found = found.join(promise_crews.busy(db, at)).rename_axis("crew_id").reset_index()
    return order_crews.ranked(found, float(call["left_min"]))
