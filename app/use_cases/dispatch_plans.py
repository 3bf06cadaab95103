"""Plans of the present moment: made by the solver, explained, taken wholly or in part, undone."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.store import audit
from app.store import dispatch_runs as store
from app.store import work_order_writes as writes
from app.store import work_orders as order_store
from app.store.database import Connection, Database
from app.use_cases import (
    dispatch_ground,
    dispatch_staleness,
    solver_process,
    work_order_moves,
    work_order_steps,
)
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import read_on, real_now
from app.use_cases.dispatch_ground import DispatchGround
from app.use_cases.work_order_moves import Step
from grid_cells import dispatch_lines
from grid_cells.dispatch import DispatchPlan, DispatchProblem
from grid_cells.dispatch_rounds import solve_in_rounds
from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_solver import usual_seconds
from grid_cells.errors import UserError

PLANS: Final = ("plan", "replan")
Tell = Callable[[float], None]
_GATHERED, _SOLVED = 0.3, 0.8
_A_ROUND: Final = 0.6


@dataclass(frozen=True)
class DispatchRun:
    """A plan that a solver made. `detail`: its lines, routes and what it leaves out, as objects."""

    run_id: int
    kind: str
    planned_for: datetime
    made_at: datetime
    orders: int
    served: int
    score: int
    travel_min: float
    detail: dict[str, Any]
    taken_at: datetime | None = None
    undone_at: datetime | None = None

    @property
    def lines(self) -> list[dict[str, Any]]:
        """One line a stop: order, crew, action, arrive_at, leave_at, code, others."""
        found: list[dict[str, Any]] = self.detail.get("lines", [])
        return found

    @property
    def taken(self) -> dict[str, int]:
        """Orders that were moved by the plan, each with the number of its event."""
        return {order: int(event) for order, event in self.detail.get("taken", {}).items()}


@dataclass(frozen=True)
class Taken:
    """What came of taking or undoing: orders moved, and those that have gone on meanwhile."""

    run_id: int
    moved: tuple[str, ...]
    stale: tuple[str, ...]


def _unheard(_done: float) -> None:
    pass


@needs("dispatch_orders")
def plan(
    db: Database, actor: Actor, *, at: datetime | None = None, tell: Tell = _unheard
) -> DispatchRun:
    """A plan for the orders and crews in sight as of `at` (now unless said), kept with its reasons.

    Orders that a crew was told of stay with it. Raises UserError `dispatch_no_crews`,
    `dispatch_no_orders`, `dispatch_broken`, and what `solver_process.plan_day` does.
    """
    now = clock_now(db)
    moment = at or now
    tell(0.0)
    found = dispatch_ground.ground(db, moment)
    check_ground(found)
    tell(_GATHERED)
    answer = _solved(found.problem, tell)
    check_plan(found.problem, answer)
    tell(_SOLVED)
    detail = {
        "lines": dispatch_lines.lines(
            found.problem, answer, found.clock, holders(found),
            lambda done: tell(_SOLVED + (1 - _SOLVED) * done),
        ),
        "unserved": dispatch_lines.unserved(found.problem, answer, found.clock),
        "routes": dispatch_lines.routes(answer), "left_out": found.left_out,
        "found_by": answer.found_by,
    }  # fmt: skip
    tell(1.0)
    return keep(db, actor, "plan", found, (answer, detail, now))


def _solved(problem: DispatchProblem, tell: Tell) -> DispatchPlan:
    """The plan by rounds, each with a part of the seconds that a day of the size is given."""
    seconds = usual_seconds(problem) * _A_ROUND
    rounds = itertools.count()

    def solve(asked: DispatchProblem) -> DispatchPlan:
        share = _GATHERED + (_SOLVED - _GATHERED) * min(next(rounds) / 4, 1.0)
        return solver_process.plan_day(asked, seconds, tell=lambda _: tell(share))

    return solve_in_rounds(problem, solve)


def check_ground(found: DispatchGround) -> None:
    """Raises UserError `dispatch_no_orders`, `dispatch_no_crews` where nothing can be planned."""
    if found.orders.empty:
        raise UserError("dispatch_no_orders", left_out=len(found.left_out))
    if found.crews.empty:
        raise UserError("dispatch_no_crews", hours=dispatch_ground.HOURS_AHEAD)


def check_plan(problem: DispatchProblem, answer: DispatchPlan) -> None:
    """Raises UserError `dispatch_broken`: a plan that breaks a rule is never shown."""
    for breach in breaches(problem, answer):
        raise UserError(
            "dispatch_broken", rule=breach.code, crew=breach.crew or "–", order=breach.order or "–"
        )


def holders(found: DispatchGround) -> dict[str, str]:
    """The crew that leads each planned order now."""
    lead = found.held[found.held["part"] == "lead"]
    lead = lead[lead["order_id"].isin(found.orders["order_id"])]
    return {str(k): str(v) for k, v in zip(lead["order_id"], lead["crew_id"], strict=True)}


def keep(
    db: Database, actor: Actor, kind: str, found: DispatchGround,
    told: tuple[DispatchPlan, dict[str, Any], datetime],
) -> DispatchRun:  # fmt: skip
    """The run as it was kept, on record."""
    answer, detail, now = told
    detail = {**detail, "held": dispatch_staleness.held_by_crew(found.held)}
    run = {
        "kind": kind, "planned_for": found.clock.at, "made_at": now,
        "orders": len(found.problem.orders), "served": answer.served, "score": answer.score,
        "travel_min": answer.travel_min, "detail": detail, "actor": actor.id,
    }  # fmt: skip

    def write(connection: Connection) -> int:
        number = store.add(connection, run)
        _note(connection, actor, number, "dispatch_plan_made", {"kind": kind})
        return number

    number: int = db.whole.write(write)
    return DispatchRun(
        number, kind, found.clock.at, now, len(found.problem.orders), answer.served,
        answer.score, answer.travel_min, detail,
    )  # fmt: skip


@needs("dispatch_orders")
def latest(db: Database, actor: Actor) -> DispatchRun | None:
    """The newest plan that the actor had made of its own moment, None without one."""
    row = store.latest(db.whole.read(), PLANS, actor.id, clock_now(db))
    return None if row is None else _run(row)


@needs("dispatch_orders")
def take(db: Database, actor: Actor, run_id: int, order_ids: Sequence[str] | None = None) -> Taken:
    """Send the crews as the plan says: all its lines, or those of these orders, at once.

    A line whose order has another state or crew than when it was planned, or is out of sight, and
    one that is stale (`dispatch_staleness.stale`) is left and named; the others are taken. Raises
    UserError `dispatch_run_unknown`, `dispatch_nothing_to_take`, `dispatch_not_of_now`,
    `dispatch_too_old`.
    """
    run = _own(db.whole.read(), actor, run_id)
    if "held" not in run.detail:  # kept before plans told who held what: nobody knows what changed
        raise UserError("dispatch_too_old", run=run_id)
    planned = [str(line["order"]) for line in run.lines]
    seen = set(order_store.of_ids(db.read(), planned, clock_now(db))["order_id"])

    def change(connection: Connection) -> Taken:
        run = _own(connection, actor, run_id)
        wanted = _wanted(run, order_ids)
        at = read_on(connection, real_now()).now
        stale = dispatch_staleness.stale(connection, wanted, run.detail, at)
        ids = [str(line["order"]) for line in wanted]
        moved: dict[str, int] = {}
        for line in wanted:
            if line["order"] in seen and line["order"] not in stale:
                event = _moved(connection, actor, run, line)
                if event is not None:
                    moved[line["order"]] = event
        if moved:
            detail = {**run.detail, "taken": {**run.taken, **moved}}
            store.set_taken(connection, run_id, detail, at, actor.id)
            _note(connection, actor, run_id, "dispatch_plan_taken", {"orders": len(moved)})
        return Taken(run_id, tuple(moved), tuple(one for one in ids if one not in moved))

    done: Taken = db.whole.write(change)
    return done


def _wanted(run: DispatchRun, order_ids: Sequence[str] | None) -> list[dict[str, Any]]:
    """The lines to be taken of a plan that was made for the moment in which it was made."""
    if run.planned_for != run.made_at:
        raise UserError("dispatch_not_of_now", run=run.run_id)
    wanted = [
        line for line in run.lines
        if line["action"] != dispatch_lines.KEEP and line["order"] not in run.taken
        and (order_ids is None or line["order"] in order_ids)
    ]  # fmt: skip
    if not wanted:
        raise UserError("dispatch_nothing_to_take")
    return wanted


def _moved(
    connection: Connection, actor: Actor, run: DispatchRun, line: Mapping[str, Any]
) -> int | None:
    """Number of the event by which a line was taken, None where its order has gone on."""
    now = read_on(connection, real_now()).now
    order = order_store.one(connection, line["order"], now)
    lead = work_order_steps.lead_of(writes.held(connection, line["order"], now))
    held = None if lead is None else lead["crew_id"]
    states = ("registered",) if line["before"] is None else ("told",)
    if order is None or order["state"] not in states or held != line["before"]:
        return None
    if order["is_in_pool"]:
        return None
    if line["action"] == dispatch_lines.WITHDRAW:
        step = Step("withdrawn")
    else:
        step = Step(line["action"], crew_id=line["crew"], detail=_detail(run, line))
    return work_order_moves.moved(connection, actor, line["order"], step).event_id


def _detail(run: DispatchRun, line: Mapping[str, Any]) -> dict[str, Any]:
    """How and why the crew was chosen, as its holding keeps it."""
    names = ("code", "extra_min", "load_orders", "load_min")
    others = [{n: one[n] for n in ("crew", "code", "extra_min")} for one in line["others"][:2]]
    reason = {"run": run.run_id, **{name: line[name] for name in names}, "others": others}
    return {
        "how": "auto", "reason": json.dumps(reason),
        "planned_arrive_at": datetime.fromisoformat(line["arrive_at"]),
        "planned_leave_at": datetime.fromisoformat(line["leave_at"]),
    }  # fmt: skip


@needs("dispatch_orders")
def undo(db: Database, actor: Actor, run_id: int) -> Taken:
    """Put back every order that the plan moved and that has not gone on since; others are named.

    Raises UserError `dispatch_run_unknown`, `dispatch_nothing_to_undo`.
    """

    def change(connection: Connection) -> Taken:
        run = _own(connection, actor, run_id)
        if not run.taken:
            raise UserError("dispatch_nothing_to_undo")
        at = read_on(connection, real_now()).now
        back = []
        for order, event in reversed(run.taken.items()):
            last = order_store.last_event(connection, order, at)
            if last is not None and last["event_id"] == event:
                work_order_moves.undone(connection, actor, order)
                back.append(order)
        left = {order: event for order, event in run.taken.items() if order not in back}
        store.set_undone(connection, run_id, {**run.detail, "taken": left}, at)
        _note(connection, actor, run_id, "dispatch_plan_undone", {"orders": len(back)})
        return Taken(run_id, tuple(back), tuple(left))

    done: Taken = db.whole.write(change)
    return done


def _own(connection: Connection, actor: Actor, run_id: int) -> DispatchRun:
    row = store.one(connection, run_id)
    if row is None or row["actor"] != actor.id or row["kind"] not in PLANS:
        raise UserError("dispatch_run_unknown", run=run_id)
    return _run(row)


def _run(row: Mapping[str, Any]) -> DispatchRun:
    return DispatchRun(
        int(row["run_id"]), row["kind"], row["planned_for"], row["made_at"], int(row["orders"]),
        int(row["served"]), int(row["score"]), float(row["travel_min"]), row["detail"],
        row["taken_at"], row["undone_at"],
    )  # fmt: skip


def _note(
    connection: Connection, actor: Actor, run_id: int, event: str, detail: Mapping[str, Any]
) -> None:
    """Put on record what was planned or taken; `event` is one of three words."""
    audit.record(
        connection,
        actor.id,
        event,
        at=real_now(),
        subject=f"dispatch:{run_id}",
        detail=dict(detail),
    )
