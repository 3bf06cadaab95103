"""Questions about meter readings."""

from datetime import date

import pandas as pd
import pyarrow as pa

from app.store.database import Connection, Database, frame_of, register


def registers_on(connection: Connection, day: date) -> pd.DataFrame:
    """Registers held for one day: meter_id, day, register_kwh."""
    return frame_of(
        connection.execute(
            "SELECT meter_id, day::TIMESTAMP AS day, register_kwh FROM meter_readings"
            " WHERE day = ? AND register_kwh IS NOT NULL",
            [day],
        )
    )


def only_meters(connection: Connection, numbers: pd.Series) -> pd.DataFrame:
    """For customers by number: customer_no, meters (how many billing meters now), meter_id (one of them)."""
    register(connection, "asked", pa.table({"customer_no": pa.array(numbers.unique())}))
    frame = frame_of(
        connection.execute(
            "SELECT m.customer_no, count(DISTINCT m.meter_id) AS meters, min(m.meter_id) AS meter_id"
            " FROM meters m SEMI JOIN asked USING (customer_no)"
            " WHERE coalesce(m.role, 'billing') = 'billing' GROUP BY m.customer_no"
        )
    )
    connection.unregister("asked")
    return frame


def last_day(connection: Connection) -> date | None:
    """The newest day with readings."""
    row = connection.execute("SELECT max(day) FROM meter_readings").fetchone()
    return row[0] if row else None


def count_and_received(db: Database) -> tuple[int, pd.Timestamp | None]:
    """How many readings are held and when the newest arrived."""
    frame = db.query("SELECT count(*) AS n, max(received_at) AS at FROM meter_readings")
    at = frame["at"].iloc[0]
    return int(frame["n"].iloc[0]), None if pd.isna(at) else at


def read_share(connection: Connection, day: date) -> tuple[int, int]:
    """Billing meters with a measured reading on a day, and billing meters in place on it."""
    row = connection.execute(
        """
        WITH due AS (
          SELECT DISTINCT meter_id FROM meter_links WHERE coalesce(role, 'billing') = 'billing'
            AND (valid_from IS NULL OR valid_from::DATE <= $day) AND (valid_to IS NULL OR valid_to::DATE > $day))
        SELECT count(r.meter_id), count(*) FROM due LEFT JOIN (
          SELECT DISTINCT meter_id FROM meter_readings WHERE day = $day AND energy_kwh IS NOT NULL
            AND coalesce(source, 'measured') <> 'estimated') r USING (meter_id)
        """,
        {"day": day},
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
