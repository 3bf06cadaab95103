"""Master meters whose current transformer is wired otherwise than recorded."""

import numpy as np

from grid_cells.theft_balance import Losses
from grid_cells.theft_panel import Floats

STEPS = np.array([0.4, 0.5, 0.6, 2 / 3, 0.75, 0.8, 1.25, 4 / 3, 1.5, 5 / 3, 2.0, 2.5])
"""Recorded over wired ratio of neighbouring steps of current transformers (IEC 61869-2)."""
_LEAST_EXCESS = 0.12
_NEAR = 0.025
_STEADY = 0.03


def wrong_masters(found: Losses) -> Floats:
    """Recorded over wired ratio of each transformer's master, 1 where it seems right.

    With a wrong ratio r a steady share 1 − (1 − technical)/r of what goes through seems lost (or
    gained) every day: far from the others, near a step of current transformers, the same all along.
    """
    known = found.weight > 0
    share = np.where(known, found.rest / np.maximum(found.through, 1e-9), np.nan)
    ratio = np.ones(len(share))
    for b in np.flatnonzero(known.sum(axis=1) >= 10):  # noqa: PLR2004 - of fewer days nothing is said
        own = share[b][known[b]]
        excess = float(np.median(own))
        if abs(excess) < _LEAST_EXCESS:
            continue
        expected = 1 - (1 - found.common.technical) / STEPS - found.common.technical
        at = int(np.abs(expected - excess).argmin())
        half = len(own) // 2
        steady = abs(float(np.median(own[:half]) - np.median(own[half:]))) < _STEADY
        if steady and abs(expected[at] - excess) < _NEAR * max(1.0, 1 / STEPS[at]):
            ratio[b] = STEPS[at]
    return ratio
