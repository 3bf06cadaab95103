"""The record of long work."""

from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, Database


def add(connection: Connection, job_id: str, kind: str, actor_id: str, *, at: datetime) -> None:
    """A job that waits."""
    connection.execute(
        "INSERT INTO jobs (job_id, kind, actor, state, started_at) VALUES (?, ?, ?, 'waiting', ?)",
        [job_id, kind, actor_id, at],
    )


def set_state(connection: Connection, job_id: str, state: str) -> None:
    """Say where the job stands."""
    connection.execute("UPDATE jobs SET state = ? WHERE job_id = ?", [state, job_id])


def end(  # noqa: PLR0913
    connection: Connection,
    job_id: str,
    state: str,
    *,
    message: str | None,
    result: str,
    at: datetime,
) -> None:
    """Record how the job ended."""
    connection.execute(
        "UPDATE jobs SET state = ?, message = ?, result = ?, ended_at = ?, progress = 1 WHERE job_id = ?",
        [state, message, result, at, job_id],
    )


def ask_to_stop(connection: Connection, job_id: str) -> None:
    """Record the wish."""
    connection.execute("UPDATE jobs SET asked_to_stop = TRUE WHERE job_id = ?", [job_id])


def one(db: Database, job_id: str) -> dict[str, Any] | None:
    """The job's row, or None."""
    frame = db.query(
        "SELECT job_id, kind, actor, state, message, result FROM jobs WHERE job_id = ?", [job_id]
    )
    if frame.empty:
        return None
    return {str(k): (None if pd.isna(v) else v) for k, v in frame.iloc[0].to_dict().items()}
