"""Questions about cells: one figure for each cell, and what lies inside one."""

from datetime import date, datetime

import pandas as pd

from app.store.database import Connection, Database, frame_of, moment_of
from app.store.outages import DARK_AT, ESTIMATE_AT, ESTIMATES_AT, OUT_AT, STATUS_AT


def frame_cells(connection: Connection) -> pd.DataFrame:
    """Every cell worth drawing with its area: cell_id, area_id, is_mixed."""
    return frame_of(
        connection.execute(
            """
            SELECT cell_id, area_id, coalesce(is_mixed, false) AS is_mixed FROM cell_areas
            UNION ALL
            SELECT DISTINCT f.cell_id, NULL, false FROM cell_facts f
            WHERE f.cell_id IS NOT NULL AND f.cell_id NOT IN (SELECT cell_id FROM cell_areas)
              AND (SELECT count(*) FROM customers) = 0
            ORDER BY cell_id
            """
        )
    )


def is_held(connection: Connection, cell_id: int) -> bool:
    """Whether the cell belongs to a plan or has customers, as far as this connection sees."""
    row = connection.execute("SELECT 1 FROM cell_areas WHERE cell_id = ? LIMIT 1", [cell_id])
    return row.fetchone() is not None


def customers(connection: Connection) -> pd.DataFrame:
    """Customers by cell: cell_id, value."""
    return _values(
        connection,
        "SELECT cell_id, count(*) AS value FROM customers WHERE cell_id IS NOT NULL GROUP BY cell_id",
    )


def energy_a_day(connection: Connection, last: date, days: int) -> pd.DataFrame:
    """Mean energy of a day in kWh over the last `days` known days: cell_id, value."""
    return _values(
        connection,
        "SELECT cell_id, avg(energy_kwh) AS value FROM cell_energy_days"
        " WHERE day > $last::DATE - $days::INTEGER AND day <= $last GROUP BY cell_id",
        {"last": last, "days": days},
    )


def minutes(connection: Connection, target: str) -> pd.DataFrame:
    """Minutes to the nearest hall, bank or crew: cell_id, value (empty: unreachable), target_id, method."""
    return frame_of(
        connection.execute(
            "SELECT cell_id, travel_time_min AS value, target_id, method FROM cell_travel WHERE target = ?",
            [target],
        )
    )


def customers_per_hall(connection: Connection) -> pd.DataFrame:
    """Customers for whom the cell's nearest hall is nearest too: cell_id, value."""
    return _values(
        connection,
        """
        WITH people AS (SELECT cell_id, count(*) AS n FROM customers WHERE cell_id IS NOT NULL GROUP BY cell_id),
        halls_of AS (SELECT cell_id, target_id FROM cell_travel WHERE target = 'hall' AND target_id IS NOT NULL),
        totals AS (SELECT target_id, sum(n) AS value FROM halls_of JOIN people USING (cell_id) GROUP BY target_id)
        SELECT cell_id, value FROM halls_of JOIN totals USING (target_id)
        """,
    )


def outages_open(connection: Connection, at: datetime) -> pd.DataFrame:
    """Open outages that touch each cell: cell_id, value (0 where none)."""
    return _values(
        connection,
        _OUT
        + """
        SELECT cell_id, count(DISTINCT outage_id) AS value FROM
          (SELECT cell_id, outage_id FROM out_now UNION ALL SELECT cell_id, outage_id FROM unreached)
        WHERE cell_id IS NOT NULL GROUP BY cell_id
        """,
        {"known": at},
    )


def customers_out(connection: Connection, at: datetime) -> pd.DataFrame:
    """Customers without power by cell: cell_id, value; by the outages' scope, else by their own count."""
    return _values(
        connection,
        _OUT
        + """
        SELECT cell_id, sum(n) AS value FROM (
          SELECT cell_id, count(DISTINCT customer_no) AS n FROM out_now GROUP BY cell_id
          UNION ALL SELECT cell_id, sum(left_out) FROM unreached GROUP BY cell_id)
        WHERE cell_id IS NOT NULL GROUP BY cell_id
        """,
        {"known": at},
    )


_OUT = f"""
{OUT_AT},
out_now AS (
  SELECT DISTINCT d.outage_id, d.customer_no, c.cell_id FROM dark d JOIN customers c USING (customer_no) WHERE {DARK_AT}
)
"""


def total_out(connection: Connection, at: datetime) -> int:
    """Customers without power at that moment, unplaced ones included, each counted once."""
    row = connection.execute(
        _OUT
        + " SELECT (SELECT count(DISTINCT customer_no) FROM out_now)"
        + " + (SELECT coalesce(sum(left_out), 0) FROM unreached)",
        {"known": at},
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def transformer_energy(connection: Connection, day: date) -> pd.DataFrame:
    """Energy through each public transformer on a day: transformer_id, name, cell_id, capacity_kva, energy_kwh.

    By its master meter where one was read, else the sum of its customers.
    """
    return frame_of(
        connection.execute(
            """
            WITH read AS (
              SELECT m.transformer_id, coalesce(m.role, 'billing') AS role, sum(r.energy_kwh * m.multiplier) AS energy_kwh
              FROM meter_readings r JOIN meter_links m ON m.meter_id = r.meter_id
                AND (m.valid_from IS NULL OR m.valid_from::DATE <= $day) AND (m.valid_to IS NULL OR m.valid_to::DATE > $day)
              WHERE r.day = $day AND m.transformer_id IS NOT NULL GROUP BY ALL
            ), sums AS (
              SELECT transformer_id, coalesce(sum(energy_kwh) FILTER (role = 'master'), sum(energy_kwh) FILTER (role = 'billing')) AS energy_kwh
              FROM read GROUP BY transformer_id
            )
            SELECT t.transformer_id, t.name, coalesce(t.cell_id, 0) AS cell_id, t.capacity_kva, s.energy_kwh
            FROM sums s JOIN transformer_links t USING (transformer_id)
            WHERE (t.valid_from IS NULL OR t.valid_from::DATE <= $day) AND (t.valid_to IS NULL OR t.valid_to::DATE > $day)
            """,
            {"day": day},
        )
    )


def data_quality(connection: Connection, last: date | None) -> pd.DataFrame:
    """Share of four things known of each customer, mean by cell: cell_id, value (0 to 1).

    Its own position, its transformer, a meter, a measured reading on the last day.
    """
    return _values(
        connection,
        """
        WITH metered AS (SELECT DISTINCT customer_no, meter_id FROM meters WHERE customer_no IS NOT NULL),
        read AS (SELECT DISTINCT m.customer_no FROM meter_readings r JOIN metered m USING (meter_id)
                 WHERE r.day = $last AND coalesce(r.source, 'measured') IN ('measured', 'late'))
        SELECT c.cell_id, avg((
          (coalesce(c.position_source, 'address') IN ('meter', 'box', 'address'))::INTEGER
          + (c.transformer_id IS NOT NULL)::INTEGER + (m.customer_no IS NOT NULL)::INTEGER
          + (r.customer_no IS NOT NULL)::INTEGER) / 4.0) AS value
        FROM customers c LEFT JOIN (SELECT DISTINCT customer_no FROM metered) m USING (customer_no)
        LEFT JOIN read r USING (customer_no) WHERE c.cell_id IS NOT NULL GROUP BY c.cell_id
        """,
        {"last": last},
    )


def fact(connection: Connection, measure: str) -> pd.DataFrame:
    """The newest value of a loaded figure: cell_id, value, unit, source, as_of."""
    return frame_of(
        connection.execute(
            "SELECT cell_id, last(value ORDER BY as_of NULLS FIRST) AS value, last(unit ORDER BY as_of NULLS FIRST) AS unit,"
            " last(source ORDER BY as_of NULLS FIRST) AS source, max(as_of) AS as_of"
            " FROM cell_facts WHERE measure = ? AND cell_id IS NOT NULL GROUP BY cell_id",
            [measure],
        )
    )


def fact_measures(connection: Connection) -> pd.DataFrame:
    """Figures that were loaded: measure, unit, source, as_of."""
    return frame_of(
        connection.execute(
            "SELECT measure, any_value(unit) AS unit, any_value(source) AS source, max(as_of) AS as_of"
            " FROM cell_facts GROUP BY measure ORDER BY measure"
        )
    )


def facts_of(connection: Connection, cell_id: int) -> pd.DataFrame:
    """Loaded figures of one cell, newest of each: measure, value, unit, source, as_of."""
    return frame_of(
        connection.execute(
            "SELECT measure, last(value ORDER BY as_of NULLS FIRST) AS value, any_value(unit) AS unit,"
            " any_value(source) AS source, max(as_of) AS as_of FROM cell_facts WHERE cell_id = ?"
            " GROUP BY measure ORDER BY measure",
            [cell_id],
        )
    )


def energy_days(db: Database, cell_id: int) -> pd.DataFrame:
    """Energy of a cell by day: day, energy_kwh."""
    return db.query(
        "SELECT day, energy_kwh FROM cell_energy_days WHERE cell_id = ? ORDER BY day", [cell_id]
    )


def middle(connection: Connection, cell_id: int) -> tuple[int, float, float] | None:
    """Customers of a cell and where they are in the middle: count, lon, lat; None where nobody lives."""
    row = connection.execute(
        "SELECT count(*), avg(lon), avg(lat) FROM customers WHERE cell_id = ?", [cell_id]
    ).fetchone()
    return None if row is None or row[0] == 0 else (int(row[0]), float(row[1]), float(row[2]))


def area_customers(connection: Connection) -> pd.DataFrame:
    """Customers by area: area_id, customers."""
    return frame_of(
        connection.execute(
            "SELECT area_id, count(*) AS customers FROM customer_areas WHERE area_id IS NOT NULL GROUP BY area_id"
        )
    )


def rules(connection: Connection) -> pd.DataFrame:
    """How customers came to their area: rule, customers."""
    return frame_of(
        connection.execute("SELECT rule, count(*) AS customers FROM customer_areas GROUP BY rule")
    )


def moment_of_change(connection: Connection, at: datetime) -> datetime | None:
    """The latest moment up to `at` at which an outage, a step of one, a closure, bank, claim or override began or ended."""
    return moment_of(
        connection.execute(
            """
        SELECT max(t) FROM (
          SELECT unnest([started_at, restored_at]) AS t FROM outages
          UNION ALL SELECT step_at FROM outage_steps
          UNION ALL SELECT unnest([valid_from, valid_to]) FROM closures
          UNION ALL SELECT unnest([valid_from, valid_to]) FROM banks
          UNION ALL SELECT unnest([valid_from, valid_to]) FROM service_plans
          UNION ALL SELECT unnest([valid_from, valid_to]) FROM assignment_overrides
          UNION ALL SELECT max(valid_from) FROM plan_units UNION ALL SELECT max(valid_to) FROM plan_units
        ) WHERE t <= ?
        """,
            [at],
        )
    )


def _values(connection: Connection, sql: str, parameters: object = None) -> pd.DataFrame:
    return frame_of(connection.execute(sql, parameters))


def outages_in(connection: Connection, cell_id: int, at: datetime) -> pd.DataFrame:
    """Open outages that touch a cell: outage_id, kind, status, cause, started_at, estimated_restore_at, customers_here."""
    return frame_of(
        connection.execute(
            _OUT
            + f"""
            , {ESTIMATES_AT}
            SELECT o.outage_id, o.kind, {STATUS_AT} AS status, o.cause, o.started_at, {ESTIMATE_AT} AS estimated_restore_at,
              h.customers_here
            FROM (SELECT outage_id, count(DISTINCT customer_no) AS customers_here FROM out_now WHERE cell_id = $cell GROUP BY outage_id
                  UNION ALL SELECT outage_id, left_out FROM unreached WHERE cell_id = $cell) h
            JOIN outages o USING (outage_id) LEFT JOIN told_estimates t USING (outage_id) ORDER BY o.started_at
            """,
            {"known": at, "cell": cell_id},
        )
    )


def outage_of(connection: Connection, customer_no: str, at: datetime) -> dict[str, object] | None:
    """The first open outage a customer is in, or None."""
    frame = frame_of(
        connection.execute(
            _OUT
            + f", {ESTIMATES_AT} SELECT o.outage_id, o.kind, {STATUS_AT} AS status, o.cause, o.started_at,"
            + f" {ESTIMATE_AT} AS estimated_restore_at FROM out_now JOIN outages o USING (outage_id)"
            + " LEFT JOIN told_estimates t USING (outage_id) WHERE customer_no = $no ORDER BY o.started_at LIMIT 1",
            {"known": at, "no": customer_no},
        )
    )
    if frame.empty:
        return None
    return {str(k): (None if pd.isna(v) else v) for k, v in frame.iloc[0].to_dict().items()}
