"""Balanced areas proposed for the units of a plan, and their names kept from the present plan."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.optimize import linear_sum_assignment

from grid_cells.area_board import Heed, never_mind
from grid_cells.area_growth import grow_into_free, release_strays
from grid_cells.area_mending import Terms, mend
from grid_cells.area_parts import Options, draft
from grid_cells.area_shifts import band_around
from grid_cells.area_wishes import Task, Wishes, set_task
from grid_cells.balance import Balance, weigh
from grid_cells.unit_graph import Floats, Ints, UnitGraph

_TRIES = 6
"""Drafts mended for one proposal until one is within the tolerance …"""
_IDLE_TRIES = 2
"""… or so many in a row were no better …"""
_MOST_EFFORT = 2_000_000
"""… or so many units were looked at in mending, some five seconds' work."""


@dataclass(frozen=True)
class Proposal:
    """Areas proposed: `labels` (n) and how they are balanced against `targets`.

    `is_within`: every area is within the tolerance and in one piece. `cut_price`: price of all
    borders. `seed` draws the same areas again.
    """

    labels: Ints
    targets: Floats
    balance: Balance
    cut_price: float
    is_within: bool
    seed: int

    @property
    def rank(self) -> tuple[bool, float, int, float]:
        """Sorts proposals, best first: within the tolerance, then in one piece, short borders."""
        off = 0.0 if self.is_within else self.balance.largest_deviation
        return not self.is_within, off, self.balance.stray_pieces, self.cut_price


def _never() -> bool:
    return False


def propose(
    graph: UnitGraph,
    wishes: Wishes,
    *,
    seed: int = 0,
    should_stop: Callable[[], bool] = _never,
    heed: Heed = never_mind,
) -> Proposal:
    """Areas of about equal weight, in one piece each, with short borders.

    METIS' contiguous parts (Karypis, Kumar 1998), mended until within the tolerance; where units
    are fixed or seated, areas spread from these. What cannot be within it (a unit heavier than an
    area, in `balance.too_heavy`; a group whose weight is no multiple of the target) is balanced
    as well as can be. A separate piece lighter than half a target belongs to the nearest area.
    `should_stop` ends the search with what was found, `heed` by what it raises.
    Raises UserError `plan_tolerance` (tolerance), `plan_areas_few` (areas),
    `plan_more_areas_than_units` (areas, units), `plan_more_seats_than_areas` (seats, areas),
    `plan_seats_in_one_unit` (unit), `plan_seats_in_one_area` (area), `plan_area_across_pieces`
    (area, unit) and `plan_areas_fewer_than_pieces` (areas, pieces).
    """
    task = set_task(graph, wishes)
    (best, effort), best_turn = _attempt(graph, task, (seed, 0), heed), 0
    for turn in range(1, _TRIES):
        is_idle = turn > best_turn + _IDLE_TRIES or effort > _MOST_EFFORT
        if best.is_within or is_idle or should_stop():
            break
        found, more = _attempt(graph, task, (seed, turn), heed)
        effort += more
        if found.rank < best.rank:
            best, best_turn = found, turn
    return best


def candidates(
    graph: UnitGraph,
    wishes: Wishes,
    *,
    seeds: Sequence[int],
    tell: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] = _never,
) -> Iterator[Proposal]:
    """A proposal for each seed, one after another, until `should_stop()`.

    `tell` hears the share that is done, from 0 to 1, again and again while a proposal is made, and
    ends the work by what it raises. Raises what `propose` raises.
    """
    hear = tell or _unheard
    for done, seed in enumerate(seeds):
        if should_stop():
            return
        heed = partial(hear, done / len(seeds))
        proposal = propose(graph, wishes, seed=seed, should_stop=should_stop, heed=heed)
        hear((done + 1) / len(seeds))
        yield proposal


def _unheard(_done: float) -> None:
    pass


def _attempt(
    graph: UnitGraph, task: Task, seed_and_turn: tuple[int, int], heed: Heed
) -> tuple[Proposal, int]:
    """A draft mended, and the units looked at for it."""
    heed()
    ground, wishes = task.ground, task.wishes
    random = np.random.default_rng(seed_and_turn)
    options = Options(wishes.tolerance, int(random.integers(2**31 - 1)), heed)
    labels = draft(ground, task.group_of_area, task.fair, bound=task.bound, options=options)
    heed()
    frozen = task.bound >= 0
    labels = release_strays(ground.graph, labels, frozen=frozen, joined=ground.joined)
    labels = grow_into_free(ground.graph, labels, task.fair, frozen=frozen, joined=ground.joined)
    band = band_around(task.fair, wishes.tolerance)
    terms = Terms(band, frozen, task.group_of_area, heed=heed)
    mended = mend(ground, labels, terms, random=random)
    labels = np.where(ground.group_of < 0, task.bound, mended.labels)
    return _scored(graph, labels, task, seed_and_turn[0]), mended.effort


def _scored(graph: UnitGraph, labels: Ints, task: Task, seed: int) -> Proposal:
    tolerance = task.wishes.tolerance
    balance = weigh(graph, labels, task.targets, tolerance=tolerance)
    parted = labels[graph.left] != labels[graph.right]
    off = np.delete(np.abs(balance.deviation), task.wishes.closed)
    is_within = bool(np.all(off <= tolerance + 1e-9)) and balance.stray_pieces == 0
    is_within &= balance.unassigned == 0
    price = float(graph.price[parted].sum())
    return Proposal(labels, task.targets, balance, price, is_within, seed)


def match_areas(old: Ints, new: Ints, weight: Floats) -> Ints:
    """Old area that each new area continues, -1 for one that continues none.

    `old`, `new` (n): area of each unit, -1 for none. The matching keeps the most weight in its
    area (linear assignment), so that the fewest customers move; where weights tell nothing,
    the most units.
    """
    both = (old >= 0) & (new >= 0)
    shape = int(new.max(initial=-1)) + 1, int(old.max(initial=-1)) + 1
    shared, units = np.zeros(shape), np.zeros(shape)
    np.add.at(shared, (new[both], old[both]), weight[both])
    np.add.at(units, (new[both], old[both]), 1.0)
    least = weight[weight > 0].min(initial=1.0)
    chosen = linear_sum_assignment(-(shared + units * (least / (2 * len(new) + 2))))
    continued = np.full(shape[0], -1, dtype=np.int64)
    continued[chosen[0]] = np.where(units[chosen] > 0, chosen[1], -1)
    return continued


def match_kept(old: Ints, new: Ints, weight: Floats, *, kept: int) -> Ints:
    """As `match_areas`, where the first `kept` areas continue themselves in any case."""
    later_old, later_new = (np.where(one >= kept, one - kept, -1) for one in (old, new))
    rest = match_areas(later_old, later_new, weight)
    return np.concatenate((np.arange(kept), np.where(rest >= 0, rest + kept, -1)))


def moved_weight(old: Ints, new: Ints, weight: Floats) -> float:
    """Weight (customers) of the units whose area differs; both label the same areas alike."""
    return float(weight[old != new].sum())
