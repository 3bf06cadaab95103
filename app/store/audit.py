"""The record of what was done: who, what, when, in the transaction of the deed itself.

Rows are only ever added: each is sealed to the one before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from app.store.audit_seal import rows_in_order, sealer_of
from app.store.database import Connection, Database
from grid_cells.audit_chain import AuditRow


@dataclass(frozen=True)
class Wanted:
    """Which rows are asked for; None and empty ask for no limit.

    `people` limits to what these actors did, and to what nobody signed in tried on them.
    """

    start: datetime | None = None
    end: datetime | None = None
    actor: str = ""
    event: str = ""
    subject: str = ""
    text: str = ""
    people: Sequence[str] | None = None


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


def search(db: Database, wanted: Wanted, *, limit: int | None, offset: int = 0) -> pd.DataFrame:
    """Rows asked for, newest first, with actor's and subject's names where these are users."""
    where, values = _where(wanted)
    return db.query(
        "SELECT a.event_id, a.happened_at, a.actor, u.name AS actor_name, a.event, a.subject,"
        " s.name AS subject_name, a.detail, a.key_id, a.mac FROM audit_log a"
        " LEFT JOIN users u ON a.actor = 'user:' || u.user_id"
        " LEFT JOIN users s ON a.subject = 'user:' || s.user_id"
        f" WHERE {where} ORDER BY a.event_id DESC LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )


def count(db: Database, wanted: Wanted) -> int:
    """How many rows are asked for."""
    where, values = _where(wanted)
    row = db.read().execute(f"SELECT count(*) FROM audit_log a WHERE {where}", values).fetchone()
    return int(row[0]) if row else 0


def choices(db: Database, wanted: Wanted, column: str) -> list[str]:
    """The actors or events that the rows asked for have."""
    where, values = _where(wanted)
    name = {"actor": "actor", "event": "event"}[column]
    rows = (
        db.read()
        .execute(f"SELECT DISTINCT a.{name} FROM audit_log a WHERE {where} ORDER BY 1", values)
        .fetchall()
    )
    return [str(row[0]) for row in rows]


def people_of(db: Database, units: Sequence[str], area_id: str | None) -> list[str]:
    """The actor ids of the users of these units, of one area only where one is given."""
    rows = (
        db.read()
        .execute(
            "SELECT 'user:' || user_id FROM users WHERE list_contains(?::VARCHAR[], unit_id)"
            " AND (? IS NULL OR area_id = ?)",
            [list(units), area_id, area_id],
        )
        .fetchall()
    )
    return [str(row[0]) for row in rows]


def scan(connection: Connection) -> Iterator[list[AuditRow]]:
    """The whole log in the order of its rows, in portions."""
    yield from rows_in_order(connection)


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    given: list[tuple[str, list[Any]]] = [
        ("a.happened_at >= ?", [wanted.start]),
        ("a.happened_at < ?", [wanted.end]),
        ("a.actor = ?", [wanted.actor or None]),
        ("a.event = ?", [wanted.event or None]),
        ("(a.subject = ? OR starts_with(a.subject, ?))", _subject(wanted.subject)),
        ("contains(lower(concat_ws(' ', a.subject, a.detail)), lower(?))", [wanted.text or None]),
    ]
    parts = [(sql, values) for sql, values in given if values[0] is not None]
    if wanted.people is not None:
        people = list(wanted.people)
        mine = (
            "(list_contains(?::VARCHAR[], a.actor)"
            " OR (a.actor = 'nobody' AND list_contains(?::VARCHAR[], a.subject)))"
        )
        parts.append((mine, [people, people]))
    where = " AND ".join(sql for sql, _ in parts) or "TRUE"
    return where, [value for _, values in parts for value in values]


def _subject(subject: str) -> list[Any]:
    """The subject itself, or every subject of its kind where only the kind is given."""
    kind = subject.rstrip(":")
    return [subject, f"{kind}:"] if kind and ":" not in kind else [subject or None, f"{subject}\0"]
