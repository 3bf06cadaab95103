"""Reports that come as a file get their place, area, crew and promise like those taken here."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pandas as pd

from app.store import call_groups
from app.store import fault_reports as store
from app.store.database import Connection, Database
from app.use_cases import fault_places, fault_triage
from grid_cells.call_spans import was_in_force
from loaders.contract import Loaded

_STAMPS = ("told_at", "accepted_at", "arrived_at", "restored_at")
_GIVEN = ("customer_no", "transformer_id", "address", "lon", "lat")
_ASKED_AT_ONCE: Final = 5_000
"""So many calls are triaged together, with the progress told between."""
Progress = Callable[[float], None]


def complete(
    connection: Connection, whole: Database, loaded: Loaded, now: datetime,
    progress: Progress = lambda _: None,
) -> Loaded:  # fmt: skip
    """The file's rows filled in, each by the links of the moment it was registered, and triaged.

    What the file states stays, but for an outage that was not in force when the call came. A report
    that is held already keeps what was filled in then, so that the same file loaded again changes
    nothing. `progress` hears shares of the work.
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
    found |= _let_go(connection, frame.assign(**found), by_id, now)
    found |= _triaged(
        connection, filled.assign(**_wishes(frame)), frame.assign(**found), by_id, now, progress
    )
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


def _let_go(
    connection: Connection, frame: pd.DataFrame, held: pd.DataFrame, now: datetime
) -> dict[str, "pd.Series[Any]"]:
    """A call that waits for supply stays out of an outage that was over or had not begun then."""
    if "outage_id" not in frame:
        return {}
    waits = _column(frame, held, "restored_at").isna() if "restored_at" in frame else True
    asked = frame["outage_id"].notna() & frame["grouped_by"].eq("file") & waits
    names = sorted(frame.loc[asked, "outage_id"].unique())
    spans = call_groups.spans(connection, names, now).set_index("outage_id")
    spans = spans.reindex(frame["outage_id"]).set_axis(frame.index)
    in_force = was_in_force(frame["registered_at"], spans["outage_from"], spans["outage_until"])
    strays = asked & ~in_force
    told = [
        json.dumps({"code": "not_in_force", "outage_id": one})
        for one in frame.loc[strays, "outage_id"]
    ]
    before = held["outage_id"].mask(held["outage_id"] == frame["outage_id"]).astype("object")
    stood = held["grouped_by"].eq("rule") & held["group_reason"].notna()
    why = pd.Series(told, index=frame.index[strays], dtype="object").reindex(frame.index)
    return {
        "outage_id": frame["outage_id"].astype("object").mask(strays, before),
        "grouped_by": frame["grouped_by"].astype("object").mask(strays, "rule"),
        "group_reason": frame["group_reason"].astype("object").mask(
            strays, why.mask(stood, held["group_reason"].astype("object"))
        ),
    }  # fmt: skip


def _wishes(frame: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    empty = pd.Series(None, index=frame.index, dtype="object")
    return {name: frame.get(name, empty) for name in ("service_type", "fault_class")}


def _triaged(  # noqa: PLR0913, PLR0917
    connection: Connection, calls: pd.DataFrame, frame: pd.DataFrame, held: pd.DataFrame,
    now: datetime, progress: Progress,
) -> dict[str, "pd.Series[Any]"]:  # fmt: skip
    """Verdict and evidence as of each registration, where nobody was sent and supply is not back.

    A call that its sender put to an outage is past triage too: it stays an order with its clock.
    Any other joins the outage that explains it.
    """
    names = ("verdict", "triage", "outage_id", "grouped_by", "group_reason")
    found = {name: _column(frame, held, name).astype("object") for name in names}
    waits = held["registered_at"].isna() & found["verdict"].isna() & found["outage_id"].isna()
    for name in _STAMPS:
        waits &= frame[name].isna() if name in frame else True
    rows = calls[waits].sort_values("at")
    for first in range(0, len(rows), _ASKED_AT_ONCE):
        part = rows.iloc[first : first + _ASKED_AT_ONCE]
        known = max(now, part["at"].max().to_pydatetime())
        told = fault_triage.findings(connection, part, known, then=True)
        for index, finding in zip(part.index, told, strict=True):
            found["verdict"][index] = finding.verdict
            found["triage"][index] = fault_triage.as_json(finding)
            if finding.outage_id is not None:
                found["outage_id"][index] = finding.outage_id
                found["grouped_by"][index] = "rule"
                at = part.loc[index, "at"].to_pydatetime()
                found["group_reason"][index] = fault_triage.known_reason(finding, at)
        progress((first + len(part)) / len(rows))
    return found
