"""What clerks tap beside the queue; a key counts once, however often it is sent."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of, register


def add(connection: Connection, taps: pd.DataFrame) -> list[str]:
    """Keep the taps whose key is new; their keys.

    Columns tally_key, hall_id, matter, tapped_at, received_at, user_id.
    """
    register(
        connection,
        "taps",
        taps.assign(user_id=taps["user_id"].astype("str").where(taps["user_id"].notna())),
    )
    rows = connection.execute(
        "INSERT INTO hall_tallies (tally_key, hall_id, matter, tapped_at, received_at, user_id)"
        " SELECT tally_key, hall_id, matter, tapped_at, received_at, user_id::VARCHAR FROM taps"
        " ON CONFLICT DO NOTHING RETURNING tally_key"
    ).fetchall()
    connection.unregister("taps")
    return [str(row[0]) for row in rows]


def take_back(connection: Connection, key: str, user_id: str, at: datetime) -> bool | None:
    """Take one's own tap back; False where it was taken back already, None where there is none."""
    row = connection.execute(
        "SELECT taken_back_at IS NOT NULL FROM hall_tallies WHERE tally_key = ? AND user_id = ?",
        [key, user_id],
    ).fetchone()
    if row is None:
        return None
    if row[0]:
        return False
    connection.execute("UPDATE hall_tallies SET taken_back_at = ? WHERE tally_key = ?", [at, key])
    return True


def counts(connection: Connection, first: datetime, now: datetime) -> pd.DataFrame:
    """Tallies since a moment as known now: hall_id, matter, tallies."""
    return frame_of(
        connection.execute(
            "SELECT hall_id, matter, count(*) AS tallies FROM hall_tallies"
            " WHERE tapped_at >= $first AND tapped_at <= $now AND received_at <= $now"
            " AND (taken_back_at IS NULL OR taken_back_at > $now) GROUP BY ALL ORDER BY ALL",
            {"first": first, "now": now},
        )
    )
