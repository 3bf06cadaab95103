"""Who gains and who loses by a draft, by hand."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.hand_over import COLUMNS, touched
from tests.laws import examples

HOLDERS = pd.DataFrame(
    [("W", "manager", "P1"), ("E", "manager", "P2"), ("W", "repair", "C1"), ("E", "repair", "C1"),
     ("S", "repair", "C2"), ("W", "backup", "P2")],
    columns=["area_id", "duty", "holder_id"],
)  # fmt: skip


def moves(*rows):
    frame = pd.DataFrame(list(rows), columns=["old_area", "new_area", "customers", "hours"])
    return frame.astype({"old_area": "str", "new_area": "str"})


def told(*rows):
    found = touched(moves(*rows), HOLDERS)
    assert tuple(found.columns) == COLUMNS
    return {
        (row["duty"], row["holder_id"] if isinstance(row["holder_id"], str) else None): tuple(
            row[name] for name in COLUMNS[2:]
        )
        for row in found.to_dict("records")
    }


def test_managers_win_and_lose_and_a_crew_of_both_areas_is_not_touched():
    found = told(("W", "E", 100, 8.0), ("W", "E", 20, 2.0), ("E", "W", 5, 1.0))
    assert found == {
        ("manager", "P1"): ("W", 5, 120, 1.0, 10.0),
        ("manager", "P2"): ("E", 120, 5, 10.0, 1.0),
        ("backup", "P2"): ("W", 5, 120, 1.0, 10.0),
    }


def test_a_vacant_manager_is_said_and_a_vacant_backup_is_not():
    found = told(("W", "S", 100, 8.0))
    assert found[("manager", None)] == ("S", 100, 0, 8.0, 0)
    assert found[("repair", "C1")] == ("W", 0, 100, 0, 8.0)
    assert found[("repair", "C2")] == ("S", 100, 0, 8.0, 0)
    assert ("backup", None) not in found


def test_nobody_loses_what_was_in_no_area():
    found = told((None, "W", 7, 0.5))
    assert found[("manager", "P1")] == ("W", 7, 0, 0.5, 0)
    assert ("manager", None) not in found


def test_nothing_that_stays_is_told():
    assert told(("W", "W", 100, 8.0)) == {}


areas = st.sampled_from(["W", "E", "S", "N"])


@settings(max_examples=examples(25))
@given(st.lists(st.tuples(areas, areas, st.integers(1, 50), st.just(1.0)), max_size=12))
def test_what_is_lost_is_gained(rows):
    found = touched(moves(*rows), HOLDERS)
    of_managers = found[found["duty"] == "manager"]
    assert of_managers["customers_gained"].sum() == of_managers["customers_lost"].sum()
    assert of_managers["hours_gained"].sum() == pytest.approx(of_managers["hours_lost"].sum())
