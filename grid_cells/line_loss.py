"""Energy that a transformer area took in and no meter behind it accounts for."""

import pandas as pd


def loss_rates(sums: pd.DataFrame, *, least_measured: float) -> pd.DataFrame:
    """The sums of those transformers whose loss is known, with loss_rate (a share, below 0 too).

    `sums` of a span of days: master_kwh and master_reverse_kwh of the master meter, forward_kwh and
    reverse_kwh of the customers' meters, each × its multiplier; measured: share of the customers'
    meter days with a measured reading. Known is a loss where the master took something in and at
    least `least_measured` of the meter days were measured. Loss = (master forward + customers'
    feed-in) − (customers' forward + master reverse); rate: over the first bracket.
    """
    taken = sums["master_kwh"].fillna(0) + sums["reverse_kwh"].fillna(0)
    given = sums["forward_kwh"].fillna(0) + sums["master_reverse_kwh"].fillna(0)
    known = (
        sums["master_kwh"].notna() & (taken > 0) & (sums["measured"].fillna(0) >= least_measured)
    )
    return sums[known].assign(loss_rate=((taken - given) / taken.where(taken > 0))[known])


def excess_kwh_day(scores: pd.DataFrame) -> "pd.Series[float]":
    """Energy in kWh a day that each transformer loses above what is usual, NaN where unknown.

    `scores`: loss_kwh_day, loss_rate, days_known, cause. Usual is the median loss rate of those
    whose balance can be believed; what loses less than that has no excess. A balance that was never
    known, or that an innocent cause falsifies (wrong multiplier or link, PV, readings), is unknown.
    """
    believed = (scores["days_known"] > 0) & scores["cause"].isin(["none", "suspect"])
    rate = scores["loss_rate"].where(believed)
    usual = rate.median()
    excess = scores["loss_kwh_day"] * (1 - usual / rate.where(rate > max(usual, 0.0)))
    return excess.fillna(0.0).where(rate.notna())
