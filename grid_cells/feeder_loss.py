"""Energy that a feeder took in and no meter behind it, dedicated ones included, accounts for."""

from typing import Final

import numpy as np
import pandas as pd

_COUNTS: Final = (
    "heads", "heads_read", "masters", "masters_read", "unmastered", "meters", "read", "dedicated",
    "dedicated_read",
)  # fmt: skip
_ENERGIES: Final = (
    "head_kwh", "head_reverse_kwh", "master_kwh", "master_reverse_kwh", "bare_kwh",
    "bare_reverse_kwh", "forward_kwh", "reverse_kwh",
)  # fmt: skip
SUMS: Final = (*_ENERGIES, *_COUNTS)


def feeder_losses(sums: pd.DataFrame, *, least_measured: float) -> pd.DataFrame:
    """The sums of each feeder and day with what they come to.

    `sums`: feeder_id, day and SUMS, energies in kWh × the multiplier. head_…: of meters at the
    feeder's head; master_…: of transformers' masters; bare_…: of the customers' meters behind
    dedicated transformers without a master; forward_kwh, reverse_kwh: of all customers' meters,
    those behind dedicated transformers included. Counts of those due and those measured: heads,
    masters, meters (all customers'), dedicated (those behind dedicated transformers); unmastered:
    public transformers with customers and no master.

    Added: supply_kwh and returned_kwh (the head's, where one is due, else the masters' and the bare
    meters'), loss_kwh = supply + feed-in − use − returned, loss_rate (over supply + feed-in),
    measured (share of the customers' meters), is_head_metered, is_known. A day is known where the
    heads, or without any the masters of all public transformers, and all dedicated meters were
    measured, and at least `least_measured` of all customers' meters; loss and rate are NaN else.
    """
    told = sums.fillna(dict.fromkeys(SUMS, 0.0))
    has_head = told["heads"] > 0
    supply = told["head_kwh"].where(has_head, told["master_kwh"] + told["bare_kwh"])
    below = told["master_reverse_kwh"] + told["bare_reverse_kwh"]
    returned = told["head_reverse_kwh"].where(has_head, below)
    taken = supply + told["reverse_kwh"]
    measured = told["read"] / told["meters"].where(told["meters"] > 0)
    is_known = _is_fed(told) & (measured.fillna(0) >= least_measured) & (taken > 0)
    loss = (taken - told["forward_kwh"] - returned).where(is_known)
    return sums.assign(
        supply_kwh=supply, returned_kwh=returned, loss_kwh=loss,
        loss_rate=loss / taken.where(taken > 0), measured=measured, is_head_metered=has_head,
        is_known=is_known.to_numpy(np.bool_),
    )  # fmt: skip


def _is_fed(told: pd.DataFrame) -> "pd.Series[bool]":
    """Whether all that came in was measured, and all that dedicated transformers took out."""
    by_head = (told["heads"] > 0) & (told["heads_read"] == told["heads"])
    by_masters = (
        (told["heads"] == 0) & (told["masters_read"] == told["masters"]) & (told["unmastered"] == 0)
    )
    return (by_head | by_masters) & (told["dedicated_read"] == told["dedicated"])


def by_feeder(days: pd.DataFrame) -> pd.DataFrame:
    """One row a feeder: days, days_known, loss_kwh_day (mean of the known days), loss_rate.

    `days` as from `feeder_losses`. loss_rate: the known days' loss over what they took in; NaN, as
    the mean, where no day is known. Also is_head_metered (on any day) and dedicated (meters, most).
    """
    known = days[days["is_known"]]
    taken = (known["supply_kwh"] + known["reverse_kwh"].fillna(0)).groupby(known["feeder_id"]).sum()
    lost = known.groupby("feeder_id")["loss_kwh"].sum()
    grouped = days.groupby("feeder_id")
    frame = pd.DataFrame(
        {
            "days": grouped.size(), "days_known": grouped["is_known"].sum(),
            "is_head_metered": grouped["is_head_metered"].any(),
            "dedicated": grouped["dedicated"].max().fillna(0).astype("int64"),
        }
    )  # fmt: skip
    frame["loss_kwh_day"] = lost / frame["days_known"].where(frame["days_known"] > 0)
    frame["loss_rate"] = lost / taken.where(taken > 0)
    ordered = frame.reset_index().sort_values(["loss_rate", "feeder_id"], ascending=[False, True])
    return ordered.reset_index(drop=True)
