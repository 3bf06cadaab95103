"""What is still open when a crew goes off duty: handed to another crew, or kept with a reason."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from app.store import crew_duties, work_orders
from app.store.database import Connection
from app.use_cases import reference, work_order_moves
from app.use_cases.actors import Actor
from app.use_cases.work_order_needs import Step
from grid_cells.errors import UserError
from grid_cells.work_orders import OPEN

TO_CREW: Final = "crew:"
_SHOWN: Final = 10


def reasons() -> tuple[str, ...]:
    """Codes of the reasons for which a crew may keep an order over the end of its duty."""
    return tuple(reference.table("keep_reasons")["reason"])


def open_orders(connection: Connection, crew_id: str, now: datetime) -> list[str]:
    """Orders that the crew leads and has not finished, the most urgent first.

    Where it only helps there is nothing to hand over: the order is its lead's.
    """
    rows = work_orders.of_crew(connection, crew_id, now, now)
    ids = [str(one) for one in rows.loc[rows["state"].isin(OPEN), "order_id"]]
    held = work_orders.holdings(connection, ids, now)
    own = held[(held["crew_id"] == crew_id) & (held["part"] == "lead") & held["ended_at"].isna()]
    leads = set(own["order_id"])
    return [one for one in ids if one in leads]


def settle(
    connection: Connection,
    actor: Actor,
    wanted: Mapping[str, str],
    now: datetime,
    step_key: str,
) -> dict[str, str]:
    """Do with each open order what is wanted; what was done by order (crew:ID or a reason).

    `check` has passed. Nothing is asked for while another member of the crew stays on duty. Raises
    UserError `duty_open_orders` where an order has no answer, and those of a move.
    """
    crew_id = str(actor.crew_id)
    running = crew_duties.running(connection, now)
    others = running[(running["crew_id"] == crew_id) & (running["user_id"] != actor.id)]
    if others.empty:
        _check_all(open_orders(connection, crew_id, now), wanted)
    return handed_over(connection, actor, wanted, now, step_key)


def handed_over(
    connection: Connection,
    actor: Actor,
    wanted: Mapping[str, str],
    now: datetime,
    step_key: str,
) -> dict[str, str]:
    """Do what is wanted with those orders that are still open; of the others nothing is asked.

    `check` has passed. Raises those of a move.
    """
    held = open_orders(connection, str(actor.crew_id), now)
    done = {order: answer for order, answer in wanted.items() if order in held}
    for order, answer in done.items():
        if answer.startswith(TO_CREW):
            step = Step(
                "handed_over", crew_id=answer.removeprefix(TO_CREW), step_key=f"{step_key}:{order}"
            )
            work_order_moves.moved(connection, actor, order, step)
    return done


def _check_all(held: list[str], wanted: Mapping[str, str]) -> None:
    left = [order for order in held if order not in wanted]
    if left:
        raise UserError("duty_open_orders", count=len(left), orders=", ".join(left[:_SHOWN]))


def check(near: Iterable[tuple[str, str]], wanted: Mapping[str, str]) -> None:
    """Refuse answers that are neither a reason nor one of the crews near (id, name).

    UserError `duty_keep_reason`, `crew_unknown`.
    """
    known = {crew for crew, _ in near}
    for answer in wanted.values():
        to_crew = answer.startswith(TO_CREW)
        if to_crew and answer.removeprefix(TO_CREW) not in known:
            raise UserError("crew_unknown", crew=answer.removeprefix(TO_CREW))
        if not to_crew and answer not in reasons():
            raise UserError("duty_keep_reason", known=", ".join(reasons()))
