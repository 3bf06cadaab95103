"""Inspections: who is left alone, rates unknown and not zero, lift; plans within a budget."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import inspection_plan as plans
from grid_cells import inspections
from grid_cells.errors import UserError
from grid_cells.inspection_plan import Budget
from grid_cells.inspections import InspectionRules

RULES = InspectionRules({"cleared": 10, "confirmed": 3}, frozenset({"confirmed"}))


def visits(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_no", "inspected_on", "outcome"])
    return frame.assign(recovered_kwh=1.0)


def test_a_cleared_customer_is_left_alone_for_the_time_set() -> None:
    made = visits(
        ("a", "2026-07-01", "cleared"),
        ("b", "2026-07-01", "confirmed"),
        ("a", "2026-07-05", "confirmed"),
    )
    found = inspections.left_alone(made, RULES, date(2026, 7, 11))
    assert found["customer_no"].tolist() == ["a"]
    assert found["until"].tolist() == [pd.Timestamp("2026-07-11")]
    assert inspections.left_alone(made, RULES, date(2026, 7, 12)).empty


def test_rates_are_unknown_where_nobody_was_met() -> None:
    made = visits(
        ("a", "2026-07-01", "cleared"),
        ("a", "2026-07-02", "confirmed"),
        ("b", "2026-07-02", "nobody_there"),
    )
    found = inspections.tallies(made.assign(cell=[1, 1, 2]), RULES, "cell")
    assert found.loc[1].tolist() == [1, 2, 1, 2.0]
    assert 2 not in found.index
    assert inspections.rate(1, 2) == 0.5
    assert inspections.rate(0, 4) == 0.0
    assert inspections.rate(0, 0) is None


def test_lift_by_hand() -> None:
    lift = inspections.expected([0.9, 0.7], [0.9, 0.7, 0.1, 0.1, 0.1, 0.1], 0.08)
    assert lift.by_plan == pytest.approx(1.6)
    assert lift.against_random == pytest.approx(1.6 / (2 * 2.0 / 6))
    assert lift.against_practice == pytest.approx(10.0)
    assert inspections.expected([0.5], [], None).against_practice is None


def test_gains_by_hand_with_ties_shared() -> None:
    found = inspections.gains([0, 1, 0, 1], [0.1, 0.9, 0.9, 0.2])
    assert found["by_score"].tolist() == [0.5, 1.0, 2.0, 2.0]
    assert found["by_practice"].tolist() == [0, 1, 1, 2]
    assert found["at_random"].tolist() == [0.5, 1.0, 1.5, 2.0]
    assert inspections.gains([], []).empty


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("theft", ["a", "b"], 0, 0), "inspection_outcome"),
        (("confirmed", ["a", "a"], 0, 0), "inspection_two_inspectors"),
        (("cleared", ["a"], 0, 0), "inspection_two_inspectors"),
        (("confirmed", ["a", "b"], -1, 0), "inspection_below_zero"),
        (("confirmed", ["a", "b"], float("nan"), 0), "inspection_below_zero"),
        (("cleared", ["a", "b"], 5, 0), "inspection_nothing_recovered"),
        (("nobody_there", [], 0, 5), "inspection_nothing_recovered"),
    ],
)
def test_results_that_cannot_be(given: tuple[str, list[str], float, float], code: str) -> None:
    with pytest.raises(UserError) as raised:
        inspections.check_result(*given)
    assert raised.value.code == code


def test_nobody_there_needs_no_second_inspector() -> None:
    inspections.check_result("nobody_there", ["a"], 0, 0)
    inspections.check_result("confirmed", ["a", "b"], 100, 30)


def on_a_line(*km: float) -> np.ndarray:
    """Minutes between points of a line, one a kilometre, the start at 0."""
    x = np.array([0.0, *km])
    return np.abs(x[:, None] - x[None, :])


def test_expected_energy_by_hand() -> None:
    found = plans.expected_kwh(np.array([0.5, 0.9, np.nan]), np.array([4.0, np.nan, 2.0]), 180)
    assert found.tolist() == [360.0, 0.0, 0.0]


def test_near_visits_are_grouped_before_a_better_one_far_off() -> None:
    # 100 for 10 + 2·50 minutes is less for a minute than 40 for 10 + 2·2 and then 40 for 10 + 2
    plan = plans.plan_visits(
        np.array([100.0, 40.0, 40.0]), 10, on_a_line(50, 2, 3), Budget(visits=2)
    )
    assert sorted(plan.chosen) == [1, 2]
    assert plan.minutes == (26.0,)


def test_tours_keep_to_their_minutes() -> None:
    plan = plans.plan_visits(
        np.full(5, 10.0), 10, on_a_line(1, 1, 1, 1, 1), Budget(tours=2, tour_min=25)
    )
    assert plan.minutes == (22.0, 22.0)
    assert len(set(plan.chosen)) == 4


def test_what_is_worth_nothing_or_out_of_reach_is_left_out() -> None:
    minutes = on_a_line(1, 2)
    minutes[:, 2] = minutes[2, :] = np.nan
    assert plans.plan_visits(np.array([0.0, 9.0]), 10, minutes, Budget(visits=2)).tours == ()


@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=12),
    st.integers(1, 3),
    st.floats(20, 200),
    st.integers(1, 8),
)
def test_a_plan_keeps_its_budget_and_visits_nobody_twice(
    km: list[float], tours: int, tour_min: float, most: int
) -> None:
    minutes = on_a_line(*km)
    plan = plans.plan_visits(np.arange(len(km)) + 1.0, 15, minutes, Budget(most, tours, tour_min))
    assert len(plan.chosen) == len(set(plan.chosen)) <= most
    assert len(plan.tours) <= tours
    for tour, told in zip(plan.tours, plan.minutes, strict=True):
        way = [0, *(one + 1 for one in tour), 0]
        took = sum(minutes[a, b] for a, b in pairwise(way)) + 15 * len(tour)
        assert told == pytest.approx(took)
        assert took <= tour_min + 1e-6
