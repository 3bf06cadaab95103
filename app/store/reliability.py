"""Questions behind reliability: who was in which outage, by the links of that day, and who is served."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outages import TAKES_PLACE, TOLD_COUNTS, who_is_out
from grid_cells.interruptions import in_lots

_SPANS = who_is_out(
    "SELECT outage_id, coalesce(kind, 'fault') AS kind, scope, started_at, restored_at, customers_affected, cell_id"
    " FROM outages WHERE started_at < $last AND (restored_at IS NULL OR restored_at > $first) AND started_at <= $known"
    f" AND {TAKES_PLACE}"
)

_CUSTOMERS = (
    f"{_SPANS}, {TOLD_COUNTS}"
    """
SELECT d.customer_no AS who, h.outage_id, h.kind, d.out_at AS began, d.back_at AS ended, 1::BIGINT AS customers, c.cell_id
FROM dark d JOIN chosen h USING (outage_id) JOIN customers c ON c.customer_no = d.customer_no
UNION ALL
SELECT NULL, h.outage_id, h.kind, n.moment, h.restored_at, n.change, h.cell_id FROM counted n JOIN chosen h USING (outage_id)
"""
)

_USERS = (
    _SPANS
    + """
SELECT l.transformer_id AS who, h.outage_id, h.kind, l.out_at AS began, l.back_at AS ended, 1::BIGINT AS customers, t.cell_id
FROM (SELECT DISTINCT * FROM lines) l JOIN chosen h USING (outage_id)
JOIN (SELECT transformer_id, any_value(cell_id) AS cell_id FROM transformer_links GROUP BY ALL) t USING (transformer_id)
"""
)


def customer_spans(
    connection: Connection, first: datetime, last: datetime, now: datetime
) -> pd.DataFrame:
    """Every customer's time in every outage that touches the span: who, outage_id, kind, began, ended (NaT: not yet).

    A customer restored by a step has the step's end, one put out by a step its beginning. An outage
    that reaches no known customer is rows without `who`, one for each lot of customers that were out
    for the same time by its own count and its steps' (`grid_cells.interruptions.in_lots`). `customers` counts them; else it is 1. cell_id is the
    customer's, or the outage's own.
    """
    spans = frame_of(connection.execute(_CUSTOMERS, {"first": first, "last": last, "known": now}))
    counted = spans["who"].isna()
    if not counted.any():
        return spans
    return pd.concat([spans[~counted], in_lots(spans[counted])], ignore_index=True)


def user_spans(
    connection: Connection, first: datetime, last: datetime, now: datetime
) -> pd.DataFrame:
    """As `customer_spans` by medium-voltage users: one public transformer or one dedicated customer each.

    Only outages of whole transformers or feeders interrupt a user.
    """
    return frame_of(connection.execute(_USERS, {"first": first, "last": last, "known": now}))


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
