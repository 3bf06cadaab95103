"""Meters whose use fell for good, as first guesses where several of one transformer hide use at once."""

from dataclasses import replace

import numpy as np

from grid_cells import theft_evidence
from grid_cells.theft_explanations import SUSPECT_PRIOR, Case, Explanation, moves
from grid_cells.theft_panel import Floats

_CLEAR = 12.0
"""Log likelihood ratio from which a fall of the own use is clear."""
_MOST = 8
_HOPELESS = -30.0
_FINER = np.array([0.75, 0.85, 0.95, 1.0, 1.05, 1.15, 1.3])
_SIZES = np.log1p(-theft_evidence.TAKEN)


def falls(case: Case, rows: slice) -> list[Explanation]:
    """The clearest falls of some rows' own use, each as a suspicion with its own start and share."""
    pull, precision = case.steps.pull[rows], case.steps.precision[rows]
    found = pull[..., None] * _SIZES - 0.5 * precision[..., None] * _SIZES**2
    flat = found.reshape(len(found), -1)
    best = flat.argmax(axis=1)
    clear = flat[np.arange(len(flat)), best]
    starts = theft_evidence.starts(case.panel.days)
    order = np.argsort(-clear)[:_MOST]
    return [
        Explanation(
            rows.start + int(i), "suspect", float(theft_evidence.TAKEN[best[i] % len(_SIZES)]),
            starts[int(best[i] // len(_SIZES))], float(clear[i]),
        )
        for i in order if clear[i] >= _CLEAR
    ]  # fmt: skip


def sharpened(case: Case, one: Explanation) -> Explanation:
    """A suspicion on the very day and share that suit best; other explanations as they are."""
    if one.cause != "suspect":
        return one
    one = on_its_day(case, one)
    more = one.value / (1 - one.value) * _FINER
    shares = [replace(one, value=float(m / (1 + m))) for m in more]
    sharp = max(shares, key=lambda each: gain(case, each))
    return replace(sharp, odds=gain(case, sharp))


def on_its_day(case: Case, one: Explanation) -> Explanation:
    """The suspicion on the day, between the starts that are tried, that suits the loss best."""
    if gain(case, one) < _HOPELESS:
        return one
    starts = theft_evidence.starts(case.panel.days)
    step = starts[1] - starts[0] if len(starts) > 1 else 1
    days = [replace(one, start=one.start + by) for by in range(1 - step, step)]
    inside = [each for each in days if 0 < each.start < case.panel.days]
    return max(inside, key=lambda each: gain(case, each), default=one)


def gain(case: Case, one: Explanation) -> float:
    """Log posterior odds of a suspicion with its very start and share, on the loss as it stands."""
    return _loss_gain(case, one) + _own_gain(case, one) + SUSPECT_PRIOR - _tries(case)


def _tries(case: Case) -> float:
    return float(np.log(len(theft_evidence.starts(case.panel.days)) * len(_SIZES)))


def _loss_gain(case: Case, one: Explanation) -> float:
    b = int(case.panel.of[one.row])
    hidden: Floats = moves(case, one)[0][1]
    weight = case.losses.weight[b] * hidden
    both = float((weight * case.losses.through[b]).sum())
    pull = float((weight * case.losses.rest[b]).sum()) - both * case.losses.excess(b)
    precision = float((weight * hidden).sum()) - both**2 / case.losses.stiff[b]
    return pull - 0.5 * precision


def _own_gain(case: Case, one: Explanation) -> float:
    starts = np.array(theft_evidence.starts(case.panel.days))
    at = int(np.abs(starts - one.start).argmin())
    size = np.log1p(-one.value)
    pull, precision = case.steps.pull[one.row, at], case.steps.precision[one.row, at]
    return float(size * pull - 0.5 * size**2 * precision - case.steps.honest[one.row])
