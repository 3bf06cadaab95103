"""The truth about suspects: who steals, and who only looks as if."""

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Ints
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.weather import DAYS

CAUSES = ("theft", "pv", "vacant", "frozen", "wrong_link")


def label_frame(layout: Layout, customers: pd.DataFrame) -> pd.DataFrame:
    """customer_no (empty for a whole transformer), transformer_id, cause, since (day)."""
    people, demand = layout.people, layout.demand
    since = {
        "theft": demand.theft_day,
        "pv": np.where(demand.pv_kwp > 0, 0, DAYS + 1),
        "vacant": demand.vacant_day,
        "frozen": demand.frozen_from,
        "wrong_link": np.where(people.recorded != people.transformer, 0, DAYS + 1),
    }
    frames = [_labelled(layout, customers, cause, since[cause]) for cause in CAUSES]
    ct = {"transformer_id": layout.network.transformer_id[demand.wrong_ct], "cause": "wrong_ct"}
    frames.append(pd.DataFrame([{**ct, "since": pd.Timestamp(layout.weather.first).as_unit("us")}]))
    order = ["customer_no", "transformer_id", "cause", "since"]
    return pd.concat(frames, ignore_index=True)[order]


def _labelled(layout: Layout, customers: pd.DataFrame, cause: str, since: Ints) -> pd.DataFrame:
    row = np.flatnonzero(since <= DAYS)
    start = np.datetime64(layout.weather.first, "us")
    return pd.DataFrame(
        {
            "customer_no": customers["customer_no"].take(row).to_numpy(),
            "transformer_id": layout.network.transformer_id[layout.people.transformer[row]],
            "cause": cause,
            "since": start + since[row].astype("timedelta64[D]"),
        }
    )
