"""How well scores find the confirmed ones: AUC, average precision, the top of the list.

Ties are put in random order by seed: in some files the thieves come first.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TOP = 100
TENTH = 0.1


@dataclass(frozen=True)
class Measures:
    """Shares of 1: the whole order, the first hundred and tenth; None where there is none."""

    auc: float | None
    average_precision: float | None
    precision_at_100: float | None
    precision_top_tenth: float | None
    recall_top_tenth: float | None


def ranked(confirmed: Floats, score: Floats, seed: int = 0) -> Floats:
    """Outcomes (1 and 0) from the highest score to the lowest, ties shuffled."""
    shuffle = np.random.default_rng(seed).permutation(len(score))
    order = shuffle[np.argsort(-score[shuffle], kind="stable")]
    return confirmed[order]


def measured(confirmed: Floats, score: Floats, seed: int = 0) -> Measures:
    """The measures of scores against outcomes.

    AUC: the share of pairs in the right order (Mann and Whitney 1947), equal scores counting half;
    average precision: the mean of the precision at each confirmed one, scores that are equal being
    one step, as sklearn's `average_precision_score`.
    """
    good, bad = float(confirmed.sum()), float(len(confirmed) - confirmed.sum())
    top = ranked(confirmed, score, seed)
    tenth = max(round(TENTH * len(top)), 1)
    if good == 0 or bad == 0:
        auc = average = None
    else:
        auc, average = _auc(confirmed, score), _average_precision(confirmed, score)
    return Measures(
        auc=auc,
        average_precision=average,
        precision_at_100=float(top[:TOP].mean()) if len(top) >= TOP else None,
        precision_top_tenth=float(top[:tenth].mean()) if len(top) else None,
        recall_top_tenth=float(top[:tenth].sum() / good) if good else None,
    )


def _steps(confirmed: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Confirmed ones and rows down to each distinct score, from the highest."""
    order = np.argsort(-score, kind="stable")
    ends = np.r_[np.flatnonzero(np.diff(score[order])), len(score) - 1]
    return np.cumsum(confirmed[order])[ends], (ends + 1).astype(np.float64)


def _auc(confirmed: Floats, score: Floats) -> float:
    hits, rows = _steps(confirmed, score)
    misses = rows - hits
    area = np.trapezoid(np.r_[0.0, hits], np.r_[0.0, misses])
    return float(area / (hits[-1] * misses[-1]))


def _average_precision(confirmed: Floats, score: Floats) -> float:
    hits, rows = _steps(confirmed, score)
    return float((np.diff(np.r_[0.0, hits]) * hits / rows).sum() / hits[-1])


def intervals(
    confirmed: Floats, score: Floats, *, draws: int = 500, seed: int = 0
) -> Mapping[str, tuple[float, float]]:
    """95 % percentile intervals of the measures over rows drawn with replacement (Efron 1979).

    The same for the same seed; a measure that no draw has is left out.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, list[float]] = {}
    for draw in range(draws):
        at = rng.integers(0, len(score), len(score))
        for name, value in asdict(measured(confirmed[at], score[at], draw)).items():
            if value is not None:
                found.setdefault(name, []).append(value)
    return {
        name: (float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5)))
        for name, values in found.items()
    }
