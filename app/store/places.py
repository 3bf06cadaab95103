"""Questions about halls, banks, crews, staff, transformers and promise zones."""

from datetime import datetime

import pandas as pd

from app.store import outage_lists
from app.store.database import Connection, Database, frame_of
from app.store.outages import OPEN_AT

TARGETS = {"hall": ("halls", "hall_id"), "bank": ("banks", "bank_id"), "crew": ("crews", "crew_id")}

# the demo clock's moment where one is set, as `app.use_cases.clock` reads it, else the machine's
PRESENT = """(SELECT coalesce(
  max(value) FILTER (name = 'clock_at')::TIMESTAMPTZ + CASE WHEN max(value) FILTER (name = 'clock_running') = '1'
  THEN now() - max(value) FILTER (name = 'clock_set_at')::TIMESTAMPTZ ELSE INTERVAL 0 SECOND END, now()) FROM meta)"""
_IN_FORCE = "(valid_from IS NULL OR valid_from <= {at}) AND (valid_to IS NULL OR valid_to > {at})"
IN_FORCE = _IN_FORCE.format(at=PRESENT)
"""Of banks: those that have opened and not closed by the clock of the database."""


def points(connection: Connection, target: str, at: datetime | None = None) -> pd.DataFrame:
    """Placed halls, banks or crew bases: id, name, lon, lat, cell_id.

    Banks are those in force at the moment, by default the present one.
    """
    table, key = TARGETS[target]
    moment = PRESENT if at is None else "?::TIMESTAMPTZ"
    lives = f" AND {_IN_FORCE.format(at=moment)}" if target == "bank" else ""
    return frame_of(
        connection.execute(
            f"SELECT {key} AS id, name, lon, lat, cell_id FROM {table} WHERE cell_id IS NOT NULL{lives} ORDER BY {key}",
            [at, at] if lives and at is not None else [],
        )
    )


def banks_stamp(connection: Connection, at: datetime) -> str:
    """A word for which banks are in force at a moment; it changes only when one opens or closes."""
    row = connection.execute(
        "SELECT count(*) FILTER (valid_from <= $at), count(*) FILTER (valid_to <= $at) FROM banks",
        {"at": at},
    ).fetchone()
    return f"{row[0]}+{row[1]}" if row else ""


def listing(db: Database, target: str) -> pd.DataFrame:
    """All halls, banks or crews with every column."""
    table, key = TARGETS[target]
    return db.query(
        f"SELECT * EXCLUDE (batch_id, row_no) REPLACE (coalesce(cell_id, 0) AS cell_id) FROM {table} ORDER BY {key}"
    )


def transformer_points(connection: Connection) -> pd.DataFrame:
    """Placed transformers: transformer_id, lon, lat (latest row of each)."""
    return frame_of(
        connection.execute(
            "SELECT transformer_id, last(lon ORDER BY valid_from NULLS FIRST) AS lon,"
            " last(lat ORDER BY valid_from NULLS FIRST) AS lat"
            " FROM transformers WHERE lon IS NOT NULL GROUP BY transformer_id"
        )
    )


def zones(connection: Connection) -> pd.DataFrame:
    """Promise zones: name, promise_class, geometry (WKB)."""
    return frame_of(
        connection.execute("SELECT name, promise_class, geometry FROM promise_zones ORDER BY name")
    )


def duties(connection: Connection, area_ids: list[str]) -> pd.DataFrame:
    """Duties of the areas: area_id, staff_id, crew_id, duty, hours, valid_from, valid_to."""
    return frame_of(
        connection.execute(
            "SELECT area_id, staff_id, crew_id, duty, hours, valid_from, valid_to FROM area_duties"
            " WHERE list_contains(?, area_id)",
            [area_ids],
        )
    )


def all_duties(connection: Connection) -> pd.DataFrame:
    """Every duty: area_id, staff_id, crew_id, duty, hours, valid_from, valid_to."""
    return frame_of(
        connection.execute(
            "SELECT area_id, staff_id, crew_id, duty, hours, valid_from, valid_to FROM area_duties"
        )
    )


def people(connection: Connection) -> pd.DataFrame:
    """Staff and crews by id: id, name, phone, shift (empty for staff)."""
    return frame_of(
        connection.execute(
            "SELECT staff_id AS id, name, phone, NULL AS shift FROM staff"
            " UNION ALL SELECT crew_id, name, phone, shift FROM crews"
        )
    )


def open_outages(connection: Connection, at: datetime) -> pd.DataFrame:
    """Outages in force at that moment, as told; who is out in them: `outages.outage_points`."""
    return frame_of(
        connection.execute(
            f"""
            SELECT outage_id, kind, status, cause, scope, started_at, estimated_restore_at, restored_at,
              customers_affected, lon, lat, coalesce(cell_id, 0) AS cell_id
            FROM outages
            WHERE {OPEN_AT}
            ORDER BY started_at, outage_id
            """,
            {"at": at},
        )
    )


def planned_outages(connection: Connection, start: datetime, end: datetime) -> pd.DataFrame:
    """Outages announced to begin in the span, with who will be in them: see `outage_lists.planned`."""
    return outage_lists.planned(connection, start, end)


def outages_since(connection: Connection, start: datetime, end: datetime) -> pd.DataFrame:
    """Outages that began in the span: outage_id, scope, started_at, restored_at, customers_affected."""
    return frame_of(
        connection.execute(
            "SELECT outage_id, kind, scope, cause, started_at, restored_at, customers_affected FROM outages"
            " WHERE started_at >= ? AND started_at <= ? AND coalesce(status, '') NOT IN ('cancelled', 'proposed')",
            [start, end],
        )
    )
