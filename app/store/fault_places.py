"""What is known about the places of several calls at once: who, which transformer, which area, who is out.

Every question is about the rows of `asked_calls`, which `ask` makes readable on a cursor: place (the
row's number), at, customer_no, transformer_id, lon, lat, cell_id (empty: unknown).
"""

from datetime import datetime
from typing import Final

import pandas as pd
import pyarrow as pa

from app.store.database import Connection, frame_of
from app.store.outages import DARK_AT, ESTIMATE_AT, TOUCHES, who_is_out

SCHEMA: Final = pa.schema(
    [
        ("place", pa.int64()), ("at", pa.timestamp("us", "UTC")), ("customer_no", pa.string()),
        ("transformer_id", pa.string()), ("lon", pa.float64()), ("lat", pa.float64()),
        ("cell_id", pa.int64()),
    ]
)  # fmt: skip
NEAR_DEGREES: Final = 0.0015
"""Within which a point's neighbours are looked for: some 150 m."""


def ask(connection: Connection, calls: pd.DataFrame) -> None:
    """Make the calls readable for the questions below; `forget` ends it."""
    table = pa.Table.from_pandas(calls[list(SCHEMA.names)], schema=SCHEMA, preserve_index=False)
    connection.register("asked_calls", table)


def forget(connection: Connection) -> None:
    """Let go of the calls."""
    connection.unregister("asked_calls")


def customers(connection: Connection) -> pd.DataFrame:
    """The callers who are known: place, lon, lat, cell_id, position_source, transformer_id, meter_id, is_disconnected.

    The transformer is that of the billing meter of the call's moment, else the archive's.
    """
    return frame_of(
        connection.execute(
            """
            WITH own AS (SELECT DISTINCT meter_id FROM meters SEMI JOIN asked_calls USING (customer_no)),
            links AS (
              SELECT meter_id, customer_no, transformer_id, role, valid_from,
                coalesce(valid_to, lead(valid_from) OVER (PARTITION BY meter_id ORDER BY valid_from NULLS FIRST)) AS valid_to
              FROM meters SEMI JOIN own USING (meter_id)),
            billed AS (
              SELECT a.place, min(l.transformer_id) AS transformer_id, min(l.meter_id) AS meter_id
              FROM asked_calls a JOIN links l ON l.customer_no = a.customer_no AND coalesce(l.role, 'billing') = 'billing'
                AND (l.valid_from IS NULL OR l.valid_from <= a.at) AND (l.valid_to IS NULL OR l.valid_to > a.at)
              GROUP BY a.place)
            SELECT a.place, c.lon, c.lat, c.cell_id, c.position_source, b.meter_id, c.is_disconnected,
              coalesce(b.transformer_id, c.transformer_id) AS transformer_id
            FROM asked_calls a JOIN customers c ON c.customer_no = a.customer_no LEFT JOIN billed b ON b.place = a.place
            """
        )
    )


def neighbours(connection: Connection) -> pd.DataFrame:
    """Placed customers about the points of calls: place, lon, lat (theirs), transformer_id by the archive."""
    return frame_of(
        connection.execute(
            """
            SELECT a.place, c.lon, c.lat, c.transformer_id
            FROM (SELECT * FROM asked_calls WHERE lon IS NOT NULL) a JOIN customers c
              ON c.lon BETWEEN a.lon - $near AND a.lon + $near AND c.lat BETWEEN a.lat - $near AND a.lat + $near
            WHERE c.transformer_id IS NOT NULL
            """,
            {"near": NEAR_DEGREES},
        )
    )


def addresses(connection: Connection, wanted: pd.DataFrame) -> pd.DataFrame:
    """Customers at exactly these addresses (place, address): place, customers, lon, lat, cell_id, transformer_id.

    The position is the first customer's; the transformer is empty where they hang on several.
    """
    connection.register("asked_addresses", pa.Table.from_pandas(wanted, preserve_index=False))
    found = frame_of(
        connection.execute(
            """
            SELECT a.place, count(*) AS customers, first(c.lon ORDER BY c.lon IS NULL, c.customer_no) AS lon,
              first(c.lat ORDER BY c.lon IS NULL, c.customer_no) AS lat,
              first(c.cell_id ORDER BY c.lon IS NULL, c.customer_no) AS cell_id,
              CASE WHEN count(DISTINCT c.transformer_id) = 1 THEN min(c.transformer_id) END AS transformer_id
            FROM asked_addresses a JOIN customers c ON lower(trim(c.address)) = lower(trim(a.address)) GROUP BY a.place
            """
        )
    )
    connection.unregister("asked_addresses")
    return found


def transformers(connection: Connection) -> pd.DataFrame:
    """The calls' transformers at the calls' moments: place, feeder_id, lon, lat, cell_id."""
    return frame_of(
        connection.execute(
            """
            WITH links AS (
              SELECT transformer_id, feeder_id, lon, lat, cell_id, valid_from,
                coalesce(valid_to, lead(valid_from) OVER (PARTITION BY transformer_id ORDER BY valid_from NULLS FIRST)) AS valid_to
              FROM transformers)
            SELECT a.place, min(l.feeder_id) AS feeder_id, first(l.lon) AS lon, first(l.lat) AS lat, first(l.cell_id) AS cell_id
            FROM asked_calls a JOIN links l ON l.transformer_id = a.transformer_id
              AND (l.valid_from IS NULL OR l.valid_from <= a.at) AND (l.valid_to IS NULL OR l.valid_to > a.at)
            GROUP BY a.place
            """
        )
    )


def areas(
    connection: Connection, plan_id: int | None, *, by_customer: str, by_cell: str
) -> pd.DataFrame:
    """Area of each call: place, area_id; of the customer, else of the transformer, else of the cell.

    `by_customer` and `by_cell` name what holds at the moment: customer_areas and cell_areas, or frames
    registered under other names with the same columns.
    """
    return frame_of(
        connection.execute(
            f"""
            WITH lines AS (
              SELECT a.place, CASE WHEN count(DISTINCT u.area_id) = 1 THEN min(u.area_id) END AS area_id
              FROM asked_calls a JOIN plan_units u ON u.transformer_id = a.transformer_id AND u.plan_id = $plan
                AND (u.valid_from IS NULL OR u.valid_from <= a.at) AND (u.valid_to IS NULL OR u.valid_to > a.at)
              GROUP BY a.place)
            SELECT a.place,
              CASE WHEN p.customer_no IS NOT NULL THEN p.area_id ELSE coalesce(l.area_id, c.area_id) END AS area_id
            FROM asked_calls a LEFT JOIN {by_customer} p ON p.customer_no = a.customer_no
            LEFT JOIN lines l ON l.place = a.place LEFT JOIN {by_cell} c ON c.cell_id = a.cell_id
            """,
            {"plan": plan_id},
        )
    )


def in_sight(connection: Connection) -> pd.DataFrame:
    """Calls whose customer, transformer or cell this connection sees: place."""
    return frame_of(
        connection.execute(
            "SELECT place FROM asked_calls SEMI JOIN customers USING (customer_no)"
            " UNION SELECT place FROM asked_calls SEMI JOIN transformers USING (transformer_id)"
            " UNION SELECT place FROM asked_calls SEMI JOIN cell_areas USING (cell_id)"
        )
    )


def last_heard(connection: Connection, meters: pd.DataFrame) -> pd.DataFrame:
    """What came last from meters (place, meter_id, asked_at) in the three days before: place, day, heard_at."""
    span = {"first": meters["asked_at"].min(), "last": meters["asked_at"].max()}
    connection.register("asked_meters", pa.Table.from_pandas(meters, preserve_index=False))
    found = frame_of(
        connection.execute(
            "SELECT a.place, max(r.day) AS day, max(r.received_at) AS heard_at"
            " FROM asked_meters a JOIN meter_readings r USING (meter_id)"
            " WHERE r.day >= $first::DATE - 3 AND r.day <= $last::DATE + 1 AND coalesce(r.source, 'measured') NOT IN ('estimated', 'manual')"
            "   AND r.day >= a.asked_at::DATE - 3 AND coalesce(r.received_at, r.day::TIMESTAMPTZ) <= a.asked_at GROUP BY a.place",
            span,
        )
    )
    connection.unregister("asked_meters")
    return found


# an outage that names no line, feeder or customer of a call cannot have it out: most need not be followed
_OPEN: Final = f"""
WITH own_lines AS (
  SELECT transformer_id FROM asked_calls
  UNION SELECT c.transformer_id FROM customers c SEMI JOIN asked_calls USING (customer_no)
  UNION SELECT m.transformer_id FROM meter_links m SEMI JOIN asked_calls USING (customer_no)
),
own_parts AS (
  SELECT 'transformer:' || transformer_id AS part FROM own_lines
  UNION SELECT 'feeder:' || feeder_id FROM transformer_links SEMI JOIN own_lines USING (transformer_id)
  UNION SELECT 'customer:' || customer_no FROM asked_calls
),
in_force AS (SELECT * FROM outages WHERE {TOUCHES.replace("$last", "$known")} AND scope IS NOT NULL),
named AS (
  SELECT outage_id, trim(unnest(string_split(scope, ';'))) AS part FROM in_force
  UNION ALL
  SELECT s.outage_id, trim(unnest(string_split(s.scope, ';'))) FROM outage_steps s SEMI JOIN in_force USING (outage_id)
)
SELECT * FROM in_force WHERE outage_id IN (SELECT outage_id FROM named SEMI JOIN own_parts USING (part))
"""
_DARK_THEN: Final = DARK_AT.replace("$known", "a.at")
# a place is out with its customer where that one is known and in the outage, else with its transformer
_OUT: Final = f"""
{who_is_out(_OPEN)},
people AS (
  SELECT a.place, f.outage_id, bool_or(d.customer_no IS NOT NULL) AS is_out
  FROM asked_calls a JOIN fed f USING (customer_no)
  LEFT JOIN dark d ON d.outage_id = f.outage_id AND d.customer_no = f.customer_no AND {_DARK_THEN}
  WHERE f.is_known GROUP BY ALL
),
states AS (
  SELECT place, outage_id FROM people WHERE is_out
  UNION
  SELECT a.place, l.outage_id FROM asked_calls a JOIN lines l USING (transformer_id)
  WHERE {_DARK_THEN} AND (a.place, l.outage_id) NOT IN (SELECT (place, outage_id) FROM people)
)
"""


def outages(
    connection: Connection, at: datetime, *, since: datetime, then: bool = False
) -> pd.DataFrame:
    """Outages in which the calls' places were out when they were registered, as known at a moment.

    place, outage_id, kind, started_at, estimated_restore_at. No call is older than `since`. Who is out
    is told by `outages.who_is_out`. The estimate is the last one told at that moment, or, as it was `then`,
    by each call's registration.
    """
    told_by = "a.at" if then else "$known"
    return frame_of(
        connection.execute(
            f"""
            {_OUT},
            told_estimates AS (
              SELECT s.place, e.outage_id, last(e.estimated_restore_at ORDER BY e.told_at, e.rowid) FILTER (e.told_at <= {told_by}) AS told_estimate
              FROM states s JOIN asked_calls a USING (place) JOIN outage_estimates e USING (outage_id) GROUP BY ALL)
            SELECT s.place, o.outage_id, o.kind, o.started_at, {ESTIMATE_AT} AS estimated_restore_at
            FROM states s JOIN chosen o USING (outage_id) LEFT JOIN told_estimates t USING (place, outage_id)
            ORDER BY s.place, o.started_at, o.outage_id
            """,
            {"known": at, "first": since},
        )
    )


def areas_of_then(
    connection: Connection, plan_id: int | None, people: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """As `areas`, with what held at another moment: people (customer_no, area_id), cells (cell_id, area_id)."""
    connection.register(
        "then_people",
        pa.Table.from_pandas(people[["customer_no", "area_id"]], preserve_index=False),
    )
    connection.register(
        "then_cells", pa.Table.from_pandas(cells[["cell_id", "area_id"]], preserve_index=False)
    )
    found = areas(connection, plan_id, by_customer="then_people", by_cell="then_cells")
    connection.unregister("then_people")
    connection.unregister("then_cells")
    return found
