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
