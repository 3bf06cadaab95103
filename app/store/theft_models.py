"""Questions about models of suspicion and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, Database, frame_of

_NAMES = "model_id, name, trained_at, trained_by, card, sha256, approved_at, approved_by, retired_at, retired_by, reason_code"

_WHOLE = """(unit_id IS NULL OR unit_id = (
  SELECT any_value(unit_id) FROM org_units WHERE parent_id IS NULL HAVING count(*) = 1))"""
"""The unit at the top, where it is the only one, is the whole company."""


@dataclass(frozen=True)
class ModelRow:
    """One model without its content; `card` is JSON text."""

    model_id: int
    name: str
    trained_at: datetime
    trained_by: str
    card: str
    sha256: str
    approved_at: datetime | None
    approved_by: str | None
    retired_at: datetime | None
    retired_by: str | None
    reason_code: str | None


def every(db: Database) -> list[ModelRow]:
    """All models, the newest first."""
    return _rows(db.query(f"SELECT {_NAMES} FROM theft_models ORDER BY model_id DESC"))


def by_id(connection: Connection, model_id: int) -> ModelRow | None:
    """One model, None where there is none of that number."""
    frame = frame_of(
        connection.execute(f"SELECT {_NAMES} FROM theft_models WHERE model_id = ?", [model_id])
    )
    return next(iter(_rows(frame)), None)


def _rows(frame: pd.DataFrame) -> list[ModelRow]:
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [
        ModelRow(
            int(row["model_id"]), row["name"], row["trained_at"], row["trained_by"], row["card"],
            row["sha256"], row["approved_at"], row["approved_by"], row["retired_at"],
            row["retired_by"], row["reason_code"],
        )
        for row in records
    ]  # fmt: skip


def by_digest(connection: Connection, sha256: str) -> int | None:
    """Number of the model whose file has this SHA-256."""
    row = connection.execute(
        "SELECT model_id FROM theft_models WHERE sha256 = ? LIMIT 1", [sha256]
    ).fetchone()
    return int(row[0]) if row else None


def add(connection: Connection, model: dict[str, Any]) -> int:
    """Number of the model now kept: name, trained_at, trained_by, card, content, sha256."""
    row = connection.execute(
        "INSERT INTO theft_models (model_id, name, trained_at, trained_by, card, content, sha256)"
        " VALUES (nextval('theft_model_ids'), $name, $trained_at, $trained_by, $card, $content, $sha256)"
        " RETURNING model_id",
        model,
    ).fetchone()
    return int(row[0]) if row else 0


def live(connection: Connection) -> tuple[int, bytes] | None:
    """Number and file of the model that is live, None where none is."""
    row = connection.execute(
        "SELECT model_id, content FROM theft_models WHERE approved_at IS NOT NULL AND retired_at IS NULL"
        " ORDER BY approved_at DESC LIMIT 1"
    ).fetchone()
    return (int(row[0]), bytes(row[1])) if row else None


def approve(connection: Connection, model_id: int, *, at: datetime, by: str) -> None:
    """Stamp the approval."""
    connection.execute(
        "UPDATE theft_models SET approved_at = ?, approved_by = ? WHERE model_id = ?",
        [at, by, model_id],
    )


def retire(
    connection: Connection, model_id: int, *, at: datetime, by: str, reason_code: str
) -> None:
    """Stamp the end."""
    connection.execute(
        "UPDATE theft_models SET retired_at = ?, retired_by = ?, reason_code = ? WHERE model_id = ?",
        [at, by, reason_code, model_id],
    )


def has_others(connection: Connection, roles: Sequence[str], actor_id: str) -> bool:
    """Whether an active user of the whole company in one of the roles is not the actor."""
    row = connection.execute(
        f"SELECT 1 FROM users WHERE is_active AND area_id IS NULL AND {_WHOLE}"
        " AND list_contains(?::VARCHAR[], role)"
        " AND 'user:' || user_id <> ? LIMIT 1",
        [list(roles), actor_id],
    ).fetchone()
    return row is not None
