"""The orders of a crew as its phone keeps them: all that a card shows, with what may come next."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from app.store import customers, places
from app.store import users as user_store
from app.store.database import Database
from app.use_cases import order_rules, privacy, promise_crews, work_order_cards, work_orders
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.work_orders import OrderStory
from grid_cells import work_orders as rules
from grid_cells.cells import cells_to_hex
from grid_cells.navigation_links import navigation_links

_KEPT: Final = (
    "order_id", "kind", "task", "state", "version", "priority", "registered_at", "window_from",
    "window_to", "service_min", "fault_class", "contact", "address", "note", "lon", "lat",
    "transformer_id", "outage_id", "promise_class", "submission_no", "due_at", "clock", "due_of",
    "calls", "is_stopped", "accepted_at", "arrived_at", "planned_arrive_at",
)  # fmt: skip
_MINE: Final = frozenset({rules.CREW, rules.APPROVER})
_EVIDENCE: Final = (
    "evidence_id", "kind", "note", "taken_at", "irregularity", "confirmed_at", "refuted_at",
)  # fmt: skip
_GATE: Final = ("asked_at", "approved_at", "refused_at", "refused_why", "filled_by")


@needs("do_orders")
def jobs(db: Database, actor: Actor) -> list[dict[str, Any]]:
    """The orders of the actor's crew, each with its card, gate, crews, parts and evidence.

    Personal values as the actor may see them; `can_call`: whether a number can be asked for.
    """
    rows = work_orders.own(db, actor)
    return [_job(db, actor, row) for row in rows.to_dict("records")]


def _job(db: Database, actor: Actor, row: Mapping[Any, Any]) -> dict[str, Any]:
    order_id = str(row["order_id"])
    story = work_orders.story(db, actor, order_id)
    card = work_order_cards.card(db, actor, order_id)
    told = {name: plain(row.get(name)) for name in _KEPT}
    return {
        **told,
        "cell": _cell(row.get("cell_id")),
        "nav": _ways(told),
        "phone": row.get("phone") if privacy.sees(actor, "work_orders", "phone") else None,
        "can_call": plain(row.get("phone")) is not None and _may_call(actor),
        "life_support": _life_support(db, actor, order_id),
        "gate": _gate(str(row["kind"]), card),
        "card": None if card is None else card["card"],
        "card_version": 0 if card is None else card["version"],
        **_of_story(db, actor, story),
    }


def _may_call(actor: Actor) -> bool:
    return privacy.sees(actor, "work_orders", "phone") or privacy.may_unmask(
        actor, "work_orders", "phone"
    )


def _ways(told: Mapping[str, Any]) -> dict[str, str] | None:
    if told["lon"] is None or told["lat"] is None:
        return None
    return navigation_links(told["lon"], told["lat"], str(told["order_id"]))


def _cell(cell_id: Any) -> str | None:
    cell = plain(cell_id)
    return str(cells_to_hex([int(cell)])[0]) if cell else None


def _life_support(db: Database, actor: Actor, order_id: str) -> bool:
    """Whether somebody in the house depends on power; told to those who may know it."""
    if not privacy.sees(actor, "customers", "life_support"):
        return False
    number = raw(db, order_id).get("customer_no")
    row = customers.one(db.whole.read(), number) if number else None
    return bool(row and row.get("life_support"))


def raw(db: Database, order_id: str) -> dict[str, Any]:
    """The order's own row unmasked, for rules; never to be shown. Empty where nobody knows it."""
    return work_orders.store.one(db.whole.read(), order_id, clock_now(db)) or {}


def _gate(kind: str, card: Mapping[str, Any] | None) -> dict[str, Any]:
    has = any(order_rules.moves().of(kind, state, "gate_asked") for state in rules.OPEN)
    held = {name: None if card is None else plain(card[name]) for name in _GATE}
    return {**held, "exists": has, "asked_by": held["filled_by"]}


def _of_story(db: Database, actor: Actor, story: OrderStory) -> dict[str, Any]:
    held = story.holdings[story.holdings["ended_at"].isna()]
    own = held[held["crew_id"] == actor.crew_id]
    verdicts = story.reports["verdict"].dropna() if "verdict" in story.reports else pd.Series()
    dispatcher = None if own.empty else str(own.iloc[0]["assigned_by"])
    return {
        "crews": _rows(held, ("crew_id", "name", "part")),
        "part": None if own.empty else str(own.iloc[0]["part"]),
        "planned_leave_at": None if own.empty else plain(own.iloc[0]["planned_leave_at"]),
        "dispatcher": _named(db, actor, dispatcher),
        "why": None if verdicts.empty else str(verdicts.iloc[0]),
        "parts": _parts(story.parts),
        "evidence": _rows(story.evidence, _EVIDENCE),
        "links": [str(one) for one in story.links["other_order_id"]],
    }


def _parts(parts: pd.DataFrame) -> list[dict[str, Any]]:
    """What is on the order after all was taken and given back."""
    if parts.empty:
        return []
    summed = parts.groupby("code", as_index=False).agg(name=("name", "last"), quantity=("quantity", "sum"))
    return _rows(summed[summed["quantity"] != 0], ("code", "name", "quantity"))


def _rows(frame: pd.DataFrame, names: tuple[str, ...]) -> list[dict[str, Any]]:
    kept = frame[[name for name in names if name in frame]]
    return [{str(k): plain(v) for k, v in row.items()} for row in kept.to_dict("records")]


def _named(db: Database, actor: Actor, user: str | None) -> str | None:
    """A colleague's name, where the actor may know who works with whom."""
    if user is None or not may(actor, "see_staff_contacts"):
        return None
    identity = user.removeprefix("user:")
    return user_store.names_of(db.whole.read(), [identity]).get(identity)


def plain(value: Any) -> Any:
    """A value as JSON knows it: moments stay moments, gaps become None."""
    if isinstance(value, list | dict) or value is None:
        return value
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


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
    found: dict[str, list[dict[str, str]]] = {"members": [], "crews": []}
    if actor.crew_id is None:
        return found
    whole = db.whole
    every = places.listing(whole, "crew").set_index("crew_id")
    if actor.crew_id not in every.index:
        return found
    own = every.loc[actor.crew_id]
    if may(actor, "see_staff_contacts") and isinstance(own["members"], str):
        names = places.people(whole.read()).drop_duplicates("id").set_index("id")["name"]
        ids = [one.strip() for one in own["members"].split(";") if one.strip()]
        found["members"] = [{"id": one, "name": str(names.get(one, one))} for one in ids]
    working = promise_crews.on_shift(whole, clock_now(db))
    near = every[(every["unit_id"] == own["unit_id"]) & every.index.isin(working.index)]
    others = near.drop(index=actor.crew_id, errors="ignore")
    found["crews"] = [
        {"crew_id": str(crew), "name": str(name)} for crew, name in others["name"].items()
    ]
    return found
