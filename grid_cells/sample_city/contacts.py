"""How customers are told of interruptions, and when each last confirmed the telephone number."""

from datetime import date

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Flags, Ints

CHANNELS = np.array(["sms", "wechat", "call", "letter", "visit"], dtype=object)
PLANNED_CONFIRMED = 0.87
_SHARES = (0.46, 0.31, 0.13, 0.07, 0.03)
_CONFIRMED, _WITHIN_DAYS = 0.82, 330


def with_contacts(
    customers: pd.DataFrame, planned: Flags, *, end: date, rng: np.random.Generator
) -> pd.DataFrame:
    """The customers with notice_channel and contact_confirmed_on (missing: never confirmed).

    Of those of the `planned` work 87 in a hundred have a confirmed number; whoever depends on
    medical equipment is visited.
    """
    channel = CHANNELS[np.searchsorted(np.cumsum(_SHARES)[:-1], rng.random(len(customers)))]
    channel[customers["life_support"].to_numpy()] = "visit"
    confirmed = rng.random(len(customers)) < _CONFIRMED
    confirmed[planned] = _exactly(int(planned.sum()), rng)
    ago = rng.integers(3, _WITHIN_DAYS, len(customers))
    return customers.assign(
        contact_confirmed_on=_days(customers, confirmed, ago, end),
        notice_channel=pd.array(channel, dtype="str"),
    )


def _exactly(count: int, rng: np.random.Generator) -> Flags:
    """So many flags, 87 in a hundred of them set."""
    chosen = np.zeros(count, dtype=bool)
    chosen[rng.permutation(count)[: round(PLANNED_CONFIRMED * count)]] = True
    return chosen


def _days(customers: pd.DataFrame, confirmed: Flags, ago: Ints, end: date) -> pd.Series:
    """The day so many days ago, never before the customer was connected."""
    day = np.datetime64(end, "D") - ago.astype("timedelta64[D]")
    connected = customers["connected_on"].to_numpy().astype("datetime64[D]")
    day = np.maximum(day, connected).astype("datetime64[us]")
    return pd.Series(np.where(confirmed, day, np.datetime64("NaT", "us")), index=customers.index)
