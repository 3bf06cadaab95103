"""Outages that are still to come and those that are over, with who is in them."""

from datetime import datetime
from typing import Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outages import CELL_UNITS, ESTIMATE_AT, ESTIMATES_AT, STATUS_AT, TO_COME, who_is_out

_COUNTED: Final = """
people AS (
  SELECT f.outage_id, count(*) AS customers, count(*) FILTER (c.importance_code IS NOT NULL) AS important,
    count(*) FILTER (c.life_support) AS life_support, mode(c.cell_id) AS main_cell
  FROM fed f JOIN customers c USING (customer_no) GROUP BY f.outage_id
)
"""

_ROWS: Final = f"""
SELECT o.outage_id, o.kind, {STATUS_AT} AS status, o.cause, o.scope, o.parent_outage_id, o.started_at,
  {ESTIMATE_AT} AS estimated_restore_at,
  CASE WHEN o.restored_at <= $known THEN o.restored_at END AS restored_at, coalesce(o.cell_id, p.main_cell, 0) AS cell_id, o.lon, o.lat,
  u.unit_id,
  0::BIGINT AS customers_out, coalesce(p.customers, o.customers_affected, 0)::BIGINT AS customers_affected,
  coalesce(p.important, 0) AS important_out, coalesce(p.life_support, 0) AS life_support_out
FROM chosen o LEFT JOIN people p USING (outage_id) LEFT JOIN told_estimates t USING (outage_id)
LEFT JOIN cell_units u ON u.cell_id = coalesce(o.cell_id, p.main_cell) ORDER BY o.started_at, o.outage_id
"""

_PLANNED: Final = f"""
{who_is_out(f"SELECT * FROM outages WHERE started_at <= $until AND {TO_COME}")},
{CELL_UNITS}, {ESTIMATES_AT}, {_COUNTED} {_ROWS}
"""
_CLOSED: Final = f"""
{who_is_out("SELECT * FROM outages WHERE started_at <= $known AND (restored_at > $since AND restored_at <= $known OR status IN ('ended', 'cancelled') AND restored_at IS NULL AND started_at > $since)")},
{CELL_UNITS}, {ESTIMATES_AT}, {_COUNTED} {_ROWS}
"""


def planned(connection: Connection, at: datetime, until: datetime) -> pd.DataFrame:
    """Announced outages that begin after a moment up to another, unless called off; see `outages.outage_points`.

    Nobody is out yet: customers_affected and the other counts are who will be, by the links of that day.
    """
    return frame_of(connection.execute(_PLANNED, {"known": at, "until": until}))


def closed(connection: Connection, since: datetime, at: datetime) -> pd.DataFrame:
    """Outages restored between two moments, and those called off; who was in them, by their day's links."""
    return frame_of(connection.execute(_CLOSED, {"since": since, "known": at}))


def cells_of(connection: Connection, ids: list[str], at: datetime) -> pd.DataFrame:
    """Where the customers of some outages live who are out at a moment, or will be: outage_id, cell_id."""
    chosen = "SELECT * FROM outages SEMI JOIN (SELECT unnest($ids) AS outage_id) USING (outage_id)"
    return frame_of(
        connection.execute(
            f"{who_is_out(chosen)} SELECT DISTINCT d.outage_id, c.cell_id FROM dark d JOIN customers c USING (customer_no)"
            " WHERE c.cell_id IS NOT NULL AND (d.back_at IS NULL OR d.back_at > $known)",
            {"ids": ids, "known": at},
        )
    )


def common_causes(connection: Connection, least: int) -> set[str]:
    """Causes that at least so many outages have."""
    rows = connection.execute(
        "SELECT cause FROM outages WHERE cause IS NOT NULL GROUP BY cause HAVING count(*) >= ?",
        [least],
    ).fetchall()
    return {str(row[0]) for row in rows}
