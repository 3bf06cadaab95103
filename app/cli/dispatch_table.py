"""A dispatch plan as lines for people."""

from collections.abc import Iterator
from typing import Any

from app.cli.terminal import Terminal, language
from app.language import say
from grid_cells.dispatch import DispatchPlan, DispatchProblem

_DAY_MIN = 1440


def show(
    problem: DispatchProblem, plan: DispatchPlan, answer: dict[str, Any], terminal: Terminal
) -> None:
    """What a plan says: sums, each crew's stops, what changed, who is left out and why."""
    lines = [
        _said("dispatch_sums", **{key: answer[key] for key in _SUMS}),
        *_routes(problem, plan),
        *_changes(answer.get("replan")),
        *(_left(one) for one in answer["unserved"]),
        *(line for one in answer.get("explanations", ()) for line in _explained(one)),
    ]
    terminal.out.write("\n".join(lines) + "\n")
    terminal.out.flush()


_SUMS = ("orders", "served", "score", "travel_min", "seconds")


def _routes(problem: DispatchProblem, plan: DispatchPlan) -> Iterator[str]:
    orders = {order.id: order for order in problem.orders}
    for route in plan.routes:
        yield _said(
            "dispatch_crew", crew=route.crew, stops=len(route.stops), travel_min=route.travel_min
        )
        for stop in route.stops:
            skills = ", ".join(sorted(orders[stop.order].skills))
            times = f"{clock(stop.arrive_min)}–{clock(stop.leave_min)}"
            priority = orders[stop.order].priority
            yield f"  {times:<15} {stop.order:<12} {priority:>3}  {skills}"


def _changes(told: dict[str, Any] | None) -> Iterator[str]:
    if told is None:
        return
    sums = {key: told[key] for key in ("emergencies", "emergencies_served", "moved", "lost")}
    yield _said("dispatch_changed", at=clock(told["at"]), **sums)
    for change in told["changes"]:
        nobody = say("dispatch_nobody", language())
        yield f"  {change['order']:<12} {change['from'] or nobody} → {change['to'] or nobody}"


def _left(one: dict[str, Any]) -> str:
    by = ", ".join(one["outweighed_by"])
    why = _said(f"dispatch_reason_{one['reason']}", by=by)
    return _said("dispatch_left", order=one["order"], why=why)


def _explained(one: dict[str, Any]) -> Iterator[str]:
    crew = one["crew"] or say("dispatch_nobody", language())
    why = _said(f"dispatch_why_{one['why']}", extra_min=one["extra_min"]) if one["crew"] else "–"
    yield _said("dispatch_why", order=one["order"], crew=crew, why=why)
    yield from (f"  {_choice(other)}" for other in one["others"])


def _choice(other: dict[str, Any]) -> str:
    late = [_said("dispatch_choice_late", **one) for one in other["late"]]
    if other["home_late_min"]:
        late.append(_said("dispatch_choice_home", late_min=other["home_late_min"]))
    at = "" if other["arrive_min"] is None else clock(other["arrive_min"])
    return _said(
        f"dispatch_choice_{other['could']}",
        crew=other["crew"], at=at, extra_min=other["extra_min"], late=", ".join(late),
    )  # fmt: skip


def _said(code: str, **values: Any) -> str:
    return say(code, language(), **values)


def clock(minute: int) -> str:
    """A minute of the day as 08:30, with the days after it as +1."""
    days, rest = divmod(minute, _DAY_MIN)
    return f"{rest // 60:02d}:{rest % 60:02d}" + (f" +{days}" if days else "")
