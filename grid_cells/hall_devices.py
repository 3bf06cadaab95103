"""Devices of business halls at a moment: their state, age, content, and who stands there too long.

A device whose heartbeat is late is unknown: never fine, and never broken either.
"""

import re
from datetime import date, datetime
from typing import Final

import numpy as np
import pandas as pd

OK: Final = "ok"
FAULTY: Final = "faulty"
UNKNOWN: Final = "unknown"
SPARE: Final = "spare"
RETIRED: Final = "retired"
STATES: Final = (FAULTY, UNKNOWN, OK, SPARE, RETIRED)
"""From what asks for a deed first to what asks for none."""
CURRENT: Final = "current"
OUTDATED: Final = "outdated"
MODEL: Final = ["kind", "maker", "model"]
_YEAR_D: Final = 365.2425


def states(devices: pd.DataFrame, *, now: datetime) -> "pd.Series[str]":
    """The state of each device at the moment.

    Of the columns status (in_use, spare, retired), seen_at (the last heartbeat known), faulted_at
    (the beginning of a fault that stands, NaT: none) and late_min (the limit of its kind): what
    is put away says so, a fault that stands is faulty whatever the heartbeat says, and a heartbeat
    older than the limit, or none ever, is unknown.
    """
    age_min = (pd.Timestamp(now) - devices["seen_at"]).dt.total_seconds() / 60
    is_fresh = (age_min <= devices["late_min"]).fillna(False).to_numpy(bool)
    found = np.select(
        [
            (devices["status"] == RETIRED).to_numpy(bool),
            (devices["status"] == SPARE).to_numpy(bool),
            devices["faulted_at"].notna().to_numpy(bool),
            is_fresh,
        ],
        [RETIRED, SPARE, FAULTY, OK],
        UNKNOWN,
    )
    return pd.Series(found, index=devices.index, dtype="str")


def faults(events: pd.DataFrame) -> pd.DataFrame:
    """Faults as spans of time: device_id, from_at, to_at (NaT: it stands).

    Of events (device_id, event, at, seq) in any order: a fault begins at the first of `fault` and
    ends with the next `repaired`; what is told again changes nothing. `seq`, the order in which
    they were received, decides between events of one moment.
    """
    rows = events[events["event"].isin(["fault", "repaired"])]
    rows = rows.sort_values(["device_id", "at", "seq"], kind="stable", ignore_index=True)
    return _paired(rows, "fault")


def sessions(events: pd.DataFrame) -> pd.DataFrame:
    """People at a self-service screen: device_id, from_at, to_at (NaT: still there).

    A screen has one session at a time: a session that begins ends the one before whose end was
    never told, at a moment nobody knows, so that it is left out.
    """
    rows = events[events["event"].isin(["dwell_began", "dwell_ended"])]
    rows = rows.sort_values(["device_id", "at", "seq"], kind="stable", ignore_index=True)
    is_begun = rows["event"] == "dwell_began"
    follows = (rows["device_id"] == rows["device_id"].shift(-1)) & is_begun
    again = follows & is_begun.shift(-1, fill_value=False)
    return _paired(rows[~again].reset_index(drop=True), "dwell_began")


def _paired(rows: pd.DataFrame, begin: str) -> pd.DataFrame:
    """Each first of a run of `begin` with the event after the run, by device."""
    is_begun = rows["event"] == begin
    same = rows["device_id"] == rows["device_id"].shift()
    first = rows[is_begun & ~(same & is_begun.shift(fill_value=False))].index
    ends = rows[~is_begun & same & is_begun.shift(fill_value=False)]
    found = rows.loc[first, ["device_id", "at"]].rename(columns={"at": "from_at"})
    found = found.reset_index(drop=True)
    place = np.searchsorted(first.to_numpy(), ends.index.to_numpy(), side="right") - 1
    found["to_at"] = pd.Series(ends["at"].to_numpy(), index=place).reindex(found.index)
    found["to_at"] = pd.to_datetime(found["to_at"], utc=True).astype("datetime64[us, UTC]")
    return found


def dwell_alerts(sessions_: pd.DataFrame, limits: pd.DataFrame, *, now: datetime) -> pd.DataFrame:
    """Sessions still open that are longer than the limit: device_id, from_at, minutes.

    limits: device_id, dwell_min (NaN: nobody stands there) and lost_min, after which the end was
    lost rather than that somebody still stands there. The longest first.
    """
    table = sessions_[sessions_["to_at"].isna()].merge(limits, on="device_id")
    table["minutes"] = (pd.Timestamp(now) - table["from_at"]).dt.total_seconds() / 60
    long = (table["minutes"] > table["dwell_min"]) & (table["minutes"] <= table["lost_min"])
    found = table.loc[long, ["device_id", "from_at", "minutes"]]
    return found.sort_values("minutes", ascending=False, ignore_index=True)


def content_states(devices: pd.DataFrame) -> "pd.Series[str]":
    """Whether each device plays the newest content of its kind, maker and model.

    current, outdated, or unknown where no version was told; only devices in use say what is newest.
    """
    ranks = devices["content_version"].map(version_key, na_action="ignore")
    used = devices["status"].eq("in_use") & ranks.notna()
    keys = list(devices[MODEL].astype("object").fillna("").itertuples(index=False, name=None))
    newest: dict[tuple[str, ...], tuple[tuple[int, int, str], ...]] = {}
    for key, rank, counts in zip(keys, ranks, used, strict=True):
        if counts and rank > newest.get(key, ()):
            newest[key] = rank
    found = [
        UNKNOWN if not isinstance(rank, tuple)
        else OUTDATED if rank < newest.get(key, ()) else CURRENT
        for key, rank in zip(keys, ranks, strict=True)
    ]  # fmt: skip
    return pd.Series(found, index=devices.index, dtype="str")


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """What versions are compared by: numbers as numbers, so that 2026.10 is after 2026.9."""
    parts = re.findall(r"\d+|[^\W\d_]+", str(version).casefold())
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)


def age_years(installed_on: "pd.Series[pd.Timestamp]", today: date) -> "pd.Series[float]":
    """Years since each was installed, NaN where the day is unknown; none is younger than 0."""
    days = (pd.Timestamp(today) - installed_on).dt.total_seconds() / 86_400
    return (days / _YEAR_D).clip(lower=0.0)
