"""The orders of a crew as its phone keeps them: all that a card shows, with what may come next."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import crew_jobs as store
from app.store import places
from app.store import users as user_store
from app.store import work_orders as order_store
from app.store.database import Database
from app.use_cases import order_rules, privacy, shifts, work_orders
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from grid_cells import work_orders as rules
from grid_cells.cells import cells_to_hex
from grid_cells.navigation_links import navigation_links

Row = Mapping[Hashable, Any]
_KEPT: Final = (
    "order_id", "kind", "task", "state", "version", "priority", "registered_at", "window_from",
    "window_to", "service_min", "fault_class", "contact", "address", "note", "lon", "lat",
    "transformer_id", "outage_id", "promise_class", "submission_no", "due_at", "clock", "due_of",
    "calls", "is_stopped", "accepted_at", "arrived_at",
)  # fmt: skip
_MINE: Final = frozenset({rules.CREW, rules.APPROVER})
_EVIDENCE: Final = (
    "evidence_id", "kind", "note", "taken_at", "irregularity", "confirmed_at", "refuted_at",
)  # fmt: skip
_GATE: Final = ("asked_at", "approved_at", "refused_at", "refused_why", "filled_by")
_OWN: Final = ("part", "planned_arrive_at", "planned_leave_at")


@dataclass(frozen=True)
class _Around:
    """What belongs to the orders, each as frames of all of them; names of colleagues by user."""

    holdings: pd.DataFrame
    cards: pd.DataFrame
    evidence: pd.DataFrame
    parts: pd.DataFrame
    links: pd.DataFrame
    origins: pd.DataFrame
    names: Mapping[str, str]


@needs("do_orders")
def jobs(db: Database, actor: Actor) -> list[dict[str, Any]]:
    """The orders of the actor's crew, each with its card, gate, crews, parts and evidence.

    Personal values as the actor may see them; `can_call`: whether a number can be asked for.
    """
    rows = work_orders.own(db, actor)
    if rows.empty or actor.crew_id is None:
        return []
    around = _around(db, actor, rows["order_id"].tolist(), actor.crew_id)
    return [_job(actor, row, around) for row in rows.to_dict("records")]


def _around(db: Database, actor: Actor, ids: list[str], crew_id: str) -> _Around:
    """Asked of the whole: a crew sees its own orders wherever they lie."""
    now, whole = clock_now(db), db.whole.read()
    held = order_store.holdings(whole, ids, now)
    cards = privacy.shown(actor, "work_order_cards", store.cards(whole, ids, crew_id, now))
    evidence = privacy.shown(actor, "work_order_evidence", store.evidence(whole, ids, now))
    users = [str(one).removeprefix("user:") for one in held["assigned_by"].dropna().unique()]
    names = user_store.names_of(whole, users) if may(actor, "see_staff_contacts") else {}
    return _Around(
        held[held["ended_at"].isna()], cards, evidence, store.parts(whole, ids, now),
        store.links(whole, ids), store.origins(whole, ids), names,
    )  # fmt: skip


def _job(actor: Actor, row: Row, around: _Around) -> dict[str, Any]:
    order_id = str(row["order_id"])
    kept = {name: plain(row.get(name)) for name in _KEPT}
    origin = _of(around.origins, order_id).iloc[0]
    held = _of(around.holdings, order_id)
    card = _of(around.cards, order_id)
    sees_phone = privacy.sees(actor, "work_orders", "phone")
    asks = sees_phone or privacy.may_unmask(actor, "work_orders", "phone")
    knows_life = privacy.sees(actor, "customers", "life_support")
    return {
        **kept, **_own(held, actor, around), **_card(str(row["kind"]), card),
        "site_radius_m": order_rules.site_radius(str(row["kind"])),
        "cell": _cell(row.get("cell_id")), "nav": _ways(kept),
        "phone": plain(row.get("phone")) if sees_phone else None,
        "can_call": asks and plain(origin["phone"]) is not None,
        "life_support": knows_life and bool(origin["life_support"]),
        "why": plain(origin["verdict"]),
        "crews": _rows(held, ("crew_id", "name", "part")),
        "parts": _rows(_of(around.parts, order_id), ("code", "name", "quantity")),
        "evidence": _rows(_of(around.evidence, order_id), _EVIDENCE),
        "links": _of(around.links, order_id)["other_order_id"].tolist(),
    }  # fmt: skip


def _of(frame: pd.DataFrame, order_id: str) -> pd.DataFrame:
    return frame[frame["order_id"] == order_id]


def _own(held: pd.DataFrame, actor: Actor, around: _Around) -> dict[str, Any]:
    """How this crew holds the order: its part, the times planned, who sent it."""
    mine = held[held["crew_id"] == actor.crew_id]
    if mine.empty:
        return dict.fromkeys((*_OWN, "dispatcher"))
    row = mine.iloc[0]
    dispatcher = around.names.get(str(row["assigned_by"]).removeprefix("user:"))
    return {**{name: plain(row[name]) for name in _OWN}, "dispatcher": dispatcher}


def _card(kind: str, card: pd.DataFrame) -> dict[str, Any]:
    """The card as the form has it, and how its gate stands."""
    moves = order_rules.moves()
    gate: dict[str, Any] = {
        "exists": any(moves.of(kind, state, "gate_asked") for state in rules.OPEN)
    }
    if card.empty:
        return {"card": None, "card_version": 0, "gate": gate | dict.fromkeys(_GATE)}
    row = card.iloc[0]
    text = plain(row["card"])
    return {
        "card": None if text is None else json.loads(text), "card_version": int(row["version"]),
        "gate": gate | {name: plain(row[name]) for name in _GATE},
    }  # fmt: skip


def _ways(kept: Mapping[str, Any]) -> dict[str, str] | None:
    if kept["lon"] is None or kept["lat"] is None:
        return None
    return navigation_links(kept["lon"], kept["lat"], str(kept["order_id"]))


def _cell(cell_id: Any) -> str | None:
    cell = plain(cell_id)
    return str(cells_to_hex(np.array([int(cell)]))[0]) if cell else None


def _rows(frame: pd.DataFrame, names: tuple[str, ...]) -> list[dict[str, Any]]:
    kept = frame[list(names)]
    return [{str(k): plain(v) for k, v in row.items()} for row in kept.to_dict("records")]


def plain(value: Any) -> Any:
    """A value as JSON knows it: moments stay moments, gaps become None."""
    if isinstance(value, list | dict) or value is None:
        return value
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def raw(db: Database, order_id: str) -> dict[str, Any]:
    """The order's own row unmasked, for rules; never to be shown. Empty where nobody knows it."""
    return order_store.one(db.whole.read(), order_id, clock_now(db)) or {}


def moves() -> list[dict[str, Any]]:
    """What crews and approvers may do with an order: kind, before, move, after, needs."""
    table = order_rules.moves()
    return [
        {"kind": kind, "before": state, "move": one.name, "after": one.state_after,
         "needs": sorted(one.needs)}
        for kind in rules.KINDS for state in rules.STATES for one in table.possible(kind, state)
        if one.done_by & _MINE
    ]  # fmt: skip


@needs("do_orders")
def colleagues(db: Database, actor: Actor) -> dict[str, list[dict[str, str]]]:
    """The crew's own members (id, name), and crews of its station on shift that could take over."""
    every = places.listing(db.whole, "crew").set_index("crew_id")
    if actor.crew_id not in every.index:
        return {"members": [], "crews": []}
    own = every.loc[actor.crew_id]
    working = shifts.on_shift(db.whole, clock_now(db))
    near = working[(working["unit_id"] == own["unit_id"]) & (working.index != actor.crew_id)]
    others = [{"crew_id": str(crew), "name": str(name)} for crew, name in near["name"].items()]
    return {"members": _members(db, actor, own["members"]), "crews": others}


def _members(db: Database, actor: Actor, listed: Any) -> list[dict[str, str]]:
    if not may(actor, "see_staff_contacts") or not isinstance(listed, str):
        return []
    names = places.people(db.whole.read()).drop_duplicates("id").set_index("id")["name"]
    ids = [one.strip() for one in listed.split(";") if one.strip()]
    return [{"id": one, "name": str(names.get(one, one))} for one in ids]
