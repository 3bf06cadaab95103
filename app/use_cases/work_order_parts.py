"""Parts taken for an order and codes scanned at it; what was noted can be given back."""

from dataclasses import dataclass
from typing import Final

from app.store import work_order_evidence as store
from app.store.database import Connection, Database
from app.use_cases import work_order_cards, work_order_sight, work_order_steps
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from grid_cells.errors import UserError

LONGEST: Final = 60
MOST: Final = 9999.0


@dataclass(frozen=True)
class PartWish:
    """A part or a scanned code; a quantity below zero gives back."""

    code: str
    quantity: float = 1.0
    name: str | None = None
    is_scanned: bool = False
    crew_id: str | None = None
    step_key: str | None = None


@needs("do_orders")
def add(db: Database, actor: Actor, order_id: str, wish: PartWish) -> float:
    """How many of the part are on the order afterwards; the same step_key again changes nothing.

    Raises UserError `part_code`, `part_quantity`, `part_not_there` (more given back than taken),
    `order_not_yours`.
    """
    code = wish.code.strip()
    if not code or len(code) > LONGEST or len(wish.name or "") > LONGEST:
        raise UserError("part_code", longest=LONGEST)
    if not 0 < abs(wish.quantity) <= MOST:
        raise UserError("part_quantity", most=MOST)
    work_order_sight.seen(db, actor, order_id, clock_now(db), asked="work_order_parts.add")

    def change(connection: Connection) -> float:
        now = read_on(connection, real_now()).now
        there = store.part_quantity(connection, order_id, code)
        if store.has_part_step(connection, order_id, wish.step_key, actor.id):
            return there  # the step came already, whoever holds the order by now
        work_order_sight.row_of(connection, order_id, now)
        crew = work_order_cards.acting_crew(connection, actor, order_id, (wish.crew_id, now))
        if there + wish.quantity < 0:
            raise UserError("part_not_there", part=code, there=there)
        row = {
            "order_id": order_id, "crew_id": crew, "code": code, "name": wish.name,
            "quantity": wish.quantity, "is_scanned": wish.is_scanned, "added_at": now,
            "step_key": wish.step_key, "actor": actor.id,
        }  # fmt: skip
        store.add_part(connection, row)
        move = "part_added" if wish.quantity > 0 else "part_given_back"
        told = {"quantity": wish.quantity, "scanned": wish.is_scanned}
        work_order_steps.noted(connection, actor, order_id, move, now, crew_id=crew, detail=told)
        work_order_steps.note(connection, actor, order_id, "part_noted", told)
        return there + wish.quantity

    return db.write(change)
