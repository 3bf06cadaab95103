"""A dispatch problem made of what is known at a moment: open orders, crews at work, travel."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.crew_skills import skills_of
from grid_cells.dispatch import UNREACHABLE, Crew, DispatchProblem, Ints, Order
from grid_cells.shifts import Span

MOVABLE: Final = ("registered", "told", "accepted")
"""States of orders that a crew still has to come for."""
NO_PLACE, STOPPED, POOLED, ELSEWHERE = "no_place", "stopped", "in_pool", "held_elsewhere"
TOO_MANY: Final = "too_many"
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Clock:
    """`at`: the moment of planning; minutes count from `midnight`, the beginning of its day."""

    at: datetime
    midnight: datetime

    def minute(self, moment: datetime) -> int:
        """The whole minute of a moment, rounded down."""
        return (moment - self.midnight) // _MINUTE

    def later(self, moment: datetime) -> int:
        """The whole minute of a moment, rounded up."""
        return -((self.midnight - moment) // _MINUTE)

    def moment(self, minute: int) -> datetime:
        """The moment of a minute."""
        return self.midnight + minute * _MINUTE


def left_out(orders: pd.DataFrame, elsewhere: frozenset[str] = frozenset()) -> dict[str, str]:
    """Open orders that cannot be planned, each with its reason.

    no_place, stopped, in_pool, held_elsewhere (`elsewhere`: by a crew that is not planned for).
    """
    found: dict[str, str] = {}
    for row in orders[orders["state"].isin(MOVABLE)].to_dict("records"):
        if pd.isna(row["lon"]) or pd.isna(row["lat"]):
            found[str(row["order_id"])] = NO_PLACE
        elif row["is_stopped"]:
            found[str(row["order_id"])] = STOPPED
        elif row["is_in_pool"]:
            found[str(row["order_id"])] = POOLED
        elif row["order_id"] in elsewhere:
            found[str(row["order_id"])] = ELSEWHERE
    return found


def whole_minutes(minutes: NDArray[np.float64]) -> Ints:
    """Minutes rounded up, no way as UNREACHABLE, none from a place to itself."""
    found = np.where(np.isfinite(minutes), np.ceil(minutes), UNREACHABLE).astype(np.int64)
    np.fill_diagonal(found, 0)
    return found


def orders_of(
    rows: pd.DataFrame, clock: Clock, first_place: int, horizon: int, held: Mapping[str, str]
) -> tuple[Order, ...]:
    """Orders as the solver takes them, at places from `first_place` on in the rows' order.

    `rows`: order_id, skills, service_min, priority, registered_at, window_from, window_to, due_at
    (NaT: nothing is promised), wishes (parsed: allowed, forbidden crews). A window that is over
    counts as promise. `horizon`: last minute; `held`: crews that keep an order, with whatever
    skills and wishes.
    """
    now = clock.minute(clock.at)
    found = []
    for place, row in enumerate(rows.to_dict("records")):
        name = str(row["order_id"])
        windows, promise = _times(row, clock, now, horizon)
        wishes: Mapping[str, Any] = {} if name in held else row["wishes"]
        allowed = wishes.get("allowed")
        found.append(
            Order(
                name, first_place + place,
                frozenset() if name in held else skills_of(row["skills"]),
                max(1, math.ceil(_number(row["service_min"], 30.0))), windows,
                max(1, int(_number(row["priority"], 1.0))),
                None if not allowed else frozenset(allowed),
                frozenset(wishes.get("forbidden") or ()), promise,
                clock.minute(row["registered_at"].to_pydatetime()),
            )
        )  # fmt: skip
    return tuple(found)


def _times(
    row: Mapping[Any, Any], clock: Clock, now: int, horizon: int
) -> tuple[tuple[tuple[int, int], ...], int | None]:
    """Windows of the arrival and the minute of the promise."""
    opens, closes = now, horizon
    due = None if pd.isna(row["due_at"]) else clock.minute(row["due_at"].to_pydatetime())
    if pd.notna(row["window_from"]):
        opens = max(now, clock.later(row["window_from"].to_pydatetime()))
    if pd.notna(row["window_to"]):
        last = clock.minute(row["window_to"].to_pydatetime())
        if last >= opens:
            return ((opens, last),), last
        due = last
    return ((min(opens, horizon), closes),), due


def crews_of(
    rows: pd.DataFrame, clock: Clock, spans: Mapping[str, Sequence[Span]],
    held: Mapping[str, Sequence[str]], every_skill: frozenset[str],
) -> tuple[Crew, ...]:  # fmt: skip
    """Crews as the solver takes them: base at place 2k, where it is now at 2k + 1.

    `rows`: crew_id, skills, free_in_min; `spans`: when each works from now on; `held`: orders that
    it keeps; `every_skill`: what a crew can do of whose skills nothing is known.
    """
    now = clock.minute(clock.at)
    found = []
    for k, row in enumerate(rows.to_dict("records")):
        name = str(row["crew_id"])
        shifts = tuple(
            (max(0, clock.later(one.starts)), clock.minute(one.ends)) for one in spans[name]
        )
        found.append(
            Crew(
                name, 2 * k, skills_of(row["skills"]) or every_skill,
                tuple(one for one in shifts if one[1] > one[0]), 2 * k + 1,
                now + math.ceil(float(row["free_in_min"])), tuple(held.get(name, ())),
            )
        )  # fmt: skip
    return tuple(found)


def made(crews: tuple[Crew, ...], orders: tuple[Order, ...], minutes: Ints) -> DispatchProblem:
    """The problem; ValueError where the places do not fit the matrix."""
    if len(minutes) != 2 * len(crews) + len(orders):
        raise ValueError("a place for each base, each crew and each order is needed")
    return DispatchProblem(crews, orders, minutes)


def _number(value: Any, usual: float) -> float:
    return usual if value is None or pd.isna(value) else float(value)
