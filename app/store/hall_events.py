"""Events of queue machines become tickets, whatever the order in which they come."""

from datetime import date, datetime

import pandas as pd

from app.store.database import Connection, frame_of, register
from grid_cells.hall_tickets import BESIDE

_SAID = ("matter", "counter", "outcome", "channel", "visitor_key")
_GATHERED = f"""
  SELECT hall_id, ticket_id, day, min(taken_at) AS taken_at, min(called_at) AS called_at,
    max(finished_at) AS finished_at, max(appointment_at) AS appointment_at,
    {", ".join(f"max({name}) AS {name}" for name in _SAID)}
  FROM events GROUP BY hall_id, ticket_id, day
"""
_MERGED = f"""
  SELECT e.hall_id, e.ticket_id, e.day, v.hall_id IS NULL AS is_new,
    least(v.taken_at, e.taken_at) AS taken_at, least(v.called_at, e.called_at) AS called_at,
    greatest(v.finished_at, e.finished_at) AS finished_at,
    greatest(v.appointment_at, e.appointment_at) AS appointment_at,
    {", ".join(f"greatest(v.{name}, e.{name}) AS {name}" for name in _SAID)}
  FROM ({_GATHERED}) e LEFT JOIN hall_visits v
    ON v.hall_id = e.hall_id AND v.ticket_id = e.ticket_id AND v.day = e.day
"""
_SAME = "v.hall_id = m.hall_id AND v.ticket_id = m.ticket_id AND v.day = m.day"
_AIM = "t.hall_id = m.hall_id AND t.ticket_id = m.to_id AND t.day = m.to_day"
_TOLD_WITH = {
    "taken": ("taken_at",),
    "called": ("called_at", "counter"),
    "finished": ("finished_at", "outcome"),
}
_COLUMNS = ("taken_at", "called_at", "finished_at", "appointment_at", *_SAID)


def known(connection: Connection, tickets: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """The tickets of some numbers (hall_id, number) on the days: their key and their moments."""
    register(connection, "asked", tickets)
    found = frame_of(
        connection.execute(
            "SELECT v.hall_id, v.ticket_id, v.day, v.taken_at, v.called_at, v.finished_at"
            " FROM hall_visits v SEMI JOIN asked a ON a.hall_id = v.hall_id"
            " AND a.number = split_part(v.ticket_id, $beside, 1)"
            " WHERE v.day >= $first AND v.day <= $last",
            {"beside": BESIDE, "first": first, "last": last},
        )
    )
    connection.unregister("asked")
    return found


def part(connection: Connection, parted: pd.DataFrame) -> pd.DataFrame:
    """Take moments (hall_id, ticket_id, day, kind) out; as events of their tickets (to_id, to_day).

    The counter goes with the call, and the outcome with the end.
    """
    register(connection, "parted", parted.astype({"kind": "str"}))
    told = ", ".join(
        f"CASE WHEN m.kind = '{kind}' THEN v.{name} END AS {name}"
        for kind, names in _TOLD_WITH.items()
        for name in names
    )
    found = frame_of(
        connection.execute(
            f"SELECT v.hall_id, m.to_id AS ticket_id, m.to_day AS day, {told}"
            f" FROM hall_visits v JOIN parted m ON {_SAME}"
        )
    )
    for kind, names in _TOLD_WITH.items():
        connection.execute(
            f"UPDATE hall_visits v SET {', '.join(f'{name} = NULL' for name in names)}"
            f" FROM parted m WHERE {_SAME} AND m.kind = '{kind}'"
        )
    connection.unregister("parted")
    return found


def move(connection: Connection, moved: pd.DataFrame) -> pd.DataFrame:
    """Give tickets (hall_id, ticket_id, day) their key (to_id, to_day), with the file they are of.

    Those whose key another has are taken out, as events of that one; it is then of their file
    unless it has one of its own.
    """
    to = ["hall_id", "to_id", "to_day"]
    register(connection, "moved", moved)
    register(connection, "firsts", moved.drop_duplicates(to))
    connection.execute(
        "UPDATE hall_visits v SET ticket_id = m.to_id, day = m.to_day FROM (SELECT f.* FROM firsts f"
        f" ANTI JOIN hall_visits t ON {_AIM.replace('m.', 'f.')}) m WHERE {_SAME}"
    )
    names = ", ".join(f"v.{name}" for name in _COLUMNS)
    sql = f"FROM hall_visits v JOIN moved m ON {_SAME}"
    found = frame_of(
        connection.execute(
            f"SELECT v.hall_id, m.to_id AS ticket_id, m.to_day AS day, {names} {sql}"
        )
    )
    connection.execute(
        "UPDATE hall_visits t SET batch_id = m.batch_id, row_no = m.row_no"
        f" FROM (SELECT m.hall_id, m.to_id, m.to_day, v.batch_id, v.row_no {sql}) m"
        f" WHERE {_AIM} AND t.batch_id IS NULL AND m.batch_id IS NOT NULL"
    )
    connection.execute(f"DELETE FROM hall_visits v USING moved m WHERE {_SAME}")
    connection.unregister("moved")
    connection.unregister("firsts")
    return found


def merge(connection: Connection, events: pd.DataFrame, now: datetime) -> dict[str, int]:
    """How many tickets were made, changed, or known already; of several words the greatest stands.

    events: hall_id, ticket_id, day, taken_at, called_at, finished_at, appointment_at, matter,
    counter, outcome, channel, visitor_key.
    """
    register(connection, "events", events)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE merged AS {_MERGED}")
    connection.unregister("events")
    same = " AND ".join(f"v.{name} IS NOT DISTINCT FROM m.{name}" for name in _COLUMNS)
    changed = connection.execute(
        f"UPDATE hall_visits v SET {', '.join(f'{n} = m.{n}' for n in _COLUMNS)}, entered_at = $now"
        f" FROM merged m WHERE {_SAME} AND NOT ({same}) RETURNING v.ticket_id",
        {"now": now},
    ).fetchall()
    names = f"hall_id, ticket_id, day, {', '.join(_COLUMNS)}"
    made = connection.execute(
        f"INSERT INTO hall_visits ({names}, entered_at) SELECT {names}, $now FROM merged"
        " WHERE is_new RETURNING ticket_id",
        {"now": now},
    ).fetchall()
    row = connection.execute("SELECT count(*) FROM merged").fetchone()
    connection.execute("DROP TABLE merged")
    total = int(row[0]) if row else 0
    return {
        "made": len(made), "changed": len(changed), "known": total - len(made) - len(changed),
    }  # fmt: skip
