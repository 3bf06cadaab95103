"""Questions about service plans, their areas and the claims on units."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of
from grid_cells.plan_life import Term, in_force, span

_IN_FORCE = "(valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)"


def plan_at(connection: Connection, at: datetime) -> dict[str, Any] | None:
    """The published plan in force at that moment: plan_id, name, basis, valid_from, valid_to.

    The last two say since when and until when it is in force without a break.
    """
    terms = published_terms(connection)
    plan_id = in_force(terms, at)
    if plan_id is None:
        return None
    row = plan_row(connection, plan_id) or {}
    since, until = span(terms, at)
    return {name: row[name] for name in ("plan_id", "name", "basis")} | {
        "valid_from": since, "valid_to": until,
    }  # fmt: skip


def published_terms(connection: Connection) -> list[Term]:
    """When each published plan is in force by itself."""
    frame = frame_of(
        connection.execute(
            "SELECT plan_id, valid_from, valid_to FROM service_plans WHERE status = 'published'"
            " ORDER BY plan_id"
        )
    )
    return [
        Term(int(row["plan_id"]), _moment(row["valid_from"]), _moment(row["valid_to"]))
        for row in frame.to_dict("records")
    ]


def next_plan_id(connection: Connection) -> int:
    """A number no plan has had."""
    row = connection.execute("SELECT nextval('plan_ids')").fetchone()
    return int(row[0]) if row else 1


def claims_at(connection: Connection, plan_id: int, at: datetime) -> pd.DataFrame:
    """Claims holding at that moment: transformer_id, cell_id (0 where none), area_id, valid_from, valid_to."""
    return frame_of(
        connection.execute(
            "SELECT transformer_id, coalesce(cell_id, 0) AS cell_id, area_id, valid_from, valid_to"
            f" FROM plan_units WHERE plan_id = $plan AND {_IN_FORCE}",
            {"plan": plan_id, "at": at},
        )
    )


def all_claims(connection: Connection, plan_id: int) -> pd.DataFrame:
    """Every claim the plan ever had, past ones included."""
    return frame_of(
        connection.execute(
            "SELECT plan_id, transformer_id, coalesce(cell_id, 0) AS cell_id, area_id, share, claim_basis,"
            " valid_from, valid_to FROM plan_units WHERE plan_id = ?",
            [plan_id],
        )
    )


def overrides_at(connection: Connection, plan_id: int, at: datetime) -> pd.DataFrame:
    """Overrides holding at that moment: transformer_id, customer_no, area_id, reason, valid_from, valid_to."""
    return frame_of(
        connection.execute(
            "SELECT transformer_id, customer_no, area_id, reason, valid_from, valid_to"
            f" FROM assignment_overrides WHERE plan_id = $plan AND {_IN_FORCE}",
            {"plan": plan_id, "at": at},
        )
    )


def edges(connection: Connection) -> list[datetime]:
    """Every moment at which a plan, a claim or an override begins or ends, in order."""
    rows = connection.execute(
        "SELECT DISTINCT epoch_us(t) FROM (SELECT unnest([valid_from, valid_to]) AS t FROM service_plans"
        " UNION ALL SELECT unnest([valid_from, valid_to]) FROM plan_units"
        " UNION ALL SELECT unnest([valid_from, valid_to]) FROM assignment_overrides)"
        " WHERE t IS NOT NULL AND isfinite(t) ORDER BY 1"
    ).fetchall()
    return [datetime.fromtimestamp(row[0] / 1e6, UTC) for row in rows]


def areas(connection: Connection, plan_id: int) -> pd.DataFrame:
    """The plan's areas: area_id, name, hall_id, unit_id, geometry (as loaded)."""
    return frame_of(
        connection.execute(
            "SELECT area_id, name, hall_id, unit_id, geometry FROM service_areas WHERE plan_id = ?"
            " ORDER BY area_id",
            [plan_id],
        )
    )


def plan_row(connection: Connection, plan_id: int) -> dict[str, Any] | None:
    """The plan's whole row without its batch."""
    return _one(
        frame_of(
            connection.execute(
                "SELECT * EXCLUDE (batch_id, row_no) FROM service_plans WHERE plan_id = ?",
                [plan_id],
            )
        )
    )


def opened_by(connection: Connection, batch_id: int) -> bool:
    """Whether the batch opened or ended a plan."""
    row = connection.execute(
        "SELECT 1 FROM service_plans WHERE batch_id = ? LIMIT 1", [batch_id]
    ).fetchone()
    return row is not None


def area_ids(connection: Connection) -> list[str]:
    """Areas of every plan."""
    rows = connection.execute("SELECT DISTINCT area_id FROM service_areas").fetchall()
    return [str(row[0]) for row in rows]


def areas_touched(connection: Connection, batch_id: int) -> pd.DataFrame:
    """Areas that a batch wrote, as they are now and as they were: area_id, unit_id, row_no."""
    return frame_of(
        connection.execute(
            "SELECT area_id, unit_id, row_no FROM service_areas WHERE batch_id = $batch"
            " UNION ALL SELECT area_id, unit_id, 0 FROM service_areas_before WHERE replaced_by = $batch",
            {"batch": batch_id},
        )
    )


def claims_changed(connection: Connection, batch_id: int) -> pd.DataFrame:
    """Claims that a batch made, ended or took away: transformer_id, cell_id, area_id, row_no, is_new.

    `is_new` tells claims as they are now from claims as they were; those written again as they
    were are left out.
    """
    same = " AND ".join(
        f"n.{name} IS NOT DISTINCT FROM o.{name}"
        for name in ("plan_id", "transformer_id", "cell_id", "area_id", "valid_from", "valid_to")
    )
    now = "SELECT * FROM plan_units WHERE batch_id = $batch"
    then = "SELECT * FROM plan_units_before WHERE replaced_by = $batch"
    columns = "transformer_id, cell_id, area_id, row_no"
    return frame_of(
        connection.execute(
            f"SELECT {columns}, true AS is_new FROM ({now}) n ANTI JOIN ({then}) o ON {same}"
            f" UNION ALL SELECT {columns}, false FROM ({then}) o ANTI JOIN ({now}) n ON {same}",
            {"batch": batch_id},
        )
    )


def _one(frame: pd.DataFrame) -> dict[str, Any] | None:
    if frame.empty:
        return None
    row = frame.iloc[0].to_dict()
    return {str(k): (None if pd.isna(v) else v) for k, v in row.items()}


def _moment(value: Any) -> datetime | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).to_pydatetime()


def claims_stamp(connection: Connection, plan_id: int, at: datetime) -> str:
    """A text that changes whenever claims or overrides in force change by themselves with time."""
    row = connection.execute(
        "WITH spans AS (SELECT valid_from, valid_to FROM plan_units WHERE plan_id = $plan"
        " UNION ALL SELECT valid_from, valid_to FROM assignment_overrides WHERE plan_id = $plan)"
        " SELECT max(t)::VARCHAR FROM (SELECT max(valid_from) AS t FROM spans WHERE valid_from <= $at"
        " UNION ALL SELECT max(valid_to) FROM spans WHERE valid_to <= $at)",
        {"plan": plan_id, "at": at},
    ).fetchone()
    return str(row[0]) if row else ""
