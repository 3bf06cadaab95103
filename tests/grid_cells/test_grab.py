"""Who may grab an order and who is preferred, by figures worked out by hand."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import grab
from grid_cells.crew_skills import lacking, skills_of
from grid_cells.grab import GrabRules, Wanted

RULES = GrabRules(
    window_s=1.5, most_open=4, above_others_min=90, most_travel_min=45, part_size=2,
    wait_for_part_min=60, setting_out_min=5, returned_most=2, returned_within_d=7, load_step_min=30,
)  # fmt: skip
FREE = {
    "is_on_shift": True, "is_skilled": True, "is_unwished": False, "place": "own",
    "travel_min": 10.0, "free_in_min": 0.0, "open_orders": 0, "held_min": 0.0, "returned": 0,
}  # fmt: skip


def crews(**changes: dict) -> pd.DataFrame:
    return pd.DataFrame([{"crew_id": name, **FREE, **more} for name, more in changes.items()])


def answers(found: pd.DataFrame, left_min: float = 60.0) -> pd.DataFrame:
    return grab.judged(found, Wanted("lv", left_min), RULES).set_index("crew_id")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"is_on_shift": False}, "off_shift"),
        ({"is_skilled": False}, "no_skill"),
        ({"is_unwished": True}, "against_wishes"),
        ({"free_in_min": 61.0}, "no_part_free"),
        ({"travel_min": math.nan}, "no_way"),
        ({"place": "other", "travel_min": 46.0}, "too_far"),
        ({"open_orders": 4}, "too_many_open"),
        ({"held_min": 91.0}, "load_above_others"),
        ({"place": "neighbour", "travel_min": 56.0}, "too_late"),
        ({"returned": 2}, "returned_too_often"),
    ],
)
def test_each_rule_alone_keeps_a_crew_from_grabbing(more: dict, code: str) -> None:
    found = answers(crews(A=more, B={}), left_min=60.0 if code == "too_late" else 200.0)
    assert found.loc["A", "why"] == [code]
    assert not found.loc["A", "may"]
    assert found.loc["A", "rank"] == 0
    assert found.loc["B", "may"]
    assert found.loc["B", "rank"] == 1


def test_at_the_limit_a_crew_still_may() -> None:
    edge = {
        "free_in_min": 10.0,
        "held_min": 90.0,
        "open_orders": 3,
        "returned": 1,
        "travel_min": 45.0,
    }
    found = answers(crews(A=edge | {"place": "other"}, B={}))
    assert found.loc["A", "may"]
    assert found.loc["A", "arrive_in_min"] == 60
    assert found.loc["A", "spare_min"] == 0


def test_where_nobody_is_in_time_everybody_may_and_the_earliest_is_preferred() -> None:
    found = answers(crews(A={"travel_min": 20.0}, B={"travel_min": 12.0}), left_min=3.0)
    assert found["may"].all()
    assert found["rank"].to_dict() == {"B": 1, "A": 2}


def test_one_who_may_not_come_anyway_makes_nobody_late() -> None:
    found = answers(crews(A={"travel_min": 70.0}, B={"is_skilled": False}))
    assert found.loc["A", "may"]


def test_without_a_promise_nobody_is_late() -> None:
    found = answers(crews(A={"travel_min": 300.0}, B={}), left_min=math.nan)
    assert found["may"].all()


def test_preference_is_place_then_load_then_arrival_then_record_then_number() -> None:
    found = crews(
        E={"place": "neighbour", "travel_min": 1.0}, D={"held_min": 30.0, "travel_min": 1.0},
        C={"travel_min": 11.0}, B={"returned": 1}, A2={}, A1={"held_min": 29.0},
    )  # fmt: skip
    ranked = grab.judged(found, Wanted(None, 60.0), RULES)
    assert ranked["crew_id"].tolist() == ["A1", "A2", "B", "C", "D", "E"]
    assert grab.settled(ranked, ["E", "C", "D"]) == "C"
    assert grab.settled(ranked, ["Z"]) is None
    why = [grab.decided_by(ranked, "A1", other, RULES) for other in ("A2", "B", "C", "D", "E")]
    assert why == ["number", "record", "arrival", "load", "place"]


def test_the_load_of_the_others_is_their_mean_without_oneself() -> None:
    found = answers(crews(A={"held_min": 100.0}, B={"held_min": 20.0}, C={"held_min": 10.0}))
    assert found["others_min"].to_dict() == {"A": 15.0, "B": 55.0, "C": 60.0}


def test_parts_of_a_crew_are_pairs_of_its_members() -> None:
    counts = [grab.parts_of(one, 2) for one in ("A;B;C;D;E", "A;B;", "A", None, float("nan"))]
    assert counts == [2, 1, 1, 1, 1]


def test_skills_are_read_in_the_words_of_archives() -> None:
    assert skills_of("低压；HV, Meter、带电作业") == {"lv", "mv", "meter", "live_line"}
    assert lacking("lv;mv", "lv;cable") == {"cable"}
    assert lacking(None, "cable") == set()
    assert lacking("meter", None) == set()


CREW = st.fixed_dictionaries(
    {
        "is_on_shift": st.booleans(), "is_skilled": st.booleans(),
        "place": st.sampled_from(grab.PLACES), "travel_min": st.floats(0, 90) | st.just(math.nan),
        "free_in_min": st.floats(0, 90), "open_orders": st.integers(0, 5),
        "held_min": st.floats(0, 300), "returned": st.integers(0, 3),
    }
)  # fmt: skip


@given(st.lists(CREW, min_size=1, max_size=8), st.floats(-60, 120), st.randoms())
def test_the_answer_is_the_same_whatever_the_order_of_the_crews(rows, left, chance) -> None:
    found = pd.DataFrame([{"crew_id": f"C{n}", **row} for n, row in enumerate(rows)])
    mixed = found.sample(frac=1, random_state=chance.randrange(1000))
    ours, theirs = (grab.judged(one, Wanted(None, left), RULES) for one in (found, mixed))
    assert ours["crew_id"][ours["may"]].tolist() == theirs["crew_id"][theirs["may"]].tolist()
    assert (ours["may"] == (ours["why"].map(len) == 0)).all()
    assert ours["rank"][ours["may"]].tolist() == list(range(1, ours["may"].sum() + 1))
