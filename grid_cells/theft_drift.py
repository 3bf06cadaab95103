"""Whether what is scored still looks like what a model was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 10
MODERATE, LARGE = 0.1, 0.25
"""Population stability below 0.1 is steady, from 0.25 on another population (Siddiqi 2006)."""
_LEAST_SHARE = 1e-4


@dataclass(frozen=True)
class Spread:
    """Where a training column lay: the cuts between its bins, and each bin's share, NaN last."""

    cuts: tuple[float, ...]
    shares: tuple[float, ...]


def spread_of(values: Floats) -> Spread:
    """The column in at most ten bins of equal count, and a bin for what is unknown."""
    known = values[np.isfinite(values)]
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    cuts = np.unique(np.quantile(known, inner)) if len(known) else np.empty(0)
    return Spread(tuple(map(float, cuts)), tuple(map(float, _shares(values, cuts))))


def spreads_of(matrix: Floats, names: Sequence[str]) -> dict[str, Spread]:
    """The spread of each column."""
    return {name: spread_of(matrix[:, k]) for k, name in enumerate(names)}


def _shares(values: Floats, cuts: Floats) -> Floats:
    known = np.isfinite(values)
    at = np.where(known, np.searchsorted(cuts, values, side="right"), len(cuts) + 1)
    return np.bincount(at, minlength=len(cuts) + 2) / max(len(values), 1)


def stability(then: Spread, values: Floats) -> float:
    """The population stability index of the column against training: 0 the same, no upper end.

    PSI = Σ (now − then) ln(now / then) over the bins, empty ones as a ten-thousandth.
    """
    now = np.maximum(_shares(values, np.array(then.cuts)), _LEAST_SHARE)
    before = np.maximum(np.array(then.shares), _LEAST_SHARE)
    return float(((now - before) * np.log(now / before)).sum())


def drift(spreads: Mapping[str, Spread], matrix: Floats, names: Sequence[str]) -> dict[str, float]:
    """The stability index of each column, the most changed first."""
    found = {name: stability(spreads[name], matrix[:, k]) for k, name in enumerate(names)}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def grade(index: float) -> str:
    """How much has changed: steady, moderate or large."""
    return "large" if index >= LARGE else "moderate" if index >= MODERATE else "steady"
