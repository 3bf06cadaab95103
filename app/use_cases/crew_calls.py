"""The number of whoever has to be met on an order: told when it is needed, and put on record."""

from datetime import timedelta
from typing import Final

from app.store import audit
from app.store import privacy as privacy_store
from app.store.database import Connection, Database
from app.use_cases import crew_jobs, privacy, work_orders
from app.use_cases.access import check, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from grid_cells.errors import UserError
from grid_cells.work_orders import DONE, OPEN

CALLED: Final = "order_contact_told"


@needs("do_orders")
def number(db: Database, actor: Actor, order_id: str) -> str:
    """The phone number on an open order of the actor's own crew.

    Raises UserError `order_not_yours`, `crew_no_number`, and `unmask_too_many` beyond the day's
    limit for values that are masked.
    """
    if not privacy.sees(actor, "work_orders", "phone"):
        check(db, actor, "unmask", asked="crew_calls.number")
    mine = work_orders.own(db, actor)
    held = mine[mine["state"].isin([*OPEN, *DONE])]["order_id"]
    if order_id not in set(held):
        raise UserError("order_not_yours")
    phone = crew_jobs.plain(crew_jobs.raw(db, order_id).get("phone"))
    if not phone:
        raise UserError("crew_no_number")
    most = privacy.limit(db.whole.read(), "unmask_a_day")

    def note(connection: Connection) -> None:
        at = real_now()
        told = privacy_store.times_recorded(connection, actor.id, CALLED, at - timedelta(days=1))
        if told >= most:
            raise UserError("unmask_too_many", limit=most)
        audit.record(
            connection, actor.id, "order_contact_told", at=at, subject=f"order:{order_id}",
            detail={"column": "phone"},
        )  # fmt: skip

    db.write(note)
    return str(phone)
