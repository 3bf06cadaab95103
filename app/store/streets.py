"""Questions about streets and their closures."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of


def edges(connection: Connection) -> pd.DataFrame:
    """Every piece of street between two nodes."""
    return frame_of(
        connection.execute("SELECT * EXCLUDE (batch_id, row_no) FROM streets ORDER BY way_id, seq")
    )


def count(connection: Connection) -> int:
    """Number of pieces of street."""
    row = connection.execute("SELECT count(*) FROM streets").fetchone()
    return int(row[0]) if row else 0


def expressways(connection: Connection) -> pd.DataFrame:
    """Pieces of motorways and trunk roads: from_lon, from_lat, to_lon, to_lat."""
    return frame_of(
        connection.execute(
            "SELECT from_lon, from_lat, to_lon, to_lat FROM streets"
            " WHERE regexp_matches(highway, '^(motorway|trunk)') AND isfinite(from_lon) AND isfinite(to_lon)"
        )
    )


def sample_points(connection: Connection, limit: int) -> pd.DataFrame:
    """Up to `limit` middles of pieces of street, always the same ones: lon, lat."""
    return frame_of(
        connection.execute(
            "SELECT (from_lon + to_lon) / 2 AS lon, (from_lat + to_lat) / 2 AS lat FROM streets"
            " ORDER BY hash(way_id, seq) LIMIT ?",
            [limit],
        )
    )


def closures_at(connection: Connection, at: datetime) -> pd.DataFrame:
    """Closures in force at that moment: street, geometry (WKB), valid_from, valid_to, reason."""
    return frame_of(
        connection.execute(
            "SELECT street, geometry, valid_from, valid_to, reason FROM closures"
            " WHERE (valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)"
            " ORDER BY street, valid_from",
            {"at": at},
        )
    )


def closures_between(connection: Connection, first: datetime, last: datetime) -> pd.DataFrame:
    """Closures in force at any time of the span, in the columns and order of `closures_at`."""
    return frame_of(
        connection.execute(
            "SELECT street, geometry, valid_from, valid_to, reason FROM closures"
            " WHERE (valid_from IS NULL OR valid_from <= $last) AND (valid_to IS NULL OR valid_to > $first)"
            " ORDER BY street, valid_from",
            {"first": first, "last": last},
        )
    )
