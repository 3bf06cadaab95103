"""A small made-up table of visits: theft shows as a fall in the last half year."""

import numpy as np
import pandas as pd

from grid_cells.theft_features import TheftTable


def town(rows: int = 900, *, seed: int = 0, told: bool = True) -> TheftTable:
    """Visits of two years; one in six steals; `told` False: use falls for nobody."""
    rng = np.random.default_rng(seed)
    steals = rng.random(rows) < 1 / 6
    level = rng.lognormal(4.5, 0.6, rows)
    energy = level[:, None] * np.exp(rng.normal(0, 0.15, (rows, 12)))
    if told:
        energy[steals, 6:] *= rng.uniform(0.2, 0.6, (int(steals.sum()), 1))
    energy[rng.random((rows, 12)) < 0.02] = np.nan
    visited = np.datetime64("2024-01-01") + rng.integers(0, 730, rows).astype("timedelta64[D]")
    zone = rng.choice(np.array(["N", "S", None], dtype=object), rows)
    return TheftTable(
        ids=np.array([f"{k:06d}" for k in range(rows)], dtype=object),
        energy=energy,
        attributes=pd.DataFrame({"zone": zone}, dtype=object),
        figures=pd.DataFrame(index=range(rows)),
        visited=visited.astype("datetime64[D]"),
        confirmed=steals.astype(np.float64),
        periods=tuple(f"m{k}" for k in range(12)),
        id_name="inspection_id",
    )
