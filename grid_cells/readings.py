"""Daily energy from register readings."""

import pandas as pd


def daily_energy(readings: pd.DataFrame, before: pd.DataFrame) -> pd.Series:
    """Energy of each row's day in kWh before the multiplier, NaN where it cannot be known.

    `readings` has meter_id, day (datetime64), energy_kwh, register_kwh. Energy not given is the
    register less that of the day before, from `readings` or `before` (meter_id, day,
    register_kwh). A gap of a day, or a register that fell (meter changed, overrun), gives NaN.
    """
    given = readings["energy_kwh"].astype("float64")
    if not (given.isna() & readings["register_kwh"].notna()).any():
        return given
    columns = ["meter_id", "day", "register_kwh"]
    known = pd.concat([before[columns], readings[columns]], ignore_index=True)
    known = known.dropna(subset=["register_kwh"]).drop_duplicates(["meter_id", "day"], keep="last")
    known = known.assign(day=known["day"] + pd.Timedelta(days=1))
    joined = readings[columns].merge(
        known.rename(columns={"register_kwh": "yesterday_kwh"}), on=["meter_id", "day"], how="left"
    )
    difference = (joined["register_kwh"] - joined["yesterday_kwh"]).to_numpy()
    derived = pd.Series(difference, index=readings.index)
    return given.fillna(derived.where(derived >= 0))
