"""Why this crew: codes and figures of a small day by hand."""

import pytest

from grid_cells.dispatch_explanation import (
    Choice,
    Late,
    explain,
    explain_unserved,
)
from tests.grid_cells.dispatch_days import crew, day, order, plan

CREWS = [crew("A", 0), crew("B", 5), crew("C", 0, "hv"), crew("D", 0, shift=(1000, 1300))]


def test_the_nearest_crew_and_what_the_others_would_have_cost() -> None:
    town = day(crews=CREWS, orders=[order("x", 1, promise_min=500), order("y", 4)])
    found = explain(
        town, plan({"A": [("x", 490, 520)], "B": [("y", 490, 520)]}, travel=(20, 20), score=2), "x"
    )
    assert (found.crew, found.code, found.arrive_min, found.extra_min) == ("A", "nearest", 490, 20)
    assert (found.spare_min, found.promise_spare_min) == (470, 10)
    assert (found.load_orders, found.load_min) == (1, 50)
    assert found.others == (
        Choice("B", "could", extra_min=60, arrive_min=520),
        Choice("D", "not_on_shift"),
        Choice("C", "no_skill"),
    )


def test_others_who_would_be_late() -> None:
    town = day(
        crews=CREWS[:2], orders=[order("x", 9, (480, 580)), order("y", 4, (480, 495), service=60)]
    )
    found = explain(
        town, plan({"A": [("x", 570, 600)], "B": [("y", 490, 550)]}, travel=(180, 20), score=2), "x"
    )
    assert found.code == "others_full"
    # B goes 5 → 9, works 520–550, and is at 4 at 600, 105 minutes after the window
    assert found.others == (Choice("B", "others_late", 80, 520, (Late("y", 105),)),)


def test_a_crew_that_would_be_late_at_home() -> None:
    town = day(crews=[crew("A", 0, shift=(480, 600))], orders=[order("x", 1), order("y", 2)])
    stands = plan({"A": [("y", 500, 530)]}, "x", travel=(40,), score=1, shift=(480, 600))
    assert explain_unserved(town, stands, "x") == (Choice("A", "could", 0, 490),)
    full = day(
        crews=[crew("A", 0, shift=(480, 600))], orders=[order("x", 1, service=60), order("y", 2)]
    )
    assert explain_unserved(full, stands, "x") == (
        Choice("A", "others_late", 0, 490, (), home_late_min=10),
    )


def test_only_one_and_committed_and_out_of_reach() -> None:
    town = day(
        crews=[crew("A", 0, "lv hv", committed=("x",)), crew("B", 9)],
        orders=[order("x", 1), order("y", 1, skill="hv"), order("w", 1, (480, 490))],
    )
    stands = plan({"A": [("w", 490, 520), ("x", 520, 550), ("y", 550, 580)]}, travel=(20,), score=3)
    committed = explain(town, stands, "x")
    assert (committed.code, committed.extra_min) == ("committed", 0)
    assert committed.others == (Choice("B", "committed_elsewhere"),)
    only = explain(town, stands, "y")
    assert (only.code, only.others) == ("only_one", (Choice("B", "no_skill"),))
    first = explain(town, stands, "w")
    assert (first.code, first.others) == ("only_one", (Choice("B", "out_of_reach"),))


def test_a_crew_that_travels_more_for_the_plan_as_a_whole() -> None:
    town = day(crews=[crew("A", 0), crew("B", 5)], orders=[order("x", 4)])
    found = explain(town, plan({"A": [("x", 520, 550)]}, travel=(80,), score=1), "x")
    assert (found.code, found.extra_min) == ("whole_plan", 80)
    assert found.others == (Choice("B", "could", 20, 490),)


def test_an_order_in_no_route_has_no_crew_to_explain() -> None:
    town = day(crews=CREWS, orders=[order("x", 1)])
    with pytest.raises(KeyError):
        explain(town, plan({}, "x", travel=(), score=0), "x")
