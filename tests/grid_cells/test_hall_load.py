"""Hours in which halls are open, cut from spans of opening by the zone's clocks."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.hall_load import open_hours

NO_TICKETS = pd.DataFrame({"hall_id": [], "hour": []})


def hours(
    *spans: tuple[str, datetime, datetime], zone: str = "UTC"
) -> dict[tuple[str, str], float]:
    frame = pd.DataFrame(list(spans), columns=["hall_id", "opens_at", "closes_at"])
    cut = open_hours(frame, NO_TICKETS, zone=zone)
    return {
        (row["hall_id"], f"{row['hour']:%H:%M}"): row["open_min"] for row in cut.to_dict("records")
    }


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-07-14T{clock}:00+00:00")


def test_spans_are_cut_at_whole_hours_and_added_up():
    found = hours(
        ("A", at("08:30"), at("10:15")),
        ("A", at("10:45"), at("11:00")),
        ("B", at("09:00"), at("09:01")),
    )
    assert found == {
        ("A", "08:00"): 30.0, ("A", "09:00"): 60.0, ("A", "10:00"): 30.0, ("B", "09:00"): 1.0,
    }  # fmt: skip


def test_hours_begin_where_the_zones_clocks_say():
    found = hours(("A", at("08:30"), at("10:00")), zone="Asia/Kolkata")  # 14:00 to 15:30 there
    assert found == {("A", "08:30"): 60.0, ("A", "09:30"): 30.0}


def test_no_spans_have_no_hours():
    assert hours() == {}


def test_a_machine_that_told_anything_that_day_counts():
    frame = pd.DataFrame(
        {"hall_id": ["A", "B"], "opens_at": [at("08:00")] * 2, "closes_at": [at("09:00")] * 2}
    )
    told = pd.DataFrame({"hall_id": ["A"], "hour": [pd.Timestamp(at("15:00"))]})
    assert open_hours(frame, told, zone="UTC")["is_counting"].tolist() == [True, False]


MINUTES = st.integers(0, 3 * 1440)


@given(st.lists(st.tuples(st.sampled_from("AB"), MINUTES, st.integers(1, 900)), max_size=6))
def test_no_minute_is_lost_or_doubled(spans):
    begin = datetime(2026, 7, 14, tzinfo=UTC)
    rows = [
        (hall, begin + timedelta(minutes=opens), begin + timedelta(minutes=opens + lasts))
        for hall, opens, lasts in spans
    ]
    frame = pd.DataFrame(rows, columns=["hall_id", "opens_at", "closes_at"])
    total = open_hours(frame, NO_TICKETS, zone="Asia/Shanghai")["open_min"].sum()
    assert total == pytest.approx(sum(lasts for _, _, lasts in spans))
