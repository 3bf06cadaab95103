"""The rules of an outage's life, by literal answers and by laws."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import outages as rules
from grid_cells.errors import UserError
from grid_cells.outage_messages import PublicOutage, message
from grid_cells.vocabulary import CHOICES

T0 = datetime(2026, 7, 18, 0, 0, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def test_kinds_and_statuses_are_those_of_the_files() -> None:
    assert set(rules.KINDS) == set(CHOICES["outages", "kind"])
    assert set(rules.STATUSES) == set(CHOICES["outages", "status"]) == set(rules.MOVES)


def test_a_fault_begins_in_force_and_work_as_a_proposal() -> None:
    first = {kind: rules.first_status(kind) for kind in rules.KINDS}
    assert first.pop("fault") == "in_force"
    assert set(first.values()) == {"proposed"}


@pytest.mark.parametrize(
    ("status", "to", "may"),
    [
        ("proposed", "approved", True), ("approved", "notified", True),
        ("notified", "in_force", True), ("in_force", "ended", True),
        ("notified", "cancelled", True), ("in_force", "cancelled", False),
        ("proposed", "in_force", False), ("ended", "in_force", False),
        ("cancelled", "approved", False), ("approved", "proposed", False),
    ],
)  # fmt: skip
def test_statuses_move_along_their_ways_alone(status: str, to: str, may: bool) -> None:
    if may:
        rules.check_move(status, to)
    else:
        with pytest.raises(UserError, match="outage_move"):
            rules.check_move(status, to)


def test_notice_is_due_seven_days_or_one_before() -> None:
    hours = {"planned": 168.0, "urgent": 24.0}
    assert rules.notice_due("planned", T0, hours) == datetime(2026, 7, 11, tzinfo=UTC)
    assert rules.notice_due("urgent", T0, hours) == datetime(2026, 7, 17, tzinfo=UTC)
    assert rules.notice_due("fault", T0, hours) is None


def test_silence_begins_after_the_limit_and_counts_no_news_to_come() -> None:
    heard = rules.last_news([later(0), None, later(10), later(50)], later(40))
    assert heard == later(10)
    assert not rules.is_silent(heard, later(40), 30)
    assert rules.is_silent(heard, later(40.1), 30)
    assert rules.is_silent(None, later(0), 30)


def test_an_estimate_that_has_passed_is_overdue() -> None:
    assert rules.is_overdue(later(1), later(2))
    assert not rules.is_overdue(later(2), later(2))
    assert not rules.is_overdue(None, later(2))


def test_nested_outages_are_found_at_any_depth_and_never_under_themselves() -> None:
    parents = {"b": "a", "c": "b", "d": "a", "x": "y"}
    assert rules.below(parents, "a") == ["b", "c", "d"]
    assert rules.below({"a": "b", "b": "a"}, "a") == ["b"]
    rules.check_parent(parents, "x", "a")
    for parent in ("a", "c"):
        with pytest.raises(UserError, match="outage_circle"):
            rules.check_parent(parents, "a", parent)


def test_people_out_are_counted_from_each_moment_on() -> None:
    """100 out at 0, 40 of them back at 30, 20 more out at 30, all but 5 back at 60."""
    spans = pd.DataFrame(
        {
            "out_at": pd.to_datetime([later(0), later(0), later(0), later(30)]),
            "back_at": pd.to_datetime([later(30), later(60), None, later(60)]),
            "customers": [40, 55, 5, 20],
        }
    )
    told = rules.people_out(spans)
    assert told["customers"].tolist() == [100, 80, 5]
    assert told["at"].tolist() == [pd.Timestamp(later(n)) for n in (0, 30, 60)]


PEOPLE = pd.DataFrame(
    [("1", "A", False), ("2", "A", False), ("3", "A", True), ("4", "B", False), ("5", "B", False),
     ("6", None, False)],
    columns=["customer_no", "transformer_id", "has_open_call"],
)  # fmt: skip


def test_open_calls_are_asked_first_then_one_of_each_transformer() -> None:
    asked = rules.to_ask(PEOPLE, each=2, most=9)["customer_no"].tolist()
    assert asked[:3] == ["3", "1", "4"]
    assert sorted(asked) == ["1", "2", "3", "4", "5", "6"]
    assert rules.to_ask(PEOPLE, each=1, most=9)["customer_no"].tolist() == ["3", "1", "4", "6"]
    assert rules.to_ask(PEOPLE, each=2, most=2)["customer_no"].tolist() == ["3", "1"]
    assert rules.to_ask(PEOPLE.head(0), each=2, most=2).empty


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.booleans()), max_size=40),
    st.integers(0, 3), st.integers(0, 20),
)  # fmt: skip
def test_no_open_call_is_left_out_while_there_is_room(
    people: list[tuple[str, bool]], each: int, most: int
) -> None:
    frame = pd.DataFrame(
        [(f"{n:03d}", line, call) for n, (line, call) in enumerate(people)],
        columns=["customer_no", "transformer_id", "has_open_call"],
    ).astype({"has_open_call": "bool"})
    asked = rules.to_ask(frame, each=each, most=most)
    assert asked["has_open_call"].sum() == min(most, frame["has_open_call"].sum())
    quiet = asked[~asked["has_open_call"]].groupby("transformer_id").size()
    assert (quiet <= each).all()


def test_doubts_are_told_the_gravest_first() -> None:
    assert rules.Doubts().codes() == []
    told = rules.Doubts(["N"], 2, 1, 3, unasked=True).codes()
    assert told == ["dark", "nested", "later_calls", "open_calls", "unasked"]


@pytest.mark.parametrize(
    ("out", "kind", "told"),
    [(12, "confirmed", 12), (4, "partiallyRestored", None), (0, "partiallyRestored", 0)],
)
def test_a_message_tells_no_number_of_a_few(out: int, kind: str, told: int | None) -> None:
    area = shapely.MultiPolygon([shapely.box(112, 30, 112.2, 30.2)])
    outage = PublicOutage("O", "North", "fault", None, T0, later(90), None, out, 12, area)
    said = message(outage, at=later(10), least=5)
    assert said["class"] == "UnplannedOutage"
    assert (said["outageKind"], said["metersAffected"]) == (kind, told)
    assert said["originalMetersAffected"] == 12
    assert said["estimatedRestorationTime"] == "2026-07-18T01:30:00+00:00"
    assert said["outageArea"]["centre"] == {"lon": 112.1, "lat": 30.1}


def test_work_to_come_is_predicted_with_those_who_will_be_out() -> None:
    outage = PublicOutage(
        "W", None, "planned", None, later(60), later(120), None, 0, 30, shapely.MultiPolygon()
    )
    said = message(outage, at=T0, least=5)
    assert (said["class"], said["outageKind"]) == ("PlannedOutage", "predicted")
    assert (said["metersAffected"], said["actualPeriod"], said["outageArea"]) == (30, None, None)
