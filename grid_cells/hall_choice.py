"""The best halls for a place: travel, the door, the queue, and what the hall can do.

Who leaves now is served at the moment of arriving, or of the doors opening where these are shut,
plus the wait in the queue. What is unknown is not 0: a hall whose wait nobody knows comes after
every hall whose wait is known, and one whose hours or matters nobody knows after those.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from grid_cells.opening_hours import is_readable, open_spans

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Spans = tuple[tuple[float, float], ...]
"""When doors are open: minutes since the moment asked about, from and until, in order."""

HORIZON_MIN: Final = 120.0
"""So long people wait before a shut door, unless they say otherwise."""
LONGEST_WAY_MIN: Final = 240.0
"""Doors are looked at for so long beyond the horizon: who travels longer finds them shut."""
KNOWN, WAIT_UNKNOWN, UNSURE = 0, 1, 2
"""How much is known of a hall: all; not the wait; neither surely open nor surely able."""
_APART_BY: Final = re.compile("[;；,，、|]")
_APART: Final = 1e6
"""Minutes between two ranks: longer than any way."""
_BLOCK: Final = 4096
"""Places at once: their minutes to every hall stay in the processor's cache."""


@dataclass(frozen=True)
class Best:
    """Halls for each place, the best first, in `count` columns.

    which: row of the halls (-1: no further one); ready_min: until one stands inside, counted from
    the moment asked about; total_min: with the wait (NaN where this is unknown); rank: KNOWN,
    WAIT_UNKNOWN or UNSURE (-1: none).
    """

    which: Ints
    ready_min: Floats
    total_min: Floats
    rank: Ints


def doors(
    opens: object,
    exceptions: object,
    at: datetime,
    timezone: str,
    *,
    horizon_min: float = HORIZON_MIN,
) -> Spans | None:
    """When doors are open from the moment on; None where no hours are known or readable.

    `opens`, `exceptions`: OpenStreetMap's notation; the exceptions win.
    """
    until = horizon_min + LONGEST_WAY_MIN
    if not isinstance(opens, str) or not opens.strip() or not is_readable(opens):
        return None
    extra = exceptions if isinstance(exceptions, str) and is_readable(exceptions) else None
    span = (at, at + timedelta(minutes=until))
    found = open_spans(opens, span, timezone, exceptions=extra)
    return tuple((_minutes(starts - at), _minutes(ends - at)) for starts, ends in found)


def _minutes(length: timedelta) -> float:
    return length.total_seconds() / 60.0


def is_open(spans: Spans | None) -> bool | None:
    """Whether the doors are open at the moment itself; None unknown."""
    if spans is None:
        return None
    return any(starts <= 0 < ends for starts, ends in spans)


def can(capabilities: object, matter: str | None, codes: Mapping[str, str]) -> bool | None:
    """Whether a hall of these capabilities ("a;b") does the matter; None where none are told.

    `codes`: the code of each word for a matter, in small letters; None as well where the matter is
    not told but some word of the capabilities is not among them: it may be the one.
    """
    if not matter:
        return True
    told = words_of(capabilities)
    if matter in {codes.get(one) for one in told}:
        return True
    return False if told and all(one in codes for one in told) else None


def words_of(capabilities: object) -> list[str]:
    """The words of a list of capabilities ("a;b"), in small letters."""
    if not isinstance(capabilities, str):
        return []
    told = (one.strip().lower() for one in _APART_BY.split(capabilities))
    return [one for one in told if one]


def ready_min(travel_min: Floats, spans: Spans | None, horizon_min: float = HORIZON_MIN) -> Floats:
    """Minutes until one stands inside; NaN where the doors stay shut for longer than the horizon.

    Whoever arrives before closing is served. Of unknown hours it is the way alone.
    """
    if spans is None:
        return travel_min
    found = np.full(len(travel_min), np.nan)
    for starts, ends in reversed(spans):  # the earliest that fits is written last
        inside = np.maximum(travel_min, starts)
        fits = (inside < ends) & (inside - travel_min <= horizon_min)
        found[fits] = inside[fits]
    return found


def best(
    travel_min: Floats,
    halls: pd.DataFrame,
    *,
    count: int = 3,
    horizon_min: float = HORIZON_MIN,
) -> Best:
    """The `count` best halls of each place.

    `travel_min`: places by halls, NaN where no way leads. `halls`, a row for each column: spans
    (see `doors`), wait_min (NaN unknown), can (True, False, None unknown). A hall that cannot do
    the matter, stays shut or cannot be reached is left out.
    """
    spans, able = halls["spans"].tolist(), halls["can"].tolist()
    wait = halls["wait_min"].to_numpy(dtype=np.float64, na_value=np.nan)
    rank = np.where(np.isnan(wait), WAIT_UNKNOWN, KNOWN)
    unsure = [s is None or c is None for s, c in zip(spans, able, strict=True)]
    rank = np.where(unsure, UNSURE, rank)
    never = [one is False for one in able]
    parts = []
    for start in range(0, max(len(travel_min), 1), _BLOCK):
        ready = _ready(travel_min[start : start + _BLOCK], spans, horizon_min)
        cost = ready + np.nan_to_num(wait) + rank * _APART
        cost[:, never] = np.nan
        parts.append(_chosen(cost, ready, wait, rank, count))
    names = [one.name for one in fields(Best)]
    return Best(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def first_total(found: Best, unknown_wait_min: float) -> Floats:
    """Minutes until one is served at the best hall of each place, NaN where there is none.

    `unknown_wait_min` stands for a wait that nobody knows: for comparing sites, which a hall whose
    wait is unknown must neither win nor lose by.
    """
    total, ready = found.total_min[:, 0], found.ready_min[:, 0]
    return np.where(np.isnan(total), ready + unknown_wait_min, total)


def _ready(travel_min: Floats, spans: Sequence[Spans | None], horizon_min: float) -> Floats:
    columns = [ready_min(travel_min[:, n], one, horizon_min) for n, one in enumerate(spans)]
    return np.column_stack(columns) if columns else np.empty((len(travel_min), 0))


def _chosen(cost: Floats, ready: Floats, wait: Floats, rank: NDArray[np.intp], count: int) -> Best:
    places, halls = cost.shape
    filled = np.where(np.isnan(cost), np.inf, cost)
    if halls < count:
        filled = np.hstack([filled, np.full((places, count - halls), np.inf)])
    first = np.argpartition(filled, count - 1, axis=1)[:, :count] if halls > count else None
    near = filled if first is None else np.take_along_axis(filled, first, axis=1)
    order = np.argsort(near, axis=1, kind="stable")[:, :count]
    which = order if first is None else np.take_along_axis(first, order, axis=1)
    exists = np.isfinite(np.take_along_axis(near, order, axis=1))
    safe = np.minimum(which, max(halls - 1, 0))
    if not halls:
        nothing = np.full((places, count), np.nan)
        return Best(np.full((places, count), -1), nothing, nothing, np.full((places, count), -1))
    inside = np.where(exists, np.take_along_axis(ready, safe, axis=1), np.nan)
    total = np.where(rank[safe] == WAIT_UNKNOWN, np.nan, inside + wait[safe])
    return Best(
        np.where(exists, which, -1), inside, total, np.where(exists, rank[safe], -1)
    )  # fmt: skip
