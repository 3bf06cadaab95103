"""Questions about work orders as they stood at a moment: state, crews, events, calls, links."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outage_book import plain_row

COLUMNS: Final = (
    "order_id", "kind", "task", "state", "source", "priority", "registered_at", "window_from",
    "window_to", "service_min", "skills", "wishes", "fault_class", "customer_no", "contact", "phone",
    "address", "note", "lon", "lat", "given_x", "given_y", "given_datum", "cell_id",
    "position_source", "transformer_id", "feeder_id", "area_id", "promise_class", "outage_id",
    "is_in_pool", "rating", "unrated_reason", "submission_no", "version",
)  # fmt: skip
LIVE: Final = """
e.happened_at <= $now AND e.move <> 'undone' AND e.event_id NOT IN (
  SELECT TRY_CAST(json_extract_string(u.detail, '$.of') AS BIGINT) FROM work_order_events u
  WHERE u.move = 'undone' AND u.happened_at <= $now AND json_extract_string(u.detail, '$.of') IS NOT NULL)
"""
"""Events of the moment that were not taken back."""
# the state of a moment is that after the last event until then: what was taken back tells it anew
_STATES: Final = """
states AS (
  SELECT order_id, arg_max(state_after, (happened_at, event_id)) AS state, max(happened_at) AS moved_at
  FROM work_order_events WHERE happened_at <= $now AND state_after IS NOT NULL {only} GROUP BY order_id)
"""
_WHOLE: Final = "json_extract_string(e.detail, '$.reports') IS NULL"
"""What was done about some calls of an order alone stands in its events, and moves it not."""
_STOPPED: Final = f"""
halted AS (
  SELECT order_id, arg_max(move, (happened_at, event_id)) = 'stopped' AS is_stopped,
    arg_max(happened_at, (happened_at, event_id)) AS stopped_since, arg_max(reason_code, (happened_at, event_id)) AS stop_reason
  FROM work_order_events e WHERE e.move IN ('stopped', 'resumed') AND {_WHOLE} AND {LIVE} GROUP BY order_id)
"""
_OF_NOW: Final = ", ".join(
    {
        "state": "coalesce(s.state, 'registered') AS state",
        "rating": "CASE WHEN s.state IN ('rated', 'archived') THEN w.rating END AS rating",
        "unrated_reason": "CASE WHEN s.state IN ('rated', 'archived') THEN w.unrated_reason END AS unrated_reason",
        "is_in_pool": "coalesce(w.is_in_pool AND coalesce(s.state, 'registered') = 'registered', false) AS is_in_pool",
    }.get(name, f"w.{name}")
    for name in COLUMNS
)
_AS_KNOWN: Final = f"""
SELECT {_OF_NOW},
  s.moved_at, coalesce(h.is_stopped, false) AS is_stopped, CASE WHEN h.is_stopped THEN h.stopped_since END AS stopped_since,
  CASE WHEN h.is_stopped THEN h.stop_reason END AS stop_reason
FROM work_orders w LEFT JOIN states s USING (order_id) LEFT JOIN halted h USING (order_id)
WHERE w.registered_at <= $now
"""


def _known(only: str = "") -> str:
    return f"WITH {_STATES.format(only=only)}, {_STOPPED} {_AS_KNOWN}"


def known(connection: Connection, now: datetime, since: datetime) -> pd.DataFrame:
    """Orders as they stood at `now`: the open ones, and the others that moved after `since`.

    COLUMNS with the state of that moment, moved_at, is_stopped, stopped_since, stop_reason.
    """
    return frame_of(
        connection.execute(
            f"SELECT * FROM ({_known()}) WHERE state NOT IN ('archived', 'cancelled', 'rated') OR moved_at > $since"
            " ORDER BY registered_at, order_id",
            {"now": now, "since": since},
        )
    )


def of_ids(connection: Connection, ids: Sequence[str], now: datetime) -> pd.DataFrame:
    """As `known`, of these orders."""
    return frame_of(
        connection.execute(
            f"SELECT * FROM ({_known('AND list_contains($ids, order_id)')}) WHERE list_contains($ids, order_id)"
            " ORDER BY registered_at, order_id",
            {"now": now, "ids": list(ids)},
        )
    )


def one(connection: Connection, order_id: str, now: datetime) -> dict[str, Any] | None:
    """One order as it stood at `now`, None where nobody in sight knew it."""
    frame = of_ids(connection, [order_id], now)
    return None if frame.empty else plain_row(frame)


def of_crew(connection: Connection, crew_id: str, now: datetime, since: datetime) -> pd.DataFrame:
    """As `known`, of the orders that the crew holds, or held and finished after `since`."""
    return frame_of(
        connection.execute(
            f"""
            SELECT * FROM ({_known()}) WHERE (state NOT IN ('archived', 'cancelled', 'rated') OR moved_at > $since)
              AND order_id IN (
                SELECT order_id FROM work_order_crews WHERE crew_id = $crew AND coalesce(told_at, accepted_at) <= $now
                  AND (ended_at IS NULL OR ended_at > $now OR ended_why = 'done'))
            ORDER BY priority DESC, registered_at, order_id
            """,
            {"now": now, "since": since, "crew": crew_id},
        )
    )


def is_held_by(connection: Connection, order_id: str, crew_id: str) -> bool:
    """Whether the crew ever held the order and did not lose it to another."""
    row = connection.execute(
        "SELECT 1 FROM work_order_crews WHERE order_id = ? AND crew_id = ?"
        " AND (ended_at IS NULL OR ended_why = 'done') LIMIT 1",
        [order_id, crew_id],
    ).fetchone()
    return row is not None


def holdings(connection: Connection, ids: Sequence[str], now: datetime) -> pd.DataFrame:
    """Which crews hold or held the orders, as known at `now`, the lead first.

    holding_id, order_id, crew_id, name, part, how, reason, planned_arrive_at, planned_leave_at, told_at,
    accepted_at, arrived_at, finished_at, ended_at, ended_why, assigned_by.
    """
    stamps = ", ".join(
        f"CASE WHEN k.{name} <= $now THEN k.{name} END AS {name}"
        for name in ("told_at", "accepted_at", "arrived_at", "finished_at", "ended_at")
    )
    return frame_of(
        connection.execute(
            f"""
            SELECT k.* REPLACE ({stamps}, CASE WHEN k.ended_at <= $now THEN k.ended_why END AS ended_why), c.name
            FROM work_order_crews k LEFT JOIN (SELECT crew_id, any_value(name) AS name FROM crews GROUP BY crew_id) c USING (crew_id)
            WHERE list_contains($ids, order_id) AND coalesce(k.told_at, k.accepted_at, '-infinity'::TIMESTAMPTZ) <= $now
            ORDER BY k.order_id, k.ended_at IS NOT NULL, k.part <> 'lead', k.holding_id
            """,
            {"now": now, "ids": list(ids)},
        )
    )


def events(connection: Connection, order_id: str, now: datetime) -> pd.DataFrame:
    """Everything that happened to the order until `now`, taken back or not, in order; is_undone says which."""
    return frame_of(
        connection.execute(
            f"SELECT e.*, e.move <> 'undone' AND NOT ({LIVE}) AS is_undone FROM work_order_events e"
            " WHERE e.order_id = $id AND e.happened_at <= $now ORDER BY e.happened_at, e.event_id",
            {"now": now, "id": order_id},
        )
    )


def last_event(connection: Connection, order_id: str, now: datetime) -> dict[str, Any] | None:
    """The order's last event that can be taken back: it kept what was before it, and stands."""
    frame = frame_of(
        connection.execute(
            f"SELECT * FROM work_order_events e WHERE e.order_id = $id AND {LIVE}"
            " AND json_extract_string(e.detail, '$.before') IS NOT NULL"
            " ORDER BY e.happened_at DESC, e.event_id DESC LIMIT 1",
            {"now": now, "id": order_id},
        )
    )
    return None if frame.empty else plain_row(frame)


def with_deed(connection: Connection, deed: int, now: datetime) -> list[dict[str, Any]]:
    """Live events that were written by a deed on calls, by its number."""
    frame = frame_of(
        connection.execute(
            f"SELECT * FROM work_order_events e WHERE {LIVE}"
            " AND TRY_CAST(json_extract_string(e.detail, '$.deed') AS BIGINT) = $deed ORDER BY e.event_id",
            {"now": now, "deed": deed},
        )
    )
    return [plain_row(frame.iloc[k : k + 1]) for k in range(len(frame))]


def last_move(connection: Connection, order_id: str, now: datetime) -> dict[str, Any] | None:
    """Who moved the order last and when: actor, crew_id, move, happened_at."""
    frame = frame_of(
        connection.execute(
            "SELECT actor, crew_id, move, happened_at FROM work_order_events WHERE order_id = $id AND happened_at <= $now"
            " AND state_after IS NOT NULL AND move <> 'urged' ORDER BY happened_at DESC, event_id DESC LIMIT 1",
            {"id": order_id, "now": now},
        )
    )
    return None if frame.empty else plain_row(frame)


def step(connection: Connection, step_key: str) -> dict[str, Any] | None:
    """The event that a device's step made, by its key; None where it never came."""
    frame = frame_of(
        connection.execute(
            "SELECT * FROM work_order_events WHERE step_key = ? ORDER BY event_id LIMIT 1",
            [step_key],
        )
    )
    return None if frame.empty else plain_row(frame)


def reports_of(connection: Connection, ids: Sequence[str]) -> pd.DataFrame:
    """The calls of the orders: order_id, report_id."""
    return frame_of(
        connection.execute(
            "SELECT order_id, report_id FROM work_order_reports WHERE list_contains(?::VARCHAR[], order_id)"
            " ORDER BY order_id, report_id",
            [list(ids)],
        )
    )


def orders_of_reports(connection: Connection, report_ids: Sequence[str]) -> pd.DataFrame:
    """The orders that answer these calls: order_id, report_id."""
    return frame_of(
        connection.execute(
            "SELECT order_id, report_id FROM work_order_reports WHERE list_contains(?::VARCHAR[], report_id)"
            " ORDER BY order_id, report_id",
            [list(report_ids)],
        )
    )


def links(connection: Connection, order_id: str) -> pd.DataFrame:
    """Orders linked with this one, both ways: other_order_id, link, is_from_here."""
    return frame_of(
        connection.execute(
            "SELECT other_order_id, link, true AS is_from_here FROM work_order_links WHERE order_id = $id"
            " UNION ALL SELECT order_id, link, false FROM work_order_links WHERE other_order_id = $id ORDER BY 1, 2",
            {"id": order_id},
        )
    )


def parts(connection: Connection, order_id: str, now: datetime) -> pd.DataFrame:
    """Parts and codes of the order as taken and given back: crew_id, code, name, quantity, is_scanned, added_at, actor."""
    return frame_of(
        connection.execute(
            "SELECT crew_id, code, name, quantity, is_scanned, added_at, step_key, actor FROM work_order_parts"
            " WHERE order_id = ? AND added_at <= ? ORDER BY added_at, code",
            [order_id, now],
        )
    )


def stops(connection: Connection, ids: Sequence[str], now: datetime) -> pd.DataFrame:
    """Stops and resumptions of the orders that stand: report_id (the order's id), happened_at, event, reason_code."""
    return frame_of(
        connection.execute(
            "SELECT order_id AS report_id, happened_at, move AS event, reason_code FROM work_order_events e"
            f" WHERE e.move IN ('stopped', 'resumed') AND list_contains($ids, order_id) AND {_WHOLE} AND {LIVE}"
            " ORDER BY order_id, happened_at, event_id",
            {"now": now, "ids": list(ids)},
        )
    )


def busy(connection: Connection, now: datetime) -> pd.DataFrame:
    """Crews that accepted an order and did not finish it: crew_id, busy_since (the first)."""
    return frame_of(
        connection.execute(
            "SELECT crew_id, min(accepted_at) AS busy_since FROM work_order_crews WHERE accepted_at <= $now"
            " AND (finished_at IS NULL OR finished_at > $now) AND (ended_at IS NULL OR ended_at > $now) GROUP BY crew_id",
            {"now": now},
        )
    )
