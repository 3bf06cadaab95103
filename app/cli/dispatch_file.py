"""`dispatch plan --input`: a day from a file, planned without a database."""

import argparse
import os
import sys
import time
from pathlib import Path
from types import ModuleType

from app.cli.dispatch_keys import as_given, explanation_keys, plan_keys, replan_keys
from app.cli.dispatch_table import show
from app.cli.terminal import Terminal
from grid_cells.dispatch import DispatchPlan, DispatchProblem
from grid_cells.dispatch_replan import REPLAN_S, Replan, replan
from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_solver import USUAL_S, Means, solve, usual_seconds
from grid_cells.errors import UserError
from loaders.dispatch_day import read_day
from loaders.dispatch_emergencies import read_plan, read_turn

_FOR_WRITING_S = 0.12
_MOST_THREADS = 4


def plan_file(arguments: argparse.Namespace, terminal: Terminal, started: float) -> None:
    """Plan the day of a file, change the plan where something happened, and tell it.

    `started`: the `perf_counter` at which the command began; its seconds count from there.
    """
    if arguments.at is not None:
        raise UserError("dispatch_not_with_input", word="--at")
    load_vroom()
    cwd = Path.cwd()
    problem = read_day(cwd / arguments.input)
    allowed = arguments.seconds or usual_seconds(problem)
    if allowed > USUAL_S:
        terminal.note("dispatch_takes", seconds=round(allowed, 1))
    if arguments.plan is None:
        means = _means(arguments, started + allowed - _FOR_WRITING_S)
        plan = solve(problem, means)
        refuse_broken(problem, plan)
    else:
        plan = read_plan(cwd / arguments.plan, problem)
    keys: dict[str, object] = {}
    asked, explained = problem, plan
    if arguments.replan is not None:
        problem, change, keys = _changed(arguments, problem, plan, cwd / arguments.replan)
        plan, asked, explained = change.plan, change.problem_ahead, change.ahead
    if arguments.explain is not None:
        begun = plan if arguments.replan is not None else None
        keys["explanations"] = explanation_keys(asked, explained, arguments.explain, begun)
    seconds = {"seconds": round(time.perf_counter() - started, 3), "allowed_s": round(allowed, 2)}
    answer = {**plan_keys(problem, plan, seconds), **keys}
    terminal.result(as_given(answer)) if terminal.as_json else show(problem, plan, answer, terminal)


def _changed(
    arguments: argparse.Namespace, problem: DispatchProblem, plan: DispatchPlan, file: Path
) -> tuple[DispatchProblem, Replan, dict[str, object]]:
    """The problem and its plan after what a file tells, and the keys about the change.

    Only what is ahead is checked: what was driven went by the ways and times of before.
    """
    began = time.perf_counter()
    problem, turn = read_turn(file, problem)
    answer = replan(problem, plan, turn, _means(arguments, began + REPLAN_S))
    refuse_broken(answer.problem_ahead, answer.ahead)
    keys = replan_keys(answer, turn, time.perf_counter() - began)
    return problem, answer, {"replan": keys}


def _means(arguments: argparse.Namespace, until: float) -> Means:
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    return Means(lambda: until - time.perf_counter(), threads, arguments.seed or 0)


def refuse_broken(problem: DispatchProblem, plan: DispatchPlan) -> None:
    """Raises UserError `dispatch_broken` (rule, crew, order): such a plan is not printed."""
    for breach in breaches(problem, plan):
        raise UserError(
            "dispatch_broken", rule=breach.code, crew=breach.crew or "–", order=breach.order or "–"
        )


def load_vroom() -> None:
    """VROOM without pandas, which it loads for a table of routes that nobody asks for here.

    Half of the command's time would go into that. Where pandas is loaded already nothing is spared.
    """
    if "pandas" in sys.modules:
        return
    stand_in = ModuleType("pandas")
    stand_in.DataFrame = object  # type: ignore[attr-defined]
    sys.modules["pandas"] = stand_in
    try:
        import vroom  # noqa: F401
    finally:
        del sys.modules["pandas"]
