"""Duties entered by hand: those that no file brought have no batch."""

from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of


def add(connection: Connection, duty: dict[str, Any]) -> None:
    """Write one: area_id, staff_id or crew_id, duty, valid_from."""
    connection.execute(
        "INSERT INTO area_duties (area_id, staff_id, crew_id, duty, valid_from)"
        " VALUES ($area_id, $staff_id, $crew_id, $duty, $valid_from)",
        duty,
    )


def entered(connection: Connection, at: datetime) -> pd.DataFrame:
    """Those entered by hand that hold at that moment: area_id, duty, holder_id, valid_from."""
    return frame_of(
        connection.execute(
            "SELECT area_id, duty, coalesce(staff_id, crew_id) AS holder_id, valid_from FROM area_duties"
            " WHERE batch_id IS NULL AND (valid_to IS NULL OR valid_to > $at)"
            " ORDER BY valid_from DESC, area_id, duty",
            {"at": at},
        )
    )


def end(connection: Connection, duty: dict[str, Any], at: datetime) -> None:
    """End one entered by hand (area_id, duty, holder_id) at that moment, or before it begins."""
    connection.execute(
        "UPDATE area_duties SET valid_to = greatest(valid_from, $at) WHERE batch_id IS NULL"
        " AND area_id = $area_id AND duty = $duty AND coalesce(staff_id, crew_id) = $holder_id"
        " AND (valid_to IS NULL OR valid_to > $at)",
        {"at": at, **duty},
    )
