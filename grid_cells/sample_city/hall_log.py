"""What clerks of the sample city tapped beside the queue, and who stood at the counters when."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from grid_cells.sample_city.hall_visits import FULL_SIZE, hall_days
from grid_cells.sample_city.moments import days_before, utc

UNCOUNTED: Final = 0.21
"""The share of the work that no machine counts."""
_TAPPED: Final = (("enquiry", 4.0, 0.60), ("app_help", 5.0, 0.28), ("machine_help", 3.0, 0.12))
_AHEAD_DAYS: Final = 8
_ON_THE_WAY: Final = pd.Timedelta(seconds=2)


@dataclass(frozen=True, eq=False)
class HallLog:
    """Rows of tallies and duties.

    tallies: tally_key, hall_id, matter, tapped_at, received_at; duties: hall_id, headcount,
    starts_at, ends_at.
    """

    tallies: pd.DataFrame
    duties: pd.DataFrame


def hall_log(
    halls: pd.DataFrame, visits: pd.DataFrame, *, customers: int, end: date,
    rng: np.random.Generator,
) -> HallLog:  # fmt: skip
    """Tallies beside the visits, a fixed share of each day's work, and duties to a week ahead."""
    return HallLog(_tallies(visits, rng), _duties(halls, customers, end))


def _tallies(visits: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """At moments at which visitors came: whoever consults comes when the others do."""
    served = visits.dropna(subset=["finished_at"])
    work = (served["finished_at"] - served["called_at"]).dt.total_seconds() / 60
    day = served["taken_at"].dt.floor("D")
    minutes = sum(share * lasts for _, lasts, share in _TAPPED)
    by_day = work.groupby([served["hall_id"], day]).sum()
    count = by_day * UNCOUNTED / (1 - UNCOUNTED) / minutes + rng.random(len(by_day))
    places = served.groupby([served["hall_id"], day]).indices
    rows = np.concatenate(
        [rng.choice(places[key], int(n)) for key, n in count.items()] or [np.array([], np.int64)]
    ).astype(np.int64)  # fmt: skip
    shift = pd.to_timedelta(rng.integers(0, 240, len(rows)), unit="s")
    tapped = served["taken_at"].iloc[rows].reset_index(drop=True) + shift
    matter = rng.choice([row[0] for row in _TAPPED], len(rows), p=[row[2] for row in _TAPPED])
    table = pd.DataFrame(
        {"hall_id": served["hall_id"].iloc[rows].to_numpy(), "matter": matter, "tapped_at": tapped}
    ).sort_values(["tapped_at", "hall_id"], kind="stable", ignore_index=True)
    table["received_at"] = table["tapped_at"] + _ON_THE_WAY
    return table.assign(tally_key=[f"sample-{n:06d}" for n in range(1, len(table) + 1)])


def _duties(halls: pd.DataFrame, customers: int, end: date) -> pd.DataFrame:
    days = hall_days(halls, customers=min(customers, FULL_SIZE), end=end, ahead=_AHEAD_DAYS)
    rows = [
        (day.hall, day.people, *(utc(days_before(end, day.ago)) + pd.Timedelta(minutes=minute)
         for minute in span))
        for day in days
        for span in day.spans
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["hall_id", "headcount", "starts_at", "ends_at"])
