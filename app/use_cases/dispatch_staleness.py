"""Which lines of a plan the world has overtaken since it was made."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd

from app.store import work_orders as order_store
from app.store.database import Connection
from app.use_cases import crew_spots
from grid_cells.dispatch_lines import WITHDRAW
from grid_cells.work_orders import OPEN

READING: Final = timedelta(minutes=5)
"""So long after a planned arrival a line may still be taken: a plan is read before it is taken."""


def held_by_crew(held: pd.DataFrame) -> dict[str, list[str]]:
    """The orders that each crew holds, of holdings as `crew_spots.open_holdings`."""
    groups = held.groupby("crew_id")["order_id"]
    return {str(crew): sorted(set(orders.astype(str))) for crew, orders in groups}


def stale(
    connection: Connection, lines: Sequence[Mapping[str, Any]], detail: Mapping[str, Any],
    now: datetime,
) -> frozenset[str]:  # fmt: skip
    """Orders of the lines whose arrival is over, or whose crew got or lost another order since.

    What the plan itself moved is no change, nor is an order that was done.
    """
    late = {str(one["order"]) for one in lines
            if one["action"] != WITHDRAW and _arrival(one) + READING < now}  # fmt: skip
    busy = _changed(connection, detail, now)
    late_crews = {one["crew"] for one in lines if one["order"] in late}
    found = set(late)
    for one in lines:
        is_given_up = one["action"] == WITHDRAW and one["before"] in late_crews
        if is_given_up or one["crew"] in busy or one["before"] in busy:
            found.add(str(one["order"]))
    return frozenset(found)


def _arrival(line: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(line["arrive_at"])


def _changed(connection: Connection, detail: Mapping[str, Any], now: datetime) -> frozenset[str]:
    """Crews that hold other orders than when the plan was made."""
    then = _expected(detail)
    today = held_by_crew(crew_spots.open_holdings(connection, now))
    held = {(crew, one) for crew, orders in today.items() for one in orders}
    lost = then - held
    rows = order_store.of_ids(connection, sorted({order for _, order in lost}), now)
    still_open = set(rows.loc[rows["state"].isin(OPEN), "order_id"])
    taken_away = {(crew, order) for crew, order in lost if order in still_open}
    return frozenset(crew for crew, _ in (held - then) | taken_away)


def _expected(detail: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Crew and order of what was held when the plan was made, with what of it was taken since."""
    held = {(crew, one) for crew, orders in detail["held"].items() for one in orders}
    for line in detail["lines"]:
        if line["order"] in detail.get("taken", {}):
            held.discard((line["before"], line["order"]))
            if line["crew"] is not None:
                held.add((line["crew"], line["order"]))
    return held
