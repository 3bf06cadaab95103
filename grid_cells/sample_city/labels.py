"""The truth about suspects: who steals, and who only looks as if."""

import numpy as np
import pandas as pd

from grid_cells.sample_city.demand import Demand
from grid_cells.sample_city.ground import Ints
from grid_cells.sample_city.network import Network
from grid_cells.sample_city.people import People
from grid_cells.sample_city.weather import DAYS, Weather

CAUSES = ("theft", "pv", "vacant", "frozen", "wrong_link")


def label_frame(
    people: People, network: Network, demand: Demand, weather: Weather, customers: pd.DataFrame
) -> pd.DataFrame:
    """customer_no (empty for a whole transformer), transformer_id, cause, since (day)."""
    swapped = np.where(people.recorded != people.transformer, 0, DAYS + 1)
    since = {
        "theft": demand.theft_day,
        "pv": np.where(demand.pv_kwp > 0, 0, DAYS + 1),
        "vacant": demand.vacant_day,
        "frozen": demand.frozen_from,
        "wrong_link": swapped,
    }
    frames = [
        _labelled(cause, since[cause], people, network, weather, customers) for cause in CAUSES
    ]
    ct = {"transformer_id": network.transformer_id[demand.wrong_ct], "cause": "wrong_ct"}
    frames.append(pd.DataFrame([{**ct, "since": pd.Timestamp(weather.first).as_unit("us")}]))
    order = ["customer_no", "transformer_id", "cause", "since"]
    return pd.concat(frames, ignore_index=True)[order]


def _labelled(
    cause: str,
    since: Ints,
    people: People,
    network: Network,
    weather: Weather,
    customers: pd.DataFrame,
) -> pd.DataFrame:
    row = np.flatnonzero(since <= DAYS)
    start = np.datetime64(weather.first, "us")
    return pd.DataFrame(
        {
            "customer_no": customers["customer_no"].take(row).to_numpy(),
            "transformer_id": network.transformer_id[people.transformer[row]],
            "cause": cause,
            "since": start + since[row].astype("timedelta64[D]"),
        }
    )
