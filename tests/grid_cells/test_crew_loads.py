"""What crews hold and when a part of them is free, by figures worked out by hand."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from grid_cells import crew_loads

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)


def held(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["crew_id", "order_id", "arrived_at", "service_min"])
    return frame.assign(arrived_at=pd.to_datetime(frame["arrived_at"], utc=True))


def test_minutes_left_are_those_of_the_work_and_at_least_a_few() -> None:
    rows = held(("A", "1", None, 60), ("A", "2", NOW - timedelta(minutes=20), 60),
                ("A", "3", NOW - timedelta(minutes=90), 60))  # fmt: skip
    assert crew_loads.left_min(rows, NOW).tolist() == [60, 40, 5]


def test_parts_take_the_orders_in_turn_those_begun_first() -> None:
    crews = pd.DataFrame({"crew_id": ["A", "B", "C"], "parts": [1, 2, 2]})
    rows = held(
        ("A", "1", None, 30), ("A", "2", NOW, 20),
        ("B", "3", None, 60), ("B", "4", NOW, 10), ("B", "5", None, 15),
    )  # fmt: skip
    found = crew_loads.loads(crews, rows, NOW).set_index("crew_id")
    assert found["open_orders"].to_dict() == {"A": 2, "B": 3, "C": 0}
    assert found["held_min"].to_dict() == {"A": 50.0, "B": 85.0, "C": 0.0}
    # of B's two parts one has 10, then 15 minutes to do, the other 60
    assert found["free_in_min"].to_dict() == {"A": 50.0, "B": 25.0, "C": 0.0}


def test_without_work_everybody_is_free() -> None:
    crews = pd.DataFrame({"crew_id": ["A"], "parts": [3]})
    assert crew_loads.loads(crews, held(), NOW)["free_in_min"].tolist() == [0.0]
