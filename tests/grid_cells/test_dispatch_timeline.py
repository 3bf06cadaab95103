"""Bars of crews over time, by moments worked out by hand."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from grid_cells import dispatch_timeline

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)


def after(minutes: float) -> pd.Timestamp:
    return pd.Timestamp(NOW + timedelta(minutes=minutes))


def held(*rows: dict) -> pd.DataFrame:
    usual = {
        "crew_id": "A", "state": "told", "arrived_at": pd.NaT, "planned_arrive_at": pd.NaT,
        "told_at": after(-5), "service_min": 30.0, "due_at": pd.NaT, "travel_min": 10.0,
    }  # fmt: skip
    frame = pd.DataFrame([{**usual, **row} for row in rows])
    times = [name for name in frame if name.endswith("_at")]
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in times})


def test_work_comes_first_then_what_is_planned_then_what_must_wait() -> None:
    found = dispatch_timeline.bars(
        held(
            {"order_id": "3", "planned_arrive_at": after(35)},  # cannot be met any more
            {"order_id": "2", "planned_arrive_at": after(20), "due_at": after(25)},
            {"order_id": "1", "arrived_at": after(-20), "due_at": after(5), "state": "arrived"},
        ),
        NOW,
    ).set_index("order_id")
    assert list(found.index) == ["1", "2", "3"]
    assert found["kind"].tolist() == ["work", "next", "next"]
    # done in 10 minutes; planned in 20; free after 50, and 10 minutes of way
    assert found["starts_at"].tolist() == [after(-20), after(20), after(60)]
    assert found["ends_at"].tolist() == [after(10), after(50), after(90)]
    assert found["is_late"].tolist() == [True, False, False]


def test_work_that_should_be_over_still_goes_on() -> None:
    found = dispatch_timeline.bars(held({"order_id": "1", "arrived_at": after(-90)}), NOW)
    assert found["ends_at"].tolist() == [after(5)]


def test_an_order_reached_after_its_promise_is_late() -> None:
    found = dispatch_timeline.bars(held({"order_id": "1", "due_at": after(9)}), NOW)
    assert found["is_late"].tolist() == [True]


def test_lines_of_a_plan_are_bars_too() -> None:
    line = {"order": "1", "crew": "B", "arrive_at": after(10).isoformat(),
            "leave_at": after(40).isoformat()}  # fmt: skip
    found = dispatch_timeline.suggested([line], {"1": after(5)})
    assert found[["crew_id", "kind", "is_late"]].to_numpy().tolist() == [["B", "suggested", True]]
    assert dispatch_timeline.suggested([], {}).empty


def test_nobody_with_anything_to_do_has_no_bars() -> None:
    assert dispatch_timeline.bars(
        held().reindex(columns=held({"order_id": "1"}).columns), NOW
    ).empty
