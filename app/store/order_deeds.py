"""What is written about orders: stamps of reports, and events that can be taken back."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from app.store import meta
from app.store.database import Connection, frame_of
from app.store.order_ends import with_ends
from app.store.promises import IS_ORDER
from grid_cells.order_deeds import KEPT_STAMPS

_COUNTER: Final = "order_deeds"
_TIMES: Final = frozenset(KEPT_STAMPS) - {"crew_id"}
_TIME: Final = pa.timestamp("us", "UTC")
_STAMP_SCHEMA: Final = pa.schema(
    [("report_id", pa.string())]
    + [(name, _TIME if name in _TIMES else pa.string()) for name in KEPT_STAMPS]
)
_EVENT_SCHEMA: Final = pa.schema(
    [("report_id", pa.string()), ("happened_at", _TIME)]
    + [(name, pa.string()) for name in ("event", "reason_code", "crew_id", "detail", "actor")]
)
_LIVE: Final = """
e.event <> 'undone' AND NOT EXISTS (
  SELECT 1 FROM fault_report_events u WHERE u.event = 'undone' AND u.report_id = e.report_id
    AND json_extract_string(u.detail, '$.deed') = json_extract_string(e.detail, '$.deed'))
"""

_ASKED: Final = "SELECT unnest($ids::VARCHAR[])"
_KIN_OF: Final = f"""
SELECT * FROM fault_reports WHERE {IS_ORDER} AND registered_at <= $now AND (report_id IN ({_ASKED}) OR outage_id IN (
  SELECT outage_id FROM fault_reports WHERE report_id IN ({_ASKED}) AND registered_at <= $now AND {IS_ORDER}))
"""


def with_outages(
    connection: Connection, report_ids: Sequence[str], for_all: list[str], now: datetime
) -> pd.DataFrame:
    """These orders first, then every other open order of their outages.

    report_id, outage_id, the stamps as written, crew_id, ended_at (when it was over, by its outage
    too), is_stopped, is_asked. `for_all`: reasons of stops that hold for calls that come later too.
    """
    columns = ", ".join(f"r.{name}" for name in KEPT_STAMPS)
    return frame_of(
        connection.execute(
            f"""
            {with_ends(_KIN_OF)},
            stopped AS (
              SELECT report_id, last(event ORDER BY happened_at, TRY_CAST(json_extract_string(detail, '$.deed') AS BIGINT)) = 'stopped' AS is_on
              FROM fault_report_events e WHERE event IN ('stopped', 'resumed') AND happened_at <= $now AND {_LIVE} GROUP BY report_id),
            halts AS (
              SELECT a.outage_id, max(happened_at) AS since FROM fault_report_events e JOIN stopped USING (report_id) JOIN asked a USING (report_id)
              WHERE is_on AND event = 'stopped' AND happened_at <= $now AND list_contains($for_all, reason_code)
                AND a.outage_id IS NOT NULL AND json_extract_string(detail, '$.one_call') IS NULL AND {_LIVE} GROUP BY a.outage_id, report_id),
            whole AS (SELECT outage_id, min(since) AS since FROM halts GROUP BY outage_id)
            SELECT * EXCLUDE (registered_at) FROM (
              SELECT r.report_id, r.outage_id, r.registered_at, {columns}, r.ended_at, coalesce(s.is_on, r.registered_at > h.since, false) AS is_stopped,
              r.report_id IN ({_ASKED}) AS is_asked
              FROM ended r LEFT JOIN stopped s USING (report_id) LEFT JOIN whole h ON h.outage_id = r.outage_id)
            WHERE is_asked OR ended_at IS NULL
            ORDER BY NOT is_asked, registered_at, report_id
            """,
            {"now": now, "ids": list(report_ids), "for_all": for_all},
        )
    )


def next_deed(connection: Connection, count: int = 1) -> int:
    """The first of so many numbers for new deeds, within their transaction."""
    last = int(meta.read_value(connection, _COUNTER, "0"))
    meta.set_value(connection, _COUNTER, str(last + count))
    return last + 1


def stamps(connection: Connection, report_ids: Sequence[str]) -> pd.DataFrame:
    """Stamps and crew of the reports as written, with report_id."""
    names = ", ".join(KEPT_STAMPS)
    return frame_of(
        connection.execute(
            f"SELECT report_id, {names} FROM fault_reports WHERE list_contains(?, report_id)",
            [list(report_ids)],
        )
    )


def set_stamps(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write stamps and crews of reports (report_id and KEPT_STAMPS), all in one statement."""
    names = ("report_id", *KEPT_STAMPS)
    table = pa.Table.from_pylist(
        [{name: row[name] for name in names} for row in rows], schema=_STAMP_SCHEMA
    )
    connection.register("new_stamps", table)
    sets = ", ".join(f"{name} = n.{name}" for name in KEPT_STAMPS)
    connection.execute(
        f"UPDATE fault_reports SET {sets} FROM new_stamps n WHERE fault_reports.report_id = n.report_id"
    )
    connection.unregister("new_stamps")


def add_events(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add events in one statement: report_id, happened_at, event, reason_code, crew_id, actor, detail."""
    kept = [
        {
            **{name: row.get(name) for name in _EVENT_SCHEMA.names},
            "detail": json.dumps(row["detail"]),
        }
        for row in rows
    ]
    connection.register("new_events", pa.Table.from_pylist(kept, schema=_EVENT_SCHEMA))
    names = ", ".join(_EVENT_SCHEMA.names)
    connection.execute(f"INSERT INTO fault_report_events ({names}) SELECT {names} FROM new_events")
    connection.unregister("new_events")


def of_last_deed(connection: Connection, report_id: str) -> list[str]:
    """The reports in sight on which the last deed of this report, not taken back, was done too."""
    rows = connection.execute(
        f"""
        WITH live AS (
          SELECT report_id, TRY_CAST(json_extract_string(detail, '$.deed') AS BIGINT) AS deed
          FROM fault_report_events e WHERE {_LIVE} AND json_extract_string(detail, '$.deed') IS NOT NULL)
        SELECT DISTINCT report_id FROM live WHERE deed = (SELECT max(deed) FROM live WHERE report_id = ?)
        """,
        [report_id],
    ).fetchall()
    return [str(row[0]) for row in rows]


def last_deeds(
    connection: Connection, report_ids: Sequence[str], deed: int | None = None
) -> list[dict[str, Any]]:
    """The last deed of each report that was not taken back: report_id, deed, event, actor, before (stamps).

    With `deed` whatever only urged is no deed, unless it is that one: it stamped nothing.
    """
    found = frame_of(
        connection.execute(
            f"""
            SELECT report_id, TRY_CAST(json_extract_string(detail, '$.deed') AS BIGINT) AS deed, event, actor,
              json_extract(detail, '$.before')::VARCHAR AS before
            FROM fault_report_events e WHERE list_contains($ids, report_id) AND {_LIVE}
              AND json_extract_string(detail, '$.deed') IS NOT NULL
              AND ($deed::BIGINT IS NULL OR event <> 'urged' OR json_extract_string(detail, '$.deed') = $deed::VARCHAR)
            QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY deed DESC) = 1
            """,
            {"ids": list(report_ids), "deed": deed},
        )
    )
    rows = found.to_dict("records")
    return [
        {str(k): v for k, v in row.items()} | {"before": _stamps(row["before"])} for row in rows
    ]


def told(stamps: Mapping[str, Any]) -> dict[str, Any]:
    """Stamps as an event's detail keeps them."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in stamps.items()
    }


def _stamps(text: object) -> dict[str, Any]:
    held = json.loads(str(text))
    return {
        name: datetime.fromisoformat(value) if name in _TIMES and value else value
        for name, value in held.items()
    }
