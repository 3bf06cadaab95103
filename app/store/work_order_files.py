"""What a file of orders says beside the orders themselves: stamps, crews, calls and links."""

from collections.abc import Sequence

import pandas as pd

from app.store.database import Connection, frame_of, register
from app.store.work_order_writes import FILE


def acted_on(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of the orders about which somebody did something here."""
    rows = connection.execute(
        "SELECT DISTINCT order_id FROM work_order_events WHERE list_contains(?::VARCHAR[], order_id) AND actor <> ?",
        [list(ids), FILE],
    ).fetchall()
    return {str(row[0]) for row in rows}


def held(connection: Connection, ids: Sequence[str]) -> pd.DataFrame:
    """The orders of these numbers as written."""
    return frame_of(
        connection.execute(
            "SELECT * EXCLUDE (batch_id, row_no) FROM work_orders WHERE list_contains(?::VARCHAR[], order_id)",
            [list(ids)],
        )
    )


def ids_of(connection: Connection, batch_id: int) -> list[str]:
    """Numbers of the orders that stand as a load brought them."""
    rows = connection.execute(
        "SELECT order_id FROM work_orders WHERE batch_id = ?", [batch_id]
    ).fetchall()
    return [str(row[0]) for row in rows]


def has_replaced(connection: Connection, batch_id: int) -> bool:
    """Whether a load brought orders that were there before."""
    row = connection.execute(
        "SELECT 1 FROM work_orders_before WHERE replaced_by = ? LIMIT 1", [batch_id]
    ).fetchone()
    return row is not None


def replace_story(
    connection: Connection, ids: Sequence[str], events: pd.DataFrame, crews: pd.DataFrame
) -> None:
    """Put what the file says of these orders in place of what a file said before.

    events: order_id, crew_id, happened_at, move, state_before, state_after, reason_code, detail, in order;
    crews: order_id, crew_id, told_at, accepted_at, arrived_at, finished_at, ended_at.
    """
    chosen = "list_contains(?::VARCHAR[], order_id)"
    for table in ("work_order_events", "work_order_crews"):
        connection.execute(f"DELETE FROM {table} WHERE {chosen}", [list(ids)])
    if len(events):
        register(
            connection,
            "told_events",
            events.assign(event_id=_numbers(connection, "work_order_event_ids", len(events))),
        )
        connection.execute(
            "INSERT INTO work_order_events (event_id, order_id, crew_id, happened_at, move, state_before, state_after, reason_code, detail, actor)"
            " SELECT event_id, order_id, crew_id, happened_at, move, state_before, state_after, reason_code, detail, ? FROM told_events ORDER BY event_id",
            [FILE],
        )
        connection.unregister("told_events")
    if len(crews):
        register(
            connection,
            "told_crews",
            crews.assign(holding_id=_numbers(connection, "work_order_crew_ids", len(crews))),
        )
        connection.execute(
            "INSERT INTO work_order_crews (holding_id, order_id, crew_id, part, how, told_at, accepted_at, arrived_at, finished_at, ended_at, ended_why, assigned_by)"
            " SELECT holding_id, order_id, crew_id, 'lead', 'file', told_at, accepted_at, arrived_at, finished_at, ended_at,"
            " CASE WHEN ended_at IS NOT NULL THEN 'done' END, ? FROM told_crews ORDER BY holding_id",
            [FILE],
        )
        connection.unregister("told_crews")


def join(connection: Connection, pairs: pd.DataFrame) -> None:
    """Let the orders answer these calls (order_id, report_id), as far as they are known and free."""
    if pairs.empty:
        return
    register(connection, "told_pairs", pairs)
    connection.execute(
        "INSERT INTO work_order_reports SELECT DISTINCT order_id, report_id FROM told_pairs SEMI JOIN fault_reports USING (report_id)"
        " ANTI JOIN (SELECT report_id FROM work_order_reports) USING (report_id)"
        " QUALIFY row_number() OVER (PARTITION BY report_id ORDER BY order_id) = 1"
    )
    connection.unregister("told_pairs")


def link(connection: Connection, pairs: pd.DataFrame) -> None:
    """Link orders with those they follow (order_id, follows), as far as these are known."""
    if pairs.empty:
        return
    register(connection, "told_links", pairs)
    connection.execute(
        "INSERT INTO work_order_links SELECT DISTINCT t.order_id, t.follows, 'follows' FROM told_links t"
        " JOIN work_orders w ON w.order_id = t.follows WHERE t.follows <> t.order_id AND NOT EXISTS ("
        " SELECT 1 FROM work_order_links l WHERE l.order_id = t.order_id AND l.other_order_id = t.follows AND l.link = 'follows')"
    )
    connection.unregister("told_links")


def forget(connection: Connection, ids: Sequence[str]) -> None:
    """Delete what belongs to those of the orders that are no more."""
    gone = "list_contains(?::VARCHAR[], order_id) AND order_id NOT IN (SELECT order_id FROM work_orders)"
    for table in (
        "work_order_events", "work_order_crews", "work_order_reports", "work_order_links",
    ):  # fmt: skip
        connection.execute(f"DELETE FROM {table} WHERE {gone}", [list(ids)])


def _numbers(connection: Connection, sequence: str, count: int) -> list[int]:
    rows = connection.execute(f"SELECT nextval('{sequence}') FROM range(?)", [count]).fetchall()
    return sorted(int(row[0]) for row in rows)
