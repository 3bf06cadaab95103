"""Which orders somebody sees: those in scope, and those of the own crew wherever they lie."""

from datetime import datetime
from typing import Any

from app.store import work_orders as store
from app.store.database import Connection, Database
from app.use_cases.access import refuse
from app.use_cases.actors import Actor
from grid_cells.errors import UserError


def sight_of(db: Database, actor: Actor, order_id: str, now: datetime) -> Connection | None:
    """The connection on which the actor sees the order and what belongs to it, None without."""
    if store.one(db.read(), order_id, now) is not None:
        return db.read()
    whole = db.whole.read()
    if db is db.whole or not actor.crew_id or not store.is_held_by(whole, order_id, actor.crew_id):
        return None
    return whole if store.one(whole, order_id, now) is not None else None


def seen(db: Database, actor: Actor, order_id: str, now: datetime, *, asked: str) -> Connection:
    """As `sight_of`; refused with an audit row where the order is out of sight.

    Raises UserError `work_order_unknown` where there is no such order at all.
    """
    found = sight_of(db, actor, order_id, now)
    if found is not None:
        return found
    if db is not db.whole:
        refuse(db, actor, "access_out_of_scope", asked=asked, about=f"order:{order_id}")
    raise UserError("work_order_unknown", order=order_id[:40])


def row_of(connection: Connection, order_id: str, now: datetime) -> dict[str, Any]:
    """The order's row inside a transaction; UserError `work_order_unknown`."""
    row = store.one(connection, order_id, now)
    if row is None:
        raise UserError("work_order_unknown", order=order_id[:40])
    return row
