"""A plan mended, or brought back into balance after a hand edit, with little weight moved."""

from dataclasses import dataclass, replace

import numpy as np

from grid_cells.area_board import Heed, never_mind
from grid_cells.area_growth import Flags, grow_into_free, release_strays
from grid_cells.area_mending import Terms, mend
from grid_cells.area_shares import Ground, fair_targets, lay_ground, share_rest
from grid_cells.area_shifts import band_around
from grid_cells.balance import Balance, weigh
from grid_cells.errors import UserError
from grid_cells.repair_reasons import Attempt, Reason, reasons
from grid_cells.unit_graph import Floats, Ints, UnitGraph, sum_by


@dataclass(frozen=True)
class Limits:
    """What a repair has to respect.

    `targets`: weight wished for each area, `tolerance`: the share by which it may be missed.
    `frozen` (n): units that stay where they are. `within` (n): code of each unit's upper unit; no
    area crosses it. `most_moved`: weight that may change its area at most. `fills_empty`: an
    area without a unit begins anew instead of being refused.
    """

    targets: Floats
    tolerance: float = 0.05
    frozen: Flags | None = None
    within: Ints | None = None
    most_moved: float = np.inf
    fills_empty: bool = False


@dataclass(frozen=True)
class Repair:
    """The mended plan: `labels` (n), how many units changed their area and with what weight.

    `is_within`: every unit is in an area, every area in one piece and within the tolerance;
    else `why` not. Units that had no area before count as moved.
    """

    labels: Ints
    moved_units: int
    moved_weight: float
    is_within: bool
    why: tuple[Reason, ...]
    balance: Balance


def repair(
    graph: UnitGraph, labels: Ints, limits: Limits, *, seed: int = 0, heed: Heed = never_mind
) -> Repair:
    """The plan with every area in one piece and within the tolerance, if that can be.

    `labels` (n): area of each unit, 0 to the number of targets less one, -1 for none. Pieces
    apart from their area's heaviest one and units in no area join areas that they touch; then
    weight goes from heavy areas to light ones by the shortest ways. What cannot be mended stays,
    and `why` says so. `heed` is called on the way; what it raises ends the work. Raises UserError
    `plan_area_emptied` (area) when an area has no unit, unless `fills_empty`, and `plan_tolerance`
    (tolerance).
    """
    _check(labels, limits)
    frozen = np.zeros(graph.units, dtype=bool) if limits.frozen is None else limits.frozen
    within = np.zeros(graph.units, np.int64) if limits.within is None else limits.within
    ground = lay_ground(graph, is_open=np.ones(graph.units, dtype=bool), within=within, light=0.0)
    whole = _whole_again(ground, labels, limits, frozen)
    heed()
    terms = replace(_terms(ground, labels, whole, (limits, frozen)), heed=heed)
    if terms.most_moved < 0:
        found, is_capped = labels, True
    else:
        mended = mend(ground, whole, terms, random=np.random.default_rng(seed))
        found, is_capped = mended.labels, mended.is_capped
    return _report(ground, labels, found, limits, (frozen, is_capped))


def _check(labels: Ints, limits: Limits) -> None:
    if not 0 < limits.tolerance < 1:
        raise UserError("plan_tolerance", tolerance=limits.tolerance)
    areas = len(limits.targets)
    if labels.max(initial=-1) >= areas:
        raise ValueError(f"an area is numbered {labels.max()}, there are {areas} targets")
    empty = np.setdiff1d(np.arange(areas), labels)
    if len(empty) and not limits.fills_empty:
        raise UserError("plan_area_emptied", area=int(empty[0]))


def _whole_again(ground: Ground, labels: Ints, limits: Limits, frozen: Flags) -> Ints:
    """Labels with stray pieces and free units given to areas that they touch, where any does."""
    graph, joined, targets = ground.graph, ground.joined, limits.targets
    loose = release_strays(graph, labels, frozen=frozen, joined=joined)
    grown = grow_into_free(graph, loose, targets, frozen=frozen, joined=joined)
    empty = np.setdiff1d(np.arange(len(targets)), grown)
    lost = (grown < 0) & (labels < 0) & ~frozen
    if len(empty) and lost.any():
        chosen = np.unique(ground.group_of[lost])[: len(empty)]
        for area, group in zip(empty.tolist(), chosen.tolist(), strict=False):
            grown = np.where(lost & (ground.group_of == group), area, grown)
    return np.where(grown < 0, labels, grown)


def _terms(
    ground: Ground, labels: Ints, whole: Ints, limits_and_frozen: tuple[Limits, Flags]
) -> Terms:
    limits, frozen = limits_and_frozen
    weight, areas, targets = ground.graph.weight, len(limits.targets), limits.targets
    placed = whole >= 0
    load = sum_by(whole, weight, areas)
    groups = _group_of_area(ground, whole, areas)
    empty = np.flatnonzero(groups < 0)
    if len(empty):
        groups = share_rest(ground, groups, targets, free=empty)
    weights = sum_by(groups, load, ground.groups)
    held = sum_by(np.where(frozen, whole, -1), weight, areas)
    np.maximum.at(held, whole[placed], weight[placed])
    fair = fair_targets(weights, targets, held, groups=groups, tolerance=limits.tolerance)
    left = limits.most_moved - float(weight[whole != labels].sum())
    return Terms(band_around(fair, limits.tolerance), frozen, groups, left)


def _group_of_area(ground: Ground, labels: Ints, areas: int) -> Ints:
    """Group in which most of each area lies; -1 for an empty area."""
    placed = np.flatnonzero(labels >= 0)
    keys = labels[placed] * ground.groups + ground.group_of[placed]
    found, at = np.unique(keys, return_inverse=True)
    weight = np.bincount(at, ground.graph.weight[placed] + 1e-9)
    order = np.argsort(weight, kind="stable")
    groups = np.full(areas, -1, dtype=np.int64)
    groups[found[order] // ground.groups] = found[order] % ground.groups
    return groups


def _report(
    ground: Ground, labels: Ints, found: Ints, limits: Limits, state: tuple[Flags, bool]
) -> Repair:
    graph = ground.graph
    balance = weigh(graph, found, limits.targets, tolerance=limits.tolerance)
    why = reasons(ground, Attempt(found, balance, state[0], limits.tolerance, state[1]))
    moved = found != labels
    return Repair(found, int(moved.sum()), float(graph.weight[moved].sum()), not why, why, balance)
