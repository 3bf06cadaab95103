"""How payments are made: by channel and month, online or in person."""

from typing import Final

import pandas as pd

RECENT_MONTHS: Final = 3
"""Who pays in person now is told by so many last months."""


def by_month(payments: pd.DataFrame, in_person: pd.DataFrame) -> pd.DataFrame:
    """Each month's payments: month, payments, amount, online, in_person, unsure, online_share.

    `payments`: month, channel, payments, amount; `in_person`: channel, in_person (0 or 1). Channels
    that the table does not have are neither: the share is of those that are known, NaN without any.
    """
    told = payments.merge(in_person[["channel", "in_person"]], on="channel", how="left")
    count = told["payments"].fillna(0.0)
    told = told.assign(
        online=count.where(told["in_person"] == 0, 0.0),
        by_hand=count.where(told["in_person"] == 1, 0.0),
        unsure=count.where(told["in_person"].isna(), 0.0),
    )
    names = ["payments", "amount", "online", "by_hand", "unsure"]
    table = told.groupby("month", as_index=False)[names].sum().sort_values("month")
    known = table["online"] + table["by_hand"]
    table["online_share"] = (table["online"] / known).where(known > 0)
    return table.rename(columns={"by_hand": "in_person"}).reset_index(drop=True)


def by_channel(payments: pd.DataFrame) -> pd.DataFrame:
    """Payments of each month and channel with the share of the month: month, channel, …, share."""
    names = ["payments", "amount"]
    table = payments.groupby(["month", "channel"], as_index=False)[names].sum()
    whole = table.groupby("month")["payments"].transform("sum")
    return table.assign(share=(table["payments"] / whole).where(whole > 0))


def recent(months: "pd.Series[pd.Timestamp]", count: int = RECENT_MONTHS) -> list[pd.Timestamp]:
    """The last so many months that are told of, earliest first."""
    return sorted(months.dropna().unique())[-count:]
