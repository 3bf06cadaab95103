"""Best sites of a network of halls or payment points: the four classic models, solved to the proof.

p-median (Hakimi 1964; ReVelle and Swain 1970): least weighted way. p-center (Hakimi 1964; solved
as covering at each candidate radius, Minieka 1970): least longest way. LSCP (Toregas and others
1971): fewest sites that leave nobody beyond a limit. MCLP (Church and ReVelle 1974): most weight
within it. The search is HiGHS's (`scipy.optimize.milp`); only the models are ours.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array

from grid_cells.errors import UserError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Goal = Literal["median", "center", "cover", "fewest"]

GOALS: Final[tuple[Goal, ...]] = ("median", "center", "cover", "fewest")
MOST_SECONDS: Final = 60.0
_CHOSEN: Final = 0.5


@dataclass(frozen=True)
class Sites:
    """Columns of the chosen sites in order, the goal's figure, and whether nothing is better.

    value: weighted mean minutes (median), longest minutes (center), weight within the limit
    (cover), number of sites (fewest).
    """

    chosen: tuple[int, ...]
    value: float
    is_proven: bool


def median(
    minutes: Floats, weight: Floats, count: int, fixed: tuple[int, ...] = (), *,
    seconds: float = MOST_SECONDS,
) -> Sites:  # fmt: skip
    """The `count` sites (`fixed` among them) from which the weighted mean way is least.

    `minutes`: places by sites, NaN without a way; places that no site reaches are left out of the
    mean. Raises UserError `siting_infeasible` where so many sites cannot serve everybody.
    """
    ways, heavy = _reachable(minutes, weight)
    _check(count, ways.shape[1], fixed)
    place, site = np.nonzero(np.isfinite(ways))
    cost = np.concatenate([np.zeros(ways.shape[1]), heavy[place] * ways[place, site]])
    model = _Model(ways.shape[1], place, site, len(heavy))
    found = model.solve(
        cost, [model.count(count), model.served(1.0), model.only_open()], fixed, seconds
    )
    total = float(heavy.sum())
    best = np.nanmin(ways[:, list(found[0])], axis=1) if found[0] else np.full(len(heavy), np.nan)
    value = float((best * heavy).sum() / total) if total else float("nan")
    return Sites(found[0], value, found[1])


def cover(
    minutes: Floats, weight: Floats, count: int, limit_min: float, fixed: tuple[int, ...] = (),
) -> Sites:  # fmt: skip
    """The `count` sites with most weight within the limit; raises UserError `siting_infeasible`."""
    _check(count, minutes.shape[1], fixed)
    near = minutes <= limit_min
    some = np.flatnonzero(near.any(axis=1) & (weight > 0))
    row, site = np.nonzero(near[some])
    sites = near.shape[1]
    size = sites + len(some)
    own = np.arange(len(some))
    data = np.concatenate([np.ones(len(some)), -np.ones(len(site))])
    at = (np.concatenate([own, row]), np.concatenate([sites + own, site]))
    held = LinearConstraint(_sparse(data, at, (len(some), size)), -np.inf, 0.0)
    cost = np.concatenate([np.zeros(sites), -weight[some].astype(np.float64)])
    chosen, proven = _solved(cost, [_counted(sites, size, count), held], sites, fixed, MOST_SECONDS)
    inside = near[:, list(chosen)].any(axis=1)
    return Sites(chosen, float(weight[inside].sum()), proven)


def fewest(minutes: Floats, limit_min: float, fixed: tuple[int, ...] = ()) -> Sites:
    """The fewest sites from which every place is within the limit.

    Raises UserError `siting_infeasible` where a place is beyond it from all of them.
    """
    near = minutes <= limit_min
    if not near.any(axis=1).all():
        raise UserError("siting_infeasible")
    sites = near.shape[1]
    row, site = np.nonzero(near)
    every = LinearConstraint(_sparse(np.ones(len(row)), (row, site), near.shape), 1.0, np.inf)
    chosen, proven = _solved(np.ones(sites), [every], sites, fixed, MOST_SECONDS)
    return Sites(chosen, float(len(chosen)), proven)


def center(minutes: Floats, count: int, fixed: tuple[int, ...] = ()) -> Sites:
    """The `count` sites from which the longest way is least.

    The longest way is one of the ways there are: the least at which so many sites cover everybody
    is found by halving. Raises UserError `siting_infeasible` where none is.
    """
    _check(count, minutes.shape[1], fixed)
    ways = np.unique(minutes[np.isfinite(minutes)])
    best = _covering(minutes, ways[-1], count, fixed) if len(ways) else None
    if best is None:
        raise UserError("siting_infeasible")
    low, high, proven = 0, len(ways) - 1, True
    while low < high:
        middle = (low + high) // 2
        found = _covering(minutes, ways[middle], count, fixed)
        if found is None:
            low = middle + 1
        else:
            high, best, proven = middle, found, proven and found.is_proven
    longest = float(np.nanmin(minutes[:, list(best.chosen)], axis=1).max())
    return Sites(best.chosen, longest, proven)


@dataclass(frozen=True)
class Task:
    """A goal to be met by `count` sites, of which the first stands already.

    minutes: places by sites; weight: of the places; limit_min: for cover and fewest.
    """

    goal: Goal
    minutes: Floats
    weight: Floats
    count: int
    limit_min: float


def best(task: Task) -> Sites:
    """The sites that meet the goal best.

    Raises UserError `siting_infeasible`, also where the fewest that suffice are more than `count`.
    """
    minutes, stands = task.minutes, (0,)
    count = min(task.count, minutes.shape[1])
    if task.goal == "median":
        return median(minutes, task.weight, count, stands)
    if task.goal == "cover":
        return cover(minutes, task.weight, count, task.limit_min, stands)
    if task.goal == "center":
        return center(minutes, count, stands)
    found = fewest(minutes, task.limit_min, stands)
    if len(found.chosen) > task.count:
        raise UserError("siting_infeasible")
    return found


def _covering(
    minutes: Floats, limit_min: float, count: int, fixed: tuple[int, ...]
) -> Sites | None:
    """The fewest sites within the limit; None where they are too many or none suffice."""
    if not (minutes <= limit_min).any(axis=1).all():
        return None
    found = fewest(minutes, limit_min, fixed)
    return found if len(found.chosen) <= count else None


def _check(count: int, sites: int, fixed: tuple[int, ...]) -> None:
    if not 1 <= count <= sites or len(fixed) > count:
        raise UserError("siting_infeasible")


def _reachable(minutes: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Places with weight that any site reaches."""
    used = np.isfinite(minutes).any(axis=1) & (weight > 0)
    return minutes[used], weight[used].astype(np.float64)


@dataclass(frozen=True)
class _Model:
    """Variables: a site x, then the share y of each place that goes to a site it can reach."""

    sites: int
    place: Ints
    site: Ints
    places: int

    @property
    def width(self) -> int:
        return self.sites + len(self.place)

    def count(self, count: int) -> LinearConstraint:
        """So many sites."""
        return _counted(self.sites, self.width, count)

    def served(self, share: float) -> LinearConstraint:
        """Everybody goes somewhere."""
        own = self.sites + np.arange(len(self.place))
        ones = np.ones(len(self.place))
        matrix = _sparse(ones, (self.place, own), (self.places, self.width))
        return LinearConstraint(matrix, share, share)

    def only_open(self) -> LinearConstraint:
        """Nobody goes where no site is."""
        own = np.arange(len(self.place))
        data = np.concatenate([np.ones(len(own)), -np.ones(len(own))])
        at = (np.concatenate([own, own]), np.concatenate([self.sites + own, self.site]))
        return LinearConstraint(_sparse(data, at, (len(own), self.width)), -np.inf, 0.0)

    def solve(
        self, cost: Floats, rows: list[LinearConstraint], fixed: tuple[int, ...], seconds: float
    ) -> tuple[tuple[int, ...], bool]:
        """Chosen sites, and whether they are proven best."""
        return _solved(cost, rows, self.sites, fixed, seconds)


def _counted(sites: int, width: int, count: int) -> LinearConstraint:
    at = (np.zeros(sites, dtype=np.int64), np.arange(sites))
    return LinearConstraint(_sparse(np.ones(sites), at, (1, width)), count, count)


def _sparse(data: Floats, at: tuple[Ints, Ints], shape: tuple[int, ...]) -> csr_array:
    return coo_array((data, at), shape=shape).tocsr()


def _solved(
    cost: Floats, rows: list[LinearConstraint], sites: int, fixed: tuple[int, ...], seconds: float
) -> tuple[tuple[int, ...], bool]:
    """HiGHS's answer: only sites are whole numbers, the shares then are by themselves."""
    whole, low = np.zeros(len(cost)), np.zeros(len(cost))
    whole[:sites] = 1
    low[list(fixed)] = 1
    found = milp(
        cost, integrality=whole, bounds=Bounds(low, 1.0), constraints=rows,
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )  # fmt: skip
    if found.x is None:
        raise UserError("siting_infeasible")
    chosen = np.flatnonzero(found.x[:sites] > _CHOSEN)
    return tuple(int(one) for one in chosen), found.status == 0
