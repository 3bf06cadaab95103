"""A move carried out on an order inside a transaction: its crews, its row, its event, the audit.

Whoever calls has asked whether the move is allowed; the calls that the order answers are stamped by
the caller, so that orders and calls can lead each other without a loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from app.store import audit
from app.store import work_order_writes as writes
from app.store.database import Connection
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from grid_cells.work_orders import OPEN

Row = dict[str, Any]
_EVENTS: Final[dict[str, str]] = {
    "made": "work_order_made", "moved": "work_order_moved", "undone": "work_order_undone",
    "joined": "work_order_joined", "linked": "work_order_linked",
    "card_filled": "work_order_card_filled", "evidence_added": "work_order_evidence_added",
    "evidence_seen": "work_order_evidence_seen", "judged": "work_order_irregularity_judged",
    "part_noted": "work_order_part_noted",
}  # fmt: skip
_FINISHED: Final = frozenset({"restored", "finished"})
_STAMPED: Final = frozenset({"accepted", "arrived"})
_LEAVES: Final = frozenset({"returned", "withdrawn"})


@dataclass(frozen=True)
class Moved:
    """What came of a step: the order's state and version after it, and the number of its event."""

    order_id: str
    state: str
    version: int
    event_id: int
    is_repeated: bool = False


@dataclass(frozen=True)
class Act:
    """A move with all that is noted about it.

    `crew_id`: the crew that acts, or the one the move is about. `columns`: what else changes of the
    order; `deed`: number of the deed on the order's calls.
    """

    move: str
    state_after: str
    crew_id: str | None = None
    reason_code: str | None = None
    step_key: str | None = None
    device_at: datetime | None = None
    place: tuple[float | None, float | None, float | None] = (None, None, None)
    detail: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    deed: int | None = None


def carry_out(
    connection: Connection, actor: Actor, order: Mapping[str, Any], act: Act, now: datetime
) -> Moved:
    """The order after the move, with its event written and the deed on record."""
    order_id, state = str(order["order_id"]), str(order["state"])
    writes.forget_later(connection, order_id, now)
    before = writes.before(connection, order_id, state, now)
    _change_crews(connection, actor, order, act, now)
    columns = {"state": act.state_after, **_pool(act, state), **act.columns}
    version = writes.change(connection, order_id, columns)
    detail: Row = {**act.detail, "version": version, "before": before}
    if act.deed is not None:
        detail["deed"] = act.deed
    lon, lat, accuracy = act.place
    event = {
        "order_id": order_id, "crew_id": act.crew_id, "happened_at": now, "move": act.move,
        "device_at": act.device_at, "state_before": state, "state_after": act.state_after,
        "reason_code": act.reason_code, "step_key": act.step_key, "lon": lon, "lat": lat,
        "accuracy_m": accuracy, "actor": actor.id,
    }  # fmt: skip
    number = writes.add_event(connection, event, detail)
    told = {
        "move": act.move,
        "state": act.state_after,
        "crew": act.crew_id,
        "reason": act.reason_code,
    }
    note(connection, actor, order_id, "moved", told)
    return Moved(order_id, act.state_after, version, number)


def noted(  # noqa: PLR0913
    connection: Connection, actor: Actor, order_id: str, move: str, now: datetime, *,
    crew_id: str | None = None, reason_code: str | None = None, step_key: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:  # fmt: skip
    """Number of an event that changes nothing of the order's state; its timeline shows it."""
    event = {
        "order_id": order_id, "crew_id": crew_id, "happened_at": now, "move": move,
        "reason_code": reason_code, "step_key": step_key, "actor": actor.id,
    }  # fmt: skip
    return writes.add_event(connection, event, dict(detail or {}))


def put_back(  # noqa: PLR0913, PLR0917
    connection: Connection, actor: Actor, order: Mapping[str, Any], event: Mapping[str, Any],
    kept: Mapping[str, Any], now: datetime,
) -> Moved:  # fmt: skip
    """The order as it was before an event, which is noted as taken back."""
    order_id = str(order["order_id"])
    version = writes.put_back(connection, order_id, kept, now)
    row = {
        "order_id": order_id, "crew_id": event["crew_id"], "happened_at": now, "move": "undone",
        "state_before": order["state"], "state_after": kept["state"], "actor": actor.id,
    }  # fmt: skip
    told = {"of": int(event["event_id"]), "move": event["move"], "version": version}
    number = writes.add_event(connection, row, told)
    note(connection, actor, order_id, "undone", {"move": event["move"]})
    return Moved(order_id, str(kept["state"]), version, number)


def note(
    connection: Connection, actor: Actor, order_id: str, deed: str, detail: Mapping[str, Any]
) -> None:
    """Put a deed on record; `detail`: codes and ids."""
    audit.record(
        connection, actor.id, _EVENTS[deed], at=real_now(), subject=f"order:{order_id}",
        detail={name: value for name, value in detail.items() if value is not None},
    )  # fmt: skip


def lead_of(holdings: list[Row]) -> Row | None:
    """The holding of the crew that leads now."""
    return next(
        (one for one in holdings if one["ended_at"] is None and one["part"] == "lead"), None
    )


def holding_of(holdings: list[Row], crew_id: str | None) -> Row | None:
    """The crew's holding that lasts."""
    return next(
        (one for one in holdings if one["ended_at"] is None and one["crew_id"] == crew_id), None
    )


def leads(holdings: list[Row], crew_id: str | None) -> bool:
    """Whether the crew leads now."""
    lead = lead_of(holdings)
    return lead is not None and lead["crew_id"] == crew_id


def _pool(act: Act, state: str) -> Row:
    """Whether the order lies in the pool after the move; whatever is told leaves it."""
    if act.move in ("pooled", "unpooled"):
        return {"is_in_pool": act.move == "pooled"}
    return {} if act.state_after == state else {"is_in_pool": False}


def _change_crews(
    connection: Connection, actor: Actor, order: Mapping[str, Any], act: Act, now: datetime
) -> None:
    order_id, state = str(order["order_id"]), str(order["state"])
    held = writes.held(connection, order_id, now)
    lead, own = lead_of(held), holding_of(held, act.crew_id)
    living = [one for one in held if one["ended_at"] is None]
    if act.move in ("told", "grabbed"):
        _end(connection, living, "reassigned", now)
        _begin(connection, actor, order_id, act, now)
    elif act.move in ("reassigned", "handed_over"):
        _hand_on(connection, actor, order_id, act, now, (lead, own))
    elif act.move == "helper_added":
        _begin(connection, actor, order_id, act, now, part="support")
    elif act.move == "helper_removed" and own:
        _end(connection, [own], "withdrawn", now)
    elif act.move in _LEAVES:
        helps = own is not None and act.state_after == state
        _end(connection, [own] if own and helps else living, act.move, now)
    elif act.move in _STAMPED and own and own[f"{act.move}_at"] is None:
        writes.set_holding(connection, own["holding_id"], {f"{act.move}_at": now})
    elif act.move in _FINISHED:
        for one in living:
            writes.set_holding(connection, one["holding_id"], {"finished_at": now})
    elif act.state_after not in OPEN and act.state_after in ("archived", "cancelled"):
        _end(connection, living, "done" if act.state_after == "archived" else "withdrawn", now)


def _hand_on(  # noqa: PLR0913, PLR0917
    connection: Connection, actor: Actor, order_id: str, act: Act, now: datetime,
    parts: tuple[Row | None, Row | None],
) -> None:  # fmt: skip
    """Another crew leads; one that helped already leads from now on with the stamps it has."""
    lead, own = parts
    if lead:
        _end(connection, [lead], "reassigned", now)
    if own and own is not lead:
        writes.set_holding(connection, own["holding_id"], {"part": "lead"})
    else:
        _begin(connection, actor, order_id, act, now)


def _begin(  # noqa: PLR0913
    connection: Connection, actor: Actor, order_id: str, act: Act, now: datetime, *,
    part: str = "lead",
) -> None:  # fmt: skip
    detail = act.detail
    row = {
        "order_id": order_id, "crew_id": act.crew_id, "part": part,
        "how": detail.get("how", "manual"), "reason": detail.get("reason"),
        "planned_arrive_at": detail.get("planned_arrive_at"),
        "planned_leave_at": detail.get("planned_leave_at"), "told_at": now,
        "accepted_at": now if act.move == "grabbed" else None, "assigned_by": actor.id,
    }  # fmt: skip
    writes.add_holding(connection, row)


def _end(connection: Connection, rows: list[Row], why: str, now: datetime) -> None:
    for one in rows:
        writes.set_holding(connection, one["holding_id"], {"ended_at": now, "ended_why": why})
