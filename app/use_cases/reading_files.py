"""Readings by customer find their meter; registers become daily energy."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from app.store import readings
from app.store.database import Connection
from grid_cells.readings import daily_energy
from loaders.contract import Loaded


def complete(connection: Connection, loaded: Loaded, file: str) -> Loaded:
    """The readings with a meter and a daily energy each.

    Rows whose customer has no meter, or several, are rejected.
    """
    loaded = _find_meters(connection, loaded, file)
    frame = loaded.frame
    if "register_kwh" not in frame or frame.empty or frame["register_kwh"].isna().all():
        return loaded
    first = pd.Timestamp(frame["day"].min()).date()
    before = readings.registers_on(connection, first - timedelta(days=1))
    days = frame.assign(day=pd.to_datetime(frame["day"]))
    if "energy_kwh" not in days:
        days["energy_kwh"] = float("nan")
    energy = daily_energy(days, before.assign(day=pd.to_datetime(before["day"])))
    return replace(loaded, frame=frame.assign(energy_kwh=energy))


def _find_meters(connection: Connection, loaded: Loaded, file: str) -> Loaded:
    frame = loaded.frame
    if "customer_no" not in frame:
        return loaded
    bare = (
        frame["meter_id"].isna() if "meter_id" in frame else pd.Series(data=True, index=frame.index)
    )
    if not bare.any():
        return replace(loaded, frame=frame.drop(columns="customer_no"))
    known = readings.only_meters(connection, frame.loc[bare, "customer_no"].dropna())
    found = frame.loc[bare, ["customer_no"]].merge(known, on="customer_no", how="left")
    found.index = frame.index[bare]
    single = found["meters"] == 1
    meter = found["meter_id"].where(single)
    held = (
        frame["meter_id"]
        if "meter_id" in frame
        else pd.Series(None, index=frame.index, dtype="str")
    )
    frame = frame.assign(meter_id=held.where(~bare, meter.reindex(frame.index)))
    lost = frame["meter_id"].isna()
    return _reject(loaded, frame, found["meters"].reindex(frame.index), lost, file)


def _reject(
    loaded: Loaded, frame: pd.DataFrame, meters: pd.Series, lost: pd.Series, file: str
) -> Loaded:
    report = loaded.report
    rows = frame[lost]
    problems = pd.DataFrame(
        {
            "file": file,
            "row": rows["row_no"],
            "column": "customer_no",
            "value": rows["customer_no"],
            "code": ["no_meter" if pd.isna(n) else "several_meters" for n in meters[lost]],
            "expected": "meter_id",
        }
    )
    originals = rows.drop(columns=["row_no", "meter_id"])
    originals.index = pd.MultiIndex.from_arrays([[file] * len(rows), rows["row_no"]])
    report = replace(
        report,
        rejected=pd.concat([report.rejected, problems], ignore_index=True),
        rejected_rows=pd.concat([report.rejected_rows, originals]),
    )
    return replace(loaded, frame=frame[~lost].drop(columns="customer_no"), report=report)
