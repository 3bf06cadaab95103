"""Tables worked out from the facts: who serves whom, how far, how much energy. Always rebuildable."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of, register
from app.store.reading_reviews import READINGS


def replace(connection: Connection, table: str, frame: pd.DataFrame) -> None:
    """Put the frame in place of the table's rows."""
    connection.execute(f"DELETE FROM {table}")
    if frame.empty:
        return
    register(connection, "derived_rows", frame)
    names = ", ".join(f'"{name}"' for name in frame.columns)
    connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM derived_rows")
    connection.unregister("derived_rows")


def rebuild_energy_days(connection: Connection, now: datetime) -> None:
    """Sum the readings of billing meters by cell and day, by the meter's link of that day.

    Leaves `energy_parts` to this connection: told_cell is the cell in which a customer counts on
    the day towards what is told, the marks are as `grid_cells.told` describes them: a byte of the
    energy in Wh, in the place of the customer's slot.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE energy_parts AS
        WITH placed AS MATERIALIZED (
          SELECT m.meter_id, m.multiplier, c.cell_id, h.cell_id AS told_cell, h.slot,
            greatest(m.valid_from::DATE, h.from_day) AS begins, least(m.valid_to::DATE, h.to_day) AS ends
          FROM meter_links m LEFT JOIN customers c ON c.customer_no = m.customer_no
          LEFT JOIN told_homes h ON h.customer_no = m.customer_no
          WHERE coalesce(m.role, 'billing') = 'billing' AND (c.cell_id IS NOT NULL OR h.cell_id IS NOT NULL)),
        read AS (
          SELECT p.cell_id, p.told_cell, p.slot, r.day, r.energy_kwh * p.multiplier AS energy_kwh,
            (1 + (abs(TRY_CAST(round(r.energy_kwh * p.multiplier * 1000) AS BIGINT)) % 2147483647) * 48271 % 2147483647 % 255)::UBIGINT AS byte
          FROM {READINGS} r JOIN placed p ON p.meter_id = r.meter_id
            AND (p.begins IS NULL OR p.begins <= r.day) AND (p.ends IS NULL OR p.ends > r.day))
        SELECT cell_id, told_cell, day, sum(energy_kwh) AS energy_kwh, count(energy_kwh) AS meters_read,
          bit_xor(CASE WHEN slot < 8 THEN byte << (8 * slot)::UBIGINT ELSE 0::UBIGINT END) AS mark_low,
          bit_xor(CASE WHEN slot >= 8 THEN byte << (8 * (slot - 8))::UBIGINT ELSE 0::UBIGINT END) AS mark_high
        FROM read GROUP BY cell_id, told_cell, day
        """,
        {"now": now},
    )
    connection.execute("DELETE FROM cell_energy_days")
    connection.execute(
        "INSERT INTO cell_energy_days SELECT cell_id, day, sum(energy_kwh), sum(meters_read)"
        " FROM energy_parts WHERE cell_id IS NOT NULL GROUP BY cell_id, day"
    )


def customer_areas_changed(connection: Connection, frame: pd.DataFrame) -> int:
    """Customers whose area in `frame` (customer_no, area_id, rule) differs from the one held; new ones do not count."""
    register(connection, "would_be", frame)
    row = connection.execute(
        "SELECT count(*) FROM customer_areas h JOIN would_be w USING (customer_no)"
        " WHERE h.area_id IS DISTINCT FROM w.area_id"
    ).fetchone()
    connection.unregister("would_be")
    return int(row[0]) if row else 0


def cells_with_customers(connection: Connection) -> pd.DataFrame:
    """Cells in use with their customers' weighted centre: cell_id, customers, lon, lat."""
    return frame_of(
        connection.execute(
            "SELECT cell_id, count(*) AS customers, avg(lon) AS lon, avg(lat) AS lat FROM customers"
            " WHERE cell_id IS NOT NULL GROUP BY cell_id ORDER BY cell_id"
        )
    )


def area_cells_without_customers(connection: Connection) -> pd.DataFrame:
    """Cells of areas in which nobody lives: cell_id."""
    return frame_of(
        connection.execute(
            "SELECT a.cell_id FROM cell_areas a ANTI JOIN (SELECT DISTINCT cell_id FROM customers) c"
            " ON a.cell_id = c.cell_id ORDER BY a.cell_id"
        )
    )


def cell_areas(connection: Connection) -> pd.DataFrame:
    """Every cell of the plan or with customers: cell_id, area_id, is_mixed, areas, rule."""
    return frame_of(
        connection.execute(
            "SELECT cell_id, area_id, is_mixed, areas, CASE WHEN area_id IS NOT NULL THEN 'cell'"
            " WHEN len(areas) > 1 THEN 'conflict' ELSE 'none' END AS rule FROM cell_areas ORDER BY cell_id"
        )
    )


def cells_unserved(connection: Connection) -> list[int]:
    """Cells with customers in no area, the fullest first, at most 100."""
    rows = connection.execute(
        "SELECT cell_id FROM customers JOIN customer_areas USING (customer_no)"
        " WHERE rule = 'none' AND cell_id IS NOT NULL GROUP BY cell_id ORDER BY count(*) DESC, cell_id LIMIT 100"
    ).fetchall()
    return [int(row[0]) for row in rows]


def cells_claimed_twice(connection: Connection) -> list[int]:
    """Cells that two areas claim."""
    rows = connection.execute(
        "SELECT DISTINCT cell_id FROM (SELECT cell_id FROM cell_areas WHERE area_id IS NULL AND len(areas) > 1"
        " UNION ALL SELECT cell_id FROM customers JOIN customer_areas USING (customer_no)"
        " WHERE rule = 'conflict' AND cell_id IS NOT NULL) ORDER BY cell_id"
    ).fetchall()
    return [int(row[0]) for row in rows]


def area_of_cells(connection: Connection) -> pd.DataFrame:
    """The area of each cell that has exactly one: cell_id, area_id."""
    return frame_of(
        connection.execute(
            "SELECT DISTINCT cell_id, area_id FROM cell_areas WHERE area_id IS NOT NULL"
        )
    )
