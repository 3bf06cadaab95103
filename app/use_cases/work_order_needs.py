"""What a step of an order needs beside the right to it: a holding, a crew, a reason, a position."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn

from app.store import work_order_writes as writes
from app.store import work_orders as store
from app.store.database import Connection
from app.use_cases import order_deeds, order_rules, work_order_gates
from app.use_cases import work_order_steps as steps
from app.use_cases.access import may
from app.use_cases.actors import Actor
from app.use_cases.work_order_steps import Act
from grid_cells import work_orders
from grid_cells.distance import distance_m
from grid_cells.errors import UserError
from grid_cells.work_orders import ANYBODY, CREW, Fence, Move

_TO_CREW: Final = "crew"


@dataclass(frozen=True)
class Step:
    """A move asked for; `version`: that of the order it was made on, None where nobody knows.

    `crew_id`: the crew to send for moves that need one, the crew whose card an approver judges (the
    lead where none is named), else the crew that acts (the actor's own, or the lead's where a
    dispatcher notes what a crew said). `detail`: rating; card_version, the card that
    an approver looked at; how, reason (JSON
    text), planned_arrive_at and planned_leave_at of an assignment. `step_key`: the device's own.
    """

    move: str
    version: int | None = None
    crew_id: str | None = None
    reason_code: str | None = None
    step_key: str | None = None
    device_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def acting(actor: Actor, step: Step, holdings: list[dict[str, Any]]) -> str | None:
    """The crew that the step is of: the one it names, else the actor's own, else the lead."""
    if step.crew_id is not None:
        return step.crew_id
    if actor.crew_id is not None:
        return actor.crew_id
    lead = steps.lead_of(holdings)
    return str(lead["crew_id"]) if lead and may(actor, "dispatch_orders") else None


def needed(actor: Actor, rule: Move | None) -> frozenset[str]:
    """What the move needs of the actor: whoever acts as a crew must hold the order.

    A crew that stamps its own part has no rule, and nothing but its holding. Whoever takes from the
    pool holds nothing yet; approvers and whoever urges act as persons, not as a crew.
    """
    if rule is None:
        return frozenset({"holding"})
    as_crew = CREW in rule.done_by and ANYBODY not in rule.done_by and rule.name != "grabbed"
    if as_crew and not may(actor, "dispatch_orders"):
        return rule.needs | {"holding"}
    return rule.needs


def act_of(
    connection: Connection, actor: Actor, order: dict[str, Any], step: Step,
    at: tuple[str | None, frozenset[str], datetime],
) -> Act:  # fmt: skip
    """The act with everything that the move needs; refused where something is missing."""
    crew, required, now = at
    holdings = writes.held(connection, str(order["order_id"]), now)
    if "holding" in required:
        crew = _held_by(connection, actor, order, crew, (step, required, holdings, now))
    if _TO_CREW in required:
        _check_crew(step, holdings)
    if step.move == "grabbed":
        crew = _own_crew(actor, step)
    if "asked" in required:
        crew = _asked_of(step, holdings)
    _check_words(order, step, required)
    work_order_gates.check(
        connection, actor, order, (crew, required, step.detail.get("card_version"), now)
    )
    detail, columns = _noted(order, step, required)
    return Act(
        step.move, str(order["state"]), step.crew_id if _TO_CREW in required else crew,
        step.reason_code, step.step_key, step.device_at, (step.lon, step.lat, step.accuracy_m),
        detail, columns,
    )  # fmt: skip


def _check_words(order: Mapping[str, Any], step: Step, required: frozenset[str]) -> None:
    """Refuse a move without its reason, or one that the pool or the clock does not allow."""
    if "pool" in required and not order["is_in_pool"]:
        raise UserError("order_not_in_pool")
    if "reason" in required:
        order_rules.check_code(_family(step.move), step.reason_code)
    if "stop" in required and step.reason_code not in order_deeds.stop_reasons():
        raise UserError("stop_reason_unknown")
    if step.move in ("stopped", "resumed") and bool(order["is_stopped"]) == (
        step.move == "stopped"
    ):
        raise UserError("order_stopped_already" if order["is_stopped"] else "order_not_stopped")


def _noted(
    order: Mapping[str, Any], step: Step, required: frozenset[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the event tells beside the move, and what else changes of the order."""
    detail: dict[str, Any] = dict(step.detail)
    columns: dict[str, Any] = {}
    if step.move == "grabbed":
        detail["how"] = "grab"
    if "rating" in required:
        columns["rating"] = _rating(detail)
    if step.move == "unrated":
        columns["unrated_reason"] = step.reason_code
    if step.move == "arrived":
        detail["fence"] = _fence(order, step)
    return detail, columns


def _held_by(
    connection: Connection, actor: Actor, order: Mapping[str, Any], crew: str | None,
    told: tuple[Step, frozenset[str], list[dict[str, Any]], datetime],
) -> str:  # fmt: skip
    """The crew that acts, which must hold the order; a crew acts for itself alone.

    What decides about the whole order is for the crew that leads, not for one that helps.
    """
    step, required, holdings, now = told
    dispatches = may(actor, "dispatch_orders")
    if step.move == "handed_over":  # the crew named is the one that takes over
        lead = steps.lead_of(holdings)
        crew = actor.crew_id if not dispatches else (str(lead["crew_id"]) if lead else None)
    if crew is None or (not dispatches and crew != actor.crew_id):
        raise UserError("order_not_yours")
    held = steps.holding_of(holdings, crew)
    if held is None:
        if step.version is not None and step.version != order["version"]:
            conflict(connection, order, now)
        raise UserError("order_not_yours")
    if "lead" in required and held["part"] != "lead":
        raise UserError("order_lead_only")
    return crew


def _asked_of(step: Step, holdings: list[dict[str, Any]]) -> str | None:
    """The crew whose card is judged, which holds the order: the one named, else the lead."""
    named = steps.holding_of(holdings, step.crew_id)
    held = steps.lead_of(holdings) if step.crew_id is None else named
    return None if held is None else str(held["crew_id"])


def _own_crew(actor: Actor, step: Step) -> str:
    crew = actor.crew_id or (step.crew_id if may(actor, "dispatch_orders") else None)
    if crew is None or (step.crew_id not in (None, crew)):
        raise UserError("order_not_yours")
    return crew


def _check_crew(step: Step, holdings: list[dict[str, Any]]) -> None:
    if step.crew_id is None:
        raise UserError("order_crew_needed")
    held, lead = steps.holding_of(holdings, step.crew_id), steps.lead_of(holdings)
    if step.move in ("reassigned", "handed_over") and lead and lead["crew_id"] == step.crew_id:
        raise UserError("order_same_crew", crew=step.crew_id)
    if step.move == "helper_added" and held is not None:
        raise UserError("order_same_crew", crew=step.crew_id)
    if step.move == "helper_removed" and (held is None or held["part"] != "support"):
        raise UserError("order_no_helper", crew=step.crew_id)


def _family(name: str) -> str:
    return name if name in order_rules.FAMILIES else "returned"


def _rating(detail: Mapping[str, Any]) -> int:
    most, given = int(order_rules.rule("rating_most")), detail.get("rating")
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= most:
        raise UserError("order_rating_needed", most=most)
    return given


def _fence(order: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """How the check-in was judged; outside, and without a position, a reason is needed."""
    found = fence_of(order, step.lon, step.lat, step.accuracy_m)
    if found is None:
        return {"is_inside": None}  # nobody knows where the order is: nothing can be judged
    if not found.is_inside:
        if not step.reason_code:
            raise UserError(
                "order_outside_fence", distance=found.distance_m, radius=found.radius_m,
                accuracy=found.accuracy_m,
            )  # fmt: skip
        order_rules.check_code("outside", step.reason_code)
    return {
        "is_inside": found.is_inside, "distance_m": found.distance_m, "radius_m": found.radius_m,
        "accuracy_m": found.accuracy_m,
    }  # fmt: skip


def fence_of(
    order: Mapping[str, Any], lon: float | None, lat: float | None, accuracy_m: float | None
) -> Fence | None:
    """Whether a position is at the order's site; None where nobody knows where the site is."""
    if order["lon"] is None or order["lat"] is None:
        return None
    gone = None
    if lon is not None and lat is not None:
        gone = round(float(distance_m(lon, lat, order["lon"], order["lat"])), 1)
    return work_orders.judged(
        gone, accuracy_m, radius_m=order_rules.site_radius(str(order["kind"])),
        worst_accuracy_m=order_rules.rule("worst_accuracy"),
    )  # fmt: skip


def conflict(connection: Connection, order: Mapping[str, Any], now: datetime) -> NoReturn:
    """Refuse a step with what is true now: state, version, by whom, which crew, when."""
    last = store.last_move(connection, str(order["order_id"]), now) or {}
    raise UserError(
        "order_conflict", state=order["state"], version=order["version"], by=last.get("actor"),
        crew=last.get("crew_id"), at=last.get("happened_at"),
    )  # fmt: skip
