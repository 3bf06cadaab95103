"""The clocks of the service promise: from each call's own registration, with stops told apart."""

from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

KEPT, BROKEN, RISK, STOPPED, RUNNING, UNKNOWN = (
    "kept", "broken", "risk", "stopped", "running", "unknown",
)  # fmt: skip
WORST_FIRST: Final = (BROKEN, RISK, STOPPED, RUNNING, KEPT, UNKNOWN)
LEAST_MARGIN_MIN: Final = 10.0
"""A crew that has hardly to drive still has to be told and to get ready."""
SECONDS_A_MINUTE: Final = 60
STAMPS: Final = ("told_at", "accepted_at", "arrived_at", "restored_at")


def known_at(reports: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The reports registered up to `now`; what is stamped later is not known yet."""
    known = reports[reports["registered_at"] <= now].copy()
    for stamp in STAMPS:
        if stamp in known:
            known[stamp] = known[stamp].where(known[stamp] <= now)
    return known


def stops_of(events: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Stops known at `now`: report_id, began, ended (NaT: still stopped), reason_code.

    `events`: report_id, happened_at, event, reason_code. A stop lasts until the clock is resumed
    or stopped for another reason.
    """
    rows = events[events["event"].isin(["stopped", "resumed"]) & (events["happened_at"] <= now)]
    rows = rows.sort_values(["report_id", "happened_at"], kind="stable")
    ended = rows.groupby("report_id")["happened_at"].shift(-1)
    begun = rows["event"] == "stopped"
    found = rows.assign(began=rows["happened_at"], ended=ended)[begun]
    return found[["report_id", "began", "ended", "reason_code"]].reset_index(drop=True)


def with_outage_stops(
    stops: pd.DataFrame, reports: pd.DataFrame, of_outages: pd.DataFrame
) -> pd.DataFrame:
    """The stops with those of an outage for the calls that came while they ran.

    `stops`: as from `stops_of`; `of_outages`: outage_id, began, ended, reason_code of stops that
    hold for all calls. A later call stands still from its registration until the stop ends or
    something else is done about its own clock.
    """
    calls = reports[["report_id", "outage_id", "registered_at"]].dropna(subset=["outage_id"])
    met = calls.merge(of_outages, on="outage_id")
    runs = met["ended"].isna() | (met["ended"] > met["registered_at"])
    met = met[(met["began"] < met["registered_at"]) & runs]
    own = stops.groupby("report_id")["began"].min()
    ended = pd.concat([met["ended"], _of_each(met["report_id"], own)], axis=1).min(axis=1)
    later = met.assign(began=met["registered_at"], ended=ended)[list(stops.columns)]
    if later.empty:
        return stops
    found = pd.concat([later, stops]).sort_values(["report_id", "began"], kind="stable")
    return found.reset_index(drop=True)


def with_site_arrival(reports: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """The reports with the arrival at their outage where that was before any of their own.

    `visits`: outage_id, arrived_at, left_at (NaT: still there). A call registered while the crew
    was there already has its arrival at its registration: its clock shows 0.
    """
    calls = reports[["report_id", "outage_id", "registered_at"]].dropna(subset=["outage_id"])
    met = calls.merge(visits.dropna(subset=["arrived_at"]), on="outage_id")
    met = met[met["left_at"].isna() | (met["left_at"] > met["registered_at"])]
    first = met.groupby("report_id")["arrived_at"].min()
    met_at = _of_each(reports["report_id"], first)
    arrived = pd.concat([reports["arrived_at"], met_at], axis=1).min(axis=1)
    late = arrived.isna() | (arrived >= reports["registered_at"])
    return reports.assign(arrived_at=arrived.where(late, reports["registered_at"]))


def clocks(reports: pd.DataFrame, stops: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The reports with both their clocks at `now`, arrival and restoration, in minutes.

    `reports`: as from `known_at`, with arrive_min and restore_min (NaN: nothing is promised) and,
    if known, travel_left_min: how long the crew still needs. Arrival counts from the registration
    until the crew is there, or until the power is back without it; restoration from the arrival
    on. Added for arrival: elapsed_min (with stops), stopped_min, counted_min (without stops),
    left_min (below 0: over), arrive_state, is_late_whole (late if nothing were taken off); for
    restoration the same with `restore_` before; is_stopped, stop_reason, stopped_since of a stop
    that is still on.
    """
    end = pd.Timestamp(now)
    moments = ["registered_at", "arrived_at", "restored_at"]
    reports = reports.astype(dict.fromkeys(moments, "datetime64[us, UTC]"))
    over = reports[["arrived_at", "restored_at"]].min(axis=1)
    cut = _cut_at_arrival(stops, reports)
    held = _running_stop(cut, reports, now)
    found = reports.join(held)
    arrive = _counted(reports, cut, (reports["registered_at"], over.fillna(end)))
    found = found.join(arrive)
    found["left_min"] = found["arrive_min"] - found["counted_min"]
    found["arrive_state"] = _states(found, found["left_min"], over.notna())
    found["is_late_whole"] = found["elapsed_min"] > found["arrive_min"]
    begun = reports["arrived_at"]
    restore = _counted(reports, cut, (begun, reports["restored_at"].fillna(end)))
    found = found.join(restore.add_prefix("restore_"))
    found["restore_left_min"] = found["restore_min"] - found["restore_counted_min"]
    states = _states(
        found.assign(travel_left_min=np.nan), found["restore_left_min"],
        reports["restored_at"].notna(),
    )  # fmt: skip
    found["restore_state"] = np.where(begun.notna(), states, UNKNOWN)
    return found


def worst(states: "pd.Series[str]") -> str:
    """The state of several orders together: that of the worst of them."""
    held = set(states)
    return next((one for one in WORST_FIRST if one in held), UNKNOWN)


def _of_each(ids: pd.Series, held: pd.Series) -> pd.Series:
    """What `held` has under each id, keeping its type where it has nothing at all."""
    return held.reindex(ids).set_axis(ids.index)


def _states(
    found: pd.DataFrame, left: "pd.Series[float]", is_over: "pd.Series[bool]"
) -> NDArray[np.object_]:
    drive = found["travel_left_min"] if "travel_left_min" in found else left * 0
    margin = drive.fillna(0).clip(lower=LEAST_MARGIN_MIN)
    conditions = [
        left.isna(), left < 0, is_over, found["is_stopped"], left <= margin,
    ]  # fmt: skip
    return np.select(conditions, [UNKNOWN, BROKEN, KEPT, STOPPED, RISK], RUNNING).astype(object)


def _cut_at_arrival(stops: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """Whatever kept the crew from coming is over when it has come."""
    arrived = _of_each(stops["report_id"], reports.set_index("report_id")["arrived_at"])
    lasts = stops["ended"].isna() | (stops["ended"] > arrived)
    before = arrived.notna() & (stops["began"] < arrived) & lasts
    return stops.assign(ended=stops["ended"].where(~before, arrived))


def _running_stop(stops: pd.DataFrame, reports: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Of each report, on its index: is_stopped, stop_reason, stopped_since."""
    on = stops[stops["ended"].isna() | (stops["ended"] > now)]
    last = on.drop_duplicates("report_id", keep="last").set_index("report_id")
    is_open = reports["restored_at"].isna()
    since = _of_each(reports["report_id"], last["began"]).where(is_open)
    reason = _of_each(reports["report_id"], last["reason_code"]).where(is_open)
    return pd.DataFrame(
        {"is_stopped": since.notna(), "stop_reason": reason, "stopped_since": since},
        index=reports.index,
    )


def _counted(
    reports: pd.DataFrame,
    stops: pd.DataFrame,
    span: tuple["pd.Series[pd.Timestamp]", "pd.Series[pd.Timestamp]"],
) -> pd.DataFrame:
    """Each report in its span: elapsed_min, stopped_min, counted_min (NaN: not begun)."""
    first, last = span
    elapsed = _minutes(first, last).clip(lower=0)
    bounds = pd.DataFrame({"report_id": reports["report_id"], "first": first, "last": last})
    stopped = _of_each(reports["report_id"], _stopped(stops, bounds)).fillna(0.0)
    stopped = stopped.where(elapsed.notna())
    return pd.DataFrame(
        {"elapsed_min": elapsed, "stopped_min": stopped, "counted_min": elapsed - stopped}
    )


def _stopped(stops: pd.DataFrame, bounds: pd.DataFrame) -> "pd.Series[float]":
    """Stopped minutes within each report's bounds; what overlaps counts once."""
    rows = stops.merge(bounds.dropna(), on="report_id").sort_values(["report_id", "began"])
    began = rows[["began", "first"]].max(axis=1)
    ended = rows["ended"].fillna(rows["last"]).clip(upper=rows["last"])
    reached = ended.groupby(rows["report_id"]).cummax().groupby(rows["report_id"]).shift()
    fresh = pd.concat([began, reached], axis=1).max(axis=1)
    minutes = _minutes(fresh, ended).clip(lower=0)
    return minutes.groupby(rows["report_id"]).sum()


def _minutes(first: pd.Series, last: pd.Series) -> "pd.Series[float]":
    return (last - first).dt.total_seconds() / SECONDS_A_MINUTE
