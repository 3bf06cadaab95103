"""Whose readings move with the loss: the link between a meter and its transformer's lost energy."""

from typing import Final

import numpy as np

from grid_cells.theft_findings import Findings
from grid_cells.theft_panel import Flags, Floats

LEAST_DAYS: Final = 20
"""Of fewer common days nothing is said."""
_SMALL: Final = 1e-9


def links(found: Findings) -> tuple[Floats, Floats]:
    """By row Pearson's correlation of its daily use with the loss, and the slope, kWh lost a kWh.

    The loss is what lies beyond the technical share and mistakes of records, on days when the
    meter and the master were measured; NaN where there are too few, or one does not vary.
    """
    panel = found.panel
    known = ~np.isnan(panel.supply) & (np.nan_to_num(panel.through) > 0)
    bounds = panel.bounds()
    r, slope = (np.full(len(panel.of), np.nan) for _ in range(2))
    for b in np.flatnonzero(np.diff(bounds)):
        rows = slice(int(bounds[b]), int(bounds[b + 1]))
        r[rows], slope[rows] = moving(panel.use[rows], found.rest[b], known[b])
    return r, slope


def moving(use: Floats, loss: Floats, known: Flags) -> tuple[Floats, Floats]:
    """Correlation and slope of one loss on each row of use (rows × days, NaN unmeasured)."""
    both = ~np.isnan(use) & known
    count = np.maximum(both.sum(axis=1), 1)
    x, y = np.where(both, use, 0.0).astype(np.float64), np.where(both, loss, 0.0)
    x = np.where(both, x - (x.sum(axis=1) / count)[:, None], 0.0)
    y = np.where(both, y - (y.sum(axis=1) / count)[:, None], 0.0)
    together, own, lost = (x * y).sum(axis=1), (x**2).sum(axis=1), (y**2).sum(axis=1)
    is_told = (both.sum(axis=1) >= LEAST_DAYS) & (own > _SMALL) & (lost > _SMALL)
    r = together / np.sqrt(np.maximum(own * lost, _SMALL**2))
    slope = together / np.maximum(own, _SMALL)
    return np.where(is_told, r, np.nan), np.where(is_told, slope, np.nan)
