"""Who calls about an outage, and when: from every list of customers without power."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from grid_cells.sample_city.ground import Days, Flags, Ints

_MEDIAN_MIN, _SPREAD = 13.0, 0.9
_AGAIN, _AGAIN_FROM_MIN, _AGAIN_TO_MIN = 0.12, 25, 75
_SECOND = np.timedelta64(1, "s")


@dataclass(frozen=True, eq=False)
class Blackouts:
    """Outages with everybody in them, one after the other.

    By outage: `started` and `first`, the position of its first customer, with the count of all
    behind the last. By customer in an outage: `customer` and `back`, when the power returns.
    Moments are datetime64 in UTC.
    """

    started: Days
    first: Ints
    customer: Ints
    back: Days

    @property
    def size(self) -> Ints:
        """Customers of each outage."""
        return np.diff(self.first)


@dataclass(frozen=True, eq=False)
class Calls:
    """Calls in no particular order: the outage's and the customer's position, when, how often."""

    outage: Ints
    customer: Ints
    at: Days
    back: Days
    is_again: Flags

    def __len__(self) -> int:
        return len(self.outage)


def draw_calls(
    blackouts: Blackouts, share: float, rng: np.random.Generator, *, most: int = 100_000
) -> Calls:
    """Calls of about `share` of the customers, at most so many an outage, all while it is dark.

    People notice and call within minutes, some only after an hour (log-normal); about one in
    eight calls again when nothing happens.
    """
    count = np.minimum(rng.poisson(share * blackouts.size + 0.25), blackouts.size)
    count = np.minimum(count, most)
    outage = np.repeat(np.arange(len(count)), count)
    place = (rng.random(len(outage)) * blackouts.size[outage]).astype(np.int64)
    which = blackouts.first[:-1][outage] + place
    delay = rng.lognormal(np.log(_MEDIAN_MIN), _SPREAD, len(outage)) * 60 + 50
    at = blackouts.started[outage] + delay.astype(np.int64) * _SECOND
    first = Calls(
        outage, blackouts.customer[which], at, blackouts.back[which], np.zeros(len(at), bool)
    )
    return while_dark(joined(first, _again(first, rng)))


def _again(calls: Calls, rng: np.random.Generator) -> Calls:
    chosen = np.flatnonzero(rng.random(len(calls)) < _AGAIN)
    later = rng.integers(_AGAIN_FROM_MIN * 60, _AGAIN_TO_MIN * 60, len(chosen)) * _SECOND
    held = taken(calls, chosen)
    return Calls(held.outage, held.customer, held.at + later, held.back, np.ones(len(chosen), bool))


def while_dark(calls: Calls) -> Calls:
    """Those of the calls that came before the power was back."""
    return taken(calls, np.flatnonzero(np.isnat(calls.back) | (calls.at < calls.back)))


def taken(calls: Calls, rows: Ints) -> Calls:
    """The calls at some positions."""
    return Calls(*(column[rows] for column in _columns(calls)))


def joined(*parts: Calls) -> Calls:
    """Calls of several kinds in one."""
    columns = zip(*(_columns(part) for part in parts), strict=True)
    return Calls(*(np.concatenate(column) for column in columns))


def _columns(calls: Calls) -> tuple[Any, ...]:
    return calls.outage, calls.customer, calls.at, calls.back, calls.is_again
