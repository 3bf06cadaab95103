"""Orders of calls made by rule: one for each outage or lone call, joined by later calls.

Where calls are put to other outages, by the rule or by hand, their orders follow: an order nobody
was told of is merged or taken up again, one that is under way stays and is linked.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import pandas as pd

from app.store import order_deeds as deed_store
from app.store import units
from app.store import work_order_making as store
from app.store import work_order_writes as writes
from app.store import work_orders as order_store
from app.store.database import Connection, Database
from app.use_cases import order_deeds, order_rules, work_order_sight, work_order_steps
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.fault_wishes import classes
from app.use_cases.work_order_steps import Act
from grid_cells import work_orders
from grid_cells.order_deeds import KEPT_STAMPS, Deed, DeedWish

SYSTEM: Final = Actor("system", "system")
_FROM_CALL: Final = (
    "customer_no", "phone", "address", "note", "lon", "lat", "given_x", "given_y", "given_datum",
    "cell_id", "position_source", "transformer_id", "feeder_id", "area_id", "promise_class",
)  # fmt: skip
_OF_MANY: Final = ("area_id", "promise_class", "feeder_id")
_STAMPS: Final[tuple[tuple[Deed, str], ...]] = (
    ("told", "told_at"), ("accepted", "accepted_at"), ("arrived", "arrived_at"),
)  # fmt: skip
_AT_ONCE: Final = 10
"""So many groups of calls a transaction: calls that come in meanwhile must not wait for all."""
_LOG = logging.getLogger("gridcells")


def settle(db: Database, since: datetime) -> None:
    """Make and mend the orders of calls registered since then, a few at a time, until all are."""
    whole = db.whole
    now = clock_now(whole)
    connection = whole.read()
    left = _left(connection, now, since)
    while left:
        whole.write(lambda writing: settled(writing, SYSTEM, now, since, most=_AT_ONCE))
        before, left = left, _left(connection, now, since)
        if left >= before:  # what cannot be mended now is looked at with the next call
            return


def _left(connection: Connection, now: datetime, since: datetime) -> int:
    """Calls that wait for an order or lie in a wrong one."""
    return len(store.waiting(connection, now, since)) + len(store.misplaced(connection, now))


def settle_kindly(db: Database, since: datetime) -> None:
    """As `settle`; what fails is tried again with the next call."""
    try:
        settle(db, since)
    except Exception:
        _LOG.exception("orders could not be made of calls")


def settled(
    connection: Connection,
    actor: Actor,
    now: datetime,
    since: datetime,
    *,
    most: int | None = None,
) -> list[str]:
    """Orders made anew, inside a transaction: those that lie wrong are mended first.

    `most`: so many groups of calls of either sort are looked at, all without it.
    """
    _align(connection, actor, now, most)
    calls = store.waiting(connection, now, since)
    made = []
    for outage, rows in _by_outage(calls)[:most]:
        held = store.open_of_outage(connection, outage, now) if outage else None
        if held is not None and len(held):
            _join(connection, actor, str(held["order_id"].iloc[0]), rows["report_id"].tolist(), now)
        else:
            made.append(of_calls(connection, actor, rows, now, source="rule"))
    return made


def _by_outage(calls: pd.DataFrame) -> list[tuple[str | None, pd.DataFrame]]:
    lone = calls["outage_id"].isna()
    keys = calls["outage_id"].where(~lone, calls["report_id"])
    return [
        (None if lone[rows.index[0]] else str(key), rows)
        for key, rows in calls.groupby(keys, sort=False)
    ]


def of_calls(
    connection: Connection, actor: Actor, calls: pd.DataFrame, now: datetime, *, source: str
) -> str:
    """The number of a new order that answers these calls, as far as they have come already."""
    row = {**_place(connection, calls), **_work(calls)}
    order_id = number_of(connection, now)
    first = calls.iloc[0]
    stamps = {name: None if pd.isna(first[name]) else first[name] for name in KEPT_STAMPS}
    state = work_orders.state_of_stamps(stamps)
    row |= {
        "order_id": order_id, "kind": "repair", "state": state, "source": source, "version": 1,
        "registered_at": first["registered_at"], "outage_id": _one(calls["outage_id"]),
        "is_in_pool": False,
    }  # fmt: skip
    writes.insert(connection, row)
    writes.join_reports(connection, order_id, calls["report_id"].tolist())
    # made now: only what the calls were told already lies before it
    copied = stamps["told_at"] if _is_copied(stamps) else None
    begin(connection, actor, order_id, at=min(copied or now, now))
    _copy_stamps(connection, order_id, stamps)
    work_order_steps.note(
        connection, actor, order_id, "made", {"calls": len(calls), "task": row["task"]}
    )
    return order_id


def number_of(connection: Connection, now: datetime) -> str:
    """A new order's number, by the company's day."""
    zone = ZoneInfo(units.timezone(connection) or "UTC")
    return writes.next_id(connection, now.astimezone(zone).strftime("%y%m%d"))


def begin(connection: Connection, actor: Actor, order_id: str, *, at: datetime) -> None:
    """The first event of an order: it was registered."""
    event = {
        "order_id": order_id, "happened_at": at, "move": "registered", "state_after": "registered",
        "actor": actor.id,
    }  # fmt: skip
    writes.add_event(connection, event, {"version": 1})


def _copy_stamps(connection: Connection, order_id: str, stamps: Mapping[str, Any]) -> None:
    """What was done about the first call before the order was made, as events and a holding."""
    if not _is_copied(stamps):
        return
    state = "registered"
    for move, name in _STAMPS:
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


def _work(calls: pd.DataFrame) -> dict[str, Any]:
    """Task, minutes, skills and priority by what the calls say."""
    codes = calls["fault_class"].dropna()
    code = str(codes.mode().iloc[0]) if len(codes) else None
    root = None if code is None else classes().roots.get(code)
    task = order_rules.task_of(root, is_hazard=bool((calls["service_type"] == "hazard").any()))
    grade = work_orders.priority(
        task.priority, order_rules.urgency(), is_important=bool(calls["is_important"].any()),
        has_life_support=bool(calls["life_support"].any()), calls=len(calls),
    )  # fmt: skip
    return {
        "task": task.name, "fault_class": code, "service_min": task.service_min,
        "skills": task.skills, "priority": grade,
    }  # fmt: skip


def _place(connection: Connection, calls: pd.DataFrame) -> dict[str, Any]:
    """Where to go: the caller's place, or the transformer that most of several calls name.

    Of several callers nobody's number, name or words stand on the order.
    """
    first = calls.iloc[0]
    if len(calls) == 1:
        held = {name: _value(first[name]) for name in _FROM_CALL}
        return held | {"contact": _value(first["caller"])}
    found = {name: _one(calls[name]) for name in _OF_MANY}
    lines = calls["transformer_id"].dropna()
    if len(lines):
        name = str(lines.mode().iloc[0])
        spot = store.line(connection, name)
        found["transformer_id"] = name
        if spot is not None:
            return found | spot | {"position_source": "transformer"}
    return found | {
        name: _value(first[name]) for name in ("lon", "lat", "cell_id", "position_source")
    }


def _one(values: "pd.Series[Any]") -> Any:
    """The most frequent value, None where there is none."""
    held = values.dropna()
    return None if held.empty else held.mode().iloc[0]


def _value(value: Any) -> Any:
    return None if pd.isna(value) else value


def _join(
    connection: Connection, actor: Actor, order_id: str, report_ids: list[str], now: datetime
) -> None:
    """Later calls join an order; whoever was told of it was told of them."""
    writes.join_reports(connection, order_id, report_ids)
    order = work_order_sight.row_of(connection, order_id, now)
    holdings = writes.held(connection, order_id, now)
    lead = work_order_steps.lead_of(holdings)
    if lead is not None:
        for deed, name in _STAMPS[:2]:
            if lead[name] is not None:
                wish = DeedWish(deed, str(lead["crew_id"]) if deed == "told" else None)
                order_deeds.stamp(connection, actor, report_ids, wish, now)
    if order["state"] in work_orders.OPEN[work_orders.OPEN.index("arrived") :]:
        came = [one["arrived_at"] for one in holdings if one["arrived_at"] is not None]
        _arrive(connection, actor, report_ids, min(came, default=now), now)
    work_order_steps.noted(
        connection, actor, order_id, "calls_joined", now, detail={"calls": len(report_ids)}
    )
    work_order_steps.note(
        connection, actor, order_id, "joined",
        {"calls": len(report_ids), "state": order["state"]},
    )  # fmt: skip


def _arrive(
    connection: Connection, actor: Actor, report_ids: list[str], came_at: datetime, now: datetime
) -> None:
    """Where the crew is at the site already it came to a later call when that was registered."""
    before = deed_store.stamps(connection, report_ids)
    fresh = before.loc[before["arrived_at"].isna(), "report_id"].tolist()
    if not fresh:
        return
    order_deeds.stamp(connection, actor, fresh, DeedWish("arrived"), now)
    since = store.calls(connection, fresh).set_index("report_id")["registered_at"]
    held = deed_store.stamps(connection, fresh).to_dict("records")
    rows = [{str(name): _value(value) for name, value in row.items()} for row in held]
    arrived = [row for row in rows if row["arrived_at"] is not None]
    for row in arrived:
        at = max(came_at, since[row["report_id"]].to_pydatetime())
        told = {name: min(row[name], at) for _, name in _STAMPS if row[name] is not None}
        row.update(told)
    deed_store.set_stamps(connection, arrived)


def _align(connection: Connection, actor: Actor, now: datetime, most: int | None) -> None:
    """Let orders follow calls that were put to other outages, `most` of the orders."""
    rows = store.misplaced(connection, now)
    rows = rows[rows["order_id"].isin(rows["order_id"].unique()[:most])]
    for (order_id, outage), part in rows.groupby(["order_id", "outage_id"], sort=False):
        first = part.iloc[0]
        told = (str(order_id), str(first["state"]), str(outage))
        if len(part) == first["calls"]:
            _follow_all(connection, actor, told, now)
        else:
            _follow_some(connection, actor, told, part["report_id"].tolist(), now)
    for order_id in rows["order_id"].unique():
        _end_empty(connection, actor, str(order_id), now)


def _follow_all(
    connection: Connection, actor: Actor, told: tuple[str, str, str], now: datetime
) -> None:
    """Every call of an order went to one outage: the order goes there too."""
    order_id, state, outage = told
    others = store.open_of_outage(connection, outage, now)
    others = others[others["order_id"] != order_id]
    if others.empty:
        again = store.merged_away(connection, outage, now)
        if again is None or state != "registered":
            writes.change(connection, order_id, {"outage_id": outage})
            return
        _reopen(connection, actor, again, now)
        other, other_state = again, "registered"
    else:
        other, other_state = (str(others[name].iloc[0]) for name in ("order_id", "state"))
    if state != "registered" and other_state == "registered":
        writes.change(connection, order_id, {"outage_id": outage})
        _merge(connection, actor, other, order_id, now)
    elif state == "registered":
        _merge(connection, actor, order_id, other, now)
    else:  # two crews are on their way: both stay, and know of each other
        writes.change(connection, order_id, {"outage_id": outage})
        writes.link(connection, order_id, other, "part_of")


def _follow_some(
    connection: Connection, actor: Actor, told: tuple[str, str, str], reports: list[str],
    now: datetime,
) -> None:  # fmt: skip
    """Some calls of an order went to another outage: they leave for its order, or for a new one."""
    order_id, _, outage = told
    held = store.open_of_outage(connection, outage, now)
    again = store.merged_away(connection, outage, now) if held.empty else None
    if len(held) or again is not None:
        other = str(held["order_id"].iloc[0]) if len(held) else str(again)
        if again is not None:
            _reopen(connection, actor, other, now)
        _join(connection, actor, other, reports, now)
    else:
        writes.leave_orders(connection, reports)
        rows = store.calls(connection, reports)
        other = of_calls(connection, actor, rows, now, source="rule")
    writes.link(connection, other, order_id, "same_place")


def _merge(connection: Connection, actor: Actor, order_id: str, into: str, now: datetime) -> None:
    """The calls of an order nobody was told of go to another one, which replaces it."""
    reports = order_store.reports_of(connection, [order_id])["report_id"].tolist()
    _join(connection, actor, into, reports, now)
    writes.link(connection, into, order_id, "replaces")
    order = work_order_sight.row_of(connection, order_id, now)
    act = Act("cancelled", "cancelled", reason_code="merged", detail={"into": into})
    work_order_steps.carry_out(connection, actor, order, act, now)


def _reopen(connection: Connection, actor: Actor, order_id: str, now: datetime) -> None:
    """An order that was merged away is taken up again: its calls came back."""
    last = order_store.last_event(connection, order_id, now)
    order = work_order_sight.row_of(connection, order_id, now)
    if last is not None and last["move"] == "cancelled":
        told = json.loads(last["detail"])
        writes.unlink(connection, str(told.get("into")), order_id, "replaces")
        work_order_steps.put_back(connection, actor, order, last, told["before"], now)


def dismissed(connection: Connection, actor: Actor, report_id: str, now: datetime) -> None:
    """A call turned out to need no crew: it leaves its order, which ends where it was the last."""
    pairs = order_store.orders_of_reports(connection, [report_id])
    writes.leave_orders(connection, [report_id])
    for order_id in pairs["order_id"]:
        _end_empty(connection, actor, str(order_id), now)


def _end_empty(connection: Connection, actor: Actor, order_id: str, now: datetime) -> None:
    """An order that lost its last call ends where nobody is at the site yet."""
    order = work_order_sight.row_of(connection, order_id, now)
    left = order_store.reports_of(connection, [order_id])
    if left.empty and order["state"] in ("registered", "told", "accepted"):
        act = Act("cancelled", "cancelled", reason_code="not_needed", detail={"calls": 0})
        work_order_steps.carry_out(connection, actor, order, act, now)
