"""A past day of the little town lived again with other crews, beside the day as it was."""

from datetime import timedelta

import pytest

from app.store import meta
from app.store.database import Database
from app.use_cases import dispatch_simulations, work_order_moves
from app.use_cases.dispatch_simulations import LineUp
from app.use_cases.jobs import StoppedError
from app.use_cases.work_order_moves import Step
from tests.app.test_dispatch_plans import BOSS, OTHER_BOSS, order
from tests.app.test_work_orders import at, refused
from tests.conftest import NOW


@pytest.fixture
def db(town_database: Database) -> Database:
    """Two orders of the day, one of them served by the only crew that was sent."""
    town_database.write(lambda c: meta.set_value(c, "origin", "sample"))
    at(town_database, 0)
    served = order(town_database)
    order(town_database, "T-040")
    steps = (
        (10, Step("told", crew_id="C0")),
        (12, Step("accepted", crew_id="C0")),
        (30, Step("arrived", crew_id="C0", reason_code="no_position")),
    )
    for minutes, step in steps:
        at(town_database, minutes)
        work_order_moves.move(town_database, BOSS, served, step)
    at(town_database, 24 * 60)
    return town_database


def test_a_day_is_told_as_it_was_and_as_others_would_have_lived_it(db: Database) -> None:
    told: list[float] = []
    line_up = LineUp(NOW.date(), without=("C0",), more=("C1",))
    found = dispatch_simulations.simulate(db, BOSS, line_up, tell=told.append)
    assert (found.real.orders, found.real.served, found.real.wait_min) == (2, 1, 30.0)
    assert (found.same.crews, found.other.crews) == (2, 2)
    assert found.same.served == found.other.served == 2
    assert found.same.wait_min is not None
    assert found.same.wait_min < 60
    assert told == sorted(told)
    assert dispatch_simulations.latest(db, BOSS) == found
    assert dispatch_simulations.latest(db, OTHER_BOSS) is None
    assert dispatch_simulations.crews_of(db, BOSS, NOW.date()) == ["C0", "C1"]


def test_only_a_day_that_is_over_with_crews_and_orders_is_lived_again(db: Database) -> None:
    def run(line_up: LineUp):
        return lambda: dispatch_simulations.simulate(db, BOSS, line_up)

    tomorrow, before = NOW.date() + timedelta(days=1), NOW.date() - timedelta(days=9)
    refused("dispatch_day_ahead", run(LineUp(tomorrow)))
    refused("dispatch_no_orders", run(LineUp(before)))
    refused("dispatch_crew_unseen", run(LineUp(NOW.date(), more=("X",))))
    refused("dispatch_too_many_more", run(LineUp(NOW.date(), more=("C1",) * 11)))
    refused("dispatch_no_crews", run(LineUp(NOW.date(), without=("C0", "C1"))))


def test_a_stopped_simulation_leaves_nothing(db: Database) -> None:
    def stop(_done: float) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        dispatch_simulations.simulate(db, BOSS, LineUp(NOW.date()), tell=stop)
    assert dispatch_simulations.latest(db, BOSS) is None
