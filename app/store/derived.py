"""Tables worked out from the facts: who serves whom, how far, how much energy. Always rebuildable."""

import pandas as pd

from app.store.database import Connection, frame_of, register


def replace(connection: Connection, table: str, frame: pd.DataFrame) -> None:
    """Put the frame in place of the table's rows."""
    connection.execute(f"DELETE FROM {table}")
    if frame.empty:
        return
    register(connection, "derived_rows", frame)
    names = ", ".join(f'"{name}"' for name in frame.columns)
    connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM derived_rows")
    connection.unregister("derived_rows")


def rebuild_energy_days(connection: Connection) -> None:
    """Sum the readings of billing meters by cell and day, by the meter's link of that day."""
    connection.execute("DELETE FROM cell_energy_days")
    connection.execute(
        """
        INSERT INTO cell_energy_days
        SELECT c.cell_id, r.day, sum(r.energy_kwh * m.multiplier), count(r.energy_kwh)
        FROM meter_readings r
        JOIN meter_links m ON m.meter_id = r.meter_id AND coalesce(m.role, 'billing') = 'billing'
          AND (m.valid_from IS NULL OR m.valid_from::DATE <= r.day) AND (m.valid_to IS NULL OR m.valid_to::DATE > r.day)
        JOIN customers c ON c.customer_no = m.customer_no
        WHERE c.cell_id IS NOT NULL
        GROUP BY c.cell_id, r.day
        """
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
