"""Reports that come as a file get their place, area, crew and promise like those taken here."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd

from app.store import fault_reports as store
from app.store.database import Connection, Database
from app.use_cases import fault_places
from loaders.contract import Loaded

_STAMPS = ("told_at", "accepted_at", "arrived_at", "restored_at")
_GIVEN = ("customer_no", "transformer_id", "address", "lon", "lat")


def complete(connection: Connection, whole: Database, loaded: Loaded, now: datetime) -> Loaded:
    """The file's rows filled in, each by the links of the moment it was registered.

    What the file states stays. A report that is held already keeps what was filled in then, so that
    the same file loaded again changes nothing.
    """
    frame = loaded.frame
    if frame.empty:
        return loaded
    held = store.of_ids(connection, [str(one) for one in frame["report_id"]])
    held["cell_id"] = held["cell_id"].astype("Int64")  # a missing one must not make floats
    by_id = held.set_index("report_id").reindex(frame["report_id"]).set_axis(frame.index)
    is_held = frame["report_id"].isin(held["report_id"])
    calls = pd.DataFrame({name: _column(frame, by_id, name) for name in _GIVEN})
    calls["at"] = pd.to_datetime(frame["registered_at"], utc=True)
    filled = fault_places.fill(connection, whole, calls, now).set_axis(frame.index)
    found = {}
    for name in fault_places.FILLED:
        fresh = filled[name].where(~is_held, by_id[name])
        found[name] = _column(frame, by_id, name).fillna(fresh)
    found["received_at"] = _received(by_id, is_held, now)
    acted = frame["report_id"].isin(store.with_deeds(connection, held["report_id"].tolist()))
    by_hand = by_id["grouped_by"].eq("hand").fillna(False).astype(bool)
    for names, stays in ((_STAMPS, acted), (("crew_id",), acted), (("outage_id",), by_hand)):
        for name in names:
            if name in frame:
                given = found.get(name, _column(frame, by_id, name))
                found[name] = _kept(given, by_id[name], stays, is_time=name in _STAMPS)
    found |= _grouped(frame.assign(**found), by_id)
    return replace(loaded, frame=frame.assign(**found))


def _kept(
    given: "pd.Series[Any]", held: "pd.Series[Any]", stays: "pd.Series[bool]", *, is_time: bool
) -> "pd.Series[Any]":
    """What the file says but where somebody's deed says otherwise; a blank cell says nothing."""
    if is_time:
        given, held = (pd.to_datetime(one, utc=True) for one in (given, held))
    else:
        given, held = given.astype("object"), held.astype("object")
    return given.where(~stays, held).where(given.notna() | stays, held)


def _column(frame: pd.DataFrame, held: pd.DataFrame, name: str) -> "pd.Series[Any]":
    """What the file says, else what is held."""
    if name not in frame:
        return held[name]
    given = frame[name]
    if name == "cell_id":
        whole = given.astype("Int64")
        given = whole.mask(whole == 0)
    return given.fillna(held[name])


def _received(held: pd.DataFrame, is_held: "pd.Series[bool]", now: datetime) -> "pd.Series[Any]":
    """When the report reached us: a file that comes again changes nothing about it."""
    return pd.to_datetime(held["received_at"], utc=True).where(is_held, pd.Timestamp(now))


def _grouped(frame: pd.DataFrame, held: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    """An outage named by a file is the file's own word, unless it says what was held before."""
    if "outage_id" not in frame:
        return {}
    named = frame["outage_id"].notna() & (frame["outage_id"] != held["outage_id"])
    return {
        "grouped_by": held["grouped_by"].astype("str").mask(named, "file"),
        "group_reason": held["group_reason"].astype("str").mask(named, None),
    }
