"""Runs of scoring: what was found when, of which facts. A run is kept whole and never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from app.store.database import Connection, frame_of, register
from app.store.outage_book import plain_row

_RUN: Final = (
    "made_at", "made_by", "method", "model_id", "first_day", "last_day", "customers",
    "transformers", "data_version", "drift",
)  # fmt: skip


def add(
    connection: Connection, run: Mapping[str, Any], scores: pd.DataFrame, places: pd.DataFrame
) -> int:
    """Number of a new run with its scores of customers and of transformers (columns as the tables)."""
    row = connection.execute(
        f"INSERT INTO theft_runs (run_id, {', '.join(_RUN)})"
        f" VALUES (nextval('theft_run_ids'), {', '.join('?' for _ in _RUN)}) RETURNING run_id",
        [run.get(name) for name in _RUN],
    ).fetchone()
    number = int(row[0]) if row else 0
    for table, frame in (("theft_scores", scores), ("transformer_scores", places)):
        _insert(connection, table, frame, [number, run["made_at"]])
    return number


def _insert(connection: Connection, table: str, frame: pd.DataFrame, stamp: list[Any]) -> None:
    register(connection, "new_scores", frame)
    names = ", ".join(frame.columns)
    connection.execute(
        f"INSERT INTO {table} (run_id, made_at, {names}) SELECT ?, ?, {names} FROM new_scores",
        stamp,
    )
    connection.unregister("new_scores")


def same(connection: Connection, method: str, version: str, now: datetime) -> dict[str, Any] | None:
    """The newest run of a method from the very same facts, made until `now`; None without."""
    frame = frame_of(
        connection.execute(
            "SELECT * FROM theft_runs WHERE method = ? AND data_version = ? AND made_at <= ? ORDER BY run_id DESC LIMIT 1",
            [method, version, now],
        )
    )
    return None if frame.empty else plain_row(frame)


def scores(connection: Connection, run_id: int) -> pd.DataFrame:
    """Scores of customers in a run, the highest first."""
    return frame_of(
        connection.execute(
            "SELECT * EXCLUDE (run_id, made_at) FROM theft_scores WHERE run_id = ?"
            " ORDER BY score DESC, customer_no",
            [run_id],
        )
    )


def transformer_scores(connection: Connection, run_id: int) -> pd.DataFrame:
    """Scores of transformers in a run, the highest first."""
    return frame_of(
        connection.execute(
            "SELECT * EXCLUDE (run_id, made_at) FROM transformer_scores WHERE run_id = ?"
            " ORDER BY score DESC, transformer_id",
            [run_id],
        )
    )


def drifts(connection: Connection, now: datetime) -> pd.DataFrame:
    """Runs by a model with how far its customers lay from training: model_id, run_id, made_at, drift.

    The latest first, of those known at the moment; drift is JSON text.
    """
    return frame_of(
        connection.execute(
            "SELECT model_id, run_id, made_at, drift FROM theft_runs WHERE drift IS NOT NULL AND made_at <= ?"
            " ORDER BY made_at DESC, run_id DESC",
            [now],
        )
    )


def days_known(connection: Connection) -> int:
    """Transformer days whose loss is known."""
    row = connection.execute("SELECT count(*) FROM loss_days WHERE is_known").fetchone()
    return int(row[0]) if row else 0


def loss_sums(connection: Connection, rows: pa.Table) -> pd.DataFrame:
    """Sums of balances in the columns of `loss_days`, by transformer.

    days, days_known, loss_kwh, taken_kwh, and lists known_days (numbers), rates.
    """
    register(connection, "loss_rows", rows)
    found = frame_of(
        connection.execute(
            """
            SELECT transformer_id, count(*) AS days, count(*) FILTER (is_known) AS days_known,
              sum(loss_kwh) AS loss_kwh, sum(master_kwh + reverse_kwh) FILTER (is_known) AS taken_kwh,
              list((day - DATE '2000-01-01')::BIGINT ORDER BY day) FILTER (is_known) AS known_days,
              list(loss_rate ORDER BY day) FILTER (is_known) AS rates
            FROM loss_rows GROUP BY transformer_id ORDER BY transformer_id
            """
        )
    )
    connection.unregister("loss_rows")
    return found
