"""The dispatch solvers in a process of their own: it gets arrays, never the database.

VROOM and PyVRP keep Python's lock while they work, so that pages would stand still beside them. The
process is started with the first question and kept, since loading the solvers takes longer than
most answers; whoever stops an answer kills it.
"""

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from grid_cells import siting
from grid_cells.dispatch import DispatchPlan, DispatchProblem
from grid_cells.dispatch_replan import REPLAN_S, Replan, Turn, replan
from grid_cells.dispatch_simulation import Outcome, Rhythm, simulate
from grid_cells.dispatch_solver import Means, solve, usual_seconds
from grid_cells.errors import UserError
from grid_cells.hall_forecast import HallForecast, forecast
from grid_cells.hall_forecast_features import DayFacts
from grid_cells.hall_hours import HallHours
from grid_cells.siting import Sites, Task

Tell = Callable[[float], None]
_POLL_S: Final = 0.05
_PROJECT: Final = Path(__file__).resolve().parents[2]
# not multiprocessing's own start: it runs the main module again, which under Streamlit is a page
_PROGRAM: Final = (
    "import sys; from app.use_cases import solver_process as s; s.serve(int(sys.argv[1]))"
)


def _unheard(_done: float) -> None:
    pass


def plan_day(
    problem: DispatchProblem, seconds: float | None = None, seed: int = 0, tell: Tell = _unheard
) -> DispatchPlan:
    """The plan of a day, searched for so many seconds (None: as many as its size asks for).

    Raises UserError `dispatch_solver_stopped` where the process dies, and what `tell` raises.
    """
    given = seconds or usual_seconds(problem)
    answer: DispatchPlan = _QUICK.ask(_solve, (problem, given, seed), tell)
    return answer


def replan_day(
    problem: DispatchProblem, plan: DispatchPlan, turn: Turn, seconds: float = REPLAN_S
) -> Replan:
    """The plan changed for what happened; raises what `plan_day` raises."""
    answer: Replan = _QUICK.ask(_replan, (problem, plan, turn, seconds), _unheard)
    return answer


def simulate_day(problem: DispatchProblem, rhythm: Rhythm, tell: Tell = _unheard) -> Outcome:
    """A day lived through again, beside the quick answers; `tell` stops it by what it raises.

    Raises what `plan_day` raises.
    """
    answer: Outcome = _LONG.ask(_simulate, (problem, rhythm), tell)
    return answer


def forecast_hours(
    past: HallHours, facts: DayFacts, ahead: int, seed: int, tell: Tell = _unheard
) -> HallForecast:
    """The hours of halls after the past; `tell` stops it by what it raises.

    Raises what `grid_cells.hall_forecast.forecast` raises, and what `plan_day` raises.
    """
    answer: HallForecast = _LONG.ask(_forecast, (past, facts, ahead, seed), tell)
    return answer


def best_sites(task: Task, tell: Tell = _unheard) -> Sites:
    """The best sites of a task; raises UserError `siting_infeasible` and what `plan_day` raises."""
    answer: Sites = _LONG.ask(_best_sites, (task,), tell)
    return answer


def stop_all() -> None:
    """End the processes, and what they work on with UserError `dispatch_solver_stopped`."""
    for worker in (_QUICK, _LONG):
        worker.kill()


def _solve(problem: DispatchProblem, seconds: float, seed: int, tell: Tell) -> DispatchPlan:
    return solve(problem, Means(_left(seconds), seed=seed, heed=partial(tell, 0.0)))


def _replan(
    problem: DispatchProblem, plan: DispatchPlan, turn: Turn, seconds: float, tell: Tell
) -> Replan:
    return replan(problem, plan, turn, Means(_left(seconds), heed=partial(tell, 0.0)))


def _simulate(problem: DispatchProblem, rhythm: Rhythm, tell: Tell) -> Outcome:
    return simulate(problem, rhythm, tell)


def _forecast(past: HallHours, facts: DayFacts, ahead: int, seed: int, tell: Tell) -> HallForecast:
    return forecast(past, facts, ahead=ahead, seed=seed, tell=tell)


def _best_sites(task: Task, _tell: Tell) -> Sites:
    return siting.best(task)


def _left(seconds: float) -> Callable[[], float]:
    until = time.perf_counter() + seconds
    return lambda: until - time.perf_counter()


class SolverWorker:
    """One process that answers one question at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def ask(self, work: Callable[..., Any], given: tuple[Any, ...], tell: Tell) -> Any:
        """What `work(*given, tell)` gives there; a `tell` that raises kills the process.

        Raises UserError `dispatch_solver_stopped`, and the UserErrors of the work.
        """
        with self._lock:
            connection = self._living()
            try:
                connection.send((work, given))
                return self._hear(connection, tell)
            except (EOFError, OSError):
                self.kill()
                raise UserError("dispatch_solver_stopped") from None
            except UserError:
                raise
            except BaseException:
                self.kill()
                raise

    def kill(self) -> None:
        """End the process, if one lives."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if process is not None:
            process.kill()
            process.wait()
        if connection is not None:
            connection.close()

    def _living(self) -> Connection:
        if self._process is None or self._connection is None or self._process.poll() is not None:
            self.kill()
            near, far = socket.socketpair()
            with far:
                number = str(far.fileno())
                self._process = subprocess.Popen(  # noqa: S603 - our own program, fixed words
                    [sys.executable, "-c", _PROGRAM, number], pass_fds=[far.fileno()],
                    cwd=_PROJECT, env={**os.environ, "PYTHONPATH": str(_PROJECT)},
                    stdin=subprocess.DEVNULL,
                )  # fmt: skip
            self._connection = Connection(near.detach())
        return self._connection

    def _hear(self, connection: Connection, tell: Tell) -> Any:
        share = 0.0
        while True:
            tell(share)
            if not connection.poll(_POLL_S):
                continue
            kind, value = connection.recv()
            if kind == "share":
                share = value
            elif kind == "error":
                raise UserError(value[0], **value[1])
            else:
                return value


def serve(number: int) -> None:
    """Answer on the socket of that number: what the process is started for."""
    _work(Connection(number))


def _work(connection: Connection) -> None:
    """Answer until the asking process is gone."""
    while True:
        try:
            work, given = connection.recv()
        except EOFError:
            return
        last = -1.0

        def tell(done: float) -> None:
            nonlocal last
            if done >= last + 0.01:
                last = done
                connection.send(("share", done))

        try:
            connection.send(("answer", work(*given, tell)))
        except UserError as error:
            connection.send(("error", (error.code, error.values)))


_QUICK: Final = SolverWorker()
_LONG: Final = SolverWorker()
atexit.register(stop_all)
