"""The true load of halls: tickets and what no machine counts, against the people at the counters.

Load is work: hours of service that came in an hour, in erlangs. What is expected of it follows
from Erlang C (`grid_cells.erlang`); where the load is not below the counters no wait is quoted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from grid_cells import erlang

KEY: Final = ["hall_id", "hour"]
_LEAST_SHARE: Final = 0.25
"""An hour just begun is judged as if so much of it were over: one visitor is no rush."""
_HOUR_S: Final = 3600.0
_HOUR: Final = pd.Timedelta(hours=1)


@dataclass(frozen=True)
class Promise:
    """The promised wait: so large a share of visitors is called within so many minutes."""

    wait_min: float
    share: float


@dataclass(frozen=True)
class Told:
    """What is known of some hours, one frame each with hall_id and hour.

    tickets: visits, called, wait_mean_min, wait_p90_min, service_mean_min, abandoned, waiting,
    visit_h · tallies: tallies, tally_h · hourly: wait_min, visits (where no tickets are known) ·
    staff: staff · open_hours: open_min, is_counting (a machine of the hall told anything that day:
    no ticket then means none came) · counters: hall_id, counters.
    """

    tickets: pd.DataFrame
    tallies: pd.DataFrame
    hourly: pd.DataFrame
    staff: pd.DataFrame
    open_hours: pd.DataFrame
    counters: pd.DataFrame


def hour_load(told: Told, promise: Promise, *, now: datetime) -> pd.DataFrame:
    """One row for each hall and hour in which it was open or anything happened.

    hall_id, hour, is_open; visits, tallies (visits NA: unknown, not zero), load (both together);
    visit_h, tally_h, load_h (hours of work); waits and service_mean_min in minutes, called,
    abandoned, waiting; staff (NaN: no duty known), servers (staff, else the hall's counters);
    erlangs, occupancy (1), is_overloaded; expected_wait_min, service_level (Erlang C, NaN where
    overloaded or unknown), needed (counters that keep the promise; NA: unknown). source: tickets,
    hall_hours, tallies or unknown.
    """
    table = _joined(told)
    table["source"] = np.select(
        [table["is_machine"], table["hourly_visits"].notna() | table["hourly_wait"].notna(),
         table["tallies"] > 0],
        ["tickets", "hall_hours", "tallies"], "unknown",
    )  # fmt: skip
    _fill_visits(table)
    _weigh(table, now)
    _expect(table, promise)
    return table.drop(columns=["is_machine", "is_counting", "hourly_visits", "hourly_wait"])


def _joined(told: Told) -> pd.DataFrame:
    hourly = told.hourly.rename(columns={"wait_min": "hourly_wait", "visits": "hourly_visits"})
    frames = [told.open_hours, told.tickets, told.tallies, hourly]
    keys = pd.concat([one[KEY] for one in frames], ignore_index=True)
    table = keys.drop_duplicates().sort_values(KEY, ignore_index=True)
    for frame in (*frames, told.staff):
        table = table.merge(frame, on=KEY, how="left")
    table = table.merge(told.counters, on="hall_id", how="left")
    table["is_open"] = table["open_min"].fillna(0) > 0
    table["is_counting"] = table["is_counting"].eq(True).fillna(False).astype(bool)
    table["tallies"] = table["tallies"].fillna(0).astype("int64")
    table["is_machine"] = table["visits"].notna() | table["is_counting"]
    return table


def _fill_visits(table: pd.DataFrame) -> None:
    """Visits where a machine or an hourly figure tells them, else unknown; waits likewise."""
    hourly = table["hourly_visits"].astype("Float64")
    table["visits"] = _or_none(table, "visits").fillna(hourly).astype("Int64")
    table["wait_mean_min"] = table["wait_mean_min"].fillna(table["hourly_wait"])
    for name in ("called", "abandoned", "waiting"):
        table[name] = _or_none(table, name).astype("Int64")
    table["load"] = (table["visits"].fillna(0) + table["tallies"]).astype("int64")


def _or_none(table: pd.DataFrame, name: str) -> "pd.Series[float]":
    """The figure, zero where a machine counts and told nothing of the hour, else unknown."""
    given = table[name].astype("Float64")
    return given.mask(given.isna() & table["is_machine"], 0)


def _weigh(table: pd.DataFrame, now: datetime) -> None:
    """Hours of work and erlangs; of an hour still running by the share of it that is over.

    The work of visitors of whom only the number is known is unknown: a few tallies beside them
    are not all of it.
    """
    table["tally_h"] = table["tally_h"].fillna(0.0)
    table["visit_h"] = _or_none(table, "visit_h").astype("float64")
    is_unweighed = table["visit_h"].isna() & (table["visits"] > 0).fillna(value=False)
    known = table["visit_h"].notna() | ((table["tallies"] > 0) & ~is_unweighed)
    table["load_h"] = (table["visit_h"].fillna(0.0) + table["tally_h"]).where(known)
    over = (pd.Timestamp(now) - table["hour"]).dt.total_seconds() / _HOUR_S
    table["erlangs"] = table["load_h"] / over.clip(_LEAST_SHARE, 1.0)


def _expect(table: pd.DataFrame, promise: Promise) -> None:
    table["staff"] = table["staff"].astype("float64")
    servers = table["staff"].fillna(table["counters"].astype("float64"))
    offered, many = table["erlangs"].to_numpy("float64"), servers.to_numpy("float64")
    heads = table["load"].astype("float64") - table["abandoned"].fillna(0).astype("float64")
    with np.errstate(invalid="ignore", divide="ignore"):
        service = table["load_h"].to_numpy("float64") * 60 / heads.to_numpy("float64")
        occupancy = offered / many
    known = np.isfinite(offered) & np.isfinite(many)
    table["servers"], table["occupancy"] = servers, np.where(known, occupancy, np.nan)
    table["is_overloaded"] = known & (offered > 0) & (offered >= np.floor(many))
    judged = known & (offered > 0) & ~table["is_overloaded"].to_numpy()
    safe_load, safe_many = np.where(judged, offered, 0.0), np.where(judged, many, 1.0)
    minutes = np.where(judged, service, 1.0)
    wait = erlang.mean_wait_min(safe_load, safe_many, minutes)
    level = erlang.service_level(safe_load, safe_many, minutes, promise.wait_min)
    table["expected_wait_min"] = np.where(judged, wait, np.nan)
    table["service_level"] = np.where(judged, level, np.nan)
    table["needed"] = needed(offered, np.where(np.isfinite(service), service, 1.0), promise)


def needed(erlangs: erlang.Floats, service_min: ArrayLike, promise: Promise) -> "pd.Series[int]":
    """The fewest counters that keep the promise, by position.

    NA where the load is unknown, or beyond what `erlang.servers_needed` answers.
    """
    is_known = np.isfinite(erlangs) & (erlangs <= erlang.MOST_SERVERS)
    found = erlang.servers_needed(
        np.where(is_known, erlangs, 0.0), service_min,
        within_min=promise.wait_min, share=promise.share,
    )  # fmt: skip
    return pd.Series(found, dtype="Int64").where(pd.Series(is_known))


def heat(table: pd.DataFrame, measure: str, *, zone: str) -> pd.DataFrame:
    """Means of a measure of `hour_load` by local weekday (0: Monday) and hour, over hours known.

    weekday, clock (0–23), value, hours (how many).
    """
    local = table["hour"].dt.tz_convert(zone)
    spread = pd.DataFrame(
        {"weekday": local.dt.day_of_week, "clock": local.dt.hour,
         "value": table[measure].astype("float64")}
    ).dropna()  # fmt: skip
    found = spread.groupby(["weekday", "clock"])["value"].agg(["mean", "size"])
    return found.rename(columns={"mean": "value", "size": "hours"}).reset_index()


def uncounted(table: pd.DataFrame) -> float:
    """The share of the hours of work that no machine counted, in hours of halls that have both.

    NaN where there is no work.
    """
    counted = table[table["visits"].notna()]
    work = float(counted["load_h"].sum())
    return float(counted["tally_h"].sum()) / work if work else float("nan")


def open_hours(spans: pd.DataFrame, tickets: pd.DataFrame, *, zone: str) -> pd.DataFrame:
    """Spans of opening (hall_id, opens_at, closes_at) cut into hours of the zone's clocks.

    hall_id, hour, open_min, is_counting: whether the hall has any ticket on that local day.
    """
    opens, closes = (pd.to_datetime(spans[name], utc=True) for name in ("opens_at", "closes_at"))
    first = opens - _past_the_hour(opens, zone)
    lasts = ((closes - first) / _HOUR).to_numpy(np.float64)
    hours = np.maximum(np.ceil(lasts), 0).astype(np.int64)
    row = np.repeat(np.arange(len(spans)), hours)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(hours) - hours, hours)
    hour = first.iloc[row].reset_index(drop=True) + pd.to_timedelta(nth, unit="h")
    open_at, shut_at = (one.iloc[row].reset_index(drop=True) for one in (opens, closes))
    begins, ends = hour.clip(lower=open_at), (hour + _HOUR).clip(upper=shut_at)
    cut = pd.DataFrame(
        {"hall_id": spans["hall_id"].to_numpy()[row],
         "hour": hour.astype("datetime64[us, UTC]"),
         "open_min": (ends - begins).dt.total_seconds() / 60}
    )  # fmt: skip
    cut = cut.groupby(KEY)["open_min"].sum().reset_index()
    days = tickets[KEY].assign(day=_days(tickets["hour"], zone)).drop_duplicates(["hall_id", "day"])
    counting = pd.MultiIndex.from_frame(days[["hall_id", "day"]])
    asked = pd.MultiIndex.from_arrays([cut["hall_id"], _days(cut["hour"], zone)])
    return cut.assign(is_counting=asked.isin(counting))


def _past_the_hour(moments: "pd.Series[pd.Timestamp]", zone: str) -> "pd.Series[pd.Timedelta]":
    """How long each moment lies after the beginning of its local hour."""
    local = moments.dt.tz_convert(zone)
    return pd.to_timedelta(local.dt.minute * 60 + local.dt.second, unit="s") + pd.to_timedelta(
        local.dt.microsecond, unit="us"
    )


def _days(moments: "pd.Series[pd.Timestamp]", zone: str) -> "pd.Series[pd.Timestamp]":
    return pd.to_datetime(moments, utc=True).dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
