"""A model judged on rows it has not learnt from, with and without what missing data tell."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grid_cells.theft_features import BLOCKS, Block, TheftTable
from grid_cells.theft_folds import Fold, folds_of, split_by_day
from grid_cells.theft_measures import intervals, measured
from grid_cells.theft_models import MemberPlan, fit, labelled, score

Floats = NDArray[np.float64]
Tell = Callable[[float], None]
_LEAST_TAUGHT = 2
"""Of each outcome in what a fold teaches: one to learn from and one to calibrate by."""


@dataclass(frozen=True)
class Protocol:
    """How to judge: `split_at` by day, else `folds` stratified ones.

    `draws` of the bootstrap; `plans` as of `fit`.
    """

    split_at: date | None = None
    folds: int = 5
    draws: int = 500
    seed: int = 0
    blocks: tuple[Block, ...] = BLOCKS
    plans: tuple[MemberPlan, ...] | None = None


def evaluate(
    table: TheftTable, protocol: Protocol, tell: Tell = lambda _: None
) -> dict[Block, dict[str, Any]]:
    """For each block of features its measures, their intervals, and the seconds it took.

    Rows without an outcome are left out. Raises what `labelled` and `split_by_day` raise.
    """
    known = labelled(table)
    folds = (
        [split_by_day(known, protocol.split_at)]
        if protocol.split_at is not None
        else folds_of(known.confirmed, protocol.folds, seed=protocol.seed)
    )
    found: dict[Block, dict[str, Any]] = {}
    for number, block in enumerate(protocol.blocks):
        same = found.get("without_missingness") if _is_same(known, block) else None
        found[block] = same or _judged(known, folds, block, protocol)
        tell((number + 1) / len(protocol.blocks))
    return found


def _is_same(table: TheftTable, block: Block) -> bool:
    """Whether the block's features are those without missingness: the series is all there is."""
    return block == "behaviour" and table.attributes.empty and table.figures.empty


def _judged(
    table: TheftTable, folds: list[Fold], block: Block, protocol: Protocol
) -> dict[str, Any]:
    scores: list[Floats] = []
    fit_s = score_s = 0.0
    for fold in folds:
        started = time.perf_counter()
        model = fit(
            table.rows(fold.taught), block=block, seed=protocol.seed, plans=protocol.plans,
            least=_LEAST_TAUGHT,
        )  # fmt: skip
        between = time.perf_counter()
        scores.append(score(model, table.rows(fold.judged))[0])
        fit_s, score_s = fit_s + between - started, score_s + time.perf_counter() - between
    judged = np.concatenate([fold.judged for fold in folds])
    confirmed, made = table.confirmed[judged], np.concatenate(scores)
    return {
        "rows_judged": len(judged),
        "base_rate": float(confirmed.mean()),
        **asdict(measured(confirmed, made, protocol.seed)),
        "intervals": dict(intervals(confirmed, made, draws=protocol.draws, seed=protocol.seed)),
        "mean_score": float(made.mean()),
        "fit_seconds": round(fit_s, 3),
        "score_seconds": round(score_s, 3),
    }
