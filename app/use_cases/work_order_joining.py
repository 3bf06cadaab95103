"""Later calls join orders: whoever was told of an order was told of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.store import order_deeds as deed_store
from app.store import work_order_making as store
from app.store import work_order_writes as writes
from app.store import work_orders as order_store
from app.store.database import Connection
from app.use_cases import order_deeds, work_order_steps
from app.use_cases.actors import Actor
from app.use_cases.work_order_making import STAMPS, rows_of
from grid_cells import work_orders
from grid_cells.order_deeds import DeedWish

Wanted = tuple[Sequence[str], DeedWish]
Row = dict[str, Any]
_AT_SITE = work_orders.OPEN[work_orders.OPEN.index("arrived") :]


def join(
    connection: Connection, actor: Actor, joins: Mapping[str, Sequence[str]], now: datetime
) -> None:
    """Let orders answer calls, by the orders' numbers: few statements however many they are."""
    if not joins:
        return
    writes.join_reports(connection, joins)
    ids = list(joins)
    states = order_store.of_ids(connection, ids, now).set_index("order_id")["state"]
    held = writes.held_of(connection, ids, now)
    wanted: list[Wanted] = []
    came: dict[str, datetime] = {}
    for order_id, reports in joins.items():
        wanted += _told(work_order_steps.lead_of(held[order_id]), reports)
        if states[order_id] in _AT_SITE:
            wanted.append((reports, DeedWish("arrived")))
            moments = [one["arrived_at"] for one in held[order_id] if one["arrived_at"] is not None]
            came |= dict.fromkeys(reports, min(moments, default=now))
    _stamp(connection, actor, wanted, came, now)
    _note(connection, actor, {one: (len(joins[one]), str(states[one])) for one in ids}, now)


def _told(lead: Row | None, reports: Sequence[str]) -> list[Wanted]:
    """What the order's leading crew knows of the calls: it was told, and accepted what it had."""
    if lead is None:
        return []
    return [
        (reports, DeedWish(deed, str(lead["crew_id"]) if deed == "told" else None))
        for deed, name in STAMPS[:2]
        if lead[name] is not None
    ]


def _stamp(
    connection: Connection, actor: Actor, wanted: Sequence[Wanted], came: Mapping[str, datetime],
    now: datetime,
) -> None:  # fmt: skip
    if not wanted:
        return
    done = order_deeds.stamp_all(connection, actor, wanted, now)
    arrived = [
        one for (_, wish), met in zip(wanted, done, strict=True) if wish.deed == "arrived"
        for one in met
    ]  # fmt: skip
    if arrived:
        _arrive(connection, {one: came[one] for one in arrived})


def _arrive(connection: Connection, came: Mapping[str, datetime]) -> None:
    """Where the crew is at the site already it came to a later call when that was registered."""
    ids = list(came)
    since = store.calls(connection, ids).set_index("report_id")["registered_at"]
    rows = rows_of(deed_store.stamps(connection, ids))
    for row in rows:
        at = max(came[row["report_id"]], since[row["report_id"]].to_pydatetime())
        row |= {name: min(row[name], at) for _, name in STAMPS if row[name] is not None}
    deed_store.set_stamps(connection, rows)


def _note(
    connection: Connection, actor: Actor, joined: Mapping[str, tuple[int, str]], now: datetime
) -> None:
    events: list[tuple[Row, Row]] = []
    for order_id, (calls, state) in joined.items():
        event = {"order_id": order_id, "happened_at": now, "move": "calls_joined"}
        events.append(({**event, "actor": actor.id}, {"calls": calls}))
        told = {"calls": calls, "state": state}
        work_order_steps.note(connection, actor, order_id, "joined", told)
    writes.add_events(connection, events)
