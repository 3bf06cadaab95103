"""Questions about crews' shifts, and the shifts entered by hand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store import meta
from app.store.database import Connection, frame_of

COLUMNS: Final = (
    "crew_id", "starts_at", "ends_at", "kind", "members", "vehicle", "note", "lon", "lat",
    "given_x", "given_y", "given_datum", "cell_id", "position_source", "batch_id", "row_no",
)  # fmt: skip
"""Everything that is kept of a shift: what a person does not enter stays as it was loaded."""
KIND: Final = "crew_shifts"
_SHIFTS: Final = "crew_id, starts_at, ends_at, kind, members, vehicle, note, lon, lat, cell_id"


def crews(connection: Connection) -> pd.DataFrame:
    """Every crew: crew_id, name, skills, shift, unit_id, lon, lat, cell_id, timezone ('' unknown)."""
    return frame_of(
        connection.execute(
            """
            SELECT c.crew_id, c.name, c.skills, c.shift, c.unit_id, c.lon, c.lat, coalesce(c.cell_id, 0) AS cell_id,
              coalesce(o.timezone, '') AS timezone
            FROM crews c LEFT JOIN org_units o ON o.unit_id = c.unit_id ORDER BY c.crew_id
            """
        )
    )


def between(connection: Connection, first: datetime, last: datetime) -> pd.DataFrame:
    """Shifts that share time with the span, by crew and beginning."""
    return frame_of(
        connection.execute(
            f"SELECT {_SHIFTS} FROM crew_shifts WHERE starts_at < ? AND ends_at > ? ORDER BY crew_id, starts_at",
            [last, first],
        )
    )


def one(connection: Connection, crew_id: str, starts_at: datetime) -> dict[str, Any] | None:
    """The shift of the crew that begins then, with everything kept of it; None where none."""
    rows = frame_of(
        connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM crew_shifts WHERE crew_id = ? AND starts_at = ?",
            [crew_id, starts_at],
        )
    ).to_dict("records")
    return {str(k): None if pd.isna(v) else v for k, v in rows[0].items()} if rows else None


def add(connection: Connection, shift: Mapping[str, Any]) -> None:
    """Enter a shift; whoever calls has made sure that none begins then."""
    names = ", ".join(COLUMNS)
    marks = ", ".join("?" for _ in COLUMNS)
    values = [shift.get(name) for name in COLUMNS]
    connection.execute(f"INSERT INTO crew_shifts ({names}) VALUES ({marks})", values)
    _touch(connection)


def remove(connection: Connection, crew_id: str, starts_at: datetime) -> None:
    """Take a shift out."""
    connection.execute(
        "DELETE FROM crew_shifts WHERE crew_id = ? AND starts_at = ?", [crew_id, starts_at]
    )
    _touch(connection)


def _touch(connection: Connection) -> None:
    """Count up the version of the shifts alone: nothing else is derived from them."""
    name = f"version:{KIND}"
    meta.set_value(connection, name, str(int(meta.read_value(connection, name, "0")) + 1))
