"""Work orders follow what is done about the calls they answer; they never stamp the calls back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from app.store import work_order_writes as writes
from app.store import work_orders as store
from app.store.database import Connection
from app.use_cases import work_order_steps
from app.use_cases.actors import Actor
from app.use_cases.order_rules import moves
from app.use_cases.work_order_steps import Act
from grid_cells.errors import UserError
from grid_cells.order_deeds import DeedWish
from grid_cells.work_orders import OPEN

ON_JOB_CARD: Final = frozenset({"arrived", "restored"})


def follow(
    connection: Connection, actor: Actor, report_ids: Sequence[str], wish: DeedWish,
    at: tuple[datetime, int],
) -> None:  # fmt: skip
    """Move the orders of these calls as a deed moved the calls themselves.

    An order of several calls of which only some were meant stands; its timeline shows the deed.
    `at`: the moment and the deed's number.
    """
    now, number = at
    pairs = store.orders_of_reports(connection, report_ids)
    for order_id, met in pairs.groupby("order_id")["report_id"]:
        order = store.one(connection, str(order_id), now)
        if order is None or order["state"] not in OPEN:
            continue
        others = set(store.reports_of(connection, [str(order_id)])["report_id"]) - set(met)
        if (wish.one_call or wish.deed == "urged") and others:
            work_order_steps.noted(
                connection, actor, str(order_id), wish.deed, now, reason_code=wish.reason,
                detail={"reports": sorted(met), "deed": number},
            )  # fmt: skip
        else:
            _move(connection, actor, order, wish, at)


def hindrances(
    connection: Connection, actor: Actor, report_ids: Sequence[str], deed: str, now: datetime
) -> dict[str, str]:
    """Why the actor's crew may not do this on calls that a living work order answers, by call.

    Codes of UserError. Check-in and finish are judged by the order's fence and gate, so they are
    done there and nowhere else.
    """
    found = {}
    for order_id, report_id in store.orders_of_reports(connection, report_ids).itertuples(
        index=False
    ):
        order = store.one(connection, str(order_id), now)
        if order is None or order["state"] not in OPEN:
            continue
        holdings = writes.held(connection, str(order_id), now)
        own = work_order_steps.holding_of(holdings, actor.crew_id)
        if own is None:
            found[str(report_id)] = "order_not_yours"
        elif deed in ON_JOB_CARD:
            found[str(report_id)] = "order_on_job_card"
        elif own["part"] != "lead" and _is_for_lead(order, deed):
            found[str(report_id)] = "order_lead_only"
    return found


def _is_for_lead(order: Mapping[str, Any], deed: str) -> bool:
    """Whether a crew that helps may not do this: its acceptance is its own, not the call's."""
    rule = moves().of(order["kind"], order["state"], deed)
    return deed == "accepted" or (rule is not None and "lead" in rule.needs)


def _move(
    connection: Connection, actor: Actor, order: Mapping[str, Any], wish: DeedWish,
    at: tuple[datetime, int],
) -> None:  # fmt: skip
    now, number = at
    rule = moves().of(str(order["kind"]), str(order["state"]), wish.deed)
    lead = work_order_steps.lead_of(writes.held(connection, str(order["order_id"]), now))
    if rule is None and wish.deed != "restored":
        return  # the order is further on: there is nothing to follow
    after = "restored" if rule is None else rule.state_after
    crew = wish.crew_id or (str(lead["crew_id"]) if lead else None)
    act = Act(wish.deed, after, crew, wish.reason, deed=number, detail={"by": "call"})
    work_order_steps.carry_out(connection, actor, order, act, now)


def take_back(connection: Connection, actor: Actor, deed: int, now: datetime) -> None:
    """Put back the orders that followed a deed on calls which is taken back.

    Raises UserError `order_moved_since` where an order went on from there.
    """
    for event in store.with_deed(connection, deed, now):
        order_id = str(event["order_id"])
        kept = json.loads(event["detail"]).get("before")
        last = store.last_event(connection, order_id, now)
        order = store.one(connection, order_id, now)
        if kept is None or order is None:
            continue
        if last is None or last["event_id"] != event["event_id"] or event["move"] == "grabbed":
            raise UserError("order_moved_since", order=order_id)
        work_order_steps.put_back(connection, actor, order, event, kept, now)
