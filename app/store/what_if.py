"""Questions about the places that plans assume: halls, banks and crew bases added, moved, closed."""

from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of


def assumed(connection: Connection, plan_id: int) -> pd.DataFrame:
    """What a plan assumes, oldest first: kind, place_id, deed, name, lon, lat, made_at, actor."""
    return frame_of(
        connection.execute(
            "SELECT kind, place_id, deed, name, lon, lat, made_at, actor FROM plan_places"
            " WHERE plan_id = ? ORDER BY made_at, kind, place_id",
            [plan_id],
        )
    )


def assume(connection: Connection, row: dict[str, Any]) -> None:
    """Write one: plan_id, kind, place_id, deed, name, lon, lat, made_at, actor."""
    connection.execute(
        "INSERT INTO plan_places VALUES ($plan_id, $kind, $place_id, $deed, $name, $lon, $lat, $made_at, $actor)",
        row,
    )


def forget(connection: Connection, plan_id: int, kind: str, place_id: str) -> None:
    """Take one out again."""
    connection.execute(
        "DELETE FROM plan_places WHERE plan_id = ? AND kind = ? AND place_id = ?",
        [plan_id, kind, place_id],
    )


def copy(connection: Connection, of: int, to: int) -> None:
    """Let a plan assume what another one does."""
    connection.execute(
        "INSERT INTO plan_places SELECT $to, * EXCLUDE (plan_id) FROM plan_places WHERE plan_id = $of",
        {"of": of, "to": to},
    )


def plans_with(connection: Connection) -> set[int]:
    """The plans that assume anything."""
    rows = connection.execute("SELECT DISTINCT plan_id FROM plan_places").fetchall()
    return {int(row[0]) for row in rows}
