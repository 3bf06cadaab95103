"""Why a plan could not be mended: a code, worded by the catalogue, and what it is about."""

from dataclasses import dataclass

import numpy as np

from grid_cells.area_growth import Flags
from grid_cells.area_shares import Ground
from grid_cells.balance import Balance
from grid_cells.unit_graph import Ints, pieces

TOO_HEAVY, CUT_OFF, FROZEN_FREE = (
    "plan_unit_too_heavy",
    "plan_unit_cut_off",
    "plan_unit_frozen_free",
)
APART_FROZEN, APART = "plan_area_apart_frozen", "plan_area_apart"
EMPTY, ISOLATED, ENCLOSED = "plan_area_empty", "plan_area_isolated", "plan_area_enclosed"
CAPPED, NOT_FOUND = "plan_moves_capped", "plan_balance_not_found"


@dataclass(frozen=True)
class Reason:
    """One reason; `area` and `unit` are -1 where it is about none, `deviation` that of the area."""

    code: str
    area: int = -1
    unit: int = -1
    deviation: float = 0.0


@dataclass(frozen=True)
class Attempt:
    """What was tried: `labels` with their `balance`, units `frozen`, whether a cap bound."""

    labels: Ints
    balance: Balance
    frozen: Flags
    tolerance: float
    is_capped: bool


def reasons(ground: Ground, attempt: Attempt) -> tuple[Reason, ...]:
    """Every reason why the plan is not within its limits; none if it is."""
    return (*_of_units(attempt), *_of_pieces(ground, attempt), *_of_weights(ground, attempt))


def _of_units(attempt: Attempt) -> list[Reason]:
    """Units in no area: frozen so, or cut off from all areas."""
    free = np.flatnonzero(attempt.labels < 0).tolist()
    return [Reason(FROZEN_FREE if attempt.frozen[u] else CUT_OFF, unit=u) for u in free]


def _of_pieces(ground: Ground, attempt: Attempt) -> list[Reason]:
    labels, graph = attempt.labels, ground.graph
    if attempt.balance.stray_pieces == 0:
        return []
    kept = ground.joined & (labels[graph.left] == labels[graph.right])
    _, piece_of = pieces(graph, kept=kept)
    found = []
    for area in np.flatnonzero(attempt.balance.pieces > 1).tolist():
        units = np.flatnonzero(labels == area)
        weight = np.bincount(piece_of[units], graph.weight[units] + 1e-9)
        outer = units[piece_of[units] != int(weight.argmax())]
        held = outer[attempt.frozen[outer]]
        unit = int(held[0]) if len(held) else int(outer[0]) if len(outer) else -1
        found.append(Reason(APART_FROZEN if len(held) else APART, area, unit))
    return found


def _of_weights(ground: Ground, attempt: Attempt) -> list[Reason]:
    deviation = attempt.balance.deviation
    units = attempt.balance.too_heavy
    heavy = dict(zip(attempt.labels[units].tolist(), units.tolist(), strict=True))
    found = []
    for area in np.flatnonzero(np.abs(deviation) > attempt.tolerance + 1e-9).tolist():
        code = _code(ground, attempt, area, heavy)
        found.append(Reason(code, area, heavy.get(area, -1), float(deviation[area])))
    return found


def _code(ground: Ground, attempt: Attempt, area: int, heavy: dict[int, int]) -> str:
    if area in heavy:
        return TOO_HEAVY
    if attempt.balance.units[area] == 0:
        return EMPTY
    givers = _givers(ground, attempt, area)
    if len(givers) == 0 or _is_short_of_ground(ground, attempt, area):
        return ISOLATED
    if np.all(attempt.frozen[givers]):
        return ENCLOSED
    return CAPPED if attempt.is_capped else NOT_FOUND


def _givers(ground: Ground, attempt: Attempt, area: int) -> Ints:
    """Units on the area's border that would have to change sides: its own if it is too heavy."""
    labels, graph = attempt.labels, ground.graph
    mine = labels == area
    kept = ground.joined & (labels[graph.left] >= 0) & (labels[graph.right] >= 0)
    outward = kept & mine[graph.left] & ~mine[graph.right]
    inward = kept & mine[graph.right] & ~mine[graph.left]
    inner = np.concatenate((graph.left[outward], graph.right[inward]))
    outer = np.concatenate((graph.right[outward], graph.left[inward]))
    return inner if attempt.balance.deviation[area] > 0 else outer


def _is_short_of_ground(ground: Ground, attempt: Attempt, area: int) -> bool:
    """Whether the areas that can exchange units with this one weigh too much or too little."""
    balance = attempt.balance
    groups = np.full(len(balance.weight), -1, dtype=np.int64)
    placed = np.flatnonzero(attempt.labels >= 0)
    groups[attempt.labels[placed]] = ground.group_of[placed]
    here = groups == groups[area]
    wished = balance.targets[here].sum()
    return bool(abs(balance.weight[here].sum() - wished) > attempt.tolerance * wished + 1e-9)
