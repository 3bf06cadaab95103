"""Questions about fences and the stays within them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of, register

_FENCES: Final = "fence_id, kind, name, subject, lon, lat, radius_m, geometry, dwell_min, unit_id, valid_from, valid_to"
_NEW: Final = (
    "kind", "name", "subject", "lon", "lat", "radius_m", "geometry", "dwell_min", "unit_id",
    "valid_from", "actor",
)  # fmt: skip


def at(connection: Connection, moment: datetime) -> pd.DataFrame:
    """Fences that hold at the moment, by name."""
    return between(connection, moment, moment)


def between(connection: Connection, first: datetime, last: datetime) -> pd.DataFrame:
    """Fences that hold at some time of the span, by name."""
    return frame_of(
        connection.execute(
            f"SELECT {_FENCES} FROM fences WHERE valid_from <= ? AND (valid_to IS NULL OR valid_to > ?)"
            " ORDER BY name, fence_id",
            [last, first],
        )
    )


def one(connection: Connection, fence_id: int) -> dict[str, Any] | None:
    """A fence by its number; None where there is none."""
    rows = frame_of(
        connection.execute(f"SELECT {_FENCES} FROM fences WHERE fence_id = ?", [fence_id])
    ).to_dict("records")
    return {str(k): None if _is_gone(v) else v for k, v in rows[0].items()} if rows else None


def add(connection: Connection, fence: Mapping[str, Any]) -> int:
    """The number of a new fence."""
    names, marks = ", ".join(_NEW), ", ".join("?" for _ in _NEW)
    row = connection.execute(
        f"INSERT INTO fences (fence_id, {names}) VALUES (nextval('fence_ids'), {marks}) RETURNING fence_id",
        [fence.get(name) for name in _NEW],
    ).fetchone()
    return int(row[0]) if row else 0


def remove(connection: Connection, fence_id: int) -> None:
    """Take a fence out with its stays, as if it had never been."""
    connection.execute("DELETE FROM fence_stays WHERE fence_id = ?", [fence_id])
    connection.execute("DELETE FROM fences WHERE fence_id = ?", [fence_id])


def set_end(connection: Connection, fence_id: int, ends_at: datetime | None) -> None:
    """Let the fence hold until that moment, or on (None)."""
    connection.execute("UPDATE fences SET valid_to = ? WHERE fence_id = ?", [ends_at, fence_id])


def unit_of_cell(connection: Connection, cell_id: int) -> str | None:
    """The unit whose area holds the cell; None where no area in sight does."""
    row = connection.execute(
        "SELECT a.unit_id FROM cell_areas c JOIN service_areas a USING (area_id) WHERE c.cell_id = ? LIMIT 1",
        [cell_id],
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def cells_of_area(connection: Connection, area_id: str) -> list[int]:
    """The cells of an area in sight."""
    rows = connection.execute(
        "SELECT cell_id FROM cell_areas WHERE area_id = ? ORDER BY cell_id", [area_id]
    ).fetchall()
    return [int(row[0]) for row in rows]


def replace_stays(
    connection: Connection, crew_id: str, first: datetime, stays: pd.DataFrame
) -> None:
    """Put these stays in place of the crew's own since `first`."""
    connection.execute(
        "DELETE FROM fence_stays WHERE crew_id = ? AND entered_at >= ?", [crew_id, first]
    )
    if stays.empty:
        return
    register(connection, "new_stays", stays)
    connection.execute(
        "INSERT INTO fence_stays (fence_id, crew_id, entered_at, counted_at, left_at)"
        " SELECT fence_id, crew_id, entered_at, counted_at, left_at FROM new_stays"
    )
    connection.unregister("new_stays")


def stays(connection: Connection, first: datetime, last: datetime, at: datetime) -> pd.DataFrame:
    """Stays that count, within the span and as known at the moment, the newest first.

    fence_id, name, kind, subject, crew_id, entered_at, counted_at, left_at (NaT: there still).
    """
    return frame_of(
        connection.execute(
            """
            SELECT s.fence_id, f.name, f.kind, f.subject, s.crew_id, s.entered_at, s.counted_at,
              CASE WHEN s.left_at <= $at THEN s.left_at END AS left_at
            FROM fence_stays s JOIN fences f USING (fence_id)
            WHERE s.counted_at <= $at AND s.entered_at < $last AND (s.left_at IS NULL OR s.left_at > $first)
            ORDER BY s.counted_at DESC, s.crew_id
            """,
            {"first": first, "last": last, "at": at},
        )
    )


def sites(
    connection: Connection, crew_ids: Sequence[str], first: datetime, last: datetime, at: datetime
) -> pd.DataFrame:
    """Where the crews had work within the span, as known at the moment: crew_id, lon, lat.

    Calls about one outage are one site: the middle of them.
    """
    return frame_of(
        connection.execute(
            """
            SELECT crew_id, median(lon) AS lon, median(lat) AS lat FROM (
              SELECT h.crew_id, h.order_id AS work, o.lon, o.lat FROM work_order_crews h JOIN work_orders o USING (order_id)
              WHERE h.told_at < $last AND h.told_at <= $at AND coalesce(h.ended_at, h.finished_at, $at) >= $first
              UNION ALL SELECT crew_id, coalesce(outage_id, report_id), lon, lat FROM fault_reports
              WHERE told_at < $last AND told_at <= $at AND coalesce(restored_at, $at) >= $first)
            WHERE lon IS NOT NULL AND list_contains($crews::VARCHAR[], crew_id)
            GROUP BY crew_id, work ORDER BY ALL
            """,
            {"first": first, "last": last, "at": at, "crews": list(crew_ids)},
        )
    )


def _is_gone(value: Any) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
