"""How hard a transformer works, estimated from its daily energy."""

from typing import overload

import numpy as np
import pandas as pd

HOURS_A_DAY = 24.0


@overload
def load_share(
    energy_kwh: pd.Series, capacity_kva: pd.Series, *, load_factor: float, power_factor: float
) -> pd.Series: ...
@overload
def load_share(
    energy_kwh: float, capacity_kva: float, *, load_factor: float, power_factor: float
) -> float: ...
def load_share(
    energy_kwh: pd.Series | float,
    capacity_kva: pd.Series | float,
    *,
    load_factor: float,
    power_factor: float,
) -> pd.Series | float:
    """Peak load of a day over capacity (1 = full), NaN where capacity is unknown or not positive.

    Peak in kVA = energy / 24 h / daily load factor / power factor; the two factors are the
    network's own, see the reference table of load estimates.
    """
    peak_kva = energy_kwh / HOURS_A_DAY / load_factor / power_factor
    if isinstance(capacity_kva, pd.Series):
        return peak_kva / capacity_kva.where(capacity_kva > 0)
    return peak_kva / capacity_kva if capacity_kva > 0 else float(np.nan)
