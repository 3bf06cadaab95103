"""Runs of forecasts of halls' hours: kept whole, never changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of, register
from app.store.outage_book import plain_row

_RUN: Final = (
    "measure", "made_at", "made_by", "country", "first_day", "last_day", "days_ahead",
    "hours_judged", "error", "error_last_week", "error_usual", "covered",
)  # fmt: skip


def add(connection: Connection, run: Mapping[str, Any], hours: pd.DataFrame) -> int:
    """Number of a new run with its rows `hall_id`, `hour`, `expected`, `low`, `high`."""
    row = connection.execute(
        f"INSERT INTO hall_forecast_runs (run_id, {', '.join(_RUN)})"
        f" VALUES (nextval('hall_forecast_ids'), {', '.join('?' for _ in _RUN)}) RETURNING run_id",
        [run[name] for name in _RUN],
    ).fetchone()
    number = int(row[0]) if row else 0
    register(connection, "new_forecast", hours)
    connection.execute(
        "INSERT INTO hall_forecasts SELECT ?, hall_id, hour, expected, low, high FROM new_forecast",
        [number],
    )
    connection.unregister("new_forecast")
    return number


def latest(connection: Connection, measure: str, now: datetime) -> dict[str, Any] | None:
    """The newest run of a measure that was made until `now`; None without one."""
    frame = frame_of(
        connection.execute(
            "SELECT * FROM hall_forecast_runs WHERE measure = ? AND made_at <= ? ORDER BY made_at DESC, run_id DESC LIMIT 1",
            [measure, now],
        )
    )
    return None if frame.empty else plain_row(frame)


def hours(connection: Connection, run_id: int, halls: Sequence[str] | None) -> pd.DataFrame:
    """A run's rows in order of hall and hour; `halls` None: every hall in sight."""
    return frame_of(
        connection.execute(
            "SELECT hall_id, hour, expected, low, high FROM hall_forecasts"
            " WHERE run_id = $run AND ($halls::VARCHAR[] IS NULL OR list_contains($halls::VARCHAR[], hall_id))"
            " ORDER BY hall_id, hour",
            {"run": run_id, "halls": None if halls is None else list(halls)},
        )
    )


def weather(connection: Connection, measure: str, zone: str, first: date) -> pd.DataFrame:
    """The mean of a figure of cells by local day: `day`, `value`; days without are left out."""
    return frame_of(
        connection.execute(
            """
            SELECT (as_of AT TIME ZONE $zone)::DATE AS day, avg(value) AS value FROM cell_facts
            WHERE measure = $measure AND as_of IS NOT NULL AND (as_of AT TIME ZONE $zone)::DATE >= $first
            GROUP BY day ORDER BY day
            """,
            {"measure": measure, "zone": zone, "first": first},
        )
    )
