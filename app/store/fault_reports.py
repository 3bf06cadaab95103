"""Fault reports as they stand in the store: written, found again, counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from app.store.database import Connection, frame_of
from app.store.meta import read_value, set_value

VERSION: Final = "version:reports_taken"
COLUMNS: Final = (
    "report_id", "registered_at", "channel", "customer_no", "caller", "phone", "address", "lon",
    "lat", "given_x", "given_y", "given_datum", "cell_id", "position_source", "service_type",
    "fault_class", "note", "transformer_id", "feeder_id", "area_id", "crew_id", "promise_class",
    "verdict", "triage", "outage_id", "grouped_by", "group_reason", "received_at",
)  # fmt: skip
_TIMES: Final = ("registered_at", "received_at")
_NUMBERS: Final = ("lon", "lat", "given_x", "given_y")
_SCHEMA: Final = pa.schema(
    [
        (
            name,
            pa.timestamp("us", "UTC") if name in _TIMES
            else pa.float64() if name in _NUMBERS
            else pa.int64() if name == "cell_id"
            else pa.string(),
        )
        for name in COLUMNS
    ]
)  # fmt: skip


def next_numbers(connection: Connection, count: int) -> list[int]:
    """Numbers that no report taken here has had."""
    rows = connection.execute(
        "SELECT nextval('fault_report_numbers') FROM range(?)", [count]
    ).fetchall()
    return sorted(int(row[0]) for row in rows)


def insert(connection: Connection, rows: Sequence[dict[str, Any]], actors: Sequence[str]) -> None:
    """Write new reports (COLUMNS, absent ones empty), each with the event of who registered it."""
    table = pa.Table.from_pylist(
        [{name: row.get(name) for name in COLUMNS} for row in rows], schema=_SCHEMA
    )
    taken = table.append_column("actor", pa.array(list(actors), pa.string()))
    connection.register("taken_reports", taken)
    names = ", ".join(COLUMNS)
    connection.execute(f"INSERT INTO fault_reports ({names}) SELECT {names} FROM taken_reports")
    connection.execute(
        "INSERT INTO fault_report_events (report_id, happened_at, event, crew_id, actor)"
        " SELECT report_id, received_at, 'registered', crew_id, actor FROM taken_reports"
    )
    connection.unregister("taken_reports")
    touch(connection)


def touch(connection: Connection) -> None:
    """Count up the version of what was taken and changed here.

    Nothing derived from the facts goes stale by a call: reports are asked for afresh, and the sets in
    scope follow from the archive.
    """
    set_value(connection, VERSION, str(int(read_value(connection, VERSION, "0")) + 1))


def of_ids(connection: Connection, ids: Sequence[str]) -> pd.DataFrame:
    """The reports of these numbers with all their columns; unknown ones are absent."""
    connection.register("asked_reports", pa.table({"report_id": pa.array(list(ids), pa.string())}))
    found = frame_of(
        connection.execute(
            "SELECT * EXCLUDE (batch_id, row_no) FROM fault_reports SEMI JOIN asked_reports USING (report_id)"
        )
    )
    connection.unregister("asked_reports")
    return found


def recent(connection: Connection, since: datetime, until: datetime, limit: int) -> pd.DataFrame:
    """Reports registered in the span, the newest first, with all their columns."""
    return frame_of(
        connection.execute(
            "SELECT * EXCLUDE (batch_id, row_no) FROM fault_reports"
            " WHERE registered_at > ? AND registered_at <= ? ORDER BY registered_at DESC, report_id LIMIT ?",
            [since, until, limit],
        )
    )


def set_verdict(connection: Connection, report_id: str, verdict: str) -> None:
    """Put a person's verdict in place of the proposal."""
    connection.execute(
        "UPDATE fault_reports SET verdict = ? WHERE report_id = ?", [verdict, report_id]
    )
    touch(connection)


def add_event(  # noqa: PLR0913
    connection: Connection,
    report_id: str,
    event: str,
    *,
    at: datetime,
    actor: str,
    reason: str | None = None,
    detail: str | None = None,
) -> None:
    """Note what happened to a report; `detail` is JSON of ids and codes."""
    connection.execute(
        "INSERT INTO fault_report_events (report_id, happened_at, event, reason_code, detail, actor)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [report_id, at, event, reason, detail, actor],
    )


def area_names(connection: Connection) -> dict[str | None, str]:
    """The names of service areas by id, as far as this connection sees them."""
    rows = connection.execute(
        "SELECT area_id, any_value(name) FROM service_areas WHERE name IS NOT NULL GROUP BY area_id"
    ).fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def crew_names(connection: Connection) -> dict[str | None, str]:
    """The names of crews by id."""
    rows = connection.execute("SELECT crew_id, name FROM crews WHERE name IS NOT NULL").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


_DEEDS: Final = "'told', 'accepted', 'arrived', 'restored', 'reassigned', 'returned'"
_LIVE: Final = """
NOT EXISTS (SELECT 1 FROM fault_report_events u WHERE u.event = 'undone' AND u.report_id = e.report_id
  AND json_extract_string(u.detail, '$.deed') = json_extract_string(e.detail, '$.deed'))
"""


def with_deeds(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of the reports whose stamps or crew somebody set here, and did not take back."""
    rows = connection.execute(
        f"SELECT DISTINCT report_id FROM fault_report_events e"
        f" WHERE list_contains(?::VARCHAR[], report_id) AND event IN ({_DEEDS}) AND {_LIVE}",
        [list(ids)],
    ).fetchall()
    return {str(row[0]) for row in rows}


def acted_on_since(connection: Connection, batch_id: int, loaded_at: datetime) -> list[str]:
    """Reports of a load on which somebody acted after it: a deed, an overruled verdict, a move by hand.

    Any act is later than a load that brought the report; else the moments tell.
    """
    rows = connection.execute(
        f"""
        SELECT DISTINCT r.report_id FROM fault_report_events e JOIN fault_reports r USING (report_id)
        WHERE r.batch_id = $batch AND {_LIVE}
          AND (event IN ({_DEEDS}, 'stopped', 'resumed', 'urged', 'overruled')
            OR (event = 'moved' AND json_extract_string(detail, '$.by') = 'hand'))
          AND (e.happened_at > $loaded OR r.report_id NOT IN (
            SELECT report_id FROM fault_reports_before WHERE replaced_by = $batch))
        ORDER BY 1
        """,
        {"batch": batch_id, "loaded": loaded_at},
    ).fetchall()
    return [str(row[0]) for row in rows]


def ids_of(connection: Connection, batch_id: int) -> list[str]:
    """Numbers of the reports that stand as a load brought them."""
    rows = connection.execute(
        "SELECT report_id FROM fault_reports WHERE batch_id = ?", [batch_id]
    ).fetchall()
    return [str(row[0]) for row in rows]


def forget_events(connection: Connection, ids: Sequence[str]) -> None:
    """Delete what happened to those of the reports that are no more."""
    connection.execute(
        "DELETE FROM fault_report_events WHERE list_contains(?::VARCHAR[], report_id)"
        " AND report_id NOT IN (SELECT report_id FROM fault_reports)",
        [list(ids)],
    )
