"""What crews hold, changed for emergencies: few other orders move, each change told beforehand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Database
from app.use_cases import dispatch_ground, dispatch_plans, solver_process
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.dispatch_ground import DispatchGround
from app.use_cases.dispatch_plans import DispatchRun
from grid_cells import dispatch_lines
from grid_cells.dispatch import DispatchPlan, DispatchProblem, Route, Stop, tours
from grid_cells.dispatch_making import ELSEWHERE
from grid_cells.dispatch_replan import MOST_MOVED, Replan, Turn
from grid_cells.errors import UserError

EMERGENCY: Final = 8
"""Priority from which an order that waits counts as an emergency unless others are named."""
Tell = Callable[[float], None]


def _unheard(_done: float) -> None:
    pass


@needs("dispatch_orders")
def replan(
    db: Database, actor: Actor, order_ids: Sequence[str] | None = None, *, tell: Tell = _unheard
) -> DispatchRun:
    """What crews hold, with room made for emergencies (None: all that wait); to be taken then.

    Orders that a crew accepted stay with it. The run's detail lists the changes alone: order,
    before, crew, action. Raises UserError `dispatch_no_emergency`, `dispatch_not_waiting` and what
    `dispatch_plans.plan` does.
    """
    now = clock_now(db)
    tell(0.0)
    found = dispatch_ground.ground(db, now, free_told=True)
    dispatch_plans.check_ground(found)
    urgent = _emergencies(found, order_ids)
    before = dispatch_plans.holders(found)
    problem = _narrowed(found.problem, urgent | set(before))
    old = _old_plan(problem, found, before)
    at = found.clock.minute(found.clock.at)
    spots = {one.id: (one.start_location, one.free_from) for one in problem.crews}
    turn = Turn(at, frozenset(urgent), spots, MOST_MOVED)  # type: ignore[arg-type]
    answer = solver_process.replan_day(problem, old, turn)
    dispatch_plans.check_plan(answer.problem_ahead, answer.ahead)
    tell(0.8)
    detail = _detail(found, answer, before, urgent)
    return dispatch_plans.keep(
        db, actor, "replan", replace(found, problem=problem), (answer.ahead, detail, now)
    )


def _emergencies(found: DispatchGround, order_ids: Sequence[str] | None) -> set[str]:
    waiting = found.orders[found.orders["state"] == "registered"]
    if order_ids is None:
        chosen = waiting[waiting["priority"] >= EMERGENCY]
    else:
        chosen = waiting[waiting["order_id"].isin(list(order_ids))]
        missing = set(order_ids) - set(chosen["order_id"])
        if missing:
            raise UserError("dispatch_not_waiting", order=min(missing)[:40])
    if chosen.empty:
        raise UserError("dispatch_no_emergency", priority=EMERGENCY)
    return set(chosen["order_id"].astype(str))


def _narrowed(problem: DispatchProblem, ids: set[str]) -> DispatchProblem:
    """The same crews and ways with these orders alone."""
    return replace(problem, orders=tuple(one for one in problem.orders if one.id in ids))


def _old_plan(
    problem: DispatchProblem, found: DispatchGround, before: dict[str, str]
) -> DispatchPlan:
    """What crews hold as routes, in the order in which they meant to do it."""
    lead = found.held[found.held["order_id"].isin(before) & (found.held["part"] == "lead")]
    meant = lead["planned_arrive_at"].fillna(lead["told_at"])
    lead = lead.assign(meant=pd.to_datetime(meant, utc=True))
    lead = lead.sort_values(["meant", "order_id"], kind="stable")
    first: dict[str, tuple[int, int]] = {}
    for tour in tours(problem):
        crew = problem.crews[tour.crew]
        first.setdefault(crew.id, crew.shifts[tour.shift])
    later = found.clock.minute(found.clock.at) + 1
    routes = []
    for crew_id, rows in lead.groupby("crew_id", sort=True):
        if str(crew_id) in first:
            stops = tuple(
                Stop(str(one), later + k, later + k) for k, one in enumerate(rows["order_id"])
            )
            routes.append(Route(str(crew_id), first[str(crew_id)], stops, 0))
    return DispatchPlan(tuple(routes), (), 0, 0)


def _detail(
    found: DispatchGround, answer: Replan, before: dict[str, str], urgent: set[str]
) -> dict[str, Any]:
    """The changes as lines, what stays beside them as figures."""
    every = dispatch_lines.lines(answer.problem_ahead, answer.ahead, found.clock, before)
    changed = [one for one in every if one["action"] != dispatch_lines.KEEP]
    left = dispatch_lines.unserved(answer.problem_ahead, answer.ahead, found.clock)
    gone = [_withdrawn(str(one["order"]), before, found.clock.at) for one in left
            if one["order"] in before]  # fmt: skip
    return {
        "lines": [*changed, *gone], "unserved": [one for one in left if one["order"] not in before],
        "routes": dispatch_lines.routes(answer.ahead), "left_out": _elsewhere(found),
        "emergencies": sorted(urgent), "kept": len(every) - len(changed),
        "found_by": answer.ahead.found_by,
        "other_crew": sum(one["action"] == dispatch_lines.REASSIGN for one in changed),
    }  # fmt: skip


def _elsewhere(found: DispatchGround) -> dict[str, str]:
    """Orders that a crew out of sight holds: they stay with it."""
    return {order: why for order, why in found.left_out.items() if why == ELSEWHERE}


def _withdrawn(order: str, before: dict[str, str], at: datetime) -> dict[str, Any]:
    """An order that loses its crew for an emergency."""
    return {
        "order": order, "crew": None, "before": before[order], "place": None,
        "action": dispatch_lines.WITHDRAW, "arrive_at": at.isoformat(), "leave_at": at.isoformat(),
        "code": "outweighed", "extra_min": None, "load_orders": 0, "load_min": 0, "others": [],
    }  # fmt: skip
