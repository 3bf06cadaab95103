"""Where crews were seen last."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of


def last_seen(connection: Connection, now: datetime, since: datetime) -> pd.DataFrame:
    """The last position of each crew within the time: crew_id, lon, lat, seen_at."""
    return frame_of(
        connection.execute(
            """
            SELECT crew_id, arg_max(lon, seen_at) AS lon, arg_max(lat, seen_at) AS lat, max(seen_at) AS seen_at
            FROM crew_positions WHERE seen_at <= $now AND seen_at > $since AND received_at <= $now
            GROUP BY crew_id ORDER BY crew_id
            """,
            {"now": now, "since": since},
        )
    )
