"""Questions about sessions: who has come in, and until when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from app.store.database import Connection, frame_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class NewSession:
    """A session about to begin; only hashes of what the browser holds."""

    session_id: str
    token_sha256: str
    user_id: str
    way: str
    proof_sha256: str | None
    agent: str


@dataclass(frozen=True)
class Held:
    """A session as the store holds it."""

    session_id: str
    token_sha256: str
    user_id: str
    way: str
    seen_at: datetime
    expires_at: datetime
    is_ended: bool


def insert(connection: Connection, new: NewSession, *, at: datetime, expires_at: datetime) -> None:
    """Begin a session."""
    connection.execute(
        "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
        [new.session_id, new.token_sha256, new.user_id, new.way, new.proof_sha256, new.agent,
         at, at, expires_at],
    )  # fmt: skip


def by_token(connection: Connection, token_sha256: str) -> Held | None:
    """The session that this hash of a token opened, or None."""
    return _one(connection, "token_sha256 = ?", token_sha256)


def by_id(connection: Connection, session_id: str) -> Held | None:
    """The session of that id, or None."""
    return _one(connection, "session_id = ?", session_id)


def _one(connection: Connection, condition: str, value: str) -> Held | None:
    """Times are read as whole numbers: that is the fastest answer, and this is asked all the time."""
    row = connection.execute(
        "SELECT session_id, token_sha256, user_id, way, epoch_us(seen_at), epoch_us(expires_at),"
        f" ended_at IS NOT NULL FROM sessions WHERE {condition} LIMIT 1",
        [value],
    ).fetchone()
    if row is None:
        return None
    session_id, token_sha256, user_id, way, seen_us, expires_us, is_ended = row
    return Held(
        session_id, token_sha256, user_id, way, _moment(seen_us), _moment(expires_us), is_ended
    )


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def is_spent(connection: Connection, proof_sha256: str, *, at: datetime, idle: timedelta) -> bool:
    """Whether this proof ever opened a session that is over."""
    row = connection.execute(
        "SELECT 1 FROM sessions WHERE proof_sha256 = ?"
        " AND (ended_at IS NOT NULL OR expires_at <= ? OR seen_at <= ?) LIMIT 1",
        [proof_sha256, at, at - idle],
    ).fetchone()
    return row is not None


def touch(connection: Connection, session_id: str, *, at: datetime) -> None:
    """Note when the session was last used."""
    connection.execute(
        "UPDATE sessions SET seen_at = ? WHERE session_id = ? AND ended_at IS NULL AND seen_at < ?",
        [at, session_id, at],
    )


def end(connection: Connection, session_id: str, *, at: datetime, why: str) -> set[str]:
    """End one session; the ids that were open until now."""
    return _end(connection, "session_id = ?", [session_id], at, why)


def end_of_user(
    connection: Connection, user_id: str, *, at: datetime, why: str, but: str | None = None
) -> set[str]:
    """End every session of a user, perhaps but one; the ids that were open until now."""
    return _end(
        connection, "user_id = ? AND session_id IS DISTINCT FROM ?", [user_id, but], at, why
    )


def _end(
    connection: Connection, condition: str, values: list[str | None], at: datetime, why: str
) -> set[str]:
    rows = connection.execute(
        f"UPDATE sessions SET ended_at = ?, ended_why = ? WHERE {condition} AND ended_at IS NULL"
        " RETURNING session_id",
        [at, why, *values],
    ).fetchall()
    return {str(row[0]) for row in rows}


def open_of_user(
    connection: Connection, user_id: str, *, at: datetime, idle: timedelta
) -> pd.DataFrame:
    """Sessions of a user that are not over: session_id, way, agent, created_at, seen_at, expires_at."""
    return frame_of(
        connection.execute(
            "SELECT session_id, way, agent, created_at, seen_at, CASE WHEN way = 'token' THEN expires_at"
            " ELSE least(expires_at, seen_at + ?) END AS expires_at FROM sessions"
            " WHERE user_id = ? AND ended_at IS NULL AND expires_at > ? AND (way = 'token' OR seen_at > ?)"
            " ORDER BY seen_at DESC, session_id",
            [idle, user_id, at, at - idle],
        )
    )
