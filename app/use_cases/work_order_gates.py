"""The gate of a job: no work before another person approved the card with its safety measures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from app.store import work_order_cards as store
from app.store.database import Connection
from app.use_cases.actors import Actor
from app.use_cases.work_order_steps import Act
from grid_cells.errors import UserError

MUST_BE_FILLED: Final = (
    "task", "tools", "materials", "measures", "precautions", "leader", "guardian",
)  # fmt: skip
"""What a card must say before the gate is asked for."""
MUST_BE_THERE: Final = ("leader_at_site", "guardian_at_site")


def check(
    connection: Connection, actor: Actor, order: Mapping[str, Any],
    told: tuple[str | None, frozenset[str], Any, datetime],
) -> None:  # fmt: skip
    """Refuse a move for which the gate is not as it must be.

    `told`: the crew whose card it is, what the move needs, the version of the card that was
    looked at (None: whichever it is), the moment. Raises UserError
    `order_gate_closed`, `order_card_needed`, `order_card_unfilled`, `order_gate_not_asked`,
    `order_gate_same_person`, `order_card_conflict` (version, by, at) where another is there.
    """
    crew, required, looked_at, now = told
    if not required & {"gate", "card", "asked"}:
        return
    order_id = str(order["order_id"])
    card = None if crew is None else store.last(connection, order_id, crew, now)
    if "gate" in required and (card is None or card["approved_at"] is None):
        raise UserError("order_gate_closed")
    if "card" in required:
        if card is None:
            raise UserError("order_card_needed")
        lacking = missing(card["card"])
        if lacking:
            raise UserError("order_card_unfilled", fields=", ".join(lacking))
    if "asked" in required:
        if card is not None and looked_at not in (None, card["version"]):
            raise UserError(
                "order_card_conflict", version=card["version"], by=card["filled_by"],
                at=card["filled_at"],
            )  # fmt: skip
        if card is None or card["asked_at"] is None or card["approved_at"] is not None:
            raise UserError("order_gate_not_asked")
        if card["filled_by"] == actor.id:
            raise UserError("order_gate_same_person")


def missing(card: Mapping[str, Any]) -> list[str]:
    """Fields that must be filled before the gate and are not."""
    lacking = [name for name in MUST_BE_FILLED if not card.get(name)]
    return lacking + [name for name in MUST_BE_THERE if card.get(name) is not True]


def standing(connection: Connection, order_id: str, crew_id: str, now: datetime) -> str:
    """How far the newest card of a crew has come: none, filled, asked or approved."""
    card = store.last(connection, order_id, crew_id, now)
    if card is None:
        return "none"
    if card["approved_at"] is not None:
        return "approved"
    return "filled" if card["asked_at"] is None else "asked"


def marked(connection: Connection, actor: Actor, order_id: str, act: Act, now: datetime) -> None:
    """Note on the card what a move says of its gate."""
    told: dict[str, dict[str, Any]] = {
        "gate_asked": {"asked_at": now, "refused_at": None, "refused_why": None},
        "gate_approved": {"approved_at": now, "approved_by": actor.id},
        "gate_refused": {"asked_at": None, "refused_at": now, "refused_why": act.reason_code},
    }
    wanted = told.get(act.move)
    if wanted is None:
        return
    card = store.last(connection, order_id, act.crew_id, now)
    if card is not None:
        store.mark(connection, order_id, card["crew_id"], card["version"], wanted)


def unmarked(
    connection: Connection, order_id: str, event: Mapping[str, Any], now: datetime
) -> None:
    """Take back on the card what an event said of its gate."""
    wanted: dict[str, Any] | None = {
        "gate_asked": {"asked_at": None},
        "gate_approved": {"approved_at": None, "approved_by": None},
        "gate_refused": {"asked_at": event["happened_at"], "refused_at": None, "refused_why": None},
    }.get(str(event["move"]))
    card = store.last(connection, order_id, event["crew_id"], now)
    if wanted is not None and card is not None:
        store.mark(connection, order_id, card["crew_id"], card["version"], wanted)
