"""What a hall's wait is taken from, and how halls are judged."""

from datetime import UTC, datetime

import pandas as pd

from grid_cells.hall_waits import Known, present_waits, states

NOW = datetime(2026, 7, 14, 2, 30, tzinfo=UTC)
TOLD = pd.Timestamp("2026-07-14T02:25:00Z")


def test_the_queue_comes_before_the_hour_and_the_hour_before_what_is_usual():
    halls = pd.DataFrame({"hall_id": list("ABCDE")})
    live = pd.DataFrame(
        {"hall_id": ["A", "B", "E"], "called": [2, 0, 0], "wait_min": [9.0, None, None],
         "waiting": [1, 0, 0], "oldest_min": [3.0, None, None],
         "told_at": [TOLD, TOLD, TOLD - pd.Timedelta(hours=2)]}
    )  # fmt: skip
    hourly = pd.DataFrame({"hall_id": ["A", "C"], "wait_min": [1.0, 7.0]})
    usual = pd.DataFrame({"hall_id": ["C", "D"], "wait_min": [2.0, 5.0]})
    found = present_waits(halls, Known(live, hourly, usual), now=NOW, stale_min=90)
    assert found["wait_min"].fillna(-1).tolist() == [9.0, 0.0, 7.0, 5.0, -1]
    assert found["source"].tolist() == ["tickets", "tickets", "hall_hours", "usual", "unknown"]
    assert found["waiting"].fillna(-1).tolist() == [1, 0, -1, -1, -1]


def test_closed_is_not_unknown_and_limits_belong_to_the_worse_state():
    wait = pd.Series([0.0, 10.0, 20.0, None, 5.0, 30.0])
    is_open = pd.Series([True, True, True, True, False, None], dtype=object)
    assert states(wait, is_open, busy_min=10, full_min=20).tolist() == [
        "ok", "busy", "full", "unknown", "closed", "full",
    ]  # fmt: skip
