"""Questions about devices of halls; whatever is stamped after the moment asked for is not known yet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from app.store.database import Connection, frame_of, register

_KNOWN = "e.happened_at <= $now AND e.received_at <= $now AND (e.taken_back_at IS NULL OR e.taken_back_at > $now)"
_ALIVE = "e.event IN ('beat', 'content', 'dwell_began', 'dwell_ended')"
"""What only a device itself tells: a person's word about a fault is no sign of life."""


def listing(connection: Connection, now: datetime) -> pd.DataFrame:
    """Every device as it stood at the moment.

    device_id, hall_id, hall (name), kind, functions, maker, model, status, installed_on,
    content_version, seen_at (the last sign of life known).
    """
    return frame_of(
        connection.execute(
            f"""
            WITH undone AS (
              SELECT device_id, arg_min(from_hall, move_id) AS hall_id, arg_min(from_status, move_id) AS status
              FROM hall_device_moves WHERE moved_at > $now GROUP BY device_id),
            told AS (
              SELECT e.device_id, max(e.happened_at) FILTER ({_ALIVE}) AS seen_at,
                arg_max(e.detail, (e.happened_at, e.seq)) FILTER (e.event = 'content') AS content_version
              FROM hall_device_events e WHERE {_KNOWN} GROUP BY e.device_id)
            SELECT d.device_id, coalesce(u.hall_id, d.hall_id) AS hall_id, h.name AS hall, d.kind, d.functions, d.maker, d.model,
              coalesce(u.status, d.status, 'in_use') AS status, d.installed_on::TIMESTAMP AS installed_on,
              coalesce(t.content_version, d.content_version) AS content_version,
              greatest(t.seen_at, CASE WHEN d.seen_at <= $now THEN d.seen_at END) AS seen_at
            FROM hall_devices d LEFT JOIN undone u USING (device_id) LEFT JOIN told t USING (device_id)
              LEFT JOIN halls h ON h.hall_id = coalesce(u.hall_id, d.hall_id)
            WHERE d.installed_on IS NULL OR d.installed_on::TIMESTAMPTZ <= $now
            ORDER BY h.name, d.kind, d.device_id
            """,
            {"now": now},
        )
    )


def told(connection: Connection, now: datetime, *, since: datetime | None = None) -> pd.DataFrame:
    """Faults, repairs and sessions known at the moment: event_key, seq, device_id, event, at, detail,
    told_by; sessions only `since`.
    """  # noqa: D205
    return frame_of(
        connection.execute(
            f"""
            SELECT e.event_key, e.seq, e.device_id, e.event, e.happened_at AS "at", e.detail, e.told_by FROM hall_device_events e
            WHERE {_KNOWN} AND (e.event IN ('fault', 'repaired')
              OR (e.event IN ('dwell_began', 'dwell_ended') AND e.happened_at >= coalesce($since, $now)))
            ORDER BY e.happened_at, e.seq
            """,
            {"now": now, "since": since},
        )
    )


def beats(
    connection: Connection, limits: pd.DataFrame, first: datetime, last: datetime, now: datetime
) -> pd.DataFrame:
    """Signs of life no further apart than their device's limit, as stretches: device_id, from_at, to_at.

    limits: device_id, late_min. Those just before and after the span are among them.
    """
    register(connection, "device_limits", limits[["device_id", "late_min"]])
    found = frame_of(
        connection.execute(
            f"""
            WITH signs AS (
              SELECT e.device_id, e.happened_at AS sign_at, l.late_min * 60000000 AS late_us
              FROM hall_device_events e JOIN device_limits l USING (device_id)
              WHERE {_KNOWN} AND {_ALIVE} AND e.happened_at >= $first::TIMESTAMPTZ - INTERVAL 1 DAY
                AND e.happened_at <= $last::TIMESTAMPTZ + INTERVAL 1 DAY),
            told AS (
              SELECT *, lag(sign_at) OVER (PARTITION BY device_id ORDER BY sign_at) AS before_at FROM signs),
            starts AS (
              SELECT device_id, sign_at, before_at FROM told
              WHERE (epoch_us(sign_at) - epoch_us(before_at) <= late_us) IS NOT TRUE),
            ends AS (SELECT device_id, max(sign_at) AS last_at FROM signs GROUP BY device_id)
            SELECT s.device_id, s.sign_at AS from_at,
              coalesce(lead(s.before_at) OVER (PARTITION BY s.device_id ORDER BY s.sign_at), e.last_at) AS to_at
            FROM starts s JOIN ends e USING (device_id) ORDER BY ALL
            """,
            {"first": first, "last": last, "now": now},
        )
    )
    connection.unregister("device_limits")
    return found


def known_ids(connection: Connection) -> set[str]:
    """The devices in sight."""
    return {row[0] for row in connection.execute("SELECT device_id FROM hall_devices").fetchall()}


def hall_is_known(connection: Connection, hall_id: str) -> bool:
    """Whether a hall is in sight."""
    return bool(connection.execute("SELECT 1 FROM halls WHERE hall_id = ?", [hall_id]).fetchone())


def add_events(connection: Connection, events: pd.DataFrame) -> list[str]:
    """Keep the events whose key is new; their keys.

    Columns event_key, device_id, event, happened_at, received_at, detail, told_by.
    """
    texts = ("detail", "told_by")
    frame = events.assign(**{n: events[n].astype("str").where(events[n].notna()) for n in texts})
    register(connection, "device_events", frame)
    rows = connection.execute(
        # numbered here: a default of nextval in the table cannot be read back from the log of writes
        "INSERT INTO hall_device_events (event_key, seq, device_id, event, happened_at, received_at, detail, told_by)"
        " SELECT event_key, nextval('hall_device_event_numbers'), device_id, event, happened_at, received_at, detail::VARCHAR, told_by::VARCHAR FROM device_events"
        " ON CONFLICT DO NOTHING RETURNING event_key"
    ).fetchall()
    connection.unregister("device_events")
    return [str(row[0]) for row in rows]


def held_events(connection: Connection, keys: list[str]) -> dict[str, tuple[str, str, datetime]]:
    """Device, event and moment of the events that are there already, by key."""
    found = frame_of(
        connection.execute(
            "SELECT event_key, device_id, event, happened_at FROM hall_device_events WHERE list_contains($keys::VARCHAR[], event_key)",
            {"keys": keys},
        )
    )
    return {
        str(one["event_key"]): (str(one["device_id"]), str(one["event"]), one["happened_at"])
        for one in found.to_dict("records")
    }


def take_back(connection: Connection, event_key: str, at: datetime) -> None:
    """Take an event back from the moment on."""
    connection.execute(
        "UPDATE hall_device_events SET taken_back_at = ? WHERE event_key = ?", [at, event_key]
    )


def move(connection: Connection, row: Mapping[str, Any]) -> int:
    """Write where a device stands from now on, and what was before; the number of the move.

    Keys device_id, from_hall, from_status, to_hall, to_status, moved_at, moved_by, undoes.
    """
    connection.execute(
        "UPDATE hall_devices SET hall_id = $to_hall, status = $to_status WHERE device_id = $device_id",
        {name: row[name] for name in ("to_hall", "to_status", "device_id")},
    )
    found = connection.execute(
        "INSERT INTO hall_device_moves VALUES (nextval('hall_device_move_ids'), $device_id, $from_hall, $from_status,"
        " $to_hall, $to_status, $moved_at, $moved_by, $undoes) RETURNING move_id",
        dict(row),
    ).fetchone()
    return int(found[0]) if found else 0


def last_move(connection: Connection, device_id: str, now: datetime) -> dict[str, Any] | None:
    """The latest move of a device known at the moment, whether or not it undoes another."""
    found = frame_of(
        connection.execute(
            "SELECT * FROM hall_device_moves WHERE device_id = ? AND moved_at <= ? ORDER BY move_id DESC LIMIT 1",
            [device_id, now],
        )
    )
    return None if found.empty else {str(k): v for k, v in found.iloc[0].items()}
