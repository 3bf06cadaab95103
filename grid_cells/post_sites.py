"""Where one more crew, or a crew moved, would help most: maximal cover and the p-median.

Both are solved to the proven best by HiGHS (`scipy.optimize.milp`); only the model is ours. Maximal
cover after Church and ReVelle (1974), p-median after Hakimi (1964) with the assignments of ReVelle
and Swain (1970), here with the crews on duty as sites that stand already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, vstack

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Goal = Literal["cover", "median"]

GOALS: Final[tuple[Goal, ...]] = ("cover", "median")
UNREACHED_MIN: Final = 240.0
"""What a place that nobody reaches counts as in a mean: four hours."""
LEAST_SAVED_MIN: Final = 1.0
"""A way shorter by less is no gain: streets are not known to the second."""
MOST_SECONDS: Final = 60.0
_HALF_A_CUSTOMER: Final = 0.5
_CHOSEN: Final = 0.5
_BETWEEN, _SEARCHED = 0.5, 0.8
Tell = Callable[[float], None]


def _unheard(_done: float) -> None:
    pass


@dataclass(frozen=True)
class Demand:
    """Places to be served (n): weight, limit in minutes (NaN: none), minutes now (NaN: nobody)."""

    weight: Floats
    limit_min: Floats
    now_min: Floats


@dataclass(frozen=True)
class Chosen:
    """Columns of the sites chosen, the best first; is_proven: nothing better exists."""

    sites: tuple[int, ...]
    is_proven: bool


def best(demand: Demand, minutes: Floats, count: int, goal: Goal, tell: Tell = _unheard) -> Chosen:
    """The `count` sites that serve the goal best, fewer where more would not help.

    `minutes`: places by candidate sites, NaN where no way leads. "cover": most weight newly within
    its limit, of equal ones least minutes of travel; "median": least minutes of travel, weighed.
    `tell` hears after each search how far it is, and may stop it by an error of its own.
    Where MOST_SECONDS do not suffice the best found until then, unproven.
    """
    if count < 1 or minutes.shape[1] == 0:
        return Chosen((), True)
    model = _Model.of(demand, minutes)
    proven, least, found = True, 0.0, Chosen((), True)
    if goal == "cover":
        found = model.solve(count, covers=True, least=0.0)
        tell(_BETWEEN)
        proven, least = found.is_proven, max(0.0, model.covered(found.sites) - _HALF_A_CUSTOMER)
    last = model.solve(count, covers=False, least=least)
    tell(_SEARCHED)
    sites = last.sites or (found.sites if goal == "cover" else ())
    useful = [site for site in sites if model.helps(site)]
    ordered = sorted(useful, key=lambda site: (-model.covered((site,)), -model.saved(site), site))
    return Chosen(tuple(ordered), proven and last.is_proven)


def after(demand: Demand, minutes: Floats, sites: tuple[int, ...]) -> Floats:
    """Minutes of each place with the sites beside the crews on duty, NaN where nobody comes."""
    if not sites:
        return demand.now_min
    return np.asarray(np.fmin(demand.now_min, np.fmin.reduce(minutes[:, list(sites)], axis=1)))


def in_time(demand: Demand, minutes: Floats) -> float:
    """Weight of the places within their limits by these minutes."""
    return float(demand.weight[minutes <= demand.limit_min].sum())


def mean_min(demand: Demand, minutes: Floats) -> float:
    """Mean minutes by weight, places that nobody reaches as UNREACHED_MIN; NaN without weight."""
    total = float(demand.weight.sum())
    return float((demand.weight * _filled(minutes)).sum() / total) if total else float("nan")


def _filled(minutes: Floats) -> Floats:
    return np.where(np.isnan(minutes), UNREACHED_MIN, np.minimum(minutes, UNREACHED_MIN))


@dataclass(frozen=True)
class _Model:
    """Variables: a site x, the share y of a place newly in time, the share z of a place that goes
    to a site. Constraints: y and z only where the site is, one site a place, so many sites.
    """  # noqa: D205

    weight: Floats
    is_covered: NDArray[np.bool_]
    """Places newly in time by each site."""
    saved_min: Floats
    """Minutes that each site saves each place, 0 where under LEAST_SAVED_MIN."""

    @classmethod
    def of(cls, demand: Demand, minutes: Floats) -> "_Model":
        late = np.isfinite(demand.limit_min) & ~(demand.now_min <= demand.limit_min)
        covered = late[:, None] & (minutes <= demand.limit_min[:, None])
        saved = _filled(demand.now_min)[:, None] - _filled(minutes)
        saved = np.where(saved >= LEAST_SAVED_MIN, saved, 0.0)
        used = demand.weight > 0
        return cls(demand.weight[used], covered[used], saved[used])

    def covered(self, sites: tuple[int, ...]) -> float:
        """Weight newly in time by any of the sites."""
        return float(self.weight[self.is_covered[:, list(sites)].any(axis=1)].sum())

    def saved(self, site: int) -> float:
        """Weighed minutes that the site alone saves."""
        return float(self.weight @ self.saved_min[:, site])

    def helps(self, site: int) -> bool:
        """Whether anybody is better off."""
        return self.covered((site,)) > 0 or self.saved(site) > 0

    def solve(self, count: int, *, covers: bool, least: float) -> Chosen:
        """Most weight in time (`covers`) or most minutes saved with at least so much in time."""
        sites = self.is_covered.shape[1]
        rows = self._covering() if covers or least > 0 else _Part.none(sites)
        ways = _Part.none(sites) if covers else self._assigning()
        gain = np.concatenate([np.zeros(sites), rows.gain, ways.gain])
        if not np.any(gain):
            return Chosen((), True)
        parts = [_row(np.ones(sites), 0, len(gain), upper=count)]
        parts += rows.constraints(sites, len(gain)) + ways.constraints(sites + rows.size, len(gain))
        if least > 0:
            parts.append(_row(rows.gain, sites, len(gain), lower=least))
        cost = -gain if covers else -np.concatenate([np.zeros(sites + rows.size), ways.gain])
        return _solved(cost, parts, sites)

    def _covering(self) -> "_Part":
        place = np.flatnonzero(self.is_covered.any(axis=1))
        row, site = np.nonzero(self.is_covered[place])
        return _Part(self.weight[place], len(place), (row, row, site), None)

    def _assigning(self) -> "_Part":
        place, site = np.nonzero(self.saved_min)
        gain = self.weight[place] * self.saved_min[place, site]
        own = np.arange(len(place))
        return _Part(gain, len(place), (own, own, site), place)


@dataclass(frozen=True)
class _Part:
    """Variables with their gain. at: row of the constraint, variable, site that it needs.

    place: of each variable, where those of one place may come to no more than one.
    """

    gain: Floats
    size: int
    at: tuple[Ints, Ints, Ints]
    place: Ints | None

    @classmethod
    def none(cls, sites: int) -> "_Part":  # noqa: ARG003
        nothing = np.empty(0, dtype=np.int64)
        return cls(np.empty(0), 0, (nothing, nothing, nothing), None)

    def constraints(self, start: int, width: int) -> list[LinearConstraint]:
        """Each variable no more than its sites together; those of one place no more than one."""
        if not self.size:
            return []
        row, own, site = self.at
        mine = np.unique(np.column_stack((row, own)), axis=0)
        entries = np.concatenate([np.ones(len(mine)), -np.ones(len(site))])
        at = (
            np.concatenate([mine[:, 0], row]),
            np.concatenate([start + mine[:, 1], site]),
        )
        held = [LinearConstraint(_matrix(entries, at, self.size, width), -np.inf, 0.0)]
        if self.place is not None:
            order = np.unique(self.place, return_inverse=True)[1]
            at = (order, start + np.arange(self.size))
            sums = _matrix(np.ones(self.size), at, int(order.max()) + 1, width)
            held.append(LinearConstraint(sums, -np.inf, 1.0))
        return held


def _matrix(entries: Floats, at: tuple[Ints, Ints], rows: int, width: int) -> coo_array:
    return coo_array((entries, at), shape=(rows, width)).tocsr()


def _row(
    entries: Floats, start: int, width: int, *, lower: float = -np.inf, upper: float = np.inf
) -> LinearConstraint:
    at = (np.zeros(len(entries), dtype=np.int64), start + np.arange(len(entries)))
    return LinearConstraint(_matrix(entries, at, 1, width), lower, upper)


def _solved(cost: Floats, parts: list[LinearConstraint], sites: int) -> Chosen:
    """HiGHS's answer; only sites are whole numbers, the shares then are by themselves."""
    whole = np.zeros(len(cost))
    whole[:sites] = 1
    joined = LinearConstraint(
        vstack([one.A for one in parts]),
        np.concatenate([np.broadcast_to(one.lb, one.A.shape[0]) for one in parts]),
        np.concatenate([np.broadcast_to(one.ub, one.A.shape[0]) for one in parts]),
    )
    found = milp(
        cost, integrality=whole, bounds=Bounds(0, 1), constraints=joined,
        options={"mip_rel_gap": 0.0, "time_limit": MOST_SECONDS},
    )  # fmt: skip
    if found.x is None:
        return Chosen((), False)
    chosen = np.flatnonzero(found.x[:sites] > _CHOSEN)
    return Chosen(tuple(int(one) for one in chosen), found.status == 0)
