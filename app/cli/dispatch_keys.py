"""A dispatch plan as the command's JSON keys."""

from typing import Any

from grid_cells.dispatch import DispatchPlan, DispatchProblem, Stop
from grid_cells.dispatch_explanation import Choice, explain, explain_unserved
from grid_cells.dispatch_replan import Replan, Turn
from grid_cells.errors import UserError
from loaders.dispatch_fields import NumberId


def plan_keys(
    problem: DispatchProblem, plan: DispatchPlan, seconds: dict[str, float]
) -> dict[str, Any]:
    """The keys of a plan; minutes count from midnight."""
    return {
        "orders": len(problem.orders), "served": plan.served, "score": plan.score,
        "travel_min": plan.travel_min, **seconds, "found_by": plan.found_by,
        "routes": [
            {
                "crew": route.crew, "shift": list(route.shift), "travel_min": route.travel_min,
                "stops": [
                    {"order": s.order, "arrive_min": s.arrive_min, "leave_min": s.leave_min}
                    for s in route.stops
                ],
            }
            for route in plan.routes
        ],
        "unserved": [
            {"order": u.order, "reason": u.reason, "outweighed_by": list(u.outweighed_by)}
            for u in plan.unserved
        ],
    }  # fmt: skip


def as_given(told: Any) -> Any:
    """The keys with each id as its file wrote it: a number where that was one."""
    if isinstance(told, dict):
        return {key: as_given(value) for key, value in told.items()}
    if isinstance(told, list):
        return [as_given(one) for one in told]
    return int(told) if isinstance(told, NumberId) else told


def replan_keys(answer: Replan, turn: Turn, seconds: float) -> dict[str, Any]:
    """The keys about a change of plan: each order whose crew differs, from which to which."""
    served = answer.plan.crew_of().keys() & turn.emergencies
    return {
        "at": turn.at, "emergencies": len(turn.emergencies), "emergencies_served": len(served),
        "moved": answer.moved, "lost": answer.lost, "seconds": round(seconds, 3),
        "changes": [{"order": c.order, "from": c.before, "to": c.now} for c in answer.changes],
    }  # fmt: skip


def explanation_keys(
    problem: DispatchProblem, plan: DispatchPlan, orders: list[str], whole: DispatchPlan | None
) -> list[dict[str, Any]]:
    """Why each order (all, if none is named) has its crew, and what every other could have done.

    `whole`: the plan of which this is the part still ahead; the rest of it was begun. Raises
    UserError `dispatch_explain_unknown` (order).
    """
    known, served = {order.id: order.id for order in problem.orders}, plan.crew_of()
    stops = () if whole is None else ((r.crew, s) for r in whole.routes for s in r.stops)
    begun = {stop.order: (crew, stop) for crew, stop in stops if stop.order not in known}
    for name in orders:
        if name not in known and name not in begun:
            raise UserError("dispatch_explain_unknown", order=name)
    return [
        _begun(*begun[name]) if name in begun else _explained(problem, plan, known[name], served)
        for name in orders or sorted(known)
    ]


def _begun(crew: str, stop: Stop) -> dict[str, Any]:
    return {
        "order": stop.order, "crew": crew, "why": "begun", "arrive_min": stop.arrive_min,
        "extra_min": 0,
        "spare_min": None, "promise_spare_min": None, "load_orders": None, "load_min": None,
        "others": [],
    }  # fmt: skip


def _explained(
    problem: DispatchProblem, plan: DispatchPlan, name: str, served: dict[str, str]
) -> dict[str, Any]:
    if name not in served:
        others = explain_unserved(problem, plan, name)
        return {"order": name, "crew": None, "others": [_choice(one) for one in others]}
    told = explain(problem, plan, name)
    return {
        "order": name, "crew": told.crew, "why": told.code, "arrive_min": told.arrive_min,
        "extra_min": told.extra_min, "spare_min": told.spare_min,
        "promise_spare_min": told.promise_spare_min, "load_orders": told.load_orders,
        "load_min": told.load_min, "others": [_choice(one) for one in told.others],
    }  # fmt: skip


def _choice(one: Choice) -> dict[str, Any]:
    return {
        "crew": one.crew, "could": one.code, "extra_min": one.extra_min,
        "arrive_min": one.arrive_min, "home_late_min": one.home_late_min,
        "late": [{"order": late.order, "late_min": late.late_min} for late in one.late],
    }  # fmt: skip
