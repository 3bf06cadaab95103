"""What was brought from the site: photos, recordings, notes, parts and scanned codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outage_book import plain_row
from app.store.work_order_writes import touch

_COLUMNS: Final = (
    "order_id", "crew_id", "kind", "media_type", "content", "sha256", "note", "taken_at",
    "received_at", "lon", "lat", "accuracy_m", "irregularity", "step_key", "actor",
)  # fmt: skip
_PART: Final = (
    "order_id", "crew_id", "code", "name", "quantity", "is_scanned", "added_at", "step_key", "actor",
)  # fmt: skip
_LISTED: Final = (
    "evidence_id, order_id, crew_id, kind, media_type, octet_length(content) AS size, note, taken_at, received_at,"
    " lon, lat, accuracy_m, irregularity, CASE WHEN confirmed_at <= $now THEN confirmed_at END AS confirmed_at,"
    " CASE WHEN confirmed_at <= $now THEN confirmed_by END AS confirmed_by,"
    " CASE WHEN refuted_at <= $now THEN refuted_at END AS refuted_at, actor"
)


def listing(connection: Connection, order_id: str, now: datetime) -> pd.DataFrame:
    """Evidence of an order without its content, with size in bytes."""
    return frame_of(
        connection.execute(
            f"SELECT {_LISTED} FROM work_order_evidence WHERE order_id = $id AND received_at <= $now ORDER BY evidence_id",
            {"id": order_id, "now": now},
        )
    )


def one(connection: Connection, evidence_id: int, now: datetime) -> dict[str, Any] | None:
    """One piece without its content, None where nobody in sight has it."""
    frame = frame_of(
        connection.execute(
            f"SELECT {_LISTED} FROM work_order_evidence WHERE evidence_id = $id AND received_at <= $now",
            {"id": evidence_id, "now": now},
        )
    )
    return None if frame.empty else plain_row(frame)


def content(connection: Connection, evidence_id: int) -> bytes:
    """The content of a piece, empty for a note."""
    row = connection.execute(
        "SELECT content FROM work_order_evidence WHERE evidence_id = ?", [evidence_id]
    ).fetchone()
    return bytes(row[0]) if row and row[0] is not None else b""


def came(connection: Connection, order_id: str, step_key: str | None, actor: str) -> int | None:
    """Number of the piece that the actor sent with this key, None where it never came."""
    row = connection.execute(
        "SELECT min(evidence_id) FROM work_order_evidence WHERE order_id = ? AND step_key = ? AND actor = ?",
        [order_id, step_key, actor],
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def same(
    connection: Connection, order_id: str, step_key: str | None, sha256: str | None
) -> int | None:
    """Number of the piece that came with this key, or of the same content on the order."""
    row = connection.execute(
        "SELECT min(evidence_id) FROM work_order_evidence WHERE order_id = $id"
        " AND (step_key = $key OR (sha256 = $sha AND content IS NOT NULL))",
        {"id": order_id, "key": step_key, "sha": sha256},
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else None


def count(connection: Connection, order_id: str) -> int:
    """How many pieces an order has."""
    row = connection.execute(
        "SELECT count(*) FROM work_order_evidence WHERE order_id = ?", [order_id]
    ).fetchone()
    return int(row[0]) if row else 0


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Number of a new piece of evidence."""
    marks = ", ".join("?" for _ in _COLUMNS)
    found = connection.execute(
        f"INSERT INTO work_order_evidence (evidence_id, {', '.join(_COLUMNS)})"
        f" VALUES (nextval('work_order_evidence_ids'), {marks}) RETURNING evidence_id",
        [row.get(name) for name in _COLUMNS],
    ).fetchone()
    touch(connection)
    return int(found[0]) if found else 0


def judge(
    connection: Connection, evidence_id: int, *, is_confirmed: bool, at: datetime, by: str
) -> None:
    """Note that a person confirmed or refuted an irregularity; the last word counts."""
    values = [at, by, None] if is_confirmed else [None, by, at]
    connection.execute(
        "UPDATE work_order_evidence SET confirmed_at = ?, confirmed_by = ?, refuted_at = ? WHERE evidence_id = ?",
        [*values, evidence_id],
    )
    touch(connection)


def add_part(connection: Connection, row: Mapping[str, Any]) -> None:
    """Note a part taken (quantity above zero) or given back (below)."""
    marks = ", ".join("?" for _ in _PART)
    connection.execute(
        f"INSERT INTO work_order_parts ({', '.join(_PART)}) VALUES ({marks})",
        [row.get(name) for name in _PART],
    )
    touch(connection)


def part_quantity(connection: Connection, order_id: str, code: str) -> float:
    """How many of a part are on the order."""
    row = connection.execute(
        "SELECT sum(quantity) FROM work_order_parts WHERE order_id = ? AND code = ?",
        [order_id, code],
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def has_part_step(connection: Connection, order_id: str, step_key: str | None, actor: str) -> bool:
    """Whether this step of the actor's came already."""
    row = connection.execute(
        "SELECT 1 FROM work_order_parts WHERE order_id = ? AND step_key = ? AND actor = ? LIMIT 1",
        [order_id, step_key, actor],
    ).fetchone()
    return row is not None
