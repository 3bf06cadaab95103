"""Who works at the counters of the halls, from when to when."""

from datetime import datetime

import pandas as pd

from app.store.database import Connection, frame_of, register


def add(connection: Connection, duties: pd.DataFrame) -> None:
    """Enter duties: hall_id, staff_id, headcount, starts_at, ends_at, entered_at, entered_by."""
    register(connection, "duties", duties)
    connection.execute(
        "INSERT INTO hall_duties (duty_id, hall_id, staff_id, headcount, starts_at, ends_at, entered_at, entered_by)"
        " SELECT nextval('hall_duty_ids'), hall_id, staff_id::VARCHAR, headcount, starts_at, ends_at, entered_at, entered_by"
        " FROM duties ORDER BY starts_at, hall_id"
    )
    connection.unregister("duties")


def listing(connection: Connection, first: datetime, last: datetime, now: datetime) -> pd.DataFrame:
    """Duties that touch the span, as known now.

    duty_id, hall_id, staff_id, staff (name), headcount, starts_at, ends_at.
    """
    return frame_of(
        connection.execute(
            "SELECT d.duty_id, d.hall_id, d.staff_id, s.name AS staff, d.headcount, d.starts_at, d.ends_at"
            " FROM hall_duties d LEFT JOIN staff s USING (staff_id)"
            " WHERE d.starts_at < $last AND d.ends_at > $first AND d.entered_at <= $now"
            " AND (d.removed_at IS NULL OR d.removed_at > $now) ORDER BY d.starts_at, d.hall_id, d.duty_id",
            {"first": first, "last": last, "now": now},
        )
    )


def remove(connection: Connection, duty_id: int, by: str, at: datetime) -> str | None:
    """Take a duty out; its hall, None where there is none any more."""
    row = connection.execute(
        "UPDATE hall_duties SET removed_at = ?, removed_by = ? WHERE duty_id = ? AND removed_at IS NULL"
        " RETURNING hall_id",
        [at, by, duty_id],
    ).fetchone()
    return None if row is None else str(row[0])


def overlapping(
    connection: Connection, staff_id: str, starts_at: datetime, ends_at: datetime
) -> bool:
    """Whether the person stands somewhere already in that time."""
    row = connection.execute(
        "SELECT count(*) FROM hall_duties WHERE staff_id = ? AND starts_at < ? AND ends_at > ? AND removed_at IS NULL",
        [staff_id, ends_at, starts_at],
    ).fetchone()
    return bool(row and row[0])


def staff(connection: Connection) -> pd.DataFrame:
    """People who may stand at a counter: staff_id, name."""
    return frame_of(connection.execute("SELECT staff_id, name FROM staff ORDER BY name, staff_id"))


def is_held(connection: Connection, duty_id: int) -> bool:
    """Whether there is such a duty in sight that was not taken out."""
    row = connection.execute(
        "SELECT count(*) FROM hall_duties WHERE duty_id = ? AND removed_at IS NULL", [duty_id]
    ).fetchone()
    return bool(row and row[0])
