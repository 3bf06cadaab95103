"""Classes of a measure for a legend: breaks that people know or quantiles, and their counts."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MINUTES = (15.0, 30.0, 45.0, 90.0, 120.0)
"""Breaks of travel times that people know."""
USUAL_CLASSES = 6
_DIGITS = 3


def class_breaks(
    values: ArrayLike,
    method: Literal["quantile", "fixed"] = "quantile",
    fixed: Sequence[float] = MINUTES,
    *,
    classes: int = USUAL_CLASSES,
) -> Floats:
    """Edges of the classes in the unit of `values`, ascending, one more than there are classes.

    A class holds its lower edge, the last one both. "fixed" uses all the given breaks, with an
    end below and above, so that two maps compare. "quantile" makes up to `classes` of about
    equal counts, inner edges rounded to three digits; where one in `classes` values is zero or
    more, zero is a class of its own. No more than `classes` different values are a class each
    (the last edge stands twice, as for a constant); no known value gives no edge. NaN and
    infinities are unknown.
    """
    known = _known(values)
    if len(known) == 0:
        return np.empty(0)
    if method == "fixed":
        return _around(np.unique(np.asarray(fixed, dtype=np.float64)), known)
    if known.min() == 0 < known.max() and np.mean(known == 0) >= 1 / classes:
        return np.append(0.0, _quantiles(known[known > 0], classes - 1))
    return _quantiles(known, classes)


def class_counts(values: ArrayLike, edges: ArrayLike) -> tuple[NDArray[np.int64], int]:
    """How many values each class holds, and how many are unknown (NaN, infinite)."""
    given, bounds = np.asarray(values, dtype=np.float64), np.asarray(edges, dtype=np.float64)
    of = class_of(given, bounds)
    classes = max(len(bounds) - 1, 0)
    return np.bincount(of[of >= 0], minlength=classes).astype(np.int64), int((of < 0).sum())


def class_of(values: ArrayLike, edges: ArrayLike) -> NDArray[np.int64]:
    """The class of each value, counted from 0; -1 where unknown.

    Values beyond the ends (of another day, say) belong to the first or last class.
    """
    given, bounds = np.asarray(values, dtype=np.float64), np.asarray(edges, dtype=np.float64)
    if len(bounds) == 0:
        return np.full(len(given), -1, dtype=np.int64)
    found = np.searchsorted(bounds[1:-1], given, side="right")
    return np.where(np.isfinite(given), found, -1).astype(np.int64)


def _known(values: ArrayLike) -> Floats:
    given = np.asarray(values, dtype=np.float64)
    return given[np.isfinite(given)]


def _around(breaks: Floats, known: Floats) -> Floats:
    """The breaks with an end on either side that takes in every value."""
    step = breaks[-1] - breaks[-2] if len(breaks) > 1 else max(abs(breaks[-1]), 1.0)
    low = min(known.min(), 0.0 if breaks[0] > 0 else breaks[0] - step)
    return np.concatenate(([low], breaks, [max(known.max(), breaks[-1] + step)]))


def _quantiles(known: Floats, classes: int) -> Floats:
    """Edges of about equal counts; a class for each value where there are few."""
    distinct = np.unique(known)
    if len(distinct) <= classes:
        return np.append(distinct, distinct[-1])
    inner = np.unique(_rounded(np.quantile(known, np.arange(1, classes) / classes)))
    low, high = known.min(), known.max()
    return np.concatenate(([low], inner[(inner > low) & (inner < high)], [high]))


def _rounded(values: Floats) -> Floats:
    """Each value to three significant digits."""
    size = np.floor(np.log10(np.where(values == 0, 1, np.abs(values))))
    scale = 10.0 ** (_DIGITS - 1 - size)
    return np.asarray(np.round(values * scale) / scale)
