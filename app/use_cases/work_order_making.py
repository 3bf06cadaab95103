"""New orders of calls: what they say about place, work and priority, and what was done already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import units
from app.store import work_order_making as store
from app.store import work_order_writes as writes
from app.store.database import Connection
from app.use_cases import order_rules, work_order_steps
from app.use_cases.actors import Actor
from app.use_cases.fault_wishes import classes
from grid_cells import work_orders
from grid_cells.order_deeds import KEPT_STAMPS, Deed

SYSTEM: Final = Actor("system", "system")
_FROM_CALL: Final = (
    "customer_no", "phone", "address", "note", "lon", "lat", "given_x", "given_y", "given_datum",
    "cell_id", "position_source", "transformer_id", "feeder_id", "area_id", "promise_class",
)  # fmt: skip
_OF_MANY: Final = ("area_id", "promise_class", "feeder_id")
STAMPS: Final[tuple[tuple[Deed, str], ...]] = (
    ("told", "told_at"), ("accepted", "accepted_at"), ("arrived", "arrived_at"),
)  # fmt: skip
Row = dict[str, Any]
Calls = Sequence[Row]


def rows_of(calls: pd.DataFrame) -> list[Row]:
    """Calls as plain values, None where nothing is known."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in calls.to_dict("records")
    ]


def of_calls(
    connection: Connection, actor: Actor, groups: Sequence[Calls], now: datetime, *, source: str
) -> list[str]:
    """Numbers of new orders, one for each group of calls, as far as they have come already."""
    if not groups:
        return []
    named = [_one(calls, "transformer_id") for calls in groups]
    lines = store.lines(connection, [one for one in named if one is not None])
    numbers = numbers_of(connection, now, len(groups))
    orders = [
        _order(calls, number, lines) | {"source": source}
        for calls, number in zip(groups, numbers, strict=True)
    ]
    writes.insert(connection, orders)
    writes.join_reports(
        connection,
        {
            number: [str(one["report_id"]) for one in calls]
            for number, calls in zip(numbers, groups, strict=True)
        },
    )
    stamps = [_stamps(calls[0]) for calls in groups]
    # made now: only what the calls were told already lies before it
    copied = [one["told_at"] if _is_copied(one) else None for one in stamps]
    begin(
        connection, actor, {n: min(at or now, now) for n, at in zip(numbers, copied, strict=True)}
    )
    for number, calls, order, kept in zip(numbers, groups, orders, stamps, strict=True):
        _copy_stamps(connection, number, kept)
        told = {"calls": len(calls), "task": order["task"]}
        work_order_steps.note(connection, actor, number, "made", told)
    return numbers


def numbers_of(connection: Connection, now: datetime, count: int = 1) -> list[str]:
    """New orders' numbers, by the company's day."""
    zone = ZoneInfo(units.timezone(connection) or "UTC")
    return writes.next_ids(connection, now.astimezone(zone).strftime("%y%m%d"), count)


def begin(connection: Connection, actor: Actor, moments: Mapping[str, datetime]) -> None:
    """The first event of orders, by their number: they were registered."""
    events: list[tuple[Row, Row]] = [
        (
            {
                "order_id": number, "happened_at": at, "move": "registered",
                "state_after": "registered", "actor": actor.id,
            },
            {"version": 1},
        )
        for number, at in moments.items()
    ]  # fmt: skip
    writes.add_events(connection, events)


def _order(calls: Calls, number: str, lines: Mapping[str, Row]) -> Row:
    first = calls[0]
    return {
        **_place(calls, lines), **_work(calls), "order_id": number, "kind": "repair",
        "state": work_orders.state_of_stamps(_stamps(first)), "version": 1,
        "registered_at": first["registered_at"], "outage_id": _one(calls, "outage_id"),
        "is_in_pool": False,
    }  # fmt: skip


def _stamps(call: Row) -> Row:
    return {name: call[name] for name in KEPT_STAMPS}


def _copy_stamps(connection: Connection, order_id: str, stamps: Mapping[str, Any]) -> None:
    """What was done about the first call before the order was made, as events and a holding."""
    if not _is_copied(stamps):
        return
    state = "registered"
    for move, name in STAMPS:
        if stamps[name] is not None:
            event = {
                "order_id": order_id, "crew_id": stamps["crew_id"], "happened_at": stamps[name],
                "move": move, "state_before": state, "state_after": move, "actor": SYSTEM.id,
            }  # fmt: skip
            writes.add_event(connection, event, {"version": 1, "by": "call"})
            state = move
    held = {"order_id": order_id, "part": "lead", "how": "manual", "assigned_by": SYSTEM.id}
    kept = {name: stamps[name] for name in ("crew_id", "told_at", "accepted_at", "arrived_at")}
    writes.add_holding(connection, {**held, **kept})


def _is_copied(stamps: Mapping[str, Any]) -> bool:
    return stamps["told_at"] is not None and stamps["crew_id"] is not None


def _work(calls: Calls) -> Row:
    """Task, minutes, skills and priority by what the calls say."""
    code = _one(calls, "fault_class")
    root = None if code is None else classes().roots.get(code)
    task = order_rules.task_of(root, is_hazard=any(c["service_type"] == "hazard" for c in calls))
    grade = work_orders.priority(
        task.priority, order_rules.urgency(),
        is_important=any(call["is_important"] for call in calls),
        has_life_support=any(call["life_support"] for call in calls), calls=len(calls),
    )  # fmt: skip
    return {
        "task": task.name, "fault_class": code, "service_min": task.service_min,
        "skills": task.skills, "priority": grade,
    }  # fmt: skip


def _place(calls: Calls, lines: Mapping[str, Row]) -> Row:
    """Where to go: the caller's place, or the transformer that most of several calls name.

    Of several callers nobody's number, name or words stand on the order.
    """
    first = calls[0]
    if len(calls) == 1:
        return {name: first[name] for name in _FROM_CALL} | {"contact": first["caller"]}
    found: Row = {name: _one(calls, name) for name in _OF_MANY}
    name = _one(calls, "transformer_id")
    if name is not None:
        found["transformer_id"] = name
        if name in lines:
            return found | lines[name] | {"position_source": "transformer"}
    return found | {name: first[name] for name in ("lon", "lat", "cell_id", "position_source")}


def _one(calls: Calls, name: str) -> Any:
    """The most frequent value, the smallest of several; None where there is none."""
    counts = Counter(call[name] for call in calls if call[name] is not None)
    return min(counts, key=lambda value: (-counts[value], value), default=None)
