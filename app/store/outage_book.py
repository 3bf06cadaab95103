"""Questions about single outages, and the writing of what is done with them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outages import (
    DARK_AT,
    ESTIMATE_AT,
    ESTIMATES_AT,
    STATUS_AT,
    TAKES_PLACE,
    TOLD_COUNTS,
    touch,
    who_is_out,
)
from grid_cells.interruptions import in_lots

_ONE: Final = who_is_out("SELECT * FROM outages WHERE outage_id = $id")
_ROW: Final = (
    "outage_id, kind, status, cause, scope, started_at, estimated_restore_at, restored_at,"
    " customers_affected, lon, lat, coalesce(cell_id, 0) AS cell_id, parent_outage_id"
)


def one(connection: Connection, outage_id: str, at: datetime) -> dict[str, Any] | None:
    """The outage as known then, or None where none in sight has the id."""
    frame = frame_of(
        connection.execute(
            f"WITH {ESTIMATES_AT.replace('FROM outage_estimates', 'FROM outage_estimates WHERE outage_id = $id')}"
            f" SELECT o.* REPLACE ({STATUS_AT} AS status, {ESTIMATE_AT} AS estimated_restore_at,"
            f" CASE WHEN restored_at <= $known THEN restored_at END AS restored_at) FROM (SELECT {_ROW} FROM outages WHERE outage_id = $id) o"
            " LEFT JOIN told_estimates t USING (outage_id)",
            {"id": outage_id, "known": at},
        )
    )
    return None if frame.empty else plain_row(frame)


def plain_row(frame: pd.DataFrame) -> dict[str, Any]:
    """The first row with None where nothing is known and moments as datetimes."""
    row = {str(k): (None if pd.isna(v) else v) for k, v in frame.iloc[0].to_dict().items()}
    return {k: v.to_pydatetime() if isinstance(v, pd.Timestamp) else v for k, v in row.items()}


def spans(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """Who was out in it, by cell and time: cell_id (0 = unplaced), out_at, back_at, customers."""
    return frame_of(
        connection.execute(
            f"{_ONE} SELECT coalesce(c.cell_id, 0) AS cell_id, d.out_at, d.back_at, count(*) AS customers"
            " FROM dark d JOIN customers c USING (customer_no) GROUP BY ALL ORDER BY out_at, cell_id",
            {"id": outage_id, "known": at},
        )
    )


def counted(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """Lots of customers out in it by what was told, where it reaches nobody known: out_at, back_at, customers."""
    changes = frame_of(
        connection.execute(
            f"{_ONE}, {TOLD_COUNTS} SELECT outage_id, moment AS began,"
            " CASE WHEN restored_at <= $known THEN restored_at END AS ended, change AS customers"
            " FROM counted JOIN chosen USING (outage_id)",
            {"id": outage_id, "known": at},
        )
    )
    return in_lots(changes).rename(columns={"began": "out_at", "ended": "back_at"})


def ever_out(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """Who ever is out in it, each counted once: cell_id (0 = unplaced), customers_affected."""
    return frame_of(
        connection.execute(
            f"{_ONE} SELECT coalesce(c.cell_id, 0) AS cell_id, count(DISTINCT customer_no) AS customers_affected"
            " FROM dark JOIN customers c USING (customer_no) GROUP BY ALL",
            {"id": outage_id, "known": at},
        )
    )


def out_in(connection: Connection, ids: list[str], at: datetime) -> int:
    """How many customers are out in some outages at that moment, each counted once."""
    if not ids:
        return 0
    row = connection.execute(
        f"{who_is_out('SELECT * FROM outages WHERE list_contains($ids, outage_id)')}"
        f" SELECT count(DISTINCT customer_no) FROM dark WHERE {DARK_AT}",
        {"ids": ids, "known": at},
    ).fetchone()
    return int(row[0]) if row else 0


def everybody(connection: Connection, outage_id: str, at: datetime) -> int:
    """How many customers in sight any part of the outage names."""
    row = connection.execute(
        f"{_ONE} SELECT count(*) FROM fed", {"id": outage_id, "known": at}
    ).fetchone()
    return int(row[0]) if row else 0


def has_customer(connection: Connection, outage_id: str, customer_no: str, at: datetime) -> bool:
    """Whether any part of the outage names the customer."""
    row = connection.execute(
        f"{_ONE} SELECT count(*) FROM fed WHERE customer_no = $customer",
        {"id": outage_id, "known": at, "customer": customer_no},
    ).fetchone()
    return bool(row and row[0])


_PEOPLE: Final = f"""
{_ONE},
homes AS (SELECT outage_id, customer_no, min(transformer_id) AS transformer_id FROM by_line GROUP BY ALL),
now_dark AS (SELECT DISTINCT customer_no FROM dark WHERE {DARK_AT})
SELECT c.customer_no, c.name, c.phone, c.address, h.transformer_id, c.importance_code, c.second_feeder_id,
  coalesce(c.own_generator, false) AS own_generator, coalesce(c.life_support, false) AS life_support,
  c.notice_channel, c.contact_confirmed_on, coalesce(c.cell_id, 0) AS cell_id, n.customer_no IS NOT NULL AS is_out
FROM fed f JOIN customers c USING (customer_no) LEFT JOIN homes h USING (outage_id, customer_no)
LEFT JOIN now_dark n USING (customer_no)
"""


def people(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """Everybody in it by the links of its day, in the clear: the caller masks.

    customer_no, name, phone, address, transformer_id, importance_code, second_feeder_id,
    own_generator, life_support, notice_channel, contact_confirmed_on, cell_id, is_out (at `at`).
    """
    return frame_of(
        connection.execute(f"{_PEOPLE} ORDER BY c.customer_no", {"id": outage_id, "known": at})
    )


def reach(connection: Connection, scope: str, at: datetime) -> int:
    """How many customers in sight the parts of a scope name by the links of that moment."""
    chosen = (
        "SELECT '' AS outage_id, $scope AS scope, $known::TIMESTAMPTZ AS started_at,"
        " NULL::TIMESTAMPTZ AS restored_at"
    )
    row = connection.execute(
        f"{who_is_out(chosen)} SELECT count(*) FROM fed", {"scope": scope, "known": at}
    ).fetchone()
    return int(row[0]) if row else 0


def marked_people(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """As `people`, only those with a grade of importance or on life support."""
    return frame_of(
        connection.execute(
            f"{_PEOPLE} WHERE c.importance_code IS NOT NULL OR c.life_support ORDER BY c.customer_no",
            {"id": outage_id, "known": at},
        )
    )


def dark_feeders(connection: Connection, feeder_ids: list[str], at: datetime) -> set[str]:
    """Those of the feeders of which no transformer has supply at that moment."""
    if not feeder_ids:
        return set()
    chosen = (
        "SELECT outage_id, scope, started_at, restored_at FROM outages WHERE started_at <= $known"
        f" AND (restored_at IS NULL OR restored_at > $known) AND {TAKES_PLACE}"
    )
    rows = connection.execute(
        f"""
        {who_is_out(chosen)},
        served AS (
          SELECT DISTINCT feeder_id, transformer_id FROM transformer_links WHERE list_contains($feeders, feeder_id)
            AND (valid_from IS NULL OR valid_from <= $known) AND (valid_to IS NULL OR valid_to > $known)),
        gone AS (SELECT DISTINCT transformer_id FROM lines WHERE {DARK_AT})
        SELECT feeder_id FROM served LEFT JOIN gone USING (transformer_id)
        GROUP BY feeder_id HAVING count(*) = count(gone.transformer_id)
        """,
        {"feeders": feeder_ids, "known": at},
    ).fetchall()
    return {str(row[0]) for row in rows}


def steps(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """Its steps known by then, in order: step_at, change, scope, customers, is_from_file."""
    return _of(
        connection,
        "SELECT step_at, change, scope, customers, batch_id IS NOT NULL AS is_from_file FROM outage_steps"
        " WHERE outage_id = $id AND step_at <= $at ORDER BY step_at, change",
        outage_id, at,
    )  # fmt: skip


def estimates(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """Every estimate told by then, in order: told_at, estimated_restore_at, reason, actor."""
    return _of(
        connection,
        "SELECT told_at, estimated_restore_at, reason, actor FROM outage_estimates"
        " WHERE outage_id = $id AND told_at <= $at ORDER BY told_at, rowid",
        outage_id, at,
    )  # fmt: skip


def events(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """What was done with it by then, in order: happened_at, event, detail (JSON text), actor."""
    return _of(
        connection,
        "SELECT happened_at, event, detail, actor FROM outage_events"
        " WHERE outage_id = $id AND happened_at <= $at ORDER BY happened_at",
        outage_id, at,
    )  # fmt: skip


def calls(connection: Connection, outage_id: str, at: datetime) -> pd.DataFrame:
    """The reports grouped into it by then, with what was known of each; in the clear.

    report_id, registered_at, channel, customer_no, caller, phone, address, fault_class, verdict,
    transformer_id, cell_id, grouped_by, group_reason, told_at, accepted_at, arrived_at, restored_at.
    """
    stamps = ", ".join(
        f"CASE WHEN {name} <= $at THEN {name} END AS {name}"
        for name in ("told_at", "accepted_at", "arrived_at", "restored_at")
    )
    return _of(
        connection,
        "SELECT report_id, registered_at, channel, customer_no, caller, phone, address, fault_class, verdict,"
        f" transformer_id, coalesce(cell_id, 0) AS cell_id, grouped_by, group_reason, {stamps} FROM fault_reports"
        " WHERE outage_id = $id AND registered_at <= $at ORDER BY registered_at, report_id",
        outage_id, at,
    )  # fmt: skip


def calls_after(
    connection: Connection, outage_id: str, since: datetime, at: datetime
) -> pd.DataFrame:
    """Unrestored reports of no power registered after a moment by its customers: report_id, customer_no."""
    return frame_of(
        connection.execute(
            f"""
            {_ONE}
            SELECT r.report_id, r.customer_no FROM fault_reports r
            WHERE r.registered_at > $since AND r.registered_at <= $known AND (r.restored_at IS NULL OR r.restored_at > $known)
              AND coalesce(r.service_type, 'fault') = 'fault'
              AND coalesce(r.verdict, 'crew_needed') NOT IN ('disconnected', 'customer_internal', 'no_power_matter')
              AND (r.outage_id = $id OR r.customer_no IN (SELECT customer_no FROM fed))
            """,
            {"id": outage_id, "since": since, "known": at},
        )
    )


def family(connection: Connection) -> dict[str, str | None]:
    """The parent of every outage in sight that has one."""
    rows = connection.execute(
        "SELECT outage_id, parent_outage_id FROM outages WHERE parent_outage_id IS NOT NULL"
    ).fetchall()
    return {str(child): str(parent) for child, parent in rows}


def nested(connection: Connection, ids: list[str], at: datetime) -> pd.DataFrame:
    """Some outages begun by then: outage_id, status, cause, started_at, restored_at (as known), is_open."""
    return frame_of(
        connection.execute(
            f"SELECT outage_id, {STATUS_AT.replace('$known', '$at')} AS status, cause, scope, started_at,"
            f" CASE WHEN restored_at <= $at THEN restored_at END AS restored_at, {TAKES_PLACE} AND (restored_at IS NULL OR restored_at > $at) AS is_open"
            " FROM outages o WHERE list_contains($ids, outage_id) AND started_at <= $at ORDER BY started_at, outage_id",
            {"ids": ids, "at": at},
        )
    )


HEARD: Final = """
SELECT outage_id, moment FROM (
  SELECT outage_id, started_at AS moment FROM outages WHERE started_at <= $at
  UNION ALL SELECT outage_id, step_at FROM outage_steps WHERE step_at <= $at
  UNION ALL SELECT outage_id, told_at FROM outage_estimates WHERE told_at <= $at
  UNION ALL SELECT outage_id, happened_at FROM outage_events WHERE happened_at <= $at
    AND event IN ('status_moved', 'news_noted', 'cause_set', 'supply_asked')
  UNION ALL SELECT outage_id, unnest([told_at, accepted_at, arrived_at, restored_at]) FROM fault_reports
    WHERE outage_id IS NOT NULL AND registered_at <= $at)
WHERE moment <= $at"""
"""Every moment up to `$at` at which something was heard of an outage: outage_id, moment."""
NEWS: Final = f"""
SELECT outage_id, max(moment) AS news_at FROM ({HEARD}) WHERE true {{which}} GROUP BY outage_id
"""


def news(connection: Connection, at: datetime, outage_id: str | None = None) -> pd.DataFrame:
    """When each outage was last heard of, by then: outage_id, news_at.

    News are its beginning, a step, an estimate, a status, cause or note, somebody asked, and the
    stamps of the crew on its reports.
    """
    which = "" if outage_id is None else "AND outage_id = $id"
    values = {"at": at} if outage_id is None else {"at": at, "id": outage_id}
    return frame_of(connection.execute(NEWS.format(which=which), values))


def _of(connection: Connection, sql: str, outage_id: str, at: datetime) -> pd.DataFrame:
    return frame_of(connection.execute(sql, {"id": outage_id, "at": at}))


def change(connection: Connection, outage_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of the outage's row; what was kept of outages is stale afterwards."""
    sets = ", ".join(f"{name} = ?" for name in values)
    connection.execute(
        f"UPDATE outages SET {sets} WHERE outage_id = ?", [*values.values(), outage_id]
    )
    touch(connection)


def add_step(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a step: outage_id, step_at, change, scope, customers."""
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO outage_steps ({names}) VALUES ({marks})", list(row.values()))
    touch(connection)


def unknown_parts(connection: Connection, parts: list[str]) -> set[str]:
    """Those parts of a scope that name no transformer, feeder or customer in sight."""
    rows = connection.execute(
        """
        SELECT part FROM unnest($parts::VARCHAR[]) t(part) WHERE NOT CASE split_part(part, ':', 1)
          WHEN 'transformer' THEN substr(part, 13) IN (SELECT transformer_id FROM transformers)
          WHEN 'feeder' THEN substr(part, 8) IN (SELECT feeder_id FROM transformers UNION SELECT feeder_id FROM feeders)
          ELSE substr(part, 10) IN (SELECT customer_no FROM customers) END
        """,
        {"parts": parts},
    ).fetchall()
    return {str(row[0]) for row in rows}


def take_step_back(connection: Connection, outage_id: str) -> dict[str, Any] | None:
    """The step recorded by hand last, whenever it was, which is gone now; None where there is none."""
    frame = frame_of(
        connection.execute(
            "DELETE FROM outage_steps WHERE rowid IN (SELECT rowid FROM outage_steps WHERE outage_id = ?"
            " AND batch_id IS NULL ORDER BY rowid DESC LIMIT 1) RETURNING step_at, change, scope",
            [outage_id],
        )
    )
    touch(connection)
    return None if frame.empty else plain_row(frame)


def add_estimate(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep an estimate that was told: outage_id, told_at, estimated_restore_at, reason, actor."""
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"INSERT INTO outage_estimates ({names}) VALUES ({marks})", list(row.values())
    )


def add_event(  # noqa: PLR0913
    connection: Connection,
    outage_id: str,
    event: str,
    *,
    at: datetime,
    actor_id: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Keep what was done with an outage; `detail` holds ids, codes and counts alone."""
    text = None if detail is None else json.dumps(detail, default=str, ensure_ascii=False)
    connection.execute(
        "INSERT INTO outage_events (outage_id, happened_at, event, detail, actor) VALUES (?, ?, ?, ?, ?)",
        [outage_id, at, event, text, actor_id],
    )


def keep_told_estimates(connection: Connection, batch_id: int, actor_id: str, at: datetime) -> None:
    """Keep the estimates that a load of outages changed, each with the one that stood before it.

    The new one is told at `at`, the one before with the beginning unless its telling was kept. To be
    called after the batch's rows were written; `forget_told_estimates` takes both back.
    """
    connection.execute(_KEEP_TOLD, {"batch": batch_id, "actor": actor_id, "at": at})


_KEEP_TOLD: Final = """
INSERT INTO outage_estimates
WITH changed AS (
  SELECT o.outage_id, b.started_at, b.estimated_restore_at AS old, o.estimated_restore_at AS new
  FROM outages o JOIN outages_before b ON b.outage_id = o.outage_id AND b.replaced_by = $batch
  WHERE o.batch_id = $batch AND o.estimated_restore_at IS DISTINCT FROM b.estimated_restore_at
)
SELECT outage_id, least(started_at, $at::TIMESTAMPTZ - INTERVAL 1 SECOND), old, 'from_file', $actor, $batch FROM changed
WHERE old IS NOT NULL AND outage_id NOT IN (SELECT outage_id FROM outage_estimates)
UNION ALL
SELECT outage_id, $at, new, 'from_file', $actor, $batch FROM changed
"""


def forget_told_estimates(connection: Connection, batch_id: int) -> None:
    """Take back the estimates that a load brought."""
    connection.execute("DELETE FROM outage_estimates WHERE batch_id = ?", [batch_id])
