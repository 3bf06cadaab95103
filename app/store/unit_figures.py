"""Questions behind the figures of a plan's units: customers by transformer and cell, faults, places."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of, register
from app.store.outages import who_is_out

_VALID = "(valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)"
_KEY = "transformer_id, cell_id, part_cell, is_pinned, pinned_to"

# the link of the day as in `customers.to_assign`: the billing meter's transformer, else the archive's
_PEOPLE = f"""
CREATE OR REPLACE TEMP TABLE unit_people AS
WITH metered AS (
  SELECT customer_no, count(*) AS meters,
    min(transformer_id) FILTER (coalesce(role, 'billing') = 'billing') AS transformer_id
  FROM meter_links WHERE customer_no IS NOT NULL AND {_VALID} GROUP BY customer_no
),
own AS (
  SELECT customer_no, CASE WHEN count(DISTINCT area_id) = 1 THEN min(area_id) END AS area_id
  FROM overrides_now WHERE customer_no IS NOT NULL GROUP BY customer_no
),
whole AS (
  SELECT transformer_id, CASE WHEN count(DISTINCT area_id) = 1 THEN min(area_id) END AS area_id
  FROM overrides_now WHERE transformer_id IS NOT NULL GROUP BY transformer_id
),
linked AS (
  SELECT c.customer_no, coalesce(m.transformer_id, c.transformer_id) AS transformer_id,
    coalesce(c.cell_id, 0) AS cell_id, coalesce(c.use_type, '') AS use_type, coalesce(m.meters, 0) AS meters,
    c.lon, c.lat, coalesce(k.part, c.cell_id, 0) AS part_cell
  FROM customers c LEFT JOIN metered m USING (customer_no) LEFT JOIN parts_now k USING (customer_no)
)
SELECT l.*, own.customer_no IS NOT NULL OR whole.transformer_id IS NOT NULL AS is_pinned,
  CASE WHEN own.customer_no IS NOT NULL THEN own.area_id ELSE whole.area_id END AS pinned_to
FROM linked l LEFT JOIN own USING (customer_no) LEFT JOIN whole USING (transformer_id)
"""


@contextmanager
def people(
    connection: Connection, overrides: pd.DataFrame, at: datetime, parts: pd.DataFrame | None = None
) -> Iterator[None]:
    """Keep every customer in sight with the transformer of that moment for the questions below.

    `overrides`: customer_no, transformer_id, area_id; who is named by one is pinned. `parts`: who counts
    in a finer cell than their own: customer_no, part.
    """
    finer = pd.DataFrame({"customer_no": [], "part": []}) if parts is None else parts
    register(connection, "parts_now", finer.astype({"customer_no": "str", "part": "int64"}))
    held = overrides[["customer_no", "transformer_id", "area_id"]].astype("str")
    register(connection, "overrides_now", held)
    connection.execute(_PEOPLE, {"at": at})
    connection.unregister("overrides_now")
    connection.unregister("parts_now")
    try:
        yield
    finally:
        connection.execute("DROP TABLE IF EXISTS temp.unit_people")


def atoms(connection: Connection) -> pd.DataFrame:
    """Customers that have everything in common that a plan can tell apart.

    Columns transformer_id, cell_id (0 = unplaced), part_cell (the finer cell of the plan, else the same), is_pinned,
    pinned_to, use_type, customers, meters.
    """
    return frame_of(
        connection.execute(
            f"SELECT {_KEY}, use_type, count(*) AS customers, sum(meters)::BIGINT AS meters FROM unit_people"
            " GROUP BY ALL ORDER BY transformer_id NULLS FIRST, cell_id, part_cell, is_pinned, pinned_to NULLS FIRST, use_type"
        )
    )


def people_in(connection: Connection, cells: pd.DataFrame) -> pd.DataFrame:
    """Customers of the cells (cell_id), one row each, with their place: as `atoms`, lon, lat."""
    register(connection, "wanted_cells", cells[["cell_id"]])
    found = frame_of(
        connection.execute(
            f"SELECT {_KEY}, lon, lat FROM unit_people SEMI JOIN wanted_cells USING (cell_id)"
        )
    )
    connection.unregister("wanted_cells")
    return found


_FAULT = """
SELECT outage_id, scope, started_at, restored_at, cell_id FROM outages
WHERE kind = 'fault' AND started_at > $since AND started_at <= $known
  AND coalesce(status, 'ended') NOT IN ('cancelled', 'proposed')
"""

_FAULTS = f"""
{who_is_out(_FAULT)},
reached AS (
  SELECT f.outage_id, {_KEY}, count(*) AS n FROM (SELECT DISTINCT outage_id, customer_no FROM dark) f JOIN unit_people p ON p.customer_no = f.customer_no GROUP BY ALL
),
around AS (
  SELECT f.outage_id, {_KEY}, count(*) AS n FROM (
    SELECT outage_id, cell_id AS here FROM chosen
    WHERE cell_id IS NOT NULL AND outage_id NOT IN (SELECT outage_id FROM reached)) f
  JOIN unit_people p ON p.cell_id = f.here GROUP BY ALL
),
spread AS (
  SELECT *, n / sum(n) OVER (PARTITION BY outage_id) AS part FROM (SELECT * FROM reached UNION ALL SELECT * FROM around)
)
SELECT {_KEY}, sum(part) AS faults FROM spread GROUP BY ALL
UNION ALL
SELECT NULL, 0, 0, NULL, NULL, count(*) FROM chosen WHERE outage_id NOT IN (SELECT outage_id FROM spread)
"""


def faults(connection: Connection, since: datetime, at: datetime) -> pd.DataFrame:
    """Faults begun in the span, each shared by the customers in its scope: keys of `atoms`, faults.

    By the links of the day on which each began; without a known scope by its cell. Those of no known
    place stand in one row whose `is_pinned` is missing.
    """
    return frame_of(connection.execute(_FAULTS, {"since": since, "known": at}))


def transformers(connection: Connection, at: datetime) -> pd.DataFrame:
    """Transformers of that moment: transformer_id, is_public, unit_id of their feeder, lon, lat, cell_id (0 = unplaced)."""
    return frame_of(
        connection.execute(
            f"""
            SELECT transformer_id, any_value(coalesce(kind, 'public') <> 'dedicated') AS is_public,
              min(f.unit_id) AS unit_id, any_value(t.lon) AS lon, any_value(t.lat) AS lat,
              coalesce(any_value(t.cell_id), 0) AS cell_id
            FROM transformer_links t LEFT JOIN feeders f USING (feeder_id) WHERE {_VALID}
            GROUP BY transformer_id ORDER BY transformer_id
            """,
            {"at": at},
        )
    )


def prepaid(connection: Connection) -> pd.DataFrame:
    """Customers who pay before use by cell: cell_id, value (0 where none)."""
    return frame_of(
        connection.execute(
            "SELECT cell_id, count(*) FILTER (prepaid) AS value FROM customers WHERE cell_id IS NOT NULL GROUP BY cell_id"
        )
    )


def links_stamp(connection: Connection, at: datetime) -> str:
    """A text that changes when a meter's or transformer's link of the day changes by itself with time."""
    row = connection.execute(
        """
        SELECT max(t)::VARCHAR FROM (
          SELECT max(valid_from) AS t FROM meters WHERE valid_from <= $at
          UNION ALL SELECT max(valid_to) FROM meters WHERE valid_to <= $at
          UNION ALL SELECT max(valid_from) FROM transformers WHERE valid_from <= $at
          UNION ALL SELECT max(valid_to) FROM transformers WHERE valid_to <= $at)
        """,
        {"at": at},
    ).fetchone()
    return str(row[0]) if row else ""
