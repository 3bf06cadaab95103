"""Questions about when crews really were on duty; a duty that ends later than asked is still on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of

_KNOWN: Final = """
SELECT duty_id, crew_id, user_id, on_at, on_lon, on_lat, on_accuracy_m, CASE WHEN off_at <= $at THEN off_at END AS off_at,
  CASE WHEN off_at <= $at THEN off_lon END AS off_lon, CASE WHEN off_at <= $at THEN off_lat END AS off_lat,
  CASE WHEN off_at <= $at THEN off_why END AS off_why, told_of_tracks, on_step_key, off_step_key
FROM crew_duties WHERE on_at <= $at
"""


@dataclass(frozen=True)
class Spot:
    """A place (WGS-84), how exact (m, None: not told), and its cell."""

    lon: float
    lat: float
    accuracy_m: float | None
    cell_id: int


def of_user(connection: Connection, user_id: str, at: datetime) -> dict[str, Any] | None:
    """The person's newest duty as known at the moment; None where there was none."""
    return _first(connection, "user_id = $user", {"user": user_id, "at": at})


def by_key(
    connection: Connection, user_id: str, step_key: str, at: datetime
) -> dict[str, Any] | None:
    """The person's duty that this step began or ended; None where the step is new."""
    where = "user_id = $user AND (on_step_key = $key OR (off_step_key = $key AND off_at <= $at))"
    return _first(connection, where, {"user": user_id, "key": step_key, "at": at})


def since(
    connection: Connection, user_id: str, crew_id: str, first: datetime, at: datetime
) -> pd.DataFrame:
    """The person's duties with the crew that had not ended before `first`, oldest first."""
    where = "user_id = $user AND crew_id = $crew AND (off_at IS NULL OR off_at > $first)"
    values = {"user": user_id, "crew": crew_id, "first": first, "at": at}
    return frame_of(connection.execute(f"{_KNOWN} AND {where} ORDER BY on_at", values))


def between(connection: Connection, first: datetime, last: datetime, at: datetime) -> pd.DataFrame:
    """Duties that share time with the span, as known at the moment, by crew and beginning."""
    where = "on_at < $last AND (off_at IS NULL OR off_at > $first) ORDER BY crew_id, on_at"
    return frame_of(
        connection.execute(f"{_KNOWN} AND {where}", {"first": first, "last": last, "at": at})
    )


def running(connection: Connection, at: datetime) -> pd.DataFrame:
    """Duties that are on at the moment."""
    where = "(off_at IS NULL OR off_at > $at) ORDER BY crew_id, on_at"
    return frame_of(connection.execute(f"{_KNOWN} AND {where}", {"at": at}))


def begin(  # noqa: PLR0913, PLR0917 - a duty's beginning
    connection: Connection,
    crew_id: str,
    user_id: str,
    on_at: datetime,
    spot: Spot | None,
    step_key: str,
) -> int:
    """The number of the new duty; whoever calls has made sure that the person was told of tracks."""
    row = connection.execute(
        "INSERT INTO crew_duties (duty_id, crew_id, user_id, on_at, on_lon, on_lat, on_accuracy_m, on_cell_id,"
        " told_of_tracks, on_step_key) VALUES (nextval('crew_duty_ids'), ?, ?, ?, ?, ?, ?, ?, true, ?) RETURNING duty_id",
        [crew_id, user_id, on_at, *_place(spot), step_key],
    ).fetchone()
    return int(row[0]) if row else 0


def end(  # noqa: PLR0913, PLR0917 - a duty's end
    connection: Connection,
    duty_id: int,
    off_at: datetime,
    why: str,
    spot: Spot | None = None,
    step_key: str | None = None,
) -> None:
    """End the duty; no position of the person may be later than its end."""
    connection.execute(
        "UPDATE crew_duties SET off_at = ?, off_lon = ?, off_lat = ?, off_accuracy_m = ?, off_cell_id = ?,"
        " off_why = ?, off_step_key = ? WHERE duty_id = ?",
        [off_at, *_place(spot), why, step_key, duty_id],
    )
    connection.execute(
        "DELETE FROM crew_positions p USING crew_duties d WHERE d.duty_id = ? AND p.user_id = d.user_id"
        " AND p.crew_id = d.crew_id AND p.seen_at >= d.off_at AND NOT EXISTS (SELECT 1 FROM crew_duties o"
        " WHERE o.user_id = d.user_id AND o.duty_id <> d.duty_id AND o.on_at <= p.seen_at"
        " AND (o.off_at IS NULL OR o.off_at > p.seen_at))",
        [duty_id],
    )


def name_end(connection: Connection, duty_id: int, step_key: str) -> None:
    """Remember the step that wished to end a duty which the rule had ended before."""
    connection.execute(
        "UPDATE crew_duties SET off_step_key = ? WHERE duty_id = ?", [step_key, duty_id]
    )


def at_work(connection: Connection, crew_id: str, at: datetime) -> bool:
    """Whether the crew is at an order's place: it arrived and has neither finished nor left."""
    row = connection.execute(
        "SELECT 1 FROM work_order_crews WHERE crew_id = $crew AND arrived_at <= $at"
        " AND (finished_at IS NULL OR finished_at > $at) AND (ended_at IS NULL OR ended_at > $at)"
        " UNION ALL SELECT 1 FROM fault_reports WHERE crew_id = $crew AND arrived_at <= $at"
        " AND (restored_at IS NULL OR restored_at > $at) AND outage_id IS NULL LIMIT 1",
        {"crew": crew_id, "at": at},
    ).fetchone()
    return row is not None


def _first(connection: Connection, where: str, values: dict[str, Any]) -> dict[str, Any] | None:
    rows = frame_of(
        connection.execute(
            f"{_KNOWN} AND {where} ORDER BY on_at DESC, duty_id DESC LIMIT 1", values
        )
    ).to_dict("records")
    return {str(k): None if pd.isna(v) else v for k, v in rows[0].items()} if rows else None


def _place(spot: Spot | None) -> tuple[Any, ...]:
    if spot is None:
        return (None, None, None, None)
    return (spot.lon, spot.lat, spot.accuracy_m, spot.cell_id)


def is_empty(connection: Connection, at: datetime) -> bool:
    """Whether nobody ever came on duty until the moment: attendance is not kept here."""
    row = connection.execute("SELECT 1 FROM crew_duties WHERE on_at <= ? LIMIT 1", [at]).fetchone()
    return row is None
