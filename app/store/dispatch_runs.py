"""What solvers proposed and dispatchers tried: kept with what they were asked, taken or not."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outage_book import plain_row

_COLUMNS: Final = (
    "kind", "planned_for", "made_at", "orders", "served", "score", "travel_min", "detail", "actor",
)  # fmt: skip


def add(connection: Connection, run: Mapping[str, Any]) -> int:
    """Number of a new run; `run`: its columns, detail as an object."""
    values = [json.dumps(run[n], default=str) if n == "detail" else run.get(n) for n in _COLUMNS]
    row = connection.execute(
        f"INSERT INTO dispatch_runs (run_id, {', '.join(_COLUMNS)})"
        f" VALUES (nextval('dispatch_run_ids'), {', '.join('?' for _ in _COLUMNS)}) RETURNING run_id",
        values,
    ).fetchone()
    return int(row[0]) if row else 0


def one(connection: Connection, run_id: int) -> dict[str, Any] | None:
    """A run with its detail as an object, None without."""
    return _read(connection.execute("SELECT * FROM dispatch_runs WHERE run_id = ?", [run_id]))


def latest(
    connection: Connection, kinds: tuple[str, ...], actor: str, now: datetime
) -> dict[str, Any] | None:
    """The actor's newest run of these kinds that was made until `now`; plans of their moment alone."""
    return _read(
        connection.execute(
            "SELECT * FROM dispatch_runs WHERE list_contains(?, kind) AND actor = ? AND made_at <= ?"
            " AND (kind = 'simulation' OR planned_for = made_at)"
            " ORDER BY made_at DESC, run_id DESC LIMIT 1",
            [list(kinds), actor, now],
        )
    )


def listing(
    connection: Connection, kinds: tuple[str, ...], actor: str, now: datetime, most: int
) -> pd.DataFrame:
    """The actor's runs of these kinds without detail, the newest first."""
    return frame_of(
        connection.execute(
            "SELECT * EXCLUDE (detail) FROM dispatch_runs WHERE list_contains(?, kind) AND actor = ?"
            " AND made_at <= ? ORDER BY made_at DESC, run_id DESC LIMIT ?",
            [list(kinds), actor, now, most],
        )
    )


def set_taken(
    connection: Connection, run_id: int, detail: Mapping[str, Any], at: datetime, actor: str
) -> None:
    """A run was taken, wholly or in part; its detail tells which lines."""
    connection.execute(
        "UPDATE dispatch_runs SET taken_at = ?, taken_by = ?, undone_at = NULL, detail = ? WHERE run_id = ?",
        [at, actor, json.dumps(detail, default=str), run_id],
    )


def set_undone(
    connection: Connection, run_id: int, detail: Mapping[str, Any], at: datetime
) -> None:
    """What was taken of a run was put back."""
    connection.execute(
        "UPDATE dispatch_runs SET undone_at = ?, detail = ? WHERE run_id = ?",
        [at, json.dumps(detail, default=str), run_id],
    )


def _read(asked: Connection) -> dict[str, Any] | None:
    frame = frame_of(asked)
    if frame.empty:
        return None
    row = plain_row(frame)
    return {**row, "detail": json.loads(row["detail"])}
