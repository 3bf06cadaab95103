"""Questions behind reliability: who was in which outage, by the links of that day, and who is served."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outages import BY_FEEDER, FED

_SPANS = f"""
WITH held AS (
  SELECT outage_id, coalesce(kind, 'fault') AS kind, scope, started_at, restored_at, customers_affected, cell_id
  FROM outages WHERE started_at < $last AND (restored_at IS NULL OR restored_at > $first) AND started_at <= $now
    AND coalesce(status, 'ended') NOT IN ('cancelled', 'proposed')
    AND NOT (coalesce(status, '') = 'ended' AND restored_at IS NULL)
),
parts AS (SELECT outage_id, started_at, trim(unnest(string_split(scope, ';'))) AS part FROM held WHERE scope IS NOT NULL),
lines AS MATERIALIZED (
  SELECT outage_id, started_at, substr(part, 13) AS transformer_id FROM parts WHERE starts_with(part, 'transformer:')
  UNION
  {BY_FEEDER}
),
{FED}
"""

_CUSTOMERS = (
    _SPANS
    + """
SELECT f.customer_no AS who, h.outage_id, h.kind, h.started_at AS began, h.restored_at AS ended, 1::BIGINT AS customers, c.cell_id
FROM fed f JOIN held h USING (outage_id) JOIN customers c ON c.customer_no = f.customer_no
UNION ALL
SELECT NULL, h.outage_id, h.kind, h.started_at, h.restored_at, h.customers_affected, h.cell_id
FROM held h WHERE h.customers_affected > 0
  AND h.outage_id NOT IN (SELECT outage_id FROM fed SEMI JOIN customers USING (customer_no))
"""
)

_USERS = (
    _SPANS
    + """
SELECT l.transformer_id AS who, h.outage_id, h.kind, h.started_at AS began, h.restored_at AS ended, 1::BIGINT AS customers, t.cell_id
FROM (SELECT DISTINCT outage_id, transformer_id FROM lines) l JOIN held h USING (outage_id)
JOIN (SELECT transformer_id, any_value(cell_id) AS cell_id FROM transformer_links GROUP BY ALL) t USING (transformer_id)
"""
)


def customer_spans(
    connection: Connection, first: datetime, last: datetime, now: datetime
) -> pd.DataFrame:
    """Every customer's time in every outage that touches the span: who, outage_id, kind, began, ended (NaT: not yet).

    An outage that reaches no known customer is one row without `who`, with its own count as `customers`;
    else customers is 1. cell_id is the customer's, or the outage's own.
    """
    return frame_of(connection.execute(_CUSTOMERS, {"first": first, "last": last, "now": now}))


def user_spans(
    connection: Connection, first: datetime, last: datetime, now: datetime
) -> pd.DataFrame:
    """As `customer_spans` by medium-voltage users: one public transformer or one dedicated customer each.

    Only outages of whole transformers or feeders interrupt a user.
    """
    return frame_of(connection.execute(_USERS, {"first": first, "last": last, "now": now}))


def customer_places(connection: Connection) -> pd.DataFrame:
    """Where each customer counts: who, cell_id, area_id, feeder_id, unit_id (each missing where unknown)."""
    return frame_of(
        connection.execute(
            """
            SELECT c.customer_no AS who, c.cell_id, a.area_id, t.feeder_id, f.unit_id
            FROM customers c LEFT JOIN customer_areas a USING (customer_no)
            LEFT JOIN (SELECT transformer_id, any_value(feeder_id) AS feeder_id FROM transformers WHERE valid_to IS NULL
                       GROUP BY transformer_id) t ON t.transformer_id = c.transformer_id
            LEFT JOIN (SELECT feeder_id, any_value(unit_id) AS unit_id FROM feeders GROUP BY ALL) f ON f.feeder_id = t.feeder_id
            """
        )
    )


def user_places(connection: Connection) -> pd.DataFrame:
    """Where each medium-voltage user counts, as `customer_places`; its area is that of most of its customers."""
    return frame_of(
        connection.execute(
            """
            WITH counted AS (
              SELECT c.transformer_id, a.area_id, count(*) AS n FROM customers c JOIN customer_areas a USING (customer_no)
              WHERE a.area_id IS NOT NULL GROUP BY c.transformer_id, a.area_id),
            most AS (
              SELECT transformer_id, area_id FROM counted
              QUALIFY row_number() OVER (PARTITION BY transformer_id ORDER BY n DESC, area_id) = 1)
            SELECT t.transformer_id AS who, any_value(t.cell_id) AS cell_id, any_value(m.area_id) AS area_id,
              any_value(t.feeder_id) AS feeder_id, any_value(f.unit_id) AS unit_id
            FROM transformers t LEFT JOIN most m USING (transformer_id) LEFT JOIN feeders f USING (feeder_id)
            WHERE t.valid_to IS NULL GROUP BY t.transformer_id
            """
        )
    )


def feeder_names(connection: Connection) -> pd.DataFrame:
    """Feeders by name: id, name."""
    return frame_of(
        connection.execute("SELECT feeder_id AS id, name FROM feeders ORDER BY feeder_id")
    )
