"""How promises were kept: averages beside single breaches, for an average hides them."""

from typing import Final

import pandas as pd

from grid_cells.promise_clock import BROKEN, KEPT

COUNTS: Final = (
    "calls", "kept", "broken", "late_whole", "with_stops", "restore_kept", "restore_broken",
)  # fmt: skip


def shares(clocked: pd.DataFrame, by: str) -> pd.DataFrame:
    """How the promise was kept by the values of a column, one of them being "nowhere" (NaN).

    `clocked`: as from `promise_clock.clocks`. On the values: calls, kept and broken (of those
    whose arrival is decided: the crew is there, or it is too late), late_whole (too late if stops
    are not taken off), with_stops, average_min and average_whole_min until the arrival, without
    and with stops (NaN: nobody arrived yet), longest_min, share_kept (of 1), and the same of the
    restoration: restore_kept, restore_broken, restore_average_min, restore_share_kept. Every call
    counts in one row, so that counts add up to the whole.
    """
    there = clocked["arrived_at"].notna()
    back = there & clocked["restored_at"].notna()
    late = clocked["arrive_state"] == BROKEN
    decided = there | late | clocked["restored_at"].notna()
    rows = pd.DataFrame(
        {
            "place": clocked[by],
            "calls": 1,
            "kept": clocked["arrive_state"] == KEPT,
            "broken": late,
            "late_whole": clocked["is_late_whole"] & decided,
            "with_stops": clocked["stopped_min"] > 0,
            "restore_kept": clocked["restore_state"] == KEPT,
            "restore_broken": clocked["restore_state"] == BROKEN,
            "average_min": clocked["counted_min"].where(there),
            "average_whole_min": clocked["elapsed_min"].where(there),
            "longest_min": clocked["counted_min"],
            "restore_average_min": clocked["restore_counted_min"].where(back),
        }
    )  # fmt: skip
    how = dict.fromkeys(COUNTS, "sum") | {"longest_min": "max"}
    how |= dict.fromkeys(("average_min", "average_whole_min", "restore_average_min"), "mean")
    found = rows.groupby("place", dropna=False).agg(how)
    return found.astype(dict.fromkeys(COUNTS, "int64")).assign(
        share_kept=_share(found["kept"], found["broken"]),
        restore_share_kept=_share(found["restore_kept"], found["restore_broken"]),
    )


def _share(kept: "pd.Series[int]", broken: "pd.Series[int]") -> "pd.Series[float]":
    decided = kept + broken
    return kept.astype("float64") / decided.where(decided > 0)
