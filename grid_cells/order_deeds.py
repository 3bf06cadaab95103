"""What can be done about an order, and what each deed makes of its stamps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from grid_cells.errors import UserError

Deed = Literal[
    "told", "accepted", "arrived", "stopped", "resumed", "restored", "urged", "returned",
    "reassigned",
]  # fmt: skip
DEEDS: Final[tuple[Deed, ...]] = get_args(Deed)
WITH_CREW: Final = frozenset({"told", "reassigned"})
FOR_ONE_CALL: Final = frozenset({"urged"})
"""What concerns the caller alone, however many calls belong to the outage."""
KEPT_STAMPS: Final = ("told_at", "accepted_at", "arrived_at", "restored_at", "crew_id")


@dataclass(frozen=True)
class DeedWish:
    """A deed with what it needs: the crew to send, or the reason for a stop.

    `one_call`: only the call itself, not the others of its outage.
    """

    deed: Deed
    crew_id: str | None = None
    reason: str | None = None
    one_call: bool = False


def known_stamps(order: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The order's stamps and crew as known at `now`: what a file says of later is nothing yet."""
    known: dict[str, Any] = {}
    for name in KEPT_STAMPS:
        value = order[name]
        is_later = isinstance(value, datetime) and value > now
        known[name] = None if is_later else value
    return known


def may_be_done(order: Mapping[str, Any], *, is_stopped: bool) -> tuple[Deed, ...]:
    """The deeds that the order's state allows; `order` as from `known_stamps`."""
    return tuple(one for one in DEEDS if _refusal(one, order, is_stopped=is_stopped) is None)


def after(
    deed: Deed, order: Mapping[str, Any], now: datetime, *, is_stopped: bool, crew_id: str | None
) -> dict[str, Any]:
    """The stamps and crew after the deed; `order` as from `known_stamps`.

    Raises UserError `order_<why>` where the state does not allow it, `order_crew_needed` and
    `order_same_crew`.
    """
    why = _refusal(deed, order, is_stopped=is_stopped)
    if why is not None:
        raise UserError(f"order_{why}", crew=order["crew_id"] or "–")
    if deed in WITH_CREW and not crew_id:
        raise UserError("order_crew_needed")
    if deed == "reassigned" and crew_id == order["crew_id"]:
        raise UserError("order_same_crew", crew=crew_id)
    changed: dict[str, Any] = {}
    if deed in WITH_CREW:
        changed = {"told_at": now, "accepted_at": None, "crew_id": crew_id}
    elif deed == "returned":
        changed = {"told_at": None, "accepted_at": None, "crew_id": None}
    elif deed in ("accepted", "arrived", "restored"):
        changed = {f"{deed}_at": now}
    return {**order, **changed}


def _refusal(deed: Deed, order: Mapping[str, Any], *, is_stopped: bool) -> str | None:
    """Why the state does not allow the deed; None where it does."""
    refused: dict[Deed, tuple[tuple[bool, str], ...]] = {
        "told": ((bool(order["told_at"]), "told_already"),),
        "reassigned": _unless_there(order),
        "returned": _unless_there(order),
        "accepted": (
            (not order["told_at"], "not_told"), (bool(order["accepted_at"]), "accepted_already"),
        ),
        "arrived": ((bool(order["arrived_at"]), "arrived_already"),),
        "stopped": ((is_stopped, "stopped_already"),),
        "resumed": ((not is_stopped, "not_stopped"),),
    }  # fmt: skip
    if order["restored_at"]:
        return "closed"
    return next((why for is_so, why in refused.get(deed, ()) if is_so), None)


def _unless_there(order: Mapping[str, Any]) -> tuple[tuple[bool, str], ...]:
    return ((not order["told_at"], "not_told"), (bool(order["arrived_at"]), "arrived_already"))
