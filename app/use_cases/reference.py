"""The tables that ship with the project: promises and estimates, each row with source and date."""

from functools import cache
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parents[2] / "data" / "reference"


@cache
def table(name: str) -> pd.DataFrame:
    """One reference table as a frame."""
    return pd.read_csv(FOLDER / f"{name}.csv")


def arrival_promise_min(promise_class: str | None) -> float | None:
    """Minutes within which a crew must arrive, None where no class is known."""
    return None if promise_class is None else arrival_promises_min().get(promise_class)


@cache
def arrival_promises_min() -> dict[str, float]:
    """Minutes within which a crew must arrive, by promise class."""
    rows = table("service_promises")
    return dict(zip(rows["promise_class"], rows["arrive_min"].astype("float64"), strict=True))


def restore_promises_min() -> dict[tuple[str, str], float]:
    """Minutes from the arrival until power must be back, by promise class and fault level."""
    rows = table("restore_promises")
    keys = zip(rows["promise_class"], rows["fault_level"], strict=True)
    return dict(zip(keys, rows["restore_min"].astype("float64"), strict=True))


def stops_for_all() -> list[str]:
    """Reasons of stops that hold for all calls of an outage."""
    rows = table("stop_reasons")
    return [str(one) for one in rows.loc[rows["for_all_calls"].astype(bool), "reason"]]


def estimate(name: str) -> float:
    """One planning figure of the table of load estimates."""
    rows = table("load_estimates").set_index("name")
    return float(rows.loc[name, "value"])  # type: ignore[arg-type]
