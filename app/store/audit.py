"""The record of what was done: who, what, when, in the transaction of the deed itself."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, Database


def record(  # noqa: PLR0913
    connection: Connection,
    actor_id: str,
    event: str,
    *,
    at: datetime,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Number of the new audit row; `event` is a past-tense word, `detail` holds no personal data."""
    row = connection.execute(
        "INSERT INTO audit_log (event_id, happened_at, actor, event, subject, detail) VALUES (nextval('audit_ids'), ?, ?, ?, ?, ?) RETURNING event_id",
        [at, actor_id, event, subject, json.dumps(detail or {}, ensure_ascii=False, default=str)],
    ).fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives one row
    return int(row[0])


def latest(db: Database, limit: int) -> pd.DataFrame:
    """The newest audit rows first: event_id, happened_at, actor, event, subject, detail."""
    return db.query("SELECT * FROM audit_log ORDER BY event_id DESC LIMIT ?", [limit])
