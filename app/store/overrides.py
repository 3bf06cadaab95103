"""Exceptions from plans as they are written: a transformer or a customer served by another area."""

from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of


def listing(connection: Connection, plan_id: int) -> pd.DataFrame:
    """Every exception of a plan: transformer_id, customer_no, area_id, reason, valid_from, valid_to."""
    return frame_of(
        connection.execute(
            "SELECT transformer_id, customer_no, area_id, reason, valid_from, valid_to FROM assignment_overrides"
            " WHERE plan_id = ? ORDER BY valid_to IS NOT NULL, valid_from DESC NULLS LAST, transformer_id, customer_no",
            [plan_id],
        )
    )


def add(connection: Connection, override: dict[str, Any]) -> None:
    """Write one: plan_id, transformer_id or customer_no, area_id, reason, valid_from, valid_to."""
    connection.execute(
        "INSERT INTO assignment_overrides (plan_id, transformer_id, customer_no, area_id, reason, valid_from, valid_to)"
        " VALUES ($plan_id, $transformer_id, $customer_no, $area_id, $reason, $valid_from, $valid_to)",
        override,
    )


def end(connection: Connection, plan_id: int, override: dict[str, Any], at: datetime) -> None:
    """End one (transformer_id, customer_no, area_id, valid_to) at that moment, or before it begins."""
    connection.execute(
        "UPDATE assignment_overrides SET valid_to = greatest(coalesce(valid_from, $at), $at)"
        " WHERE plan_id = $plan AND transformer_id IS NOT DISTINCT FROM $transformer_id"
        " AND customer_no IS NOT DISTINCT FROM $customer_no AND area_id = $area_id"
        " AND valid_to IS NOT DISTINCT FROM $valid_to",
        {
            "plan": plan_id, "at": at,
            **{n: override[n] for n in ("transformer_id", "customer_no", "area_id", "valid_to")},
        },
    )  # fmt: skip


def is_transformer(connection: Connection, transformer_id: str) -> bool:
    """Whether anything tells of such a transformer: its own row, a meter or an archive."""
    row = connection.execute(
        "SELECT 1 FROM transformers WHERE transformer_id = $id"
        " UNION ALL SELECT 1 FROM meters WHERE transformer_id = $id"
        " UNION ALL SELECT 1 FROM customers WHERE transformer_id = $id LIMIT 1",
        {"id": transformer_id},
    ).fetchone()
    return row is not None
