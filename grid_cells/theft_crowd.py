"""A series beside all others: gaps that many have at once, and the common rhythm.

The crowd is that of the training rows, kept as plain figures; none of it looks at outcomes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grid_cells.theft_series import blocks

Floats = NDArray[np.float64]
_SMALL = 1e-6


@dataclass(frozen=True)
class Crowd:
    """The training rows together.

    `rows`: how many; `zero_share` of each period; `changes` of the median row from period to
    period; `patterns`: which periods are zero (bits, in hex) → how many rows have just these, those
    of one row alone left out.
    """

    rows: int
    zero_share: tuple[float, ...]
    changes: tuple[float, ...]
    patterns: Mapping[str, int]


def crowd_of(energy: Floats, relative: Floats) -> Crowd:
    """The crowd that training rows are."""
    zero = energy <= 0
    change = np.diff(relative, axis=1)
    keys, count = np.unique(_patterns(zero), return_counts=True)
    shared = zip(keys[count > 1], count[count > 1], strict=True)
    return Crowd(
        len(energy),
        tuple(map(float, zero.mean(axis=0))),
        tuple(map(float, np.median(change, axis=0))),
        {str(key): int(many) for key, many in shared},
    )


def crowd_features(
    energy: Floats, relative: Floats, crowd: Crowd, *, within: bool
) -> dict[str, Floats]:
    """How common the row's periods without use are, and how it follows the median row's changes.

    `crowd_pattern`: the log of one more than the other rows of the crowd that are zero in the very
    same periods (`within`: the rows are the crowd's own and do not count themselves);
    `crowd_zero`: the mean share of the crowd that is zero where the row is; `crowd_follow`:
    Pearson's r of its changes with those of the median row.
    """
    zero = energy <= 0
    keys, at = np.unique(_patterns(zero), return_inverse=True)
    alone = 1 if within else 0
    others = np.array([crowd.patterns.get(str(key), alone) for key in keys], dtype=np.float64)
    others = others[at] - alone
    share = np.array(crowd.zero_share)
    return {
        "crowd_pattern": np.log1p(others),
        "crowd_zero": (zero * share).sum(axis=1) / np.maximum(zero.sum(axis=1), 1),
        "crowd_follow": _correlation(np.diff(relative, axis=1), np.array(crowd.changes)),
    }


def _patterns(zero: NDArray[np.bool_]) -> NDArray[np.str_]:
    return np.array([row.tobytes().hex() for row in np.packbits(zero, axis=1)], dtype=np.str_)


def _correlation(rows: Floats, one: Floats) -> Floats:
    away, other = rows - rows.mean(axis=1, keepdims=True), one - one.mean()
    spread = np.linalg.norm(away, axis=1) * np.linalg.norm(other)
    return np.asarray((away @ other) / (spread + _SMALL))


def used_features(energy: Floats) -> dict[str, Floats]:
    """The periods with use alone: logs of level, spread, least, roughness, last beside first.

    NaN where a row has no use at all.
    """
    used = energy > 0
    logs = np.log(np.where(used, energy, 1.0))
    count = used.sum(axis=1)
    mean = logs.sum(axis=1) / np.maximum(count, 1)
    square = np.where(used, (logs - mean[:, None]) ** 2, 0.0).sum(axis=1) / np.maximum(count, 1)
    both = used[:, 1:] & used[:, :-1]
    change = np.where(both, np.abs(np.diff(logs, axis=1)), 0.0).sum(axis=1)
    changes = np.diff(used.astype(np.int8), axis=1)
    known = count > 0
    return {
        "used_level": np.where(known, mean, np.nan),
        "used_spread": np.where(known, np.sqrt(square), np.nan),
        "used_least": np.where(known, np.where(used, logs, np.inf).min(axis=1), np.nan),
        "used_roughness": np.where(known, change / np.maximum(both.sum(axis=1), 1), np.nan),
        "used_changes": np.abs(changes).sum(axis=1).astype(np.float64),
        "used_coarse": np.where(known, _multiples(energy, used), np.nan),
    }


def _multiples(energy: Floats, used: NDArray[np.bool_]) -> Floats:
    """The share of used periods whose hundredths are a multiple of ten: coarse registers."""
    hundredths = np.round(np.where(used, energy, 0.0) * 100)
    coarse = (np.mod(hundredths, 10) == 0) & used
    return np.asarray(coarse.sum(axis=1) / np.maximum(used.sum(axis=1), 1))


def rhythm_features(logs: Floats) -> dict[str, Floats]:
    """Amplitudes of the row's Fourier parts, from the slowest on, its mean left out."""
    rows = blocks(logs)
    amplitudes = np.abs(np.fft.rfft(rows - rows.mean(axis=1, keepdims=True), axis=1))
    return {f"rhythm_{k:02d}": amplitudes[:, k] for k in range(1, amplitudes.shape[1])}
