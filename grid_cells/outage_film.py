"""Who was without power at any moment of a period, from spans of time, and what was known then.

Frames: outages (outage_id, kind, started_at, ended_at, estimated_restore_at, customers, …), spans
(outage_id, cell_id, out_at, back_at, customers, is_shadow, …; a shadow counts in its outage alone,
since its customers are counted in another one at that time) and told (outage_id, told_at,
estimated_restore_at, is_estimate; in the order in which it was told). An end that is missing has
not come.
"""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd


def lasting(began: pd.Series, ended: pd.Series, at: datetime) -> "pd.Series[bool]":
    """Whether each span holds the moment: its beginning does, its end no longer."""
    moment = pd.Timestamp(at)
    return (began <= moment) & (ended.isna() | (ended > moment))


def open_at(outages: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """The outages in force at the moment."""
    return outages[lasting(outages["started_at"], outages["ended_at"], at)]


def out_at(spans: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """The spans of customers who are out at the moment."""
    return spans[lasting(spans["out_at"], spans["back_at"], at)]


def customers_out(spans: pd.DataFrame, at: datetime) -> int:
    """Customers without power at the moment, each counted once."""
    held = out_at(spans, at)
    return int(held.loc[~held["is_shadow"], "customers"].sum())


def marked_out(spans: pd.DataFrame, at: datetime) -> int:
    """Those among them who are important or on life support, each counted once."""
    held = out_at(spans, at)
    return int(held.loc[~held["is_shadow"], "marked"].sum())


def cells_out(spans: pd.DataFrame, at: datetime) -> pd.Series:
    """Customers without power at the moment by cell_id, unplaced ones left out."""
    held = out_at(spans, at)
    placed = held[~held["is_shadow"] & (held["cell_id"] != 0)]
    return placed.groupby("cell_id")["customers"].sum()


def by_outage(spans: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Those out in each outage at the moment: customers and their marks, by outage_id."""
    names = ["customers", "important", "life_support", "marked"]
    return out_at(spans, at).groupby("outage_id")[names].sum()


def most_out(spans: pd.DataFrame) -> pd.Series:
    """The most customers that were out in each outage at once, by outage_id."""
    steps = _changes(spans).groupby(["outage_id", "at"], sort=True)["change"].sum()
    return steps.groupby(level="outage_id").cumsum().groupby(level="outage_id").max()


def course(spans: pd.DataFrame) -> pd.Series:
    """Customers out from each moment of change until the next, each counted once."""
    counted = _changes(spans[~spans["is_shadow"]])
    return counted.groupby("at", sort=True)["change"].sum().cumsum()


def peak(spans: pd.DataFrame, first: datetime) -> datetime | None:
    """The moment from `first` on at which most customers were out; None where nobody ever was."""
    held = spans[spans["back_at"].isna() | (spans["back_at"] > pd.Timestamp(first))]
    held = held.assign(out_at=_no_earlier(held["out_at"], first))
    totals = course(held)
    totals = totals[totals.index >= pd.Timestamp(first)]
    if totals.empty or totals.max() <= 0:
        return None
    return pd.Timestamp(str(totals.idxmax())).to_pydatetime()


def _changes(spans: pd.DataFrame) -> pd.DataFrame:
    """Each going out and each coming back as a change of the count: outage_id, at, change."""
    ended = spans[spans["back_at"].notna()]
    return pd.DataFrame(
        {
            "outage_id": np.append(spans["outage_id"], ended["outage_id"]),
            "at": pd.concat([spans["out_at"], ended["back_at"]], ignore_index=True),
            "change": np.append(spans["customers"], -ended["customers"]),
        }
    )


def estimates_at(outages: pd.DataFrame, told: pd.DataFrame, at: datetime) -> pd.Series:
    """When each outage was said to end, as known at the moment, in the order of `outages`.

    Where no telling was ever kept, the outage's own estimate holds.
    """
    kept = told[told["is_estimate"].astype(bool)]
    known = kept[kept["told_at"] <= pd.Timestamp(at)].drop_duplicates("outage_id", keep="last")
    own = outages["estimated_restore_at"].mask(outages["outage_id"].isin(kept["outage_id"]))
    return _looked_up(known.set_index("outage_id")["estimated_restore_at"], outages).fillna(own)


def news_at(outages: pd.DataFrame, told: pd.DataFrame, at: datetime) -> pd.Series:
    """When something was last told of each outage up to the moment: at least that it began."""
    known = told[told["told_at"] <= pd.Timestamp(at)].groupby("outage_id")["told_at"].max()
    return _looked_up(known, outages).fillna(outages["started_at"])


def _looked_up(known: pd.Series, outages: pd.DataFrame) -> pd.Series:
    return known.reindex(outages["outage_id"]).set_axis(outages.index)


def customer_hours(spans: pd.DataFrame, first: datetime, last: datetime) -> pd.DataFrame:
    """Hours without power within the span by calendar week and cell: week, cell_id, customer_hours.

    A week begins on Monday, 00:00 in the zone of `first`, and holds the hours that passed in it, so
    that the sum over weeks and cells is that of the spans.
    """
    counted = spans[~spans["is_shadow"]]
    starts = _mondays(first, last)
    parts = []
    for begin, end in zip(starts, [*starts[1:], pd.Timestamp(last)], strict=True):
        low, high = max(begin, pd.Timestamp(first)), min(end, pd.Timestamp(last))
        began = _no_earlier(counted["out_at"], low)
        ended = counted["back_at"].fillna(high)
        ended = ended.where(ended < high, high)
        hours = (ended - began).dt.total_seconds().clip(lower=0) / 3600 * counted["customers"]
        summed = hours.groupby(counted["cell_id"]).sum()
        found = summed[summed > 0].rename("customer_hours").reset_index()
        parts.append(found.assign(week=begin.date())[["week", "cell_id", "customer_hours"]])
    whole: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return whole


def _no_earlier(moments: pd.Series, least: datetime) -> pd.Series:
    begin = pd.Timestamp(least)
    return moments.where(moments > begin, begin)


def _mondays(first: datetime, last: datetime) -> list[pd.Timestamp]:
    """The beginnings of the weeks that the span touches."""
    begin = pd.Timestamp(first).normalize()
    begin -= timedelta(days=begin.weekday())
    return list(pd.date_range(begin, pd.Timestamp(last), freq="7D", inclusive="left"))
