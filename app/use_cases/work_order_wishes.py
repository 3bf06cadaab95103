"""Orders made by hand: of a wish, or of calls; and orders linked with each other."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import customers
from app.store import fault_reports as report_store
from app.store import work_order_making as making_store
from app.store import work_order_writes as writes
from app.store import work_orders as store
from app.store.database import Connection, Database
from app.use_cases import (
    derive,
    fault_places,
    fault_wishes,
    order_rules,
    privacy,
    work_order_making,
    work_order_sight,
    work_order_steps,
)
from app.use_cases.access import needs, note_refusal
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.fault_wishes import ReportWish
from grid_cells import work_orders
from grid_cells.errors import UserError

LONGEST: Final = {"address": 200, "note": 1000, "contact": 80, "phone": 32, "skills": 120}
MOST_MIN: Final = 24 * 60.0
_CHOSEN: Final = ("service_min", "skills", "priority")


@dataclass(frozen=True)
class OrderWish:
    """An order as a form has it; what is left empty is the task's usual, or follows from the place.

    The place is a customer, a transformer, a point (`datum` says which) or an address.
    """

    task: str
    customer_no: str | None = None
    transformer_id: str | None = None
    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    datum: str | None = "wgs84"
    window_from: datetime | None = None
    window_to: datetime | None = None
    service_min: float | None = None
    skills: str | None = None
    priority: int | None = None
    contact: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)
    follows: str | None = None


@needs("dispatch_orders")
def make(db: Database, actor: Actor, wish: OrderWish) -> str:
    """The number of a new order.

    Raises UserError `order_task_unknown`, `order_window`, `order_service_min`, `order_priority`,
    `order_field_long` (field, most), `fault_place_missing`, `fault_unknown_customer_no`,
    `fault_unknown_transformer_id`, `fault_place_unfound`, `fault_point`, `work_order_unknown` of an
    order to follow.
    """
    _check(wish)
    now = clock_now(db)
    derive.refresh(db, now)
    row = placed(db, actor, wish, now)
    if wish.follows is not None:
        work_order_sight.seen(db, actor, wish.follows, now, asked="work_order_wishes.make")

    def change(connection: Connection) -> str:
        return made(connection, actor, wish, row)

    return db.write(change)


def made(connection: Connection, actor: Actor, wish: OrderWish, row: dict[str, Any]) -> str:
    """The number of a new order of a row from `placed`, in a transaction of whoever may."""
    at = read_on(connection, real_now()).now
    order_id = work_order_making.numbers_of(connection, at)[0]
    whole = {**row, "order_id": order_id, "registered_at": at, "state": "registered"}
    writes.insert(connection, [whole])
    work_order_making.begin(connection, actor, {order_id: at})
    if wish.follows is not None:
        writes.link(connection, order_id, wish.follows, "follows")
    told = {"task": wish.task, "follows": wish.follows}
    work_order_steps.note(connection, actor, order_id, "made", told)
    return order_id


def _check(wish: OrderWish) -> None:
    if wish.task not in order_rules.tasks():
        raise UserError("order_task_unknown", task=wish.task[:40])
    if wish.window_from and wish.window_to and wish.window_to <= wish.window_from:
        raise UserError("order_window")
    if wish.service_min is not None and not 0 < wish.service_min <= MOST_MIN:
        raise UserError("order_service_min", most=MOST_MIN)
    most = order_rules.urgency().most
    if wish.priority is not None and not work_orders.LEAST_PRIORITY <= wish.priority <= most:
        raise UserError("order_priority", most=most)
    for name, longest in LONGEST.items():
        value = getattr(wish, name)
        if value is not None and len(value) > longest:
            raise UserError("order_field_long", field=name, most=longest)


def placed(db: Database, actor: Actor, wish: OrderWish, now: datetime) -> dict[str, Any]:
    """The order's row with its place filled in as that of a call would be."""
    checked = fault_wishes.checked(
        ReportWish(
            customer_no=wish.customer_no, transformer_id=wish.transformer_id, address=wish.address,
            lon=wish.lon, lat=wish.lat, datum=wish.datum if wish.lon is not None else None,
        ),
        now,
    )  # fmt: skip
    call = fault_places.fill(db.read(), db.whole, _frame(checked, now), now).iloc[0]
    _check_place(db, actor, wish, call)
    task = order_rules.tasks()[wish.task]
    found = {
        name: None if pd.isna(call[name]) else call[name]
        for name in fault_places.FILLED
        if name != "crew_id"
    }
    chosen = {name: getattr(wish, name) or getattr(task, name) for name in _CHOSEN}
    chosen["priority"] = wish.priority or _priority(db, wish, task.priority)
    given = {name: getattr(wish, name) for name in ("customer_no", "contact", "phone", "note",
             "window_from", "window_to")}  # fmt: skip
    return {
        **found, **chosen, **given, "address": wish.address or _address(db, wish),
        "given_x": wish.lon, "given_y": wish.lat,
        "given_datum": wish.datum if wish.lon is not None else None,
        "kind": task.kind, "task": task.name, "source": "hand", "is_in_pool": False, "version": 1,
    }  # fmt: skip


def _frame(wish: ReportWish, now: datetime) -> pd.DataFrame:
    lon, lat = fault_wishes.wgs84_of(wish) or (np.nan, np.nan)
    texts = {name: pd.Series([getattr(wish, name)], dtype="str")
             for name in ("customer_no", "transformer_id", "address")}  # fmt: skip
    at = pd.to_datetime([now], utc=True)
    return pd.DataFrame(texts).assign(at=at, lon=[float(lon)], lat=[float(lat)])


def _check_place(db: Database, actor: Actor, wish: OrderWish, call: "pd.Series[Any]") -> None:
    """Refuse what the sight `db` does not know."""
    if wish.customer_no is not None and not call["is_known"]:
        privacy.note_unseen(db, actor, wish.customer_no, asked="work_order_wishes.make")
        raise UserError("fault_unknown_customer_no", field="customer_no", value=wish.customer_no)
    if wish.transformer_id is not None and not call["is_line"]:
        if db is not db.whole:
            note_refusal(db, actor, "access_out_of_scope", asked="work_order_wishes.make")
        raise UserError(
            "fault_unknown_transformer_id", field="transformer_id", value=wish.transformer_id
        )
    if pd.isna(call["lon"]):
        raise UserError("fault_place_unfound", field="address", value=wish.address or "")
    if db is not db.whole and pd.isna(call["area_id"]) and wish.customer_no is None:
        note_refusal(db, actor, "access_out_of_scope", asked="work_order_wishes.make")
        raise UserError("order_place_beyond")


def _priority(db: Database, wish: OrderWish, base: int) -> int:
    held = customers.one(db.read(), wish.customer_no) if wish.customer_no else None
    grade = held or {"importance_code": None, "life_support": None}
    return work_orders.priority(
        base, order_rules.urgency(), is_important=isinstance(grade["importance_code"], str),
        has_life_support=grade["life_support"] is True, calls=1,
    )  # fmt: skip


def _address(db: Database, wish: OrderWish) -> str | None:
    """The customer's address as the archive has it."""
    held = customers.one(db.read(), wish.customer_no) if wish.customer_no else None
    return str(held["address"]) if held and isinstance(held["address"], str) else None


@needs("dispatch_orders")
def make_of_reports(db: Database, actor: Actor, report_ids: list[str]) -> str:
    """The number of the order that answers these calls: the one they have together, else a new one.

    Raises UserError `fault_report_unknown`, `order_calls_taken` where some already have an order,
    `order_call_ended` where one is over.
    """
    wanted = list(dict.fromkeys(report_ids))
    missing = set(wanted) - set(report_store.of_ids(db.read(), wanted)["report_id"])
    if missing or not wanted:
        if db is not db.whole:
            note_refusal(
                db, actor, "access_out_of_scope", asked="work_order_wishes.make_of_reports"
            )
        raise UserError("fault_report_unknown", report=min(missing, default="")[:64])

    def change(connection: Connection) -> str:
        held = store.orders_of_reports(connection, wanted)
        if len(held) == len(wanted) and len(set(held["order_id"])) == 1:
            return str(held["order_id"].iloc[0])
        if len(held):
            raise UserError("order_calls_taken", order=str(held["order_id"].iloc[0]))
        at = read_on(connection, real_now()).now
        over = making_store.ended(connection, wanted, at)
        if over:
            raise UserError("order_call_ended", report=over[0])
        rows = work_order_making.rows_of(making_store.calls(connection, wanted))
        return work_order_making.of_calls(connection, actor, [rows], at, source="hand")[0]

    return db.write(change)


@needs("dispatch_orders")
def link(db: Database, actor: Actor, order_id: str, other: str, kind: str) -> None:
    """Link an order with another: follows, part_of, same_place or replaces.

    Raises UserError `order_link_unknown`, `order_link_itself`, `work_order_unknown`.
    """
    _check_link(db, actor, order_id, other, kind)

    def change(connection: Connection) -> None:
        now = read_on(connection, real_now()).now
        writes.link(connection, order_id, other, kind)
        _note_link(connection, actor, order_id, "linked", {"other": other, "link": kind}, now)

    db.write(change)


@needs("dispatch_orders")
def unlink(db: Database, actor: Actor, order_id: str, other: str, kind: str) -> None:
    """Take a link away; raises as `link`."""
    _check_link(db, actor, order_id, other, kind)

    def change(connection: Connection) -> None:
        now = read_on(connection, real_now()).now
        writes.unlink(connection, order_id, other, kind)
        _note_link(connection, actor, order_id, "unlinked", {"other": other, "link": kind}, now)

    db.write(change)


def _check_link(db: Database, actor: Actor, order_id: str, other: str, kind: str) -> None:
    if kind not in work_orders.LINKS:
        raise UserError("order_link_unknown", link=kind[:20])
    if order_id == other:
        raise UserError("order_link_itself")
    now = clock_now(db)
    for one in (order_id, other):
        work_order_sight.seen(db, actor, one, now, asked="work_order_wishes.link")


def _note_link(  # noqa: PLR0913, PLR0917
    connection: Connection, actor: Actor, order_id: str, move: str, told: dict[str, Any],
    now: datetime,
) -> None:  # fmt: skip
    work_order_steps.noted(connection, actor, order_id, move, now, detail=told)
    work_order_steps.note(
        connection, actor, order_id, "linked", {"link": told["link"], "how": move}
    )
