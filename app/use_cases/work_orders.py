"""Work orders as people see them: lists with their clocks, and the story of one."""

import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from app.store import fault_reports as report_store
from app.store import meta, units
from app.store import users as user_store
from app.store import work_order_cards as card_store
from app.store import work_order_evidence as evidence_store
from app.store import work_orders as store
from app.store.database import Connection, Database
from app.use_cases import (
    derive,
    order_rules,
    privacy,
    promises,
    reference,
    work_order_sight,
)
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.remember import newest
from grid_cells import order_crews, promise_clock, work_orders
from grid_cells.promise_clock import WORST_FIRST

_HOLDING: Final = (
    "crew_id", "told_at", "accepted_at", "arrived_at", "finished_at", "planned_arrive_at",
)  # fmt: skip
_ADDED: Final = (
    *_HOLDING, "crew_name", "crews", "calls", "due_at", "left_min", "clock", "due_of",
)  # fmt: skip
_TOLD_AWAY: Final = ("before", "deed", "by")


@dataclass(frozen=True)
class OrderFilter:
    """Which orders are asked for; empty asks for no limit. `open_only`: none done lately."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    crew_id: str | None = None
    areas: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    mine: bool = False
    open_only: bool = False


@dataclass(frozen=True)
class OrderStory:
    """All that is known of one order at the moment, as the actor may see it.

    order: its columns with those of the list; holdings, events (detail as dicts), reports, links,
    parts, cards (JSON text or None), evidence (without content), as frames.
    """

    order: dict[str, Any]
    holdings: pd.DataFrame
    events: pd.DataFrame
    reports: pd.DataFrame
    links: pd.DataFrame
    parts: pd.DataFrame
    cards: pd.DataFrame
    evidence: pd.DataFrame


@needs("see_orders")
def listing(db: Database, actor: Actor, wanted: OrderFilter | None = None) -> pd.DataFrame:
    """Orders in sight as of now, what is due first first; with those of the actor's own crew.

    Columns of an order (masked by role) with moved_at, is_stopped, stopped_since, stop_reason and
    of its lead crew_id, crew_name, told_at, accepted_at, arrived_at, finished_at and
    planned_arrive_at; crews (all who hold it, as a list), calls, due_at (NaT: nothing is promised),
    left_min, clock (kept, broken, risk, stopped, running, unknown),
    due_of (arrival, restore, window, task).
    """
    now = promises.moment(db)
    derive.refresh(db, now)
    sight = ("work_orders", db.opened_as, db.seen_as, actor.crew_id)
    found = newest(sight, _stamp(db, now), lambda: _rows(db, actor, now))
    kept = _kept(found, actor, wanted or OrderFilter())
    return promises.in_cells(privacy.shown(actor, "work_orders", kept))


def _stamp(db: Database, now: datetime) -> tuple[object, ...]:
    """What the list depends on: the moment, and everything written about orders or calls."""
    whole = db.whole.read()
    return now, *(meta.read_value(whole, name) for name in _WRITTEN)


_WRITTEN: Final = (
    "facts_version", "version:work_orders", "version:reports_taken", "version:outages",
    "order_deeds",
)  # fmt: skip


@needs("see_orders")
def counted(db: Database, actor: Actor, rows: pd.DataFrame) -> dict[str, int]:  # noqa: ARG001
    """The strip's figures of the rows of a list, by `grid_cells.work_orders.FIGURES`."""
    now = clock_now(db)
    zone = ZoneInfo(units.timezone(db.whole.read()) or "UTC")
    midnight = datetime.combine(now.astimezone(zone).date(), time(0), tzinfo=zone)
    return work_orders.counts(rows, midnight)


@needs("see_orders")
def own(db: Database, actor: Actor) -> pd.DataFrame:
    """The orders of the actor's crew, wherever they lie, by priority; as `listing`."""
    now = promises.moment(db)
    if actor.crew_id is None:
        return clocked(db, store.known(db.read(), now, now).head(0), now)
    frame = store.of_crew(db.whole.read(), actor.crew_id, now, now - _shown_back())
    return privacy.shown(actor, "work_orders", clocked(db, frame, now))


@needs("see_orders")
def story(db: Database, actor: Actor, order_id: str) -> OrderStory:
    """One order's story; raises as `work_order_sight.seen`."""
    now = clock_now(db)
    seen = work_order_sight.seen(db, actor, order_id, now, asked="work_orders.story")
    row = clocked(db, store.of_ids(seen, [order_id], now), now)
    order = privacy.shown(actor, "work_orders", row).iloc[0].to_dict()
    events = privacy.shown(actor, "work_order_events", store.events(seen, order_id, now))
    names = user_store.names(db.whole.read(), events["actor"].unique().tolist())
    if not may(actor, "see_staff_contacts"):
        names = {}
    events = events.assign(actor_name=events["actor"].map(names).astype("object"))
    evidence = evidence_store.listing(seen, order_id, now)
    cards = card_store.of_order(seen, order_id, now)
    return OrderStory(
        {str(name): _plain(value) for name, value in order.items()},
        store.holdings(seen, [order_id], now),
        events.assign(detail=events["detail"].map(_told).astype("object")).drop(columns="step_key"),
        _reports(seen, actor, order_id), store.links(seen, order_id),
        store.parts(seen, order_id, now).drop(columns="step_key"),
        privacy.shown(actor, "work_order_cards", cards),
        privacy.shown(actor, "work_order_evidence", evidence),
    )  # fmt: skip


def _shown_back() -> timedelta:
    return timedelta(hours=order_rules.rule("shown_back"))


def _rows(db: Database, actor: Actor, now: datetime) -> pd.DataFrame:
    since = now - _shown_back()
    found = store.known(db.read(), now, since)
    if db is not db.whole and actor.crew_id is not None:
        mine = store.of_crew(db.whole.read(), actor.crew_id, now, since)
        mine = mine[~mine["order_id"].isin(found["order_id"])]
        found = pd.concat([found, mine], ignore_index=True) if len(mine) else found
    rank = {state: place for place, state in enumerate(WORST_FIRST)}
    rows = clocked(db, found, now)
    done = ~rows["state"].isin(work_orders.OPEN)
    order = rows.assign(_done=done, _rank=rows["clock"].map(rank))
    order = order.sort_values(["_done", "due_at", "_rank", "priority", "order_id"],
                              ascending=[True, True, True, False, True])  # fmt: skip
    return order.drop(columns=["_done", "_rank"]).reset_index(drop=True)


def _kept(rows: pd.DataFrame, actor: Actor, wanted: OrderFilter) -> pd.DataFrame:
    fits = pd.Series(True, index=rows.index)
    if wanted.states:
        fits &= rows["state"].isin(wanted.states)
    if wanted.kinds:
        fits &= rows["kind"].isin(wanted.kinds)
    if wanted.areas:
        fits &= rows["area_id"].isin(wanted.areas)
    if wanted.clocks:
        fits &= rows["clock"].isin(wanted.clocks)
    if wanted.open_only:
        fits &= rows["state"].isin(work_orders.OPEN)
    crews = [wanted.crew_id] if wanted.crew_id else []
    if wanted.mine:
        crews.append(str(actor.crew_id))
    for crew in crews:
        fits &= pd.Series([crew in held for held in rows["crews"]], index=rows.index, dtype=bool)
    return rows[fits].reset_index(drop=True)


def clocked(db: Database, orders: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The orders with their crews, calls and clocks, as `listing` names them, unmasked."""
    rows = _with_crews(db, orders, now)
    pairs = store.reports_of(db.whole.read(), rows["order_id"].tolist())
    counts = pairs.groupby("order_id").size()
    rows = rows.assign(calls=rows["order_id"].map(counts).fillna(0).astype("int64"))
    if rows.empty:
        return rows.assign(due_at=pd.Series(dtype="datetime64[us, UTC]"), left_min=[], clock=[],
                           due_of=[])  # fmt: skip
    found = _own_clocks(db, rows, now)
    if len(pairs):
        found = _with_call_clocks(db, rows, found, pairs, now)
    left = found["left_min"].astype("float64")
    is_open = rows["state"].isin(work_orders.OPEN)
    due = (pd.Timestamp(now) + pd.to_timedelta(left.where(is_open), unit="min")).dt.round("s")
    return rows.assign(due_at=due, left_min=left.where(is_open), clock=found["clock"],
                       due_of=found["due_of"])  # fmt: skip


def _with_crews(db: Database, orders: pd.DataFrame, now: datetime) -> pd.DataFrame:
    held = store.holdings(db.whole.read(), orders["order_id"].tolist(), now)
    lasts = held[held["ended_at"].isna() | (held["ended_why"] == "done")]
    lead = lasts[lasts["part"] == "lead"].drop_duplicates("order_id").set_index("order_id")
    crews = lasts.groupby("order_id")["crew_id"].agg(list)
    ids = orders["order_id"]
    names = pd.Series([list(crews.get(one, [])) for one in ids], orders.index, dtype="object")
    found = orders.assign(crew_name=_of_each(ids, lead["name"]), crews=names)
    return found.assign(**{name: _of_each(ids, lead[name]) for name in _HOLDING})


def _of_each(ids: "pd.Series[Any]", held: "pd.Series[Any]") -> "pd.Series[Any]":
    """What is held under each id, keeping its type where nothing is."""
    return held.reindex(ids).set_axis(ids.index)


def _own_clocks(db: Database, rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Clocks of the orders by themselves: window, promise of the place, or the task's hours."""
    deadline, due_of = deadlines(rows)
    level = rows["fault_class"].map(order_crews.fault_level)
    restore = reference.restore_promises_min()
    is_repair = rows["kind"] == "repair"
    promised = [restore.get(key, np.nan) for key in zip(rows["promise_class"], level, strict=True)]
    over = rows["finished_at"].fillna(pd.to_datetime(rows["moved_at"], utc=True))
    asked = pd.DataFrame(
        {
            "report_id": rows["order_id"], "registered_at": rows["registered_at"],
            "arrived_at": rows["arrived_at"], "outage_id": rows["outage_id"],
            "restored_at": over.where(~rows["state"].isin(work_orders.OPEN)),
            "arrive_min": (deadline - rows["registered_at"]).dt.total_seconds() / 60,
            "restore_min": pd.Series(promised, rows.index).where(is_repair),
            "travel_left_min": order_rules.rule("risk_left"),
        }
    )  # fmt: skip
    ids = rows["order_id"].tolist()
    stops = promise_clock.stops_of(store.stops(db.whole.read(), ids, now), now)
    clocks = promise_clock.clocks(asked, stops, now)
    there = clocks["arrived_at"].notna() & is_repair
    return pd.DataFrame(
        {
            "left_min": clocks["restore_left_min"].where(there, clocks["left_min"]),
            "clock": clocks["restore_state"].where(there, clocks["arrive_state"]),
            "due_of": due_of.mask(there, "restore"),
        }
    )


def deadlines(rows: pd.DataFrame) -> tuple["pd.Series[Any]", "pd.Series[Any]"]:
    """Until when a crew must be there, and by what that is said."""
    arrive = rows["promise_class"].map(reference.arrival_promises_min()).astype("float64")
    hours = {name: task.due_h for name, task in order_rules.tasks().items()}
    usual = rows["task"].map(hours).astype("float64") * 60
    is_repair = rows["kind"] == "repair"
    minutes = usual.where(~is_repair | usual.notna(), arrive)
    begun = pd.to_datetime(rows["registered_at"], utc=True)
    deadline = begun + pd.to_timedelta(minutes, unit="min")
    window = pd.to_datetime(rows["window_to"], utc=True)
    due_of = pd.Series(np.where(is_repair & usual.isna(), "arrival", "task"), rows.index)
    return window.where(window.notna(), deadline), due_of.mask(window.notna(), "window")


def _with_call_clocks(
    db: Database, rows: pd.DataFrame, found: pd.DataFrame, pairs: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    """For orders that answer calls: the clock of the call that is worst off; none where all end."""
    calls = promises.clocked(db.whole, now)
    calls = calls[calls["restored_at"].isna()].merge(pairs, on="report_id")
    rank = [WORST_FIRST.index(one) for one in calls["state"]]
    calls = calls.assign(rank=rank).sort_values(["rank", "state_left_min"])
    worst = calls.drop_duplicates("order_id").set_index("order_id")
    ids, has_calls = rows["order_id"], rows["calls"] > 0
    return pd.DataFrame(
        {
            "left_min": _of_each(ids, worst["state_left_min"]).where(has_calls, found["left_min"]),
            "clock": _of_each(ids, worst["state"]).fillna("kept").where(has_calls, found["clock"]),
            "due_of": _of_each(ids, worst["state_of"]).where(has_calls, found["due_of"]),
        }
    )


def _reports(seen: Connection, actor: Actor, order_id: str) -> pd.DataFrame:
    """The order's calls as the actor may see them."""
    ids = store.reports_of(seen, [order_id])["report_id"].tolist()
    return privacy.shown(actor, "fault_reports", report_store.of_ids(seen, ids))


def _told(detail: Any) -> dict[str, Any]:
    """An event's detail as people may see it: what was kept for undo is left out."""
    told = json.loads(detail) if isinstance(detail, str) else {}
    return {name: value for name, value in told.items() if name not in _TOLD_AWAY}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return value
    if pd.isna(value):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
