"""A day lived through again: nothing is known beforehand, other crews keep other promises."""

from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.dispatch_rules import breaches
from grid_cells.dispatch_simulation import Rhythm, simulate
from tests.grid_cells.dispatch_days import crew, day, drawn, driven, order
from tests.laws import examples

ORDERS = [
    order("early", 1, promise_min=500),
    order("later", 1, known_from=600, promise_min=630),
    order("far", 9, known_from=610, promise_min=660),
]
CALM = Rhythm(every_min=0, idle=50)


def test_a_crew_does_not_wait_where_it_cannot_know() -> None:
    found = simulate(day(crews=[crew("A", 0)], orders=ORDERS), CALM)
    # home is not driven to before the shift ends: it stands at 1 when "later" is registered
    assert driven(found.plan) == {
        "A": [("early", 490, 520), ("later", 600, 630), ("far", 710, 740)]
    }
    assert (found.promises, found.promises_kept) == (3, 2)
    assert (found.wait_min, found.travel_min) == ((0 + 100) / 2, 180)
    assert (found.served, found.unserved, found.moved, found.turns) == (3, 0, 0, 3)


def test_one_more_crew_keeps_one_more_promise() -> None:
    one = simulate(day(crews=[crew("A", 0)], orders=ORDERS), CALM)
    two = simulate(day(crews=[crew("A", 0), crew("B", 8)], orders=ORDERS), CALM)
    assert two.promises_kept == 3
    assert (one.wait_min, two.wait_min) == (50, 5)
    assert (one.travel_min, two.travel_min) == (180, 40)


def test_plans_are_made_on_the_quarter_of_an_hour() -> None:
    found = simulate(day(crews=[crew("A", 0)], orders=ORDERS), Rhythm(every_min=15, idle=50))
    assert found.turns == 3  # 480, 600 and 615
    assert driven(found.plan)["A"][2] == ("far", 710, 740)


def test_progress_is_told_and_ends_the_work_by_what_it_raises() -> None:
    told = list[float]()
    simulate(day(crews=[crew("A", 0)], orders=ORDERS), CALM, told.append)
    assert told[0] == 0.0
    assert told[-1] == 1.0
    assert told == sorted(told)

    def stop(done: float) -> None:
        if done > 0.3:
            raise InterruptedError

    try:
        simulate(day(crews=[crew("A", 0)], orders=ORDERS), CALM, stop)
    except InterruptedError:
        return
    raise AssertionError


def test_a_day_without_orders_or_crews() -> None:
    quiet = simulate(day(crews=[crew("A", 0)], orders=[]))
    assert (quiet.served, quiet.wait_min, quiet.turns) == (0, None, 1)
    nobody = simulate(day(crews=[], orders=ORDERS))
    assert (nobody.unserved, nobody.promises_kept, nobody.promises) == (3, 0, 3)


@settings(max_examples=examples(10))
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(0, 10))
def test_nobody_goes_before_an_order_is_known(seed: int, crews: int, orders: int) -> None:
    problem = drawn(seed, crews=crews, orders=orders)
    found = simulate(problem, Rhythm(every_min=30, idle=10))
    assert breaches(problem, found.plan) == ()
    places = {one.id: one for one in problem.orders}
    for route in found.plan.routes:
        for stop in route.stops:
            assert stop.arrive_min >= (places[stop.order].known_from or 0)
    assert simulate(problem, Rhythm(every_min=30, idle=10)).plan == found.plan
