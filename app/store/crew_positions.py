"""Questions about where crews on duty were; nothing here is ever outside a duty."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of, register

_POSITIONS = "crew_id, user_id, seen_at, lon, lat, accuracy_m, cell_id"


def add(connection: Connection, fixes: pd.DataFrame) -> None:
    """Keep fixes (crew_id, user_id, seen_at, received_at, lon, lat, accuracy_m, cell_id)."""
    register(connection, "new_fixes", fixes)
    connection.execute(
        f"INSERT INTO crew_positions ({_POSITIONS}, received_at)"
        f" SELECT {_POSITIONS}, received_at FROM new_fixes"
    )
    connection.unregister("new_fixes")


def of_user(connection: Connection, user_id: str, first: datetime, last: datetime) -> pd.DataFrame:
    """Fixes of the person in the span and the last before it: seen_at, lon, lat, accuracy_m."""
    return frame_of(
        connection.execute(
            "SELECT seen_at, lon, lat, accuracy_m FROM crew_positions WHERE user_id = $user AND seen_at <= $last"
            " AND seen_at >= coalesce((SELECT max(seen_at) FROM crew_positions"
            " WHERE user_id = $user AND seen_at < $first), $first) ORDER BY seen_at",
            {"user": user_id, "first": first, "last": last},
        )
    )


def of_crews(
    connection: Connection, crew_ids: Sequence[str], first: datetime, last: datetime, at: datetime
) -> pd.DataFrame:
    """Fixes of the crews within the span that had come in by `at`, by crew and moment."""
    return frame_of(
        connection.execute(
            f"SELECT {_POSITIONS} FROM crew_positions WHERE list_contains(?::VARCHAR[], crew_id)"
            " AND seen_at >= ? AND seen_at < ? AND received_at <= ? ORDER BY crew_id, seen_at",
            [list(crew_ids), first, last, at],
        )
    )


def latest(connection: Connection, at: datetime) -> pd.DataFrame:
    """The newest fix of each crew that is on duty at the moment, of its duties that are on."""
    return frame_of(
        connection.execute(
            f"""
            SELECT {", ".join("p." + name for name in _POSITIONS.split(", "))}
            FROM crew_positions p JOIN crew_duties d ON d.crew_id = p.crew_id AND d.user_id = p.user_id
            WHERE d.on_at <= $at AND (d.off_at IS NULL OR d.off_at > $at)
              AND p.seen_at >= d.on_at AND p.seen_at <= $at AND p.received_at <= $at
            QUALIFY row_number() OVER (PARTITION BY p.crew_id ORDER BY p.seen_at DESC, p.user_id) = 1
            ORDER BY p.crew_id
            """,
            {"at": at},
        )
    )


def is_noted(
    connection: Connection, actor_id: str, event: str, subject: str, since: datetime
) -> bool:
    """Whether the audit has such a row of the actor since a moment."""
    row = connection.execute(
        "SELECT 1 FROM audit_log WHERE actor = ? AND event = ? AND subject = ? AND happened_at >= ? LIMIT 1",
        [actor_id, event, subject, since],
    ).fetchone()
    return row is not None
