"""How much of a fall in use the temperature explains, by the customer's own past."""

from typing import Final

import numpy as np

from grid_cells.theft_panel import Floats

COMFORT_C: Final = 18.0
"""Degrees above and below it are cooling and heating (degree days to a base of 18 °C)."""
LEAST_DAYS: Final = 20
_FLOOR: Final = 0.02


def share_explained(use: Floats, temperature: Floats, start: int) -> float | None:
    """The share (0 to 1) of the fall of log use since a column that its degrees explain.

    The response to cooling and heating degrees is fitted by least squares on the days before; None
    where too few days before have a temperature, or use did not fall.
    """
    level = float(np.nanmedian(use)) if not np.isnan(use).all() else 0.0
    if level <= 0:
        return None
    logs = np.log(np.maximum(use / level, _FLOOR))
    known = ~np.isnan(logs) & ~np.isnan(temperature)
    day = np.arange(len(use))
    before, after = known & (day < start), known & (day >= start)
    if before.sum() < LEAST_DAYS or not after.any():
        return None
    fall = float(logs[after].mean() - logs[before].mean())
    if fall >= 0:
        return None
    design = _degrees(temperature)
    weights, *_ = np.linalg.lstsq(design[before], logs[before], rcond=None)
    meant = design @ weights
    expected = float(meant[after].mean() - meant[before].mean())
    return float(np.clip(expected / fall, 0.0, 1.0))


def _degrees(temperature: Floats) -> Floats:
    warm = np.maximum(np.nan_to_num(temperature) - COMFORT_C, 0)
    cold = np.maximum(COMFORT_C - np.nan_to_num(temperature), 0)
    return np.column_stack([np.ones(len(temperature)), warm, cold])
