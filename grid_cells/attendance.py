"""How a shift was kept: planned and real time, late and early, and in which sort of place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.shifts import Span, joined, minutes, within

PlaceKind = Literal["base", "site", "own", "elsewhere", "unknown"]

PLACES: Final[tuple[PlaceKind, ...]] = ("base", "site", "own", "elsewhere", "unknown")
"""Where time was spent, the first that fits; unknown: without a fix for too long."""
SILENCE: Final = timedelta(minutes=15)
"""A fix tells where somebody was until the next one, at most so long."""
AT_BASE_M: Final = 150.0
AT_SITE_M: Final = 120.0


@dataclass(frozen=True)
class Kept:
    """How a crew kept its shift of a day: minutes; late and early are None without a plan."""

    planned_min: float
    duty_min: float
    outside_min: float
    late_min: float | None
    early_min: float | None


def kept(planned: Sequence[Span], on_duty: Sequence[Span], now: datetime) -> Kept:
    """The shift against the real duty, both within one day, as far as the day is over.

    outside_min: on duty outside the plan. late_min: from the plan's beginning to the duty's,
    early_min: from the duty's end to the plan's; of a plan that is not over nobody is early, and
    nobody is late before it began. Whoever did not come at all is late the whole shift.
    """
    due = within(planned, Span(datetime.min.replace(tzinfo=now.tzinfo), now))
    real = joined(on_duty)
    inside = sum(minutes(within(real, one)) for one in due)
    duty = minutes(real)
    late = early = None
    if due:
        late = sum(_missing(one, real, at_start=True) for one in due)
        over = [one for one in due if one in planned]
        early = sum(_missing(one, real, at_start=False) for one in over)
    return Kept(minutes(list(planned)), duty, duty - inside, late, early)


def _missing(plan: Span, real: Sequence[Span], *, at_start: bool) -> float:
    """Minutes of the plan before the first duty in it, or after the last; all of it when none."""
    inside = within(real, plan)
    if not inside:
        return minutes([plan]) if at_start else 0.0
    gap = inside[0].starts - plan.starts if at_start else plan.ends - inside[-1].ends
    return gap.total_seconds() / 60


def places_of(near: "dict[PlaceKind, NDArray[np.bool_]]", count: int) -> "NDArray[np.object_]":
    """The sort of place of each fix: the first of `PLACES` that fits, else elsewhere."""
    found = np.full(count, "elsewhere", dtype=object)
    for kind in reversed(PLACES[:3]):
        found[near[kind]] = kind
    return found


def minutes_by_place(
    fixes: pd.DataFrame, on_duty: Sequence[Span], until: datetime
) -> dict[PlaceKind, float]:
    """Minutes on duty by sort of place; fixes: seen_at, place, in order of time.

    A fix holds until the next, at most `SILENCE`; the rest of the duty is unknown.
    """
    found: dict[PlaceKind, float] = dict.fromkeys(PLACES, 0.0)
    real = within(joined(on_duty), Span(datetime.min.replace(tzinfo=until.tzinfo), until))
    moments = [one.to_pydatetime() for one in fixes["seen_at"]]
    ends = [*moments[1:], until][: len(moments)]
    for at, after, place in zip(moments, ends, fixes["place"], strict=True):
        span = Span(at, min(after, at + SILENCE))
        found[place] += sum(minutes(within([span], one)) for one in real)
    found["unknown"] = max(0.0, minutes(real) - sum(found[one] for one in PLACES[:4]))
    return found
