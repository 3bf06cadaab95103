"""Questions about orders: calls that wait for a crew, their stamps, what was done about them."""

from datetime import datetime
from typing import Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.order_ends import with_ends
from grid_cells.order_deeds import KEPT_STAMPS
from grid_cells.promises import WAITS_FOR_CREW

_ORDERED: Final = f"""
(verdict = 'crew_needed' OR (verdict IS NULL AND coalesce(service_type, 'fault') IN {WAITS_FOR_CREW}))
"""
IS_ORDER: Final = f"""
({_ORDERED} OR (verdict = 'known_outage' AND outage_id IN (
  SELECT outage_id FROM fault_reports WHERE outage_id IS NOT NULL AND registered_at <= $now AND {_ORDERED})))
"""
"""A report for which a crew must come, or which was merged with one of those."""

_EVENTS: Final = """
SELECT e.* FROM fault_report_events e
WHERE e.happened_at <= $now AND e.event <> 'undone' AND NOT EXISTS (
  SELECT 1 FROM fault_report_events u WHERE u.event = 'undone' AND u.happened_at <= $now AND u.report_id = e.report_id
    AND json_extract_string(u.detail, '$.deed') = json_extract_string(e.detail, '$.deed'))
"""
_IN_ORDER: Final = "TRY_CAST(json_extract_string(detail, '$.deed') AS BIGINT) NULLS FIRST"
"""Deeds of one moment in the order in which they were done."""

_BEFORE: Final = ", ".join(
    f"CASE WHEN b.report_id IS NULL THEN r.{name}"
    f" ELSE CAST(json_extract_string(b.detail, '$.before.{name}') AS {'VARCHAR' if name == 'crew_id' else 'TIMESTAMPTZ'}) END AS {name}"
    for name in KEPT_STAMPS
)
# whatever was done later kept what was before it: the first of these tells how the report stood
_REPORTS: Final = f"""(
SELECT r.* REPLACE ({_BEFORE}) FROM fault_reports r LEFT JOIN (
  SELECT report_id, detail FROM fault_report_events
  WHERE happened_at > $now AND json_extract_string(detail, '$.before') IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY happened_at,
    TRY_CAST(coalesce(json_extract_string(detail, '$.number'), json_extract_string(detail, '$.deed')) AS BIGINT)) = 1
) b USING (report_id))"""
"""Reports with stamps and crews as they stood at `$now`."""
_ASKED: Final = f"""
SELECT * FROM {_REPORTS} WHERE registered_at <= $now
  AND (restored_at IS NULL OR restored_at > $now OR registered_at >= $since) AND {IS_ORDER}
"""
_ACCEPTED: Final = f"""
SELECT * FROM {_REPORTS} WHERE registered_at <= $now AND crew_id IS NOT NULL AND accepted_at <= $now
  AND (restored_at IS NULL OR restored_at > $now) AND {IS_ORDER}
"""
_VISITED: Final = f"""
SELECT * FROM {_REPORTS} WHERE list_contains($ids, outage_id) AND arrived_at <= $now AND report_id NOT IN (
  SELECT report_id FROM ({_EVENTS}) WHERE event = 'arrived' AND json_extract_string(detail, '$.one_call') = 'true')
"""


def calls(connection: Connection, now: datetime, since: datetime | None = None) -> pd.DataFrame:
    """Orders open at `now`, and with `since` those registered from then on, oldest first.

    report_id, the stamps (also later ones; restored_at as known at `now`, by the outage where the
    call has none of its own), outage_id, crew_id, fault_class, channel, address,
    customer_no, promise_class, and the place: lon, lat, cell_id, area_id, unit_id, filled from the
    customer, else the transformer, where the report states none.
    """
    return frame_of(
        connection.execute(
            f"""
            {with_ends(_ASKED)},
            grids AS (
              SELECT transformer_id, any_value(lon) AS lon, any_value(lat) AS lat, any_value(cell_id) AS cell_id
              FROM transformers WHERE valid_to IS NULL GROUP BY transformer_id),
            placed AS (
              SELECT r.* REPLACE (
                coalesce(r.lon, c.lon, t.lon) AS lon, coalesce(r.lat, c.lat, t.lat) AS lat,
                coalesce(nullif(r.cell_id, 0), c.cell_id, t.cell_id) AS cell_id,
                coalesce(r.area_id, a.area_id) AS area_id)
              FROM ended r LEFT JOIN customers c ON c.customer_no = r.customer_no
              LEFT JOIN grids t ON t.transformer_id = coalesce(r.transformer_id, c.transformer_id)
              LEFT JOIN customer_areas a ON a.customer_no = r.customer_no
              WHERE r.ended_at IS NULL OR r.registered_at >= $since),
            held AS (
              SELECT DISTINCT area_id, unit_id FROM service_areas
              WHERE plan_id = (SELECT TRY_CAST(value AS BIGINT) FROM meta WHERE name = 'derived:plan_id'))
            SELECT p.report_id, p.registered_at, p.told_at, p.accepted_at, p.arrived_at, p.ended_at AS restored_at, p.outage_id,
              p.crew_id, p.fault_class, p.channel, p.address, p.customer_no, p.promise_class, p.lon, p.lat, p.cell_id,
              coalesce(p.area_id, g.area_id) AS area_id, h.unit_id
            FROM placed p LEFT JOIN cell_areas g ON g.cell_id = p.cell_id
            LEFT JOIN held h ON h.area_id = coalesce(p.area_id, g.area_id)
            ORDER BY p.registered_at, p.report_id
            """,
            {"now": now, "since": since or datetime.max.replace(tzinfo=now.tzinfo, year=9998)},
        )
    )


def busy_crews(connection: Connection, now: datetime) -> pd.DataFrame:
    """Crews with an order they accepted and did not finish: crew_id, report_id, busy_since (the first)."""
    return frame_of(
        connection.execute(
            f"{with_ends(_ACCEPTED)} SELECT crew_id, report_id, accepted_at AS busy_since FROM ended"
            " WHERE ended_at IS NULL QUALIFY row_number() OVER (PARTITION BY crew_id ORDER BY accepted_at, report_id) = 1",
            {"now": now},
        )
    )


def visits(connection: Connection, outage_ids: list[str], now: datetime) -> pd.DataFrame:
    """When a crew was at one of the outages, as far as known: outage_id, arrived_at, left_at (NaT: still there).

    An arrival that was said of one call only is none at its outage.
    """
    return frame_of(
        connection.execute(
            f"{with_ends(_VISITED)} SELECT DISTINCT outage_id, arrived_at, ended_at AS left_at FROM ended",
            {"now": now, "ids": outage_ids},
        )
    )


def stops(connection: Connection, now: datetime) -> pd.DataFrame:
    """Events that stop and resume clocks, without those taken back: report_id, happened_at, event, reason_code."""
    return frame_of(
        connection.execute(
            f"SELECT report_id, happened_at, event, reason_code FROM ({_EVENTS})"
            f" WHERE event IN ('stopped', 'resumed') ORDER BY report_id, happened_at, {_IN_ORDER}",
            {"now": now},
        )
    )


def outage_stops(
    connection: Connection, outage_ids: list[str], reasons: list[str], now: datetime
) -> pd.DataFrame:
    """As `stops`, with outage_id, of every call of the outages: stops for these reasons, said of all calls."""
    return frame_of(
        connection.execute(
            f"SELECT report_id, r.outage_id, happened_at, event, reason_code FROM ({_EVENTS}) JOIN fault_reports r USING (report_id)"
            " WHERE list_contains($ids, r.outage_id) AND (event = 'resumed' OR (event = 'stopped' AND list_contains($reasons, reason_code)"
            " AND json_extract_string(detail, '$.one_call') IS NULL))"
            f" ORDER BY report_id, happened_at, {_IN_ORDER}",
            {"now": now, "ids": outage_ids, "reasons": reasons},
        )
    )


def events(connection: Connection, report_id: str, now: datetime) -> pd.DataFrame:
    """What was done about a report and not taken back, in order: happened_at, event, reason_code, crew_id, detail, actor."""
    return frame_of(
        connection.execute(
            f"SELECT happened_at, event, reason_code, crew_id, detail, actor FROM ({_EVENTS}) WHERE report_id = $id"
            f" ORDER BY happened_at, {_IN_ORDER}",
            {"now": now, "id": report_id},
        )
    )
