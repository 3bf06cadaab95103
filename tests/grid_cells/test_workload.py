"""Hours of work, by hand."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.use_cases import reference
from grid_cells.workload import COUNTED, work
from tests.laws import examples

NOBODY = {"customers": 0, "meters": 0, "transformers": 0, "prepaid": 0, "faults": 0.0,
          "crew_min": 0.0}  # fmt: skip
TASKS = pd.DataFrame(
    [("customer", 0.5, 12.0, "visit", 10), ("customer", 2.0, 6.0, "desk", None),
     ("transformer", 12.0, 30.0, "visit", 5), ("fault", 1.0, 90.0, "visit", 1)],
    columns=["per", "times_a_year", "minutes", "kind", "visits_a_round"],
)  # fmt: skip


def of(**counts):
    frame = pd.DataFrame([NOBODY | counts])
    return work(frame, TASKS).iloc[0]


def test_customers_bring_desk_work_and_visits():
    # 240 x 0.5 / 12 = 10 visits of 12 min = 120 min; 240 x 2 / 12 x 6 min = 240 min; no way to go
    found = of(customers=240)
    assert found["visits"] == pytest.approx(10)
    assert found["hours"] == pytest.approx(6.0)


def test_the_way_there_and_back_is_shared_by_a_round():
    # the same 10 visits, ten on a round of 2 x 15 min: 30 min more
    assert of(customers=240, crew_min=15.0)["hours"] == pytest.approx(6.5)
    # one transformer a month: 30 min and 2 x 15 / 5 = 6 min of the way
    assert of(transformers=1, crew_min=15.0)["hours"] == pytest.approx(0.6)


def test_the_way_is_told_apart_from_the_rest_of_the_hours():
    # 10 visits, ten on a round of 2 x 15 min: half an hour; alone on a round the same
    assert of(customers=240, crew_min=15.0)["travel"] == pytest.approx(0.5)
    assert of(faults=1.0, crew_min=15.0)["travel"] == pytest.approx(0.5)
    assert of(customers=240, crew_min=None)["travel"] == 0


def test_a_fault_a_month_is_a_visit_a_month():
    # 90 min and 2 x 15 min of the way, alone on its round
    found = of(faults=1.0, crew_min=15.0)
    assert found["visits"] == pytest.approx(1)
    assert found["hours"] == pytest.approx(2.0)


def test_an_unknown_way_is_left_out_and_a_missing_count_is_none():
    assert of(customers=240, crew_min=None)["hours"] == pytest.approx(6.0)
    assert of(customers=240, prepaid=None)["hours"] == pytest.approx(6.0)


def test_a_task_for_an_unknown_thing_is_a_programmers_error():
    with pytest.raises(ValueError, match="moon"):
        work(pd.DataFrame([NOBODY]), TASKS.assign(per="moon"))


def test_the_reference_table_can_be_read():
    tasks = reference.table("task_minutes")
    assert set(tasks["per"]) <= set(COUNTED)
    assert set(tasks["kind"]) == {"visit", "desk"}
    assert (tasks["kind"].eq("visit") == tasks["visits_a_round"].notna()).all()
    assert tasks["source"].str.contains("Planning assumption").all()
    assert tasks["task"].is_unique


@settings(max_examples=examples(25))
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=5), st.floats(0, 100))
def test_work_adds_up(customers, minutes):
    """What several units bring is what they bring together, at the same distance."""
    rows = pd.DataFrame([NOBODY | {"customers": n, "crew_min": minutes} for n in customers])
    whole = pd.DataFrame([NOBODY | {"customers": sum(customers), "crew_min": minutes}])
    tasks = reference.table("task_minutes")
    parts, one = work(rows, tasks).sum(), work(whole, tasks).iloc[0]
    assert parts["hours"] == pytest.approx(one["hours"])
    assert parts["visits"] == pytest.approx(one["visits"])
