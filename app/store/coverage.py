"""Questions about whom crews reach: important customers and faults of each cell, unplaced people."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of
from grid_cells.promises import WAITS_FOR_CREW


def important_customers(connection: Connection) -> pd.DataFrame:
    """Important customers, and those who live by a device that needs power, by cell: cell_id, value."""
    return frame_of(
        connection.execute(
            "SELECT cell_id, count(*) AS value FROM customers"
            " WHERE cell_id IS NOT NULL AND (importance_code IS NOT NULL OR coalesce(life_support, false))"
            " GROUP BY cell_id ORDER BY cell_id"
        )
    )


def faults(connection: Connection, since: datetime, until: datetime) -> pd.DataFrame:
    """Calls in the span for which a crew must come, by the cell of the call or its customer: cell_id, value."""
    return frame_of(
        connection.execute(
            f"""
            SELECT coalesce(nullif(r.cell_id, 0), c.cell_id) AS cell_id, count(*) AS value
            FROM fault_reports r LEFT JOIN customers c USING (customer_no)
            WHERE r.registered_at > $since AND r.registered_at <= $until
              AND coalesce(r.service_type, 'fault') IN {WAITS_FOR_CREW}
              AND coalesce(nullif(r.cell_id, 0), c.cell_id) IS NOT NULL
            GROUP BY ALL ORDER BY cell_id
            """,
            {"since": since, "until": until},
        )
    )


def unplaced(connection: Connection) -> int:
    """Customers whose place nobody knows: no crew's way to them can be told."""
    row = connection.execute("SELECT count(*) FROM customers WHERE cell_id IS NULL").fetchone()
    return int(row[0]) if row else 0
