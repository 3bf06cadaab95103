"""Which visits to make within a budget: most expected energy for each minute, travel counted in."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
START: Final = 0
"""Row and column of the minutes where tours begin and end; visit i is row i + 1."""


@dataclass(frozen=True)
class Budget:
    """So many visits at most, and so many tours of so many minutes each; None has no limit."""

    visits: int | None = None
    tours: int = 1
    tour_min: float | None = None


@dataclass(frozen=True)
class VisitPlan:
    """Visits by tour in the order in which they are made, and the minutes of each tour."""

    tours: tuple[tuple[int, ...], ...]
    minutes: tuple[float, ...]

    @property
    def chosen(self) -> tuple[int, ...]:
        """Every visit, tour after tour."""
        return tuple(one for tour in self.tours for one in tour)


def expected_kwh(score: Floats, lost_kwh_day: Floats, horizon_days: float) -> Floats:
    """Energy in kWh that a visit should recover: score × lost a day × days; unknown counts 0."""
    return np.nan_to_num(score) * np.maximum(np.nan_to_num(lost_kwh_day), 0.0) * horizon_days


def plan_visits(worth: Floats, visit_min: float, minutes: Floats, budget: Budget) -> VisitPlan:
    """Visits chosen greedily: next is the insertion with the most worth for each minute it adds.

    `worth` of each visit; `minutes` of travel between the start (row 0) and the visits, in the
    order of `worth`. This is the team orienteering problem with cheapest insertion (Vansteenwegen
    et al. 2011). What cannot be reached or is worth nothing is never chosen; ties fall to the
    first.
    """
    left = [int(one) for one in np.flatnonzero(worth > 0)]
    tours: list[list[int]] = []
    spent: list[float] = []
    wanted = budget.visits if budget.visits is not None else len(worth)
    for _ in range(max(budget.tours, 1)):
        tour: list[int] = []
        used = _fill(tour, left, (worth, visit_min, minutes), budget.tour_min, wanted)
        wanted -= len(tour)
        tours.append(tour)
        spent.append(used)
    kept = [at for at, tour in enumerate(tours) if tour]
    return VisitPlan(tuple(tuple(tours[at]) for at in kept), tuple(spent[at] for at in kept))


def _fill(
    tour: list[int], left: list[int], ground: tuple[Floats, float, Floats],
    most_min: float | None, wanted: int,
) -> float:  # fmt: skip
    """Fill one tour from what is left; the minutes it takes."""
    worth, visit_min, minutes = ground
    used = 0.0
    while len(tour) < wanted and left:
        added, at = _insertions(tour, np.array(left), minutes)
        cost = added + visit_min
        room = np.inf if most_min is None else most_min - used
        gain = np.where(cost <= room + 1e-9, worth[left] / np.maximum(cost, 1e-9), -1.0)
        gain = np.nan_to_num(gain, nan=-1.0)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        used += float(cost[best])
        tour.insert(int(at[best]), left.pop(best))
    return used


def _insertions(
    tour: list[int], left: NDArray[np.int64], minutes: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Least further minutes of travel for each visit left, and the place in the tour for it."""
    stops = np.array([START, *(one + 1 for one in tour), START])
    before, after = stops[:-1, None], stops[1:, None]
    row = left[None, :] + 1
    more = minutes[before, row] + minutes[row, after] - minutes[before, after]
    more = np.where(np.isnan(more), np.inf, more)
    at = np.argmin(more, axis=0)
    return more[at, np.arange(len(left))], at
