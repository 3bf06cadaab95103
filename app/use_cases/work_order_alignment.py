"""Orders follow their calls where these are put to other outages, by the rule or by hand.

An order nobody was told of is merged or taken up again, one that is under way stays and is linked.
A storm moves thousands of calls whose orders no crew knows yet: those are moved together.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import pandas as pd

from app.store import work_order_making as store
from app.store import work_order_writes as writes
from app.store import work_orders as order_store
from app.store.database import Connection
from app.use_cases import work_order_joining, work_order_sight, work_order_steps
from app.use_cases.actors import Actor
from app.use_cases.work_order_making import Row, of_calls, rows_of
from app.use_cases.work_order_steps import Act
from grid_cells.order_alignment import Alignment, Part, aligned

_MERGED: Final = "merged"


def align(connection: Connection, actor: Actor, now: datetime, most: int | None) -> bool:
    """Let `most` of the orders follow their calls (all without it); whether none was left over."""
    rows = store.misplaced(connection, now)
    if rows.empty:
        return True
    orders = rows["order_id"].unique()
    rows = rows[rows["order_id"].isin(orders[:most])]
    wanted = rows["outage_id"].unique().tolist()
    held = store.open_of_outages(connection, wanted, now)
    rows = rows.assign(is_whole=_are_whole(rows))
    simple = _simple(rows, held, set(store.merged_away(connection, wanted, now)))
    together = rows["outage_id"].isin(simple)
    # an order that leaves by itself, later in this transaction, is no order to end in
    leaving = rows.loc[~together & rows["is_whole"], "order_id"]
    staying = held[~held["order_id"].isin(leaving)]
    _follow_together(connection, actor, rows[together], staying, now)
    for (order_id, outage), part in rows[~together].groupby(["order_id", "outage_id"], sort=False):
        first = part.iloc[0]
        told = (str(order_id), str(first["state"]), str(outage))
        if first["is_whole"]:
            _follow_all(connection, actor, told, now)
        else:
            _follow_some(connection, actor, told, part["report_id"].tolist(), now)
    apart = rows.loc[~together, "order_id"].unique().tolist()
    for order_id in store.without_calls(connection, apart, now):
        _end_empty(connection, actor, order_id, now)
    return most is None or len(orders) <= most


def _are_whole(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether all calls of the row's order went to the row's outage."""
    gone = rows.groupby(["order_id", "outage_id"])["report_id"].transform("size")
    return (gone == rows["calls"]).astype(bool)


def _simple(rows: pd.DataFrame, held: pd.DataFrame, merged: set[str]) -> set[str]:
    """Outages to which no order goes as a whole that a crew knows.

    Not one to which a merged order may return, nor one that shares an order with another outage.
    """
    several = rows.groupby("order_id")["outage_id"].transform("nunique") > 1
    known = rows["is_whole"] & ~rows["is_plain"].astype(bool)
    leaving = rows.loc[rows["is_whole"], "order_id"]
    stays = set(held.loc[~held["order_id"].isin(leaving), "outage_id"])
    return set(rows["outage_id"]) - set(rows.loc[several | known, "outage_id"]) - (merged - stays)


def _follow_together(
    connection: Connection, actor: Actor, rows: pd.DataFrame, held: pd.DataFrame, now: datetime
) -> None:
    if rows.empty:
        return
    parts = [
        Part(str(order), str(outage), tuple(part["report_id"]), bool(part["is_whole"].iloc[0]))
        for (order, outage), part in rows.groupby(["order_id", "outage_id"], sort=False)
    ]
    there = held[held["outage_id"].isin(rows["outage_id"])]
    orders = there.groupby("outage_id", sort=False)["order_id"].agg(list).to_dict()
    found = aligned(parts, {str(outage): ids for outage, ids in orders.items()})
    writes.put_to(connection, found.goes)
    _end_merged(connection, actor, found.merges, now)
    _leave(connection, actor, found, now)


def _end_merged(
    connection: Connection, actor: Actor, merges: dict[str, str], now: datetime
) -> None:
    """Orders that others answer for end, and each of their calls goes along."""
    if not merges:
        return
    calls = order_store.reports_of(connection, list(merges))
    joins: dict[str, list[str]] = {}
    for order_id, report_id in zip(calls["order_id"], calls["report_id"], strict=True):
        joins.setdefault(merges[order_id], []).append(report_id)
    work_order_joining.join(connection, actor, joins, now)
    writes.link_all(connection, merges, "replaces")
    events: list[tuple[Row, Row]] = []
    for order_id, (before, version) in writes.call_off(connection, list(merges), now).items():
        event = {
            "order_id": order_id, "happened_at": now, "move": "cancelled",
            "state_before": before["state"], "state_after": "cancelled", "reason_code": _MERGED,
            "actor": actor.id,
        }  # fmt: skip
        told = {"into": merges[order_id], "version": version, "before": before}
        events.append((event, told))
        said = {"move": "cancelled", "state": "cancelled", "reason": _MERGED}
        work_order_steps.note(connection, actor, order_id, "moved", said)
    writes.add_events(connection, events)


def _leave(connection: Connection, actor: Actor, found: Alignment, now: datetime) -> None:
    """Calls that left a part of their order behind: to the outage's order, or to a new one."""
    work_order_joining.join(connection, actor, found.joins, now)
    orders = {**found.into, **_begin(connection, actor, found.begins, now)}
    for outage, left in found.leaves.items():
        for order_id in left:
            writes.link(connection, orders[outage], order_id, "same_place")


def _begin(
    connection: Connection, actor: Actor, begins: Mapping[str, Sequence[Sequence[str]]],
    now: datetime,
) -> dict[str, str]:  # fmt: skip
    """The new order of each outage; who was told of its first calls is told of the others too."""
    if not begins:
        return {}
    asked = [one for parts in begins.values() for one in parts[0]]
    rows = {str(row["report_id"]): row for row in rows_of(store.calls(connection, asked))}
    first = [[rows[one] for one in parts[0]] for parts in begins.values()]
    made = of_calls(connection, actor, first, now, source="rule")
    later = {
        order_id: [one for part in parts[1:] for one in part]
        for order_id, parts in zip(made, begins.values(), strict=True)
        if len(parts) > 1
    }
    work_order_joining.join(connection, actor, later, now)
    return dict(zip(begins, made, strict=True))


def _follow_all(
    connection: Connection, actor: Actor, told: tuple[str, str, str], now: datetime
) -> None:
    """Every call of an order went to one outage: the order goes there too."""
    order_id, state, outage = told
    others = store.open_of_outages(connection, [outage], now)
    others = others[others["order_id"] != order_id]
    if others.empty:
        again = store.merged_away(connection, [outage], now).get(outage)
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
    connection: Connection, actor: Actor, told: tuple[str, str, str], reports: Sequence[str],
    now: datetime,
) -> None:  # fmt: skip
    """Some calls of an order went to another outage: they leave for its order, or for a new one."""
    order_id, _, outage = told
    held = store.open_of_outages(connection, [outage], now)
    again = store.merged_away(connection, [outage], now).get(outage) if held.empty else None
    if len(held) or again is not None:
        other = str(held["order_id"].iloc[0]) if len(held) else str(again)
        if again is not None:
            _reopen(connection, actor, other, now)
        work_order_joining.join(connection, actor, {other: reports}, now)
    else:
        writes.leave_orders(connection, reports)
        rows = rows_of(store.calls(connection, reports))
        other = of_calls(connection, actor, [rows], now, source="rule")[0]
    writes.link(connection, other, order_id, "same_place")


def _merge(connection: Connection, actor: Actor, order_id: str, into: str, now: datetime) -> None:
    """The calls of an order nobody was told of go to another one, which replaces it."""
    reports = order_store.reports_of(connection, [order_id])["report_id"].tolist()
    work_order_joining.join(connection, actor, {into: reports}, now)
    writes.link(connection, into, order_id, "replaces")
    order = work_order_sight.row_of(connection, order_id, now)
    act = Act("cancelled", "cancelled", reason_code=_MERGED, detail={"into": into})
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
    if len(order_store.reports_of(connection, [order_id])):
        return
    order = work_order_sight.row_of(connection, order_id, now)
    if order["state"] in ("registered", "told", "accepted"):
        act = Act("cancelled", "cancelled", reason_code="not_needed", detail={"calls": 0})
        work_order_steps.carry_out(connection, actor, order, act, now)
