"""Questions about service plans, their areas and the claims on units."""

from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of

_IN_FORCE = "(valid_from IS NULL OR valid_from <= $at) AND (valid_to IS NULL OR valid_to > $at)"


def plan_at(connection: Connection, at: datetime) -> dict[str, Any] | None:
    """The published plan in force at that moment: plan_id, name, basis, valid_from, valid_to."""
    frame = frame_of(
        connection.execute(
            "SELECT plan_id, name, basis, valid_from, valid_to FROM service_plans"
            f" WHERE status = 'published' AND {_IN_FORCE} ORDER BY valid_from DESC NULLS LAST LIMIT 1",
            {"at": at},
        )
    )
    return _one(frame)


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


def _one(frame: pd.DataFrame) -> dict[str, Any] | None:
    if frame.empty:
        return None
    row = frame.iloc[0].to_dict()
    return {str(k): (None if pd.isna(v) else v) for k, v in row.items()}


def claims_stamp(connection: Connection, plan_id: int, at: datetime) -> str:
    """A text that changes whenever the claims in force change by themselves with time."""
    row = connection.execute(
        "SELECT max(t)::VARCHAR FROM (SELECT max(valid_from) AS t FROM plan_units WHERE plan_id = $plan AND valid_from <= $at"
        " UNION ALL SELECT max(valid_to) FROM plan_units WHERE plan_id = $plan AND valid_to <= $at)",
        {"plan": plan_id, "at": at},
    ).fetchone()
    return str(row[0]) if row else ""
