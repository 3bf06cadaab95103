"""A dispatch plan as the command's JSON keys."""

from typing import Any

from grid_cells.dispatch import DispatchPlan, DispatchProblem
from grid_cells.dispatch_replan import Replan, Turn


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


def replan_keys(answer: Replan, turn: Turn, seconds: float) -> dict[str, Any]:
    """The keys about a change of plan: each order whose crew differs, from which to which."""
    served = answer.plan.crew_of().keys() & turn.emergencies
    return {
        "at": turn.at, "emergencies": len(turn.emergencies), "emergencies_served": len(served),
        "moved": answer.moved, "lost": answer.lost, "seconds": round(seconds, 3),
        "changes": [{"order": c.order, "from": c.before, "to": c.now} for c in answer.changes],
    }  # fmt: skip
