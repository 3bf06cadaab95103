"""How much likelier a meter's readings and its transformer's loss are if part of the use is hidden."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from grid_cells.theft_balance import Losses
from grid_cells.theft_panel import Floats, Ints
from grid_cells.theft_usual import BATCH, Usual

TAKEN = np.array([0.12, 0.2, 0.28, 0.36, 0.45, 0.55, 0.7, 0.85, 0.95])
"""Shares of the use that may be hidden."""
Pulls = tuple[Floats, Floats]
"""First and second derivative of the log likelihood by the size of an effect, at none."""
_FALL, _MORE = np.log1p(-TAKEN), TAKEN / (1 - TAKEN)
_OWN_CHANGE = 0.15
"""How often use changes for good for reasons of its own."""
_TRUST_OWN = 0.8
"""Neighbouring days are a little alike; so much of a day's weight is its own."""
_EXACT_COSTS = 1.5
"""What the share that suits the loss best costs against one drawn beforehand (nats)."""
_LEAST_SAID, _ROUGH = 2.5, 6.0
"""Nats of the loss alone from which a row is looked at closer; what is taken off for the others."""
_EDGE_DAYS = 4
_MOST_STARTS = 40


@dataclass(frozen=True, eq=False)
class OwnSteps:
    """Of each row and start: pull and precision of a lasting change of the log of its use.

    honest: log likelihood ratio of a change for reasons of its own, of either sign, or none.
    """

    pull: Floats
    precision: Floats
    honest: Floats


@dataclass(frozen=True, eq=False)
class Evidence:
    """Of some rows: log of the Bayes factor of hidden use, likeliest first day and share hidden."""

    odds: Floats
    start: Ints
    taken: Floats


@cache
def starts(days: int) -> tuple[int, ...]:
    """Columns on which something may have begun, evenly spread, at most forty."""
    edge = min(_EDGE_DAYS, days // 4)
    step = max(1, int(np.ceil((days - 2 * edge) / _MOST_STARTS)))
    return tuple(range(edge, max(days - edge, edge) + 1, step))


@cache
def _step_weights(days: int, drift: float) -> Pulls:
    """Matrix that turns a row's ratio into its pull at each start, and each start's precision.

    Generalised least squares of a step in a random walk with noise of 1 a day, level unknown.
    """
    day = np.arange(days)
    sure = np.linalg.inv(np.eye(days) + drift**2 * np.minimum.outer(day, day))
    ones = sure.sum(axis=1)
    sure -= np.outer(ones, ones) / ones.sum()
    steps = (day[None, :] >= np.array(starts(days))[:, None]).astype(float)
    pulled = steps @ sure
    return pulled, (pulled * steps).sum(axis=1)


def own_steps(own: Usual) -> OwnSteps:
    """The steps of every row's own use (see `OwnSteps`)."""
    pulled, precision = _step_weights(own.ratio.shape[1], round(own.drift, 4))
    sure = _TRUST_OWN / own.noise[:, None] ** 2
    pull = (own.ratio @ pulled.T.astype(np.float32)) * sure
    honest = np.empty(len(pull))
    for first in range(0, len(pull), BATCH):
        part = slice(first, first + BATCH)
        honest[part] = _honest(pull[part], precision * sure[part])
    return OwnSteps(pull, precision * sure, honest)


def _honest(pull: Floats, precision: Floats) -> Floats:
    sizes = np.concatenate([_FALL, -_FALL])
    found = [pull * size - 0.5 * precision * size**2 for size in sizes]
    changed = _log_mean(np.stack(found, axis=2))
    return np.logaddexp(np.log(1 - _OWN_CHANGE), np.log(_OWN_CHANGE) + changed)


def _log_mean(values: Floats) -> Floats:
    """Log of the mean of the exponentials, over all axes but the first."""
    flat = values.reshape(len(values), -1)
    most = flat.max(axis=1)
    return np.asarray(most + np.log(np.exp(flat - most[:, None]).mean(axis=1)))


def loss_steps(use: Floats, found: Losses, b: int) -> Pulls:
    """By row and start: pull and precision, in a transformer's loss, of use hidden from then on."""
    weight, through = found.weight[b], found.through[b]
    at = list(starts(len(weight)))
    both = _since(use * (weight * through), at)
    pull = _since(use * (weight * found.rest[b]), at) - both * found.excess(b)
    return pull, _since(use**2 * weight, at) - both**2 / found.stiff[b]


def _since(values: Floats, at: list[int]) -> Floats:
    """Sums from each of the columns on."""
    summed = np.add.reduceat(values, at, axis=1)
    return np.asarray(np.cumsum(summed[:, ::-1], axis=1)[:, ::-1])


def hidden_use(loss: Pulls, own: OwnSteps, rows: slice) -> Evidence:
    """The evidence that rows hide part of their use since some day.

    The Bayes factor is the mean, over first days and shares, of the likelihood ratio of the loss
    and of the row's own use together; against it stands that use changes for reasons of its own
    with no rise of the loss. Rows of which the loss alone says nothing are not looked at closer.
    """
    pull, precision = loss
    said = np.maximum(pull, 0) ** 2 / np.maximum(2 * precision, 1e-9)
    rough = Evidence(said.max(axis=1) - _ROUGH, said.argmax(axis=1), np.full(len(said), TAKEN[0]))
    near = np.flatnonzero(rough.odds + _ROUGH >= _LEAST_SAID)
    if len(near):
        at = near + rows.start
        close = _closer((pull[near], precision[near]), own, at)
        rough.odds[near], rough.start[near], rough.taken[near] = close
    return rough


def _closer(loss: Pulls, own: OwnSteps, rows: Ints) -> tuple[Floats, Ints, Floats]:
    """Log Bayes factor, likeliest start and share of some rows."""
    pull, precision = (values.astype(np.float32) for values in loss)
    own_pull, own_precision = own.pull[rows], own.precision[rows].astype(np.float32)
    exact = np.clip(pull / np.maximum(precision, 1e-9), _MORE[0], _MORE[-1])
    sizes = [*(np.full_like(pull, more) for more in _MORE), exact]
    found = np.stack(
        [
            pull * more - 0.5 * precision * more**2
            - own_pull * np.log1p(more) - 0.5 * own_precision * np.log1p(more) ** 2
            for more in sizes
        ],
        axis=2,
    )  # fmt: skip
    found[..., -1] -= _EXACT_COSTS
    best = found.reshape(len(found), -1).argmax(axis=1)
    odds = _log_mean(found) - own.honest[rows]
    start, size = best // len(sizes), best % len(sizes)
    more = np.stack(sizes, axis=2)[np.arange(len(start)), start, size]
    return odds, start, more / (1 + more)
