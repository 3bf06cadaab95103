"""Questions about orders taken from the pool: who gave them back, how a contest was settled."""

from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outage_book import plain_row

SETTLED = "grab_settled"
"""The note on an order's timeline that several crews asked for it."""


def given_back(connection: Connection, now: datetime, since: datetime) -> pd.DataFrame:
    """How many grabbed orders each crew gave back within the time: crew_id, returned."""
    return frame_of(
        connection.execute(
            """
            SELECT crew_id, count(*) AS returned FROM work_order_crews
            WHERE how = 'grab' AND ended_why = 'returned' AND ended_at <= $now AND ended_at > $since
            GROUP BY crew_id ORDER BY crew_id
            """,
            {"now": now, "since": since},
        )
    )


def settled_with(connection: Connection, order_id: str, step_key: str) -> dict[str, Any] | None:
    """The note of the contest in which a device's step took part, by its key."""
    frame = frame_of(
        connection.execute(
            "SELECT * FROM work_order_events WHERE order_id = ? AND move = ?"
            " AND list_contains(json_extract_string(detail, '$.keys[*]'), ?) ORDER BY event_id DESC LIMIT 1",
            [order_id, SETTLED, step_key],
        )
    )
    return None if frame.empty else plain_row(frame)


def pooled(connection: Connection) -> list[str]:
    """Numbers of the orders in sight that lie in the pool."""
    rows = connection.execute("SELECT order_id FROM work_orders WHERE is_in_pool ORDER BY order_id")
    return [str(row[0]) for row in rows.fetchall()]
