"""What happened to a plan in progress, from JSON: emergencies, orders given up, where crews are.

Emergencies: `at` (minute), `orders` as in a day, and where needed `cancelled` [order…],
`positions` [{crew, location, from}] and a `matrix` that takes the place of the day's. A plan is
what `dispatch plan --json` printed: routes of crew and stops.
"""

from dataclasses import replace
from pathlib import Path

from grid_cells.dispatch import Crew, DispatchPlan, DispatchProblem, Route, Sequences, Stop, Window
from grid_cells.dispatch_replan import Turn
from grid_cells.dispatch_routes import plan_of, sequences_of
from grid_cells.dispatch_rules import breaches
from grid_cells.errors import FileRejected
from loaders.dispatch_day import matrix_of, orders_of, read_json
from loaders.dispatch_fields import Field


def read_turn(path: Path, problem: DispatchProblem) -> tuple[DispatchProblem, Turn]:
    """The problem with the emergencies in it, without what was given up, and what happened when.

    Raises FileRejected with the file and the place of what is wrong.
    """
    given = read_json(path)
    minutes = matrix_of(given.get("matrix")) if given.has("matrix") else problem.minutes
    if len(minutes) < len(problem.minutes):
        raise given.get("matrix").wrong("dispatch_matrix_small", rows=len(problem.minutes))
    at = given.get("at").whole()
    orders = orders_of(given.get("orders"), len(minutes))
    known = {order.id for order in problem.orders}
    for place, order in enumerate(orders):
        if order.id in known:
            raise FileRejected(
                "dispatch_twice", file=given.file, place=f"orders[{place}].id", value=order.id
            )
    gone = _cancelled(given, known)
    kept = tuple(order for order in problem.orders if order.id not in gone)
    crews = tuple(
        replace(crew, committed=tuple(o for o in crew.committed if o not in gone))
        for crew in problem.crews
    )
    urgent = frozenset(order.id for order in orders)
    anew = DispatchProblem(crews, kept + orders, minutes)
    return anew, Turn(at, urgent, _positions(given, anew, at))


def _cancelled(given: Field, known: set[str]) -> frozenset[str]:
    if not given.has("cancelled"):
        return frozenset()
    for one in given.get("cancelled").items():
        if one.text() not in known:
            raise one.wrong("dispatch_order_unknown")
    return given.get("cancelled").texts()


def _positions(given: Field, problem: DispatchProblem, at: int) -> dict[str, tuple[int, int]]:
    if not given.has("positions"):
        return {}
    crews, found = {crew.id for crew in problem.crews}, dict[str, tuple[int, int]]()
    for one in given.get("positions").items():
        name = one.get("crew")
        if name.text() not in crews:
            raise name.wrong("dispatch_crew_unknown")
        minute = one.get("from").whole() if one.has("from") else at
        found[name.text()] = one.get("location").place_of(len(problem.minutes)), minute
    return found


def read_plan(path: Path, problem: DispatchProblem) -> DispatchPlan:
    """A plan that was printed, checked against the problem.

    Raises FileRejected, among others `dispatch_plan_breaks` (rule, crew, order) for a plan that
    does not keep the problem's rules.
    """
    given = read_json(path)
    routes = tuple(_route(one, problem) for one in given.get("routes").items())
    told = DispatchPlan(routes, (), 0, 0)
    plan = plan_of_stops(problem, told, given)
    for breach in breaches(problem, plan):
        raise FileRejected(
            "dispatch_plan_breaks", file=given.file, rule=breach.code,
            crew=breach.crew or "–", order=breach.order or "–",
        )  # fmt: skip
    return plan


def plan_of_stops(problem: DispatchProblem, told: DispatchPlan, given: Field) -> DispatchPlan:
    """The plan with what a file does not tell: travel, score, who is left."""
    sequences: Sequences = sequences_of(problem, told)
    try:
        return plan_of(problem, sequences)
    except ValueError:
        raise FileRejected(
            "dispatch_plan_breaks", file=given.file, rule="outside_window", crew="–", order="–"
        ) from None


def _route(one: Field, problem: DispatchProblem) -> Route:
    crews, orders = {c.id: c for c in problem.crews}, {o.id for o in problem.orders}
    name = one.get("crew")
    if name.text() not in crews:
        raise name.wrong("dispatch_crew_unknown")
    stops = list[Stop]()
    for stop in one.get("stops").items():
        order = stop.get("order")
        if order.text() not in orders:
            raise order.wrong("dispatch_order_unknown")
        arrive, leave = stop.get("arrive_min").whole(), stop.get("leave_min").whole()
        stops.append(Stop(order.text(), arrive, leave))
    crew = crews[name.text()]
    shift = one.get("shift").window() if one.has("shift") else _shift(crew, stops)
    return Route(crew.id, shift, tuple(stops), 0)


def _shift(crew: Crew, stops: list[Stop]) -> Window:
    """The shift in which the last stop ends: where two touch, the first may begin as one ends."""
    minute = stops[-1].leave_min if stops else crew.shifts[0][0]
    return next((one for one in crew.shifts if minute <= one[1]), crew.shifts[-1])
