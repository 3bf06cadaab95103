"""Questions of privacy: how many lie behind a figure, how often a person looked."""

from datetime import date, datetime

import pandas as pd

from app.store.database import Connection, frame_of


def cells_to_group(connection: Connection) -> pd.DataFrame:
    """Cells with customers, the label of their area, and how many more meters than metered customers.

    Columns cell_id, area, customers, spare_meters; the label is the one that was held last.
    """
    return frame_of(
        connection.execute(
            """
            WITH lived AS (SELECT cell_id, count(*) AS customers FROM customers WHERE cell_id IS NOT NULL GROUP BY cell_id),
            metered AS (
              SELECT c.cell_id, count(DISTINCT m.meter_id) - count(DISTINCT m.customer_no) AS spare_meters
              FROM meters m JOIN customers c USING (customer_no)
              WHERE coalesce(m.role, 'billing') = 'billing' AND m.valid_to IS NULL AND c.cell_id IS NOT NULL
              GROUP BY c.cell_id)
            SELECT cell_id, coalesce(area, '?') AS area, customers, coalesce(spare_meters, 0) AS spare_meters
            FROM lived LEFT JOIN cell_group_areas USING (cell_id) LEFT JOIN metered USING (cell_id) ORDER BY cell_id
            """
        )
    )


def hold_areas(connection: Connection) -> None:
    """Keep the areas of now for the grouping of cells; a cell of none or of several has their names."""
    connection.execute("DELETE FROM cell_group_areas")
    connection.execute(
        """
        INSERT INTO cell_group_areas
        SELECT cell_id, min(coalesce('=' || area_id, '?' || list_aggregate(areas, 'string_agg', ','), '?'))
        FROM cell_areas GROUP BY cell_id
        """
    )


def transformer_cells(connection: Connection, day: date) -> pd.DataFrame:
    """Customers behind each transformer's energy of a day by cell: transformer_id, cell_id (0 where none), customers."""
    return frame_of(
        connection.execute(
            """
            SELECT m.transformer_id, coalesce(c.cell_id, 0) AS cell_id, count(DISTINCT m.customer_no) AS customers
            FROM meter_readings r JOIN meter_links m ON m.meter_id = r.meter_id AND coalesce(m.role, 'billing') = 'billing'
              AND (m.valid_from IS NULL OR m.valid_from::DATE <= $day) AND (m.valid_to IS NULL OR m.valid_to::DATE > $day)
            LEFT JOIN customers c ON c.customer_no = m.customer_no
            WHERE r.day = $day AND m.transformer_id IS NOT NULL AND r.energy_kwh IS NOT NULL GROUP BY ALL
            """,
            {"day": day},
        )
    )


def transformer_ids(connection: Connection) -> list[str]:
    """Transformers that this connection sees."""
    rows = connection.execute("SELECT DISTINCT transformer_id FROM transformers").fetchall()
    return [str(row[0]) for row in rows]


def times_recorded(connection: Connection, actor_id: str, event: str, since: datetime) -> int:
    """How often the person's deed stands in the audit since a moment."""
    row = connection.execute(
        "SELECT count(*) FROM audit_log WHERE actor = ? AND event = ? AND happened_at >= ?",
        [actor_id, event, since],
    ).fetchone()
    return int(row[0]) if row else 0
