"""Positions as a phone tells them: which of them may be kept, and why the others may not."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from grid_cells.distance import distance_m
from grid_cells.shifts import Span

Verdict = Literal[
    "kept", "repeated", "outside_duty", "in_future", "impossible_place", "too_vague", "jump"
]

OUTSIDE: Final[Verdict] = "outside_duty"
AHEAD: Final = timedelta(seconds=90)
"""A phone's clock may be so much fast; what is further ahead has not happened."""
MOST_ACCURACY_M: Final = 2_000.0
"""A circle wider than this tells no place: the phone guessed by a mast."""
MOST_KMH: Final = 200.0
"""No repair vehicle is faster; small steps are never jumps, since phones waver."""
WAVER_M: Final = 300.0
ALIKE: Final = timedelta(seconds=55)
"""The same place to the last digit within this time is the same fix."""


class _Fix(NamedTuple):
    seen_at: pd.Timestamp
    lon: float
    lat: float
    accuracy_m: float


_SEEN: Final = attrgetter("seen_at")


@dataclass(frozen=True)
class Known:
    """What is known of a person before a batch: their duties, the fix kept last before each moment.

    held: seen_at, lon, lat, accuracy_m of the fixes kept near the batch, and the last before it.
    """

    duties: Sequence[Span]
    held: pd.DataFrame


def judged(fixes: pd.DataFrame, known: Known, now: pd.Timestamp) -> list[Verdict]:
    """The verdict on each fix (seen_at, lon, lat, accuracy_m), in the order of the rows.

    Only what is `kept` may be stored. A fix is outside a duty before its beginning and from its
    end on, repeated where one of that moment is kept, and a jump where the way from the kept fix
    before it, less both circles, could not be driven.
    """
    tests: tuple[tuple[Verdict, pd.Series[bool]], ...] = (
        ("in_future", fixes["seen_at"] > now + AHEAD),
        (OUTSIDE, ~_is_on_duty(fixes["seen_at"], known.duties)),
        ("impossible_place", ~_is_place(fixes)),
        ("too_vague", _is_vague(fixes["accuracy_m"])),
    )
    verdicts: list[Verdict] = ["kept"] * len(fixes)
    for verdict, fails in tests:
        found = zip(verdicts, fails, strict=True)
        verdicts = [verdict if bad and one == "kept" else one for one, bad in found]
    return _without_jumps(fixes, verdicts, known.held)


def _is_on_duty(moments: "pd.Series[pd.Timestamp]", duties: Sequence[Span]) -> "pd.Series[bool]":
    found = pd.Series(data=False, index=moments.index)
    for starts, ends in duties:
        found |= (moments >= starts) & (moments < ends)
    return found


def _is_vague(accuracy_m: "pd.Series[float]") -> "pd.Series[bool]":
    """Unknown accuracy is kept: some phones tell none."""
    return (accuracy_m > MOST_ACCURACY_M) | (accuracy_m < 0)


def _is_place(fixes: pd.DataFrame) -> "pd.Series[bool]":
    lon, lat = fixes["lon"], fixes["lat"]
    is_null_island = (lon == 0) & (lat == 0)
    inside = (lon.abs() <= 180) & (lat.abs() <= 90)  # noqa: PLR2004 - degrees
    return inside & ~is_null_island


def _without_jumps(
    fixes: pd.DataFrame, verdicts: list[Verdict], held: pd.DataFrame
) -> list[Verdict]:
    """Each fix against the one kept before it; a phone that really moved is believed in time."""
    kept = sorted(_rows(held), key=_SEEN)
    found = list(verdicts)
    order = sorted(enumerate(_rows(fixes)), key=lambda pair: pair[1].seen_at)
    for place, one in order:
        if found[place] != "kept":
            continue
        earlier = bisect_left(kept, one.seen_at, key=_SEEN)
        if any(_is_same(other, one) for other in _near(kept, one)):
            found[place] = "repeated"
        elif earlier > 0 and _is_jump(kept[earlier - 1], one):
            found[place] = "jump"
        else:
            insort(kept, one, key=_SEEN)
    return found


def _near(kept: Sequence[_Fix], one: _Fix) -> Sequence[_Fix]:
    """Those of the fixes, in order of time, that may be the same as one."""
    first = bisect_left(kept, one.seen_at - ALIKE, key=_SEEN)
    return kept[first : bisect_right(kept, one.seen_at + ALIKE, key=_SEEN)]


def _rows(fixes: pd.DataFrame) -> list[_Fix]:
    values = (fixes[name] for name in ("seen_at", "lon", "lat", "accuracy_m"))
    return [_Fix(*row) for row in zip(*values, strict=True)]


def _is_same(other: _Fix, one: _Fix) -> bool:
    """Whether a fix was sent before: a phone whose clock is wrong tells it a little later anew."""
    if other.seen_at == one.seen_at:
        return True
    is_near = abs(other.seen_at - one.seen_at) < ALIKE
    return is_near and (other.lon, other.lat) == (one.lon, one.lat)


def _is_jump(before: _Fix, one: _Fix) -> bool:
    gap_m = float(distance_m(before.lon, before.lat, one.lon, one.lat))
    vague_m = float(np.nansum([before.accuracy_m, one.accuracy_m])) + WAVER_M
    hours = (one.seen_at - before.seen_at).total_seconds() / 3600
    return gap_m - vague_m > MOST_KMH * 1000 * hours
