"""A plan as lines that a dispatcher reads and takes: who goes where, when, why, who else could."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from grid_cells.dispatch import DispatchPlan, DispatchProblem
from grid_cells.dispatch_explanation import Choice, explain, explain_unserved, stand_of
from grid_cells.dispatch_making import Clock

KEEP, TELL, REASSIGN, WITHDRAW = "keep", "told", "reassigned", "withdrawn"
_OTHERS: Final = 4
_LATE: Final = 3
Tell = Callable[[float], None]


def _unheard(_done: float) -> None:
    pass


def action(before: str | None, now: str | None) -> str:
    """The move that makes the crew of before the one of now; keep where nothing changes."""
    if before == now:
        return KEEP
    if now is None:
        return WITHDRAW
    return TELL if before is None else REASSIGN


def lines(
    problem: DispatchProblem, plan: DispatchPlan, clock: Clock, before: Mapping[str, str],
    tell: Tell = _unheard,
) -> list[dict[str, Any]]:  # fmt: skip
    """One line for each stop, in the order of routes: ids, codes, figures, moments, minutes.

    `before`: the crew that holds an order now; `tell` hears the share of routes that are done.
    """
    found, stand = [], stand_of(problem, plan)
    for done, route in enumerate(plan.routes):
        tell(done / len(plan.routes))
        for place, stop in enumerate(route.stops):
            why = explain(problem, plan, stop.order, stand)
            held = before.get(stop.order)
            found.append(
                {
                    "order": stop.order, "crew": route.crew, "before": held, "place": place + 1,
                    "action": action(held, route.crew),
                    "arrive_min": stop.arrive_min, "leave_min": stop.leave_min,
                    "arrive_at": clock.moment(stop.arrive_min).isoformat(),
                    "leave_at": clock.moment(stop.leave_min).isoformat(),
                    "code": why.code, "extra_min": why.extra_min,
                    "load_orders": why.load_orders, "load_min": why.load_min,
                    "others": others(why.others, clock),
                }
            )  # fmt: skip
    return found


def unserved(problem: DispatchProblem, plan: DispatchPlan, clock: Clock) -> list[dict[str, Any]]:
    """Orders that the plan leaves out, each with its reason and what crews could have done."""
    stand = stand_of(problem, plan)
    return [
        {
            "order": one.order, "reason": one.reason, "outweighed_by": list(one.outweighed_by),
            "others": others(explain_unserved(problem, plan, one.order, stand), clock),
        }
        for one in plan.unserved
    ]  # fmt: skip


def others(choices: Iterable[Choice], clock: Clock) -> list[dict[str, Any]]:
    """The best of what other crews could have done, the rest left out."""
    found = []
    could = [one for one in choices if one.code != "committed_elsewhere"]
    for choice in could[:_OTHERS]:
        told = asdict(choice)
        told["late"] = [asdict(one) for one in choice.late[:_LATE]]
        arrive = told.pop("arrive_min")
        told["arrive_at"] = None if arrive is None else clock.moment(arrive).isoformat()
        found.append(told)
    return found


def routes(plan: DispatchPlan) -> list[dict[str, Any]]:
    """Orders of each route in visiting order, with its minutes of travel."""
    return [
        {
            "crew": route.crew, "orders": [stop.order for stop in route.stops],
            "travel_min": route.travel_min,
        }
        for route in plan.routes
    ]  # fmt: skip
