"""The solvers in a process of their own answer, tell how far they are, and can be stopped."""

from collections.abc import Iterator

import pytest

from app.use_cases import solver_process
from app.use_cases.jobs import StoppedError
from grid_cells.dispatch_replan import Turn
from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_simulation import Rhythm, simulate
from grid_cells.errors import UserError
from tests.grid_cells.dispatch_days import crew, day, drawn, order


@pytest.fixture(autouse=True, scope="module")
def _processes() -> Iterator[None]:
    yield
    solver_process.stop_all()


def test_a_day_is_planned_and_changed_there() -> None:
    problem = day(crews=[crew("A", 0), crew("B", 9)], orders=[order("x", 1), order("y", 8)])
    found = solver_process.plan_day(problem, 0.3)
    assert found.crew_of() == {"x": "A", "y": "B"}
    changed = solver_process.replan_day(problem, found, Turn(485))
    assert (changed.plan.crew_of(), changed.changes) == (found.crew_of(), ())
    assert breaches(problem, changed.plan) == ()


def test_a_simulation_tells_how_far_it_is_and_is_stopped_by_what_that_raises() -> None:
    problem = drawn(1, crews=3, orders=12)
    told = list[float]()
    found = solver_process.simulate_day(problem, Rhythm(30, 10), told.append)
    assert found == simulate(problem, Rhythm(30, 10))
    assert told == sorted(told)

    def stop(_done: float) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        solver_process.simulate_day(problem, Rhythm(30, 10**6), stop)
    again = solver_process.simulate_day(problem, Rhythm(30, 10))
    assert again == found


def _end(_tell: object) -> None:
    raise SystemExit(1)


def _refuse(_tell: object) -> None:
    raise UserError("dispatch_missing", place="here")


def test_a_process_that_dies_is_told_and_the_next_question_gets_another() -> None:
    worker = solver_process.SolverWorker()
    with pytest.raises(UserError) as error:
        worker.ask(_end, (), lambda _done: None)
    assert error.value.code == "dispatch_solver_stopped"
    with pytest.raises(UserError) as refused:
        worker.ask(_refuse, (), lambda _done: None)
    assert (refused.value.code, refused.value.values) == ("dispatch_missing", {"place": "here"})
    worker.kill()
