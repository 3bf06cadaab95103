"""Which calls make one outage: what grouping asks, and how memberships are written, kept and taken back."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from app.store import outages
from app.store.database import Connection, frame_of
from app.store.fault_reports import touch

PREFIX: Final = "CALL-"
"""How the ids of outages begin that calls were made into."""
_OPEN_CALLS: Final = """
registered_at > $since AND registered_at <= $now AND (restored_at IS NULL OR restored_at > $now)
AND coalesce(service_type, 'fault') IN ('fault', 'hazard') AND coalesce(verdict, 'crew_needed') IN ('crew_needed', 'known_outage')
"""
_MEMBERSHIP: Final = ("report_id", "outage_id", "grouped_by", "group_reason")
_OUTAGE: Final = (
    "outage_id",
    "status",
    "scope",
    "started_at",
    "customers_affected",
    "lon",
    "lat",
    "cell_id",
)


def open_calls(connection: Connection, since: datetime, now: datetime) -> pd.DataFrame:
    """Calls of the span that wait for supply: what grouping needs of them, with cell_id and group_reason."""
    return frame_of(
        connection.execute(
            "SELECT report_id, registered_at, customer_no, transformer_id, feeder_id, lon, lat, cell_id, outage_id,"
            " coalesce(grouped_by, '') IN ('hand', 'file') AND outage_id IS NOT NULL AS is_fixed, group_reason"
            f" FROM fault_reports WHERE {_OPEN_CALLS} ORDER BY registered_at, report_id",
            {"since": since, "now": now},
        )
    )


def known_outages(connection: Connection, since: datetime, now: datetime) -> pd.DataFrame:
    """Outages of the span with their transformers: outage_id, started_at, transformer_id, restored_at, is_from_calls.

    Those made from calls are there even where no transformer is named.
    """
    columns = "outage_id, scope, started_at, restored_at"
    chosen = (
        f"SELECT {columns} FROM outages WHERE {outages.TOUCHES.replace('$last', '$known')}"
        " AND coalesce(kind, 'fault') NOT IN ('planned', 'customer')"
    )
    return frame_of(
        connection.execute(
            f"""
            {outages.who_is_out(chosen.replace("$first", "$since"))}
            SELECT c.outage_id, coalesce(l.out_at, c.started_at) AS started_at, l.transformer_id,
              CASE WHEN coalesce(l.back_at, c.restored_at) <= $known THEN coalesce(l.back_at, c.restored_at) END AS restored_at,
              starts_with(c.outage_id, '{PREFIX}') AS is_from_calls
            FROM chosen c LEFT JOIN lines l USING (outage_id)
            WHERE l.transformer_id IS NOT NULL OR starts_with(c.outage_id, '{PREFIX}')
            """,
            {"since": since, "known": now},
        )
    )


def network(connection: Connection, at: datetime) -> pd.DataFrame:
    """Transformers of that moment: transformer_id, feeder_id, lon, lat, customers by the archive."""
    return frame_of(
        connection.execute(
            """
            SELECT t.transformer_id, min(t.feeder_id) AS feeder_id, first(t.lon) AS lon, first(t.lat) AS lat,
              coalesce(any_value(c.customers), 0) AS customers
            FROM transformer_links t LEFT JOIN (
              SELECT transformer_id, count(*) AS customers FROM customers GROUP BY transformer_id) c USING (transformer_id)
            WHERE (t.valid_from IS NULL OR t.valid_from <= $at) AND (t.valid_to IS NULL OR t.valid_to > $at)
            GROUP BY t.transformer_id
            """,
            {"at": at},
        )
    )


def next_number(connection: Connection, day: str) -> int:
    """The first number of the day (YYMMDD) that no outage made from calls has had."""
    row = connection.execute(
        "SELECT max(TRY_CAST(split_part(outage_id, '-', 3) AS INTEGER)) FROM outages WHERE starts_with(outage_id, ?)",
        [f"{PREFIX}{day}-"],
    ).fetchone()
    return int(row[0] or 0) + 1 if row else 1


def count_customers(connection: Connection, scope: str) -> int:
    """Customers whom the parts of a scope (transformer, feeder, customer) name, each once, by the archive."""
    row = connection.execute(
        """
        WITH parts AS (SELECT trim(unnest(string_split($scope, ';'))) AS part)
        SELECT count(DISTINCT customer_no) FROM customers c WHERE 'transformer:' || c.transformer_id IN (SELECT part FROM parts)
          OR 'customer:' || c.customer_no IN (SELECT part FROM parts)
          OR c.transformer_id IN (SELECT transformer_id FROM transformers WHERE 'feeder:' || feeder_id IN (SELECT part FROM parts))
        """,
        {"scope": scope},
    ).fetchone()
    return int(row[0]) if row else 0


def insert_outage(connection: Connection, row: dict[str, Any]) -> None:
    """A new outage made from calls, in force, with scope, start, count and place as given."""
    connection.execute(
        "INSERT INTO outages (outage_id, kind, status, scope, started_at, customers_affected, lon, lat, cell_id)"
        " VALUES ($outage_id, 'fault', 'in_force', $scope, $started_at, $customers_affected, $lon, $lat, $cell_id)",
        {name: row[name] for name in _OUTAGE if name != "status"},
    )
    outages.touch(connection)


def set_reach(
    connection: Connection, outage_id: str, scope: str | None, started_at: datetime, customers: int
) -> None:
    """What an outage made from calls reaches, as found anew."""
    connection.execute(
        "UPDATE outages SET scope = $scope, started_at = $started, customers_affected = $customers"
        " WHERE outage_id = $id",
        {"scope": scope, "started": started_at, "customers": customers, "id": outage_id},
    )
    outages.touch(connection)


def set_status(connection: Connection, outage_id: str, status: str) -> None:
    """Where an outage stands."""
    connection.execute("UPDATE outages SET status = ? WHERE outage_id = ?", [status, outage_id])
    outages.touch(connection)


def empty_outages(connection: Connection) -> list[str]:
    """Outages made from calls, in force, in which no call is any more."""
    rows = connection.execute(
        f"SELECT outage_id FROM outages WHERE starts_with(outage_id, '{PREFIX}') AND restored_at IS NULL"
        " AND coalesce(status, 'in_force') = 'in_force'"
        " AND outage_id NOT IN (SELECT outage_id FROM fault_reports WHERE outage_id IS NOT NULL) ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def put(connection: Connection, members: pd.DataFrame, *, at: datetime, actor: str) -> None:
    """Write memberships (report_id, outage_id, grouped_by, group_reason); moves are noted as events."""
    table = pa.Table.from_pandas(members[list(_MEMBERSHIP)], preserve_index=False)
    connection.register(
        "put_calls", table.cast(pa.schema([(name, pa.string()) for name in _MEMBERSHIP]))
    )
    connection.execute(
        "INSERT INTO fault_report_events (report_id, happened_at, event, detail, actor)"
        " SELECT r.report_id, $at, 'moved', json_object('from', r.outage_id, 'to', p.outage_id, 'by', p.grouped_by)::VARCHAR,"
        " $actor FROM put_calls p JOIN fault_reports r USING (report_id)"
        " WHERE r.outage_id IS DISTINCT FROM p.outage_id",
        {"at": at, "actor": actor},
    )
    connection.execute(
        "UPDATE fault_reports SET outage_id = p.outage_id, grouped_by = p.grouped_by, group_reason = p.group_reason"
        " FROM put_calls p WHERE fault_reports.report_id = p.report_id"
    )
    connection.unregister("put_calls")
    touch(connection)


def calls_of(connection: Connection, outage_id: str) -> list[str]:
    """Numbers of the reports in an outage, the first call first."""
    rows = connection.execute(
        "SELECT report_id FROM fault_reports WHERE outage_id = ? ORDER BY registered_at, report_id",
        [outage_id],
    ).fetchall()
    return [str(row[0]) for row in rows]


def outage(connection: Connection, outage_id: str) -> dict[str, Any] | None:
    """The outage's own row as far as grouping changes it, with restored_at; None where there is none."""
    return rows_of(connection, [outage_id]).get(outage_id)


def rows_of(connection: Connection, outage_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By id the rows of those outages that there are, as `outage` tells one."""
    frame = frame_of(
        connection.execute(
            f"SELECT {', '.join(_OUTAGE)}, restored_at FROM outages WHERE list_contains(?::VARCHAR[], outage_id)",
            [list(outage_ids)],
        )
    )
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return {str(row["outage_id"]): {str(k): v for k, v in row.items()} for row in rows}


def keep_act(  # noqa: PLR0913
    connection: Connection,
    act: str,
    *,
    reports: Sequence[str],
    outage_ids: Sequence[str],
    at: datetime,
    actor: str,
) -> None:
    """Keep how these reports and outages stand, before a person's act changes them."""
    members = frame_of(
        connection.execute(
            f"SELECT {', '.join(_MEMBERSHIP)} FROM fault_reports WHERE list_contains(?::VARCHAR[], report_id)",
            [list(reports)],
        )
    )
    rows = [outage(connection, one) for one in outage_ids]
    told = [{k: v for k, v in row.items() if k in _OUTAGE} for row in rows if row is not None]
    connection.execute(
        "INSERT INTO call_group_acts SELECT nextval('call_group_act_ids'), ?, ?, ?, ?, ?, NULL",
        [at, actor, act, json.dumps(members.astype(object).where(members.notna(), None).to_dict("records")),
         json.dumps(told, default=str)],
    )  # fmt: skip


def last_act(connection: Connection, actor: str) -> dict[str, Any] | None:
    """The actor's last act that was not taken back: act_id, act, reports and outages as they were."""
    row = connection.execute(
        "SELECT act_id, act, reports_before, outages_before FROM call_group_acts"
        " WHERE actor = ? AND undone_at IS NULL ORDER BY act_id DESC LIMIT 1",
        [actor],
    ).fetchone()
    if row is None:
        return None
    return {
        "act_id": row[0],
        "act": row[1],
        "reports": json.loads(row[2]),
        "outages": json.loads(row[3]),
    }


def has_later_act(connection: Connection, act_id: int, reports: Sequence[str]) -> bool:
    """Whether somebody moved one of these reports by hand after that act."""
    rows = connection.execute(
        "SELECT reports_before FROM call_group_acts WHERE act_id > ? AND undone_at IS NULL",
        [act_id],
    ).fetchall()
    moved = {one["report_id"] for row in rows for one in json.loads(row[0])}
    return bool(moved & set(reports))


def end_act(connection: Connection, act_id: int, at: datetime) -> None:
    """Note that an act was taken back."""
    connection.execute("UPDATE call_group_acts SET undone_at = ? WHERE act_id = ?", [at, act_id])


def put_back(connection: Connection, row: dict[str, Any]) -> None:
    """Set an outage to what it was before an act."""
    connection.execute(
        "UPDATE outages SET status = $status, scope = $scope, started_at = $started_at::TIMESTAMPTZ,"
        " customers_affected = $customers_affected WHERE outage_id = $outage_id",
        {
            name: row[name]
            for name in ("status", "scope", "started_at", "customers_affected", "outage_id")
        },
    )
    outages.touch(connection)
