"""The record of what was done: who, what, when, in the transaction of the deed itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from app.store.audit_seal import sealer_of
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
    return sealer_of(connection).append(
        connection, actor_id, event, at=at, subject=subject, detail=detail
    )


def latest(db: Database, limit: int) -> pd.DataFrame:
    """The newest audit rows first: event_id, happened_at, actor, event, subject, detail."""
    return db.query("SELECT * FROM audit_log ORDER BY event_id DESC LIMIT ?", [limit])
