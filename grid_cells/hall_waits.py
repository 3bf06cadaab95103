"""The wait at a hall now: what its queue shows, else the hour's figure, else what is usual."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import pandas as pd

State = Literal["ok", "busy", "full", "unknown", "closed"]

STATES: Final[tuple[State, ...]] = ("ok", "busy", "full", "unknown", "closed")


@dataclass(frozen=True)
class Known:
    """What is known of waits, one frame each by hall_id.

    live: called, wait_min, waiting, oldest_min, told_at · hourly: wait_min · usual: wait_min.
    """

    live: pd.DataFrame
    hourly: pd.DataFrame
    usual: pd.DataFrame


def present_waits(
    halls: pd.DataFrame, known: Known, *, now: datetime, stale_min: float
) -> pd.DataFrame:
    """The wait of each hall (hall_id) in minutes, NaN where unknown, and where it comes from.

    hall_id, wait_min, source (tickets, hall_hours, usual, unknown), waiting. By tickets it is the
    mean of those just called, and never less than the longest wait so far, so that a queue that
    stands still shows; nobody called and nobody waiting is no wait, unless the machine has told
    nothing for `stale_min` minutes.
    """
    table = halls[["hall_id"]].merge(known.live, on="hall_id", how="left")
    fresh = table["told_at"] >= pd.Timestamp(now) - timedelta(minutes=stale_min)
    called, oldest = table["wait_min"].astype("float64"), table["oldest_min"].astype("float64")
    by_tickets = pd.concat([called, oldest], axis=1).max(axis=1).fillna(0.0)
    is_live = (fresh | oldest.notna()).fillna(False).to_numpy(dtype=bool)
    hourly = _of(table, known.hourly)
    usual = _of(table, known.usual)
    return pd.DataFrame(
        {
            "hall_id": table["hall_id"],
            "wait_min": np.where(is_live, by_tickets, np.where(np.isfinite(hourly), hourly, usual)),
            "source": np.select(
                [is_live, np.isfinite(hourly), np.isfinite(usual)],
                ["tickets", "hall_hours", "usual"], "unknown",
            ),
            "waiting": table["waiting"].astype("Int64").where(is_live),
        }
    )  # fmt: skip


def _of(table: pd.DataFrame, waits: pd.DataFrame) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    held = waits.drop_duplicates("hall_id").set_index("hall_id")["wait_min"]
    return table["hall_id"].map(held).to_numpy("float64")


def states(
    wait_min: "pd.Series[float]", is_open: "pd.Series[bool]", *, busy_min: float, full_min: float
) -> "pd.Series[str]":
    """The state of each hall: closed (not open; NA: hours unknown), unknown, ok, busy or full."""
    closed = is_open.eq(False).fillna(False).to_numpy(dtype=bool)
    wait = wait_min.to_numpy("float64")
    found = np.select(
        [closed, ~np.isfinite(wait), wait >= full_min, wait >= busy_min],
        ["closed", "unknown", "full", "busy"], "ok",
    )  # fmt: skip
    return pd.Series(found, index=wait_min.index, dtype="str")
