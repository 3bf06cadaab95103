"""A day's dispatch beside nearest-crew, VROOM, PyVRP and OR-Tools, and Solomon's instances.

Ten days of 20 crews and 200 orders by --seed, or the days of --input (a JSON file or a folder of
them). Ours is the command `gridcells dispatch plan`, a process for each day; PyVRP and OR-Tools
have as many seconds as ours (--ortools PYTHON: the interpreter that has OR-Tools). Scores are
higher for the better; `equal`: both plans keep every rule. The ceiling is VROOM at level 5, without
a limit. Solomon's instances are those under $GRIDCELLS_REAL_DATA, if set.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from comparison import Row, arguments, installed, show, timed
from dispatch_days import best_known, days_of, driven, emergencies, problem, solomon

from grid_cells.dispatch import DispatchPlan, DispatchProblem, Sequences, abilities, tours
from grid_cells.dispatch_pyvrp_model import model_of
from grid_cells.dispatch_replan import Turn, replan
from grid_cells.dispatch_routes import plan_of, stops_of
from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_solver import USUAL_S, Means, solve
from grid_cells.dispatch_vroom import solve_by_vroom
from loaders.dispatch_emergencies import read_plan

Day = tuple[str, dict[str, Any]]
THREADS = os.cpu_count() or 1
_ORTOOLS = os.environ.get("GRIDCELLS_ORTOOLS", sys.executable)


@dataclass(frozen=True)
class Answer:
    """A plan of a day, its seconds as the solver tells them, and those of the whole process."""

    plan: DispatchPlan
    seconds: float
    process_s: float | None
    keeps: bool


def left(seconds: float) -> Callable[[], float]:
    until = time.perf_counter() + seconds
    return lambda: until - time.perf_counter()


def ours(day: dict[str, Any]) -> Answer:
    """The command, as a person gives it."""
    with tempfile.TemporaryDirectory() as folder:
        file, told = Path(folder) / "day.json", Path(folder) / "plan.json"
        file.write_text(json.dumps(day), encoding="utf-8")
        words = [sys.executable, "-m", "app", "dispatch", "plan", "--input", str(file), "--json"]
        done, process_s = timed(lambda: subprocess.run(words, capture_output=True, check=True))
        told.write_bytes(done.stdout)
        plan = read_plan(told, problem(day))
    return Answer(plan, json.loads(done.stdout)["seconds"], process_s, keeps=True)


def judged(day: dict[str, Any], sequences: Sequences, seconds: float) -> Answer:
    asked = problem(day)
    plan = plan_of(asked, sequences)
    return Answer(plan, seconds, None, keeps=not breaches(asked, plan))


def vroom(day: dict[str, Any], level: int) -> Answer:
    """The library's `solve(exploration_level=…, nb_threads=…)`."""
    asked = problem(day)
    work = lambda: solve_by_vroom(asked, level, seconds=None, threads=THREADS)  # noqa: E731
    return judged(day, *timed(work))


def pyvrp_alone(day: dict[str, Any], seconds: float) -> Answer:
    """The library's `solve(data, MaxRuntime(…))` as it stands, without a plan to begin with."""
    import pyvrp  # noqa: PLC0415
    from pyvrp.stop import MaxRuntime  # noqa: PLC0415

    asked = problem(day)
    model = model_of(asked, None)
    terms = {"seed": 0, "collect_stats": False, "display": False}
    found, took = timed(lambda: pyvrp.solve(model.data, MaxRuntime(seconds), **terms))
    sequences: list[tuple[int, ...]] = [() for _ in tours(asked)]
    for route in found.best.routes() if found.is_feasible() else ():
        clients = (stop.idx for stop in route if stop.is_client())
        sequences[route.vehicle_type()] = tuple(model.order_of[client] for client in clients)
    return judged(day, tuple(sequences), took)


def nearest_crew(day: dict[str, Any]) -> Answer:
    """Each order, the most urgent first, to the crew that comes to it with the least travel."""
    asked = problem(day)
    return judged(day, *timed(lambda: _nearest(asked)))


def _nearest(asked: DispatchProblem) -> Sequences:
    ways, able = tours(asked), abilities(asked)
    found = list[tuple[int, ...]](() for _ in ways)
    urgency = [(-order.priority, order.windows[0][0]) for order in asked.orders]
    for at in sorted(range(len(asked.orders)), key=urgency.__getitem__):
        place = asked.orders[at].location
        best: tuple[int, int] | None = None
        for way, tour in enumerate(ways):
            last = asked.orders[found[way][-1]].location if found[way] else tour.start
            reach = int(asked.minutes[last, place]), way
            fits = able[tour.crew, at] and stops_of(asked, tour, (*found[way], at)) is not None
            best = min(best or reach, reach) if fits else best
        if best is not None:
            found[best[1]] += (at,)
    return tuple(found)


def ortools(python: str, day: dict[str, Any], seconds: float) -> Answer | str:
    """The answer, or why there is none: the interpreter has no OR-Tools, most likely."""
    script = Path(__file__).with_name("dispatch_ortools.py")
    words = [python, str(script), str(seconds)]
    done = subprocess.run(words, input=json.dumps(day), capture_output=True, text=True)  # noqa: PLW1510
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it ended without an answer"])[-1]
    told = json.loads(done.stdout)
    return judged(day, tuple(tuple(orders) for orders in told["routes"]), told["seconds"])


def version_of(python: str) -> str:
    words = [python, "-c", "import ortools; print(ortools.__version__)"]
    done = subprocess.run(words, capture_output=True, text=True)  # noqa: PLW1510
    return "missing" if done.returncode else done.stdout.strip()


def scores(days: list[Day], python: str, *, quick: bool) -> list[Row]:
    mine = [ours(day) for _, day in days]
    best = None if quick else median(vroom(day, 5).plan.score for _, day in days)
    more = _figures("ours", mine) | {
        "process_s_median": round(median(one.process_s or 0 for one in mine), 2),
        "process_s_slowest": round(max(one.process_s or 0 for one in mine), 2),
    }
    rows = []
    for name, peer in {
        "nearest crew (greedy)": nearest_crew,
        "pyvroom, level 0": lambda day: vroom(day, 0),
        "pyvroom, level 1": lambda day: vroom(day, 1),
        f"PyVRP alone, {USUAL_S} s": lambda day: pyvrp_alone(day, USUAL_S),
        f"OR-Tools, {USUAL_S} s": lambda day: ortools(python, day, USUAL_S),
    }.items():
        answers = [peer(day) for _, day in days]
        case = f"score, median of {len(days)} days"
        given = [one for one in answers if isinstance(one, Answer)]
        if len(given) < len(answers):
            why = next(one for one in answers if isinstance(one, str))
            mine_only = float(median(one.plan.score for one in mine))
            told = more | {"missing": why}
            rows.append(Row(case, mine_only, None, name, best, None, told, "points", True))
            continue
        keep = all(one.keeps for one in mine + given)
        pairs = list(zip(mine, given, strict=True))
        better = sum(a.plan.score > b.plan.score for a, b in pairs)
        worse = sum(a.plan.score < b.plan.score for a, b in pairs)
        told = {"days_better_worse": f"{better} {worse}"} | _figures("peer", given)
        score = [float(median(one.plan.score for one in some)) for some in (mine, given)]
        rows.append(Row(case, *score, name, best, keep, more | told, "points", True))
        more = {}
    return rows


def _figures(name: str, answers: list[Answer]) -> dict[str, Any]:
    return {
        f"{name}_scores": [one.plan.score for one in answers],
        f"{name}_travel_min_median": median(one.plan.travel_min for one in answers),
        f"{name}_s_median": round(median(one.seconds for one in answers), 3),
        f"{name}_s_slowest": round(max(one.seconds for one in answers), 3),
    }


def after_emergencies(days: list[Day]) -> Row:
    """Three emergencies at 10:00 and at 14:00: how many orders change crew, beside VROOM anew."""
    seconds, moved, lost, served, anew = [], [], [], [], []
    for seed, (_, day) in enumerate(days):
        before = solve(problem(day), Means(left(USUAL_S), THREADS))
        for at in (600, 840):
            urgent = emergencies(day, at, seed)
            now = problem({**day, "orders": day["orders"] + urgent})
            names = frozenset(one["id"] for one in urgent)
            turn = Turn(at, names)
            found, took = timed(lambda a=now, b=before, c=turn: replan(a, b, c, Means(left(0.5))))
            seconds.append(took)
            moved.append(found.moved)
            lost.append(found.lost)
            served.append(len(names & found.plan.crew_of().keys()))
            anew.append(_moved_anew(found.problem_ahead, before))
            assert not breaches(now, found.plan)
    more = {
        "emergencies_served": f"{sum(served)} of {3 * len(served)}",
        "moved_median_most": f"{median(moved)} {max(moved)}",
        "lost_their_crew_median_most": f"{median(lost)} {max(lost)}",
        "vroom_anew_moved_median": median(anew),
        "slowest_s": round(max(seconds), 3),
    }
    kept = sum(served) == 3 * len(served)
    return Row("re-plan for 3 emergencies", median(seconds), None, "-", None, kept, more)


def _moved_anew(ahead: DispatchProblem, before: DispatchPlan) -> int:
    """Orders that change crew where VROOM plans what is ahead without looking back."""
    plan = plan_of(ahead, solve_by_vroom(ahead, 0, seconds=None, threads=THREADS))
    held = before.crew_of()
    return sum(held.get(order, crew) != crew for order, crew in plan.crew_of().items())


def solomons(folder: Path, seconds: float) -> list[Row]:
    """Distance against the best known; these minimise it, vehicles are counted."""
    rows = []
    for file in sorted(folder.glob("*.txt")):
        if not file.with_suffix(".sol").exists():
            continue
        asked = solomon(file)
        vehicles, cost = best_known(file.with_suffix(".sol"))
        plan, took = timed(lambda a=asked: solve(a, Means(left(seconds), THREADS)))
        level0 = plan_of(asked, solve_by_vroom(asked, 0, seconds=None, threads=THREADS))
        mine, peer = driven(plan), driven(level0)
        more = {
            "vehicles_ours_peer_best": f"{mine[0]} {peer[0]} {vehicles}",
            "over_best_known_percent": round(100 * (mine[1] / cost - 1), 2),
            "unserved_ours_peer": f"{len(plan.unserved)} {len(level0.unserved)}",
            "seconds": round(took, 2),
        }
        keep = not breaches(asked, plan) and not breaches(asked, level0)
        case = f"Solomon {file.stem}, distance"
        rows.append(Row(case, mine[1], peer[1], "pyvroom, level 0", cost, keep, more, "distance"))
    return rows


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--days", type=int, default=None, help="how many days, 10 if not --quick")
    parser.add_argument("--ortools", default=_ORTOOLS, metavar="PYTHON")
    given = parser.parse_args()
    count = given.days or (3 if given.quick else 10)
    days = days_of(given.input, given.seed, count)
    rows = scores(days, given.ortools, quick=given.quick)
    rows.append(after_emergencies(days))
    real = os.environ.get("GRIDCELLS_REAL_DATA")
    if real is not None:
        rows += solomons(Path(real) / "vrp", 1.25 if given.quick else 10)
    versions = installed("pyvroom", "pyvrp") | {"ortools": version_of(given.ortools)}
    show("dispatch", rows, versions, as_json=given.json)


if __name__ == "__main__":
    main()
