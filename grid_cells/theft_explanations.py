"""Explanations of a transformer's loss, one meter each, and how likely each is."""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from grid_cells import theft_evidence
from grid_cells.theft_balance import Losses
from grid_cells.theft_evidence import Evidence, OwnSteps, Pulls
from grid_cells.theft_panel import Flags, Floats, Panel
from grid_cells.theft_usual import Usual

Cause = Literal["suspect", "wrong_link", "wrong_multiplier", "clock"]
SUSPECT_PRIOR: Final = float(np.log(0.003))
RATIO_PRIOR: Final = float(np.log(2e-5))
CLOCK_PRIOR: Final = float(np.log(2e-5))
ODD_RATIO_PRIOR: Final = 3.0
"""Log prior odds: of a suspect, a multiplier wrong though it is that of all peers, a clock a
day off, a multiplier wrong that is unlike all peers'."""
_LEAST_DAYS = 20
LAGS: Final = (-1, 1)
"""Days by which a meter's clock may be off."""
RATIOS: Final = np.array([0.4, 0.5, 0.6, 2 / 3, 0.75, 4 / 3, 1.5, 5 / 3, 2.0, 2.5])
"""True over recorded multiplier: neighbouring steps of current transformers (IEC 61869-2)."""


@dataclass(frozen=True)
class Explanation:
    """One meter's part in a loss. value: neighbour, true over recorded multiplier, or share hidden."""

    row: int
    cause: Cause
    value: float
    start: int
    odds: float


@dataclass(frozen=True, eq=False)
class Case:
    """All that explanations are judged by: the panel, its usual use, and the losses as they stand.

    link_prior: log prior odds of a wrong link.
    """

    panel: Panel
    own: Usual
    steps: OwnSteps
    losses: Losses
    link_prior: float


@dataclass(frozen=True, eq=False)
class Offers:
    """Of all rows of a transformer: log posterior odds of each explanation against none."""

    rows: slice
    suspect: Evidence
    ratio: Floats
    ratio_value: Floats
    links: Floats
    clock: Floats

    def best(self, free: Flags, case: Case) -> list[Explanation]:
        """The likeliest of each kind among the free rows, where likelier than none."""
        near = case.panel.near[case.panel.of[self.rows.start]]
        kinds: list[tuple[Cause, Floats, Floats]] = [
            ("suspect", self.suspect.odds, self.suspect.taken),
            ("wrong_multiplier", self.ratio, self.ratio_value),
            *(("wrong_link", self.links[:, k], np.array([h])) for k, h in enumerate(near)),
            *(("clock", self.clock[:, k], np.array([lag])) for k, lag in enumerate(LAGS)),
        ]
        found = [self._likeliest(free, *kind) for kind in kinds]
        return [replace(o, start=self.first_day(o, case)) for o in found if o.odds > 0]

    def _likeliest(self, free: Flags, cause: Cause, odds: Floats, value: Floats) -> Explanation:
        i = int(np.where(free, odds, -np.inf).argmax())
        mine = float(odds[i]) if free[i] else -np.inf
        return Explanation(self.rows.start + i, cause, float(value[i % len(value)]), 0, mine)

    def first_day(self, one: Explanation, case: Case) -> int:
        """Column from which an explanation holds."""
        if one.cause != "suspect":
            return 0
        at = int(self.suspect.start[one.row - self.rows.start])
        return theft_evidence.starts(case.panel.days)[at]


def moves(case: Case, one: Explanation) -> list[tuple[int, Floats]]:
    """What an explanation adds to the loss of which transformer, kWh a day."""
    use = case.own.filled[one.row].astype(float)
    b = int(case.panel.of[one.row])
    if one.cause == "wrong_link":
        return [(b, -use), (int(one.value), use)]
    if one.cause == "wrong_multiplier":
        return [(b, (one.value - 1) * use)]
    if one.cause == "clock":
        return [(b, _moved(use[None], int(one.value))[0])]
    hidden = use * one.value / (1 - one.value)
    hidden[: one.start] = 0
    return [(b, hidden)]


def offers(case: Case, rows: slice) -> Offers:
    """How likely each explanation is for each of some rows of one transformer."""
    b = int(case.panel.of[rows.start])
    use = case.own.filled[rows].astype(float)
    here = _whole(use, case.losses, b)
    loss = theft_evidence.loss_steps(use, case.losses, b)
    found = theft_evidence.hidden_use(loss, case.steps, rows)
    suspect = Evidence(found.odds + SUSPECT_PRIOR, found.start, found.taken)
    ratio, value = _ratios(case, here, rows)
    late = [_whole(_moved(use, lag), case.losses, b) for lag in LAGS]
    clock = np.column_stack([_gain(*pulls, 1.0) for pulls in late]) + CLOCK_PRIOR
    return Offers(rows, suspect, ratio, value, _links(case, use, here, rows), clock)


def _moved(use: Floats, lag: int) -> Floats:
    """What each day's use would change by if the readings belonged to so many days earlier."""
    changed = np.zeros_like(use)
    if lag > 0:
        changed[:, :-lag] = use[:, lag:] - use[:, :-lag]
    else:
        changed[:, -lag:] = use[:, :lag] - use[:, -lag:]
    return changed


def _whole(use: Floats, found: Losses, b: int) -> Pulls:
    """By row: pull and precision, in a transformer's loss, of its use on all days."""
    both = use @ (found.weight[b] * found.through[b])
    pull = use @ (found.weight[b] * found.rest[b]) - both * found.excess(b)
    return pull, use**2 @ found.weight[b] - both**2 / found.stiff[b]


def _ratios(case: Case, here: Pulls, rows: slice) -> tuple[Floats, Floats]:
    """Odds that the multiplier is wrong, and the likeliest true one over the recorded."""
    pull, precision = here
    true = case.panel.usual_multiplier[rows] / case.panel.multiplier[rows]
    odd = _gain(pull, precision, true - 1) + ODD_RATIO_PRIOR
    steps = _gain(pull[:, None], precision[:, None], RATIOS - 1) + RATIO_PRIOR
    at = steps.argmax(axis=1)
    is_odd = np.abs(true - 1) > 0.01  # noqa: PLR2004 - a percent is rounding
    best = steps[np.arange(len(at)), at]
    return np.where(is_odd, odd, best), np.where(is_odd, true, RATIOS[at])


def _gain(pull: Floats, precision: Floats, size: Floats | float) -> Floats:
    return np.asarray(pull * size - 0.5 * precision * size**2)


def _links(case: Case, use: Floats, here: Pulls, rows: slice) -> Floats:
    """Odds that each row hangs on each neighbour: its use is a surplus here and a loss there."""
    b = int(case.panel.of[rows.start])
    near = case.panel.near[b]
    there = np.maximum(near, 0)
    found = case.losses
    weight, through = found.weight[there], found.through[there]
    both = use @ (weight * through).T
    pull = use @ (weight * found.rest[there]).T - both * found.excess(there)
    precision = use**2 @ weight.T - both**2 / found.stiff[there]
    gain = _gain(here[0], here[1], -1.0)[:, None] + _gain(pull, precision, 1.0)
    known = (near >= 0) & ((weight > 0).sum(axis=1) >= _LEAST_DAYS)
    odds = gain + case.link_prior + case.panel.place_odds[rows]
    return np.where(known, odds, -np.inf)
