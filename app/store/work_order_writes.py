"""What is written about work orders: rows, holdings, events, calls and links."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from app.store import meta
from app.store.database import Connection, frame_of
from app.store.work_orders import COLUMNS

VERSION: Final = "work_orders"
FILE: Final = "file"
"""Who tells what a file said."""
HELD: Final = (
    "part", "told_at", "accepted_at", "arrived_at", "finished_at", "ended_at", "ended_why",
)  # fmt: skip
"""What a move changes of a holding, and an undo puts back."""
KEPT: Final = ("state", "is_in_pool", "rating", "unrated_reason")
"""What a move changes of the order itself."""
_AT_ONCE: Final = 50
"""Rows of one statement: more parameters cost more to read than they save."""
_PAIRS: Final = "SELECT unnest($ids::VARCHAR[]) AS id, unnest($values::VARCHAR[]) AS value"
_TIMES: Final = frozenset(name for name in HELD if name.endswith("_at"))
_HOLDING: Final = (
    "order_id", "crew_id", "part", "how", "reason", "planned_arrive_at", "planned_leave_at",
    "told_at", "accepted_at", "arrived_at", "finished_at", "assigned_by",
)  # fmt: skip
_EVENT: Final = (
    "order_id", "crew_id", "happened_at", "device_at", "move", "state_before", "state_after",
    "reason_code", "detail", "step_key", "lon", "lat", "accuracy_m", "actor",
)  # fmt: skip


def touch(connection: Connection) -> None:
    """Count up the version of orders: whoever keeps anything about them asks anew."""
    name = f"version:{VERSION}"
    meta.set_value(connection, name, str(int(meta.read_value(connection, name, "0")) + 1))


def next_ids(connection: Connection, day: str, count: int) -> list[str]:
    """Order numbers that none has: W, the company's day (YYMMDD), a running number."""
    made: list[str] = []
    while len(made) < count:
        asked = "SELECT nextval('work_order_numbers') FROM range(?)"
        numbers = connection.execute(asked, [count - len(made)]).fetchall()
        ids = [f"W{day}-{number:05d}" for number in sorted(int(row[0]) for row in numbers)]
        taken = connection.execute(
            "SELECT order_id FROM work_orders WHERE order_id IN (SELECT unnest(?::VARCHAR[]))",
            [ids],
        ).fetchall()
        made += sorted(set(ids) - {str(row[0]) for row in taken})
    return made


def insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """New orders with COLUMNS, absent ones empty."""
    _insert(
        connection, "work_orders", COLUMNS, [[row.get(name) for name in COLUMNS] for row in rows]
    )
    touch(connection)


def _insert(
    connection: Connection, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]], *,
    first: str = "",
) -> None:  # fmt: skip
    """Rows added, many a statement; `first`: what stands in the first column instead of a value."""
    given = ["?"] * (len(names) - bool(first))
    marks = f"({', '.join([first, *given] if first else given)})"
    for begin in range(0, len(rows), _AT_ONCE):
        part = rows[begin : begin + _AT_ONCE]
        connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([marks] * len(part))}",
            [_bare(value) for row in part for value in row],
        )


def change(connection: Connection, order_id: str, wanted: Mapping[str, Any]) -> int:
    """Set columns of an order and count up its version, which is told."""
    names = "".join(f", {name} = ?" for name in wanted)
    row = connection.execute(
        f"UPDATE work_orders SET version = coalesce(version, 0) + 1{names} WHERE order_id = ? RETURNING version",
        [*wanted.values(), order_id],
    ).fetchone()
    touch(connection)
    return int(row[0]) if row else 0


def add_events(
    connection: Connection, rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> None:
    """New events, each with its detail, as `add_event`; of one order one at most."""
    made = [_event(row, detail) for row, detail in rows]
    numbered = ("event_id", *_EVENT)
    _insert(
        connection, "work_order_events", numbered, made, first="nextval('work_order_event_ids')"
    )


def _event(row: Mapping[str, Any], detail: Mapping[str, Any]) -> list[Any]:
    told = json.dumps(detail, default=_iso) if detail else None
    return [told if name == "detail" else _bare(row.get(name)) for name in _EVENT]


def add_event(connection: Connection, row: Mapping[str, Any], detail: Mapping[str, Any]) -> int:
    """Number of a new event; `row`: the columns of an event, absent ones empty."""
    values = _event(row, detail)
    marks = ", ".join("?" for _ in _EVENT)
    found = connection.execute(
        f"INSERT INTO work_order_events (event_id, {', '.join(_EVENT)})"
        f" VALUES (nextval('work_order_event_ids'), {marks}) RETURNING event_id",
        values,
    ).fetchone()
    return int(found[0]) if found else 0


def add_holding(connection: Connection, row: Mapping[str, Any]) -> int:
    """Number of a new holding: a crew takes part in an order."""
    marks = ", ".join("?" for _ in _HOLDING)
    found = connection.execute(
        f"INSERT INTO work_order_crews (holding_id, {', '.join(_HOLDING)})"
        f" VALUES (nextval('work_order_crew_ids'), {marks}) RETURNING holding_id",
        [_bare(row.get(name)) for name in _HOLDING],
    ).fetchone()
    return int(found[0]) if found else 0


def set_holding(connection: Connection, holding_id: int, wanted: Mapping[str, Any]) -> None:
    """Set some of HELD of a holding."""
    names = ", ".join(f"{name} = ?" for name in wanted)
    connection.execute(
        f"UPDATE work_order_crews SET {names} WHERE holding_id = ?", [*wanted.values(), holding_id]
    )


def held(connection: Connection, order_id: str, now: datetime) -> list[dict[str, Any]]:
    """The order's holdings as known at `now`: holding_id, crew_id and HELD, the first one first."""
    return held_of(connection, [order_id], now)[order_id]


def held_of(
    connection: Connection, ids: Sequence[str], now: datetime
) -> dict[str, list[dict[str, Any]]]:
    """As `held`, of each of these orders."""
    frame = frame_of(
        connection.execute(
            f"SELECT order_id, holding_id, crew_id, {', '.join(HELD)} FROM work_order_crews"
            " WHERE order_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY holding_id",
            [list(ids)],
        )
    )
    found: dict[str, list[dict[str, Any]]] = {one: [] for one in ids}
    for row in frame.to_dict("records"):
        known = _known({str(k): _plain(v) for k, v in row.items()}, now)
        if known["told_at"] or known["accepted_at"]:
            found[str(known.pop("order_id"))].append(known)
    return found


def _known(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A holding as it was known at `now`."""
    later = {k for k, v in row.items() if isinstance(v, datetime) and v > now}
    if "ended_at" in later:
        later.add("ended_why")
    return {k: None if k in later else v for k, v in row.items()}


def forget_later(connection: Connection, order_id: str, now: datetime) -> None:
    """Drop what a file said of the time after `now`: somebody's deed says otherwise."""
    connection.execute(
        "DELETE FROM work_order_events WHERE order_id = ? AND happened_at > ? AND actor = ?",
        [order_id, now, FILE],
    )
    connection.execute(
        "DELETE FROM work_order_crews WHERE order_id = ? AND coalesce(told_at, accepted_at) > ?",
        [order_id, now],
    )
    for name in sorted(_TIMES - {"told_at"}):
        also = ", ended_why = NULL" if name == "ended_at" else ""
        connection.execute(
            f"UPDATE work_order_crews SET {name} = NULL{also} WHERE order_id = ? AND {name} > ?",
            [order_id, now],
        )


def before(connection: Connection, order_id: str, state: str, now: datetime) -> dict[str, Any]:
    """How the order and its holdings stand, for an event to keep."""
    row = connection.execute(
        f"SELECT {', '.join(KEPT)} FROM work_orders WHERE order_id = ?", [order_id]
    ).fetchone()
    told = dict(zip(KEPT, row or (), strict=True)) | {"state": state}
    return {**told, "holdings": [_told(one) for one in held(connection, order_id, now)]}


def put_back(connection: Connection, order_id: str, kept: Mapping[str, Any], now: datetime) -> int:
    """Set an order and its holdings to what an event kept; crews that came since are withdrawn. The version."""
    stood = {int(one["holding_id"]): one for one in kept["holdings"]}
    for one in held(connection, order_id, now):
        number = int(one["holding_id"])
        if number in stood:
            set_holding(
                connection, number, {name: _read(name, stood[number][name]) for name in HELD}
            )
        elif one["ended_at"] is None:
            set_holding(connection, number, {"ended_at": now, "ended_why": "withdrawn"})
    return change(connection, order_id, {name: kept[name] for name in KEPT})


def join_reports(connection: Connection, joins: Mapping[str, Sequence[str]]) -> None:
    """Let each order answer these calls, and no other order any more."""
    pairs = [(order_id, one) for order_id, reports in joins.items() for one in reports]
    leave_orders(connection, [one for _, one in pairs])
    _insert(connection, "work_order_reports", ("order_id", "report_id"), pairs)
    touch(connection)


def leave_orders(connection: Connection, report_ids: Sequence[str]) -> None:
    """Let no order answer these calls any more."""
    connection.execute(
        "DELETE FROM work_order_reports WHERE report_id IN (SELECT unnest(?::VARCHAR[]))",
        [list(report_ids)],
    )


def put_to(connection: Connection, outages: Mapping[str, str]) -> None:
    """Put each order to another outage."""
    connection.execute(
        f"UPDATE work_orders SET version = coalesce(version, 0) + 1, outage_id = m.value FROM ({_PAIRS}) m"
        " WHERE order_id = m.id",
        {"ids": list(outages), "values": list(outages.values())},
    )
    touch(connection)


def call_off(
    connection: Connection, ids: Sequence[str], now: datetime
) -> dict[str, tuple[dict[str, Any], int]]:
    """Cancel registered orders no crew was told of: what an event keeps of each, and its version."""
    chosen = "order_id IN (SELECT unnest($ids::VARCHAR[]))"
    later = {"ids": list(ids), "now": now}
    connection.execute(
        f"DELETE FROM work_order_events WHERE {chosen} AND happened_at > $now AND actor = $file",
        {**later, "file": FILE},
    )
    connection.execute(
        f"DELETE FROM work_order_crews WHERE {chosen} AND coalesce(told_at, accepted_at) > $now",
        later,
    )
    rows = connection.execute(
        "UPDATE work_orders SET version = coalesce(version, 0) + 1, state = 'cancelled'"
        f" WHERE {chosen} RETURNING order_id, version, is_in_pool",
        {"ids": list(ids)},
    ).fetchall()
    connection.execute(
        f"UPDATE work_orders SET is_in_pool = false WHERE {chosen} AND is_in_pool",
        {"ids": list(ids)},
    )
    touch(connection)
    nothing: dict[str, Any] = {"rating": None, "unrated_reason": None, "holdings": []}
    return {
        str(number): ({"state": "registered", "is_in_pool": pooled, **nothing}, int(version))
        for number, version, pooled in rows
    }


def link_all(connection: Connection, others: Mapping[str, str], kind: str) -> None:
    """Link orders with others (by their number), each pair once."""
    connection.execute(
        f"INSERT INTO work_order_links SELECT m.value, m.id, $link FROM ({_PAIRS}) m WHERE NOT EXISTS ("
        " SELECT 1 FROM work_order_links l WHERE l.order_id = m.value AND l.other_order_id = m.id AND l.link = $link)",
        {"ids": list(others), "values": list(others.values()), "link": kind},
    )
    touch(connection)


def link(connection: Connection, order_id: str, other: str, kind: str) -> None:
    """Link two orders, once."""
    connection.execute(
        "INSERT INTO work_order_links SELECT $id, $other, $link WHERE NOT EXISTS ("
        " SELECT 1 FROM work_order_links WHERE order_id = $id AND other_order_id = $other AND link = $link)",
        {"id": order_id, "other": other, "link": kind},
    )
    touch(connection)


def unlink(connection: Connection, order_id: str, other: str, kind: str) -> None:
    """Take a link away."""
    connection.execute(
        "DELETE FROM work_order_links WHERE order_id = ? AND other_order_id = ? AND link = ?",
        [order_id, other, kind],
    )
    touch(connection)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}


def _read(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name in _TIMES and value else value


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else _bare(value)


def _bare(value: Any) -> Any:
    """A value as the database takes it: no numbers and moments of arrays."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def _iso(value: Any) -> str:
    return str(value.isoformat())
