"""A few transformers whose readings are made by hand: what is hidden and mislinked is known."""

from dataclasses import replace

import numpy as np

from grid_cells.theft_panel import Panel

DAYS, HOMES = 60, 20


def town(transformers: int = 12, seed: int = 1) -> Panel:
    """Homes of 3 to 15 kWh a day, 3 % technical loss, noise of 0.1 % in the sums; all is honest."""
    rng = np.random.default_rng(seed)
    count = transformers * HOMES
    level = rng.uniform(3, 15, count)[:, None]
    use = (level * np.exp(rng.normal(0, 0.2, (count, DAYS)))).astype(np.float32)
    of = np.repeat(np.arange(transformers), HOMES)
    supply = np.add.reduceat(use, np.arange(0, count, HOMES), axis=0) / 0.97
    supply = supply * (1 + rng.normal(0, 0.001, supply.shape))
    near = np.array([[(b - 1) % transformers, (b + 1) % transformers] for b in range(transformers)])
    nothing = np.zeros(count, int)
    return Panel(
        use, nothing, np.full(count, DAYS), np.zeros((0, DAYS)), np.zeros(0, int), of, supply,
        supply.copy(), np.ones(count), np.ones(count), nothing, near, np.zeros((count, 2)),
    )  # fmt: skip


def hide(panel: Panel, row: int, day: int, share: float) -> Panel:
    """The same with part of a row's use unrecorded from a day on."""
    use = panel.use.copy()
    use[row, day:] *= 1 - share
    return replace(panel, use=use)


def mislink(panel: Panel, row: int, by: int = 1) -> Panel:
    """The same with a row's supply coming from the next transformer: the record is wrong."""
    supply = panel.supply.copy()
    here, there = panel.of[row], (panel.of[row] + by) % panel.transformers
    supply[here] -= panel.use[row] / 0.97
    supply[there] += panel.use[row] / 0.97
    return replace(panel, supply=supply, through=supply.copy())
