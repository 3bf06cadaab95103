"""What orders are made of: calls that wait for a crew and have no order, and orders that lost theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.order_ends import with_ends
from app.store.outage_book import plain_row
from app.store.promises import IS_ORDER

_STATE: Final = """(
SELECT w.order_id, w.outage_id, w.registered_at, coalesce(s.state, 'registered') AS state, s.reason
FROM work_orders w LEFT JOIN (
  SELECT order_id, arg_max(state_after, (happened_at, event_id)) AS state, arg_max(reason_code, (happened_at, event_id)) AS reason
  FROM work_order_events WHERE state_after IS NOT NULL AND happened_at <= $now GROUP BY order_id) s USING (order_id)
WHERE w.kind = 'repair' AND w.registered_at <= $now)"""
_OPEN: Final = "state IN ('registered', 'told', 'accepted', 'arrived', 'surveyed', 'repaired')"
_WAITING: Final = f"""
SELECT * FROM fault_reports WHERE registered_at > $since AND registered_at <= $now AND {IS_ORDER}
  AND report_id NOT IN (SELECT report_id FROM work_order_reports)"""
_CALLS: Final = """
SELECT e.report_id, e.registered_at, e.outage_id, e.service_type, e.fault_class, e.customer_no, e.caller, e.phone, e.address,
  e.note, e.lon, e.lat, e.given_x, e.given_y, e.given_datum, e.cell_id, e.position_source, e.transformer_id, e.feeder_id,
  e.area_id, e.promise_class, e.crew_id, e.told_at, e.accepted_at, e.arrived_at, e.restored_at,
  coalesce(c.importance_code IS NOT NULL, false) AS is_important, coalesce(c.life_support, false) AS life_support
FROM {calls} e LEFT JOIN customers c USING (customer_no) ORDER BY e.registered_at, e.report_id"""


def waiting(connection: Connection, now: datetime, since: datetime) -> pd.DataFrame:
    """Calls of the span for which a crew must come, still open, without an order, the first one first."""
    return frame_of(
        connection.execute(
            f"{with_ends(_WAITING)} {_CALLS.format(calls='(SELECT * FROM ended WHERE ended_at IS NULL)')}",
            {"now": now, "since": since},
        )
    )


def calls(connection: Connection, report_ids: Sequence[str]) -> pd.DataFrame:
    """These calls with the columns of `waiting`."""
    chosen = "(SELECT * FROM fault_reports WHERE report_id IN (SELECT unnest($ids::VARCHAR[])))"
    return frame_of(connection.execute(_CALLS.format(calls=chosen), {"ids": list(report_ids)}))


def ended(connection: Connection, report_ids: Sequence[str], now: datetime) -> list[str]:
    """Which of these calls are over as known at `now`: closed, or supply is back where they came from."""
    asked = "SELECT * FROM fault_reports WHERE list_contains($ids, report_id)"
    rows = connection.execute(
        f"{with_ends(asked)} SELECT report_id FROM ended WHERE ended_at <= $now ORDER BY report_id",
        {"now": now, "ids": list(report_ids)},
    ).fetchall()
    return [str(row[0]) for row in rows]


_IS_PLAIN: Final = """o.state = 'registered' AND NOT EXISTS (
  SELECT 1 FROM work_order_crews k WHERE k.order_id = o.order_id AND coalesce(k.told_at, k.accepted_at) <= $now)"""
"""No crew was ever told as known at `$now`."""


def open_of_outages(
    connection: Connection, outage_ids: Sequence[str], now: datetime
) -> pd.DataFrame:
    """Open repair orders of outages, the first one first: order_id, outage_id, state."""
    return frame_of(
        connection.execute(
            f"SELECT order_id, outage_id, state FROM {_STATE} o"
            f" WHERE outage_id IN (SELECT unnest($outages::VARCHAR[])) AND {_OPEN} ORDER BY registered_at, order_id",
            {"now": now, "outages": list(outage_ids)},
        )
    )


def merged_away(connection: Connection, outage_ids: Sequence[str], now: datetime) -> dict[str, str]:
    """By outage: its last order that was called off because its calls went elsewhere."""
    rows = connection.execute(
        f"SELECT outage_id, max(order_id) FROM {_STATE} o WHERE outage_id IN (SELECT unnest($outages::VARCHAR[]))"
        " AND state = 'cancelled' AND reason = 'merged' GROUP BY outage_id",
        {"now": now, "outages": list(outage_ids)},
    ).fetchall()
    return {str(outage): str(order) for outage, order in rows}


def misplaced(connection: Connection, now: datetime) -> pd.DataFrame:
    """Calls that lie in another outage than the open order that answers them.

    order_id, state, is_plain (no crew was ever told of the order), report_id, outage_id, calls (how
    many the order has), the order registered first first.
    """
    return frame_of(
        connection.execute(
            f"""
            SELECT o.order_id, o.state, {_IS_PLAIN} AS is_plain, p.report_id, r.outage_id,
              (SELECT count(*) FROM work_order_reports x WHERE x.order_id = o.order_id) AS calls
            FROM {_STATE} o JOIN work_order_reports p USING (order_id) JOIN fault_reports r USING (report_id)
            WHERE {_OPEN} AND r.outage_id IS NOT NULL AND r.outage_id IS DISTINCT FROM o.outage_id
              AND r.registered_at <= $now
            ORDER BY o.registered_at, o.order_id, r.registered_at, p.report_id
            """,
            {"now": now},
        )
    )


def without_calls(connection: Connection, order_ids: Sequence[str], now: datetime) -> list[str]:
    """Which of these open orders no call is answered by any more."""
    rows = connection.execute(
        f"SELECT order_id FROM {_STATE} o WHERE {_OPEN} AND order_id IN (SELECT unnest($ids::VARCHAR[]))"
        " AND NOT EXISTS (SELECT 1 FROM work_order_reports p WHERE p.order_id = o.order_id) ORDER BY order_id",
        {"now": now, "ids": list(order_ids)},
    ).fetchall()
    return [str(row[0]) for row in rows]


def lines(connection: Connection, transformer_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The place and feeder of now of each transformer that is known: lon, lat, cell_id, feeder_id."""
    frame = frame_of(
        connection.execute(
            "SELECT transformer_id, lon, lat, cell_id, feeder_id FROM transformers"
            " WHERE transformer_id IN (SELECT unnest(?::VARCHAR[])) AND lon IS NOT NULL"
            " QUALIFY row_number() OVER (PARTITION BY transformer_id ORDER BY valid_from DESC NULLS LAST) = 1",
            [list(transformer_ids)],
        )
    )
    rows = [plain_row(frame.iloc[k : k + 1]) for k in range(len(frame))]
    return {str(row.pop("transformer_id")): row for row in rows}
