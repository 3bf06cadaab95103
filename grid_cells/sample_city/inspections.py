"""Past inspections of the city: visits by routine, one in twelve of which found something."""

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.weather import DAYS

_SHARE, _LEAST = 0.006, 24
_DAYS_BACK: Final = 330
_QUIET_DAYS: Final = 45
"""Nobody was inspected since the theft began: the sample's story is found by its readings."""
_OUTCOMES: Final = {
    "confirmed": 0.045, "tariff_misuse": 0.020, "wrong_wiring": 0.015, "meter_fault": 0.040,
    "record_error": 0.050, "nobody_there": 0.080, "cleared": 0.750,
}  # fmt: skip
_FOUND: Final = ("confirmed", "tariff_misuse", "wrong_wiring")
_PENALISED: Final = ("confirmed", "tariff_misuse")
_PRICE: Final = 0.56
_PENALTY_TIMES: Final = 3.0


def inspection_frame(
    layout: Layout, customers: pd.DataFrame, *, end: date, rng: np.random.Generator
) -> pd.DataFrame:
    """The file's columns of `inspections`; nobody of the theft's story was visited yet."""
    open_to_all = np.flatnonzero(layout.demand.theft_day > DAYS)
    count = min(max(_LEAST, round(_SHARE * len(customers))), len(open_to_all))
    row = rng.choice(open_to_all, count, replace=False)
    back = np.sort(rng.integers(_QUIET_DAYS, _DAYS_BACK, count))[::-1]
    outcome = rng.choice(list(_OUTCOMES), count, p=list(_OUTCOMES.values()))
    found = np.isin(outcome, _FOUND)
    kwh = np.where(found, np.round(rng.lognormal(6.4, 0.6, count)), 0.0)
    penalty = np.where(np.isin(outcome, _PENALISED), np.round(kwh * _PRICE * _PENALTY_TIMES, 2), 0)
    return pd.DataFrame(
        {
            "inspection_id": [f"IN-{number:05d}" for number in range(1, count + 1)],
            "customer_no": customers["customer_no"].take(row).to_numpy(),
            "inspected_on": [str(date.fromordinal(end.toordinal() - int(one))) for one in back],
            "outcome": outcome, "recovered_kwh": kwh, "penalty_amount": penalty,
        }
    )  # fmt: skip
