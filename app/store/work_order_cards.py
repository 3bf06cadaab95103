"""Job cards of orders: every version as it was filled, and what became of its gate."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store.database import Connection, frame_of
from app.store.outage_book import plain_row
from app.store.work_order_writes import touch

HELD_SINCE: Final = (
    "(SELECT coalesce(max(h.begun) FILTER (WHERE h.ended_at IS NULL OR h.ended_at > $now), max(h.begun))"
    " FROM (SELECT order_id, crew_id, coalesce(told_at, accepted_at) AS begun, ended_at FROM work_order_crews) h"
    " WHERE h.order_id = work_order_cards.order_id AND h.crew_id = work_order_cards.crew_id AND h.begun <= $now)"
)
"""Since when the card's crew holds the order: what was said of its gate before counts no more."""


def _of_gate(at: str, name: str) -> str:
    """A value of the gate that counts where its moment is known and of the crew's present holding."""
    return (
        f"CASE WHEN {at} <= $now AND {at} >= coalesce({HELD_SINCE}, {at}) THEN {name} END AS {name}"
    )


GATE: Final = ", ".join(
    _of_gate(at, name)
    for at, name in (
        ("asked_at", "asked_at"), ("approved_at", "approved_at"), ("approved_at", "approved_by"),
        ("refused_at", "refused_at"), ("refused_at", "refused_why"),
    )
)  # fmt: skip
"""How the gate of a card stands at $now, as columns of a query on work_order_cards."""
_AT: Final = f"* REPLACE ({GATE})"


def last(
    connection: Connection, order_id: str, crew_id: str | None, now: datetime
) -> dict[str, Any] | None:
    """The newest version of a crew's card (of any crew where none is named), as known at `now`."""
    frame = frame_of(
        connection.execute(
            f"SELECT {_AT} FROM work_order_cards WHERE order_id = $id AND filled_at <= $now"
            " AND ($crew IS NULL OR crew_id = $crew) ORDER BY version DESC, filled_at DESC LIMIT 1",
            {"id": order_id, "crew": crew_id, "now": now},
        )
    )
    if frame.empty:
        return None
    row = plain_row(frame)
    return row | {"card": json.loads(row["card"])}


def of_order(connection: Connection, order_id: str, now: datetime) -> pd.DataFrame:
    """The newest card of each crew, with card as JSON text."""
    return frame_of(
        connection.execute(
            f"SELECT {_AT} FROM work_order_cards WHERE order_id = $id AND filled_at <= $now"
            " QUALIFY row_number() OVER (PARTITION BY crew_id ORDER BY version DESC) = 1 ORDER BY crew_id",
            {"id": order_id, "now": now},
        )
    )


def add(  # noqa: PLR0913
    connection: Connection, order_id: str, crew_id: str, card: Mapping[str, Any], *, version: int,
    at: datetime, by: str,
) -> None:  # fmt: skip
    """Keep a new version of a crew's card."""
    connection.execute(
        "INSERT INTO work_order_cards (order_id, crew_id, card, version, filled_at, filled_by)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [order_id, crew_id, json.dumps(card, ensure_ascii=False), version, at, by],
    )
    touch(connection)


def mark(
    connection: Connection, order_id: str, crew_id: str, version: int, wanted: Mapping[str, Any]
) -> None:
    """Note what became of a card's gate: asked_at; approved_at and _by; refused_at and _why."""
    names = ", ".join(f"{name} = ?" for name in wanted)
    connection.execute(
        f"UPDATE work_order_cards SET {names} WHERE order_id = ? AND crew_id = ? AND version = ?",
        [*wanted.values(), order_id, crew_id, version],
    )
    touch(connection)
