"""Devices of business halls over a span: up, down or unknown, and what that does to the counters.

Time is up between heartbeats no further apart than the limit of the kind, down while a fault
stands, and unknown otherwise: silence is neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

UP: Final = "up"
DOWN: Final = "down"
UNKNOWN: Final = "unknown"
ENOUGH_HOURS: Final = 8
"""Hours of either sort below which an effect on the load is unknown."""
_HALF: Final = 0.5
_HOUR: Final = pd.Timedelta(hours=1)
_MOMENT: Final = "datetime64[us, UTC]"
Span = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class Signs:
    """What devices told of themselves, as known at a moment.

    beats: device_id, from_at, to_at (heartbeats no further apart than the limit in between; one
    heartbeat alone has both the same) · faults: device_id, from_at, to_at (NaT: it stands) ·
    devices: device_id, late_min (the limit between heartbeats), installed_at (NaT: before all).
    """

    beats: pd.DataFrame
    faults: pd.DataFrame
    devices: pd.DataFrame


def timeline(signs: Signs, first: datetime, last: datetime, *, now: datetime) -> pd.DataFrame:
    """Each device's time in the span, without a gap: device_id, state, from_at, to_at.

    state: up, down or unknown. Time before a device was installed is left out, and so is time
    after `now`. Heartbeats just before and after the span are to be among the signs: they tell
    whether its edges are known.
    """
    edge = (_moment(first), _moment(min(last, now)))
    alive = _grouped(joined(signs.beats, signs.devices, now=now))
    down = _grouped(signs.faults.assign(to_at=signs.faults["to_at"].fillna(edge[1])))
    rows = [
        (device, state, begin, end)
        for device, installed in zip(
            signs.devices["device_id"], signs.devices["installed_at"], strict=True
        )
        for state, begin, end in _told(
            _within(alive.get(device, []), edge), _within(down.get(device, []), edge),
            (edge[0] if pd.isna(installed) else max(edge[0], installed), edge[1]),
        )
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=["device_id", "state", "from_at", "to_at"])
    return found.astype({"from_at": _MOMENT, "to_at": _MOMENT})


def joined(beats: pd.DataFrame, devices: pd.DataFrame, *, now: datetime) -> pd.DataFrame:
    """Heartbeats no further apart than the limit as one stretch: device_id, from_at, to_at.

    The last stretch of a device lasts until `now` while the next heartbeat is not late.
    """
    table = beats[["device_id", "from_at", "to_at"]].merge(
        devices[["device_id", "late_min"]], on="device_id"
    )
    table = table.sort_values(["device_id", "from_at"], kind="stable", ignore_index=True)
    limit = pd.to_timedelta(table["late_min"], unit="min")
    reach = table.groupby("device_id")["to_at"].cummax()
    same = table["device_id"] == table["device_id"].shift()
    stretch = (~(same & (table["from_at"] - reach.shift() <= limit))).cumsum()
    found = table.groupby(stretch, sort=False).agg(
        device_id=("device_id", "first"), from_at=("from_at", "first"), to_at=("to_at", "max"),
        late_min=("late_min", "first"),
    )  # fmt: skip
    is_last = found["device_id"] != found["device_id"].shift(-1)
    is_fresh = is_last & (
        _moment(now) - found["to_at"] <= pd.to_timedelta(found["late_min"], unit="min")
    )
    found["to_at"] = found["to_at"].where(~is_fresh | (found["to_at"] > _moment(now)), _moment(now))
    return found.drop(columns="late_min").reset_index(drop=True)


def _moment(at: datetime) -> pd.Timestamp:
    return pd.Timestamp(at).tz_convert("UTC")


def _grouped(spans: pd.DataFrame) -> dict[str, list[Span]]:
    """Spans by device, in their order."""
    found: dict[str, list[Span]] = {}
    ordered = spans.sort_values("from_at", kind="stable")
    for device, begin, end in zip(
        ordered["device_id"], ordered["from_at"], ordered["to_at"], strict=True
    ):
        found.setdefault(device, []).append((begin, end))
    return found


def _within(spans: Sequence[Span], edge: Span) -> list[Span]:
    cut = ((max(begin, edge[0]), min(end, edge[1])) for begin, end in spans)
    return [(begin, end) for begin, end in cut if begin < end]


def _told(
    alive: list[Span], down: list[Span], edge: Span
) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """The pieces of the edge, neighbours of one state put together; down goes before up."""
    if edge[0] >= edge[1]:
        return []
    cuts = sorted({edge[0], *(m for one in (*alive, *down) for m in one if m > edge[0]), edge[1]})
    pieces: list[tuple[str, pd.Timestamp, pd.Timestamp]] = []
    at = {DOWN: 0, UP: 0}
    for begin, end in pairwise(cuts):
        state = UNKNOWN
        for name, spans in ((UP, alive), (DOWN, down)):
            while at[name] < len(spans) and spans[at[name]][1] <= begin:
                at[name] += 1
            if at[name] < len(spans) and spans[at[name]][0] <= begin:
                state = name
        if pieces and pieces[-1][0] == state:
            begin = pieces.pop()[1]  # noqa: PLW2901 - the piece grows
        pieces.append((state, begin, end))
    return pieces


def availability(spans: pd.DataFrame, devices: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Availability of devices by columns of `devices` (none: of all together).

    devices (how many), up_h, down_h, unknown_h; availability = up / (up + down), NaN where nothing
    is known; known_share = (up + down) / all time, NaN where there is none.
    """
    hours = (spans["to_at"] - spans["from_at"]).dt.total_seconds() / 3600
    each = pd.DataFrame({"device_id": spans["device_id"], "state": spans["state"], "h": hours})
    wide = each.pivot_table(index="device_id", columns="state", values="h", aggfunc="sum")
    wide = wide.reindex(columns=[UP, DOWN, UNKNOWN]).fillna(0.0).add_suffix("_h")
    table = devices.merge(wide, left_on="device_id", right_index=True, how="left")
    named = ["up_h", "down_h", "unknown_h"]
    table[named] = table[named].fillna(0.0)
    keys = list(by) or ["all"]
    found = (
        table.assign(all=0)
        .groupby(keys, dropna=False)
        .agg(devices=("device_id", "size"), **{name: (name, "sum") for name in named})
    )
    known = found["up_h"] + found["down_h"]
    found["availability"] = found["up_h"] / known.where(known > 0)
    every = known + found["unknown_h"]
    found["known_share"] = known / every.where(every > 0)
    return found.reset_index(drop=not by)


def hour_shares(spans: pd.DataFrame, hours: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """How long a hall's devices were not up, by the hour: hall_id, hour, down, unknown.

    The shares (0–1) are the largest of its devices'. hours: hall_id, hour, of one zone's clocks;
    places: device_id, hall_id. Hours of halls without a device among the spans are left out.
    """
    table = spans[spans["state"] != UP].merge(places, on="device_id")
    past = (hours["hour"].min() - hours["hour"].min().floor("h")) if len(hours) else _HOUR * 0
    table["hour"] = [
        list(pd.date_range((begin - past).floor("h") + past, end, freq="h", inclusive="left"))
        for begin, end in zip(table["from_at"], table["to_at"], strict=True)
    ]
    table = table.explode("hour").astype({"hour": _MOMENT})
    ends = np.minimum(table["to_at"], table["hour"] + _HOUR)
    table["share"] = (ends - np.maximum(table["from_at"], table["hour"])) / _HOUR
    each = table.groupby(["hall_id", "hour", "device_id", "state"])["share"].sum().reset_index()
    worst = each.pivot_table(
        index=["hall_id", "hour"], columns="state", values="share", aggfunc="max"
    )
    worst = worst.reindex(columns=[DOWN, UNKNOWN]).fillna(0.0).reset_index()
    held = places.loc[places["device_id"].isin(spans["device_id"]), "hall_id"].unique()
    asked = hours.loc[hours["hall_id"].isin(held), ["hall_id", "hour"]]
    found = asked.merge(worst, on=["hall_id", "hour"], how="left")
    return found.fillna({DOWN: 0.0, UNKNOWN: 0.0})


def effect(
    loads: pd.DataFrame, shares: pd.DataFrame, *, zone: str, enough: int = ENOUGH_HOURS
) -> pd.DataFrame:
    """Work at the counters while a self-service device is down, against the hours without.

    loads: hall_id, hour, load_h (NaN: unknown, left out); shares as of `hour_shares`. An hour is
    down from half of it on, and without where no device was down or unknown in it at all. Each hour
    down is compared with the mean of the hours without of the same hall, weekday and local hour.

    hall_id, hours_down, hours_without (those compared), load_down_h and load_without_h (means an
    hour, of the same mix of weekdays and hours), change_h; the last three are NaN where either
    sort has fewer than `enough` hours.
    """
    table = loads[["hall_id", "hour", "load_h"]].dropna().merge(shares, on=["hall_id", "hour"])
    local = table["hour"].dt.tz_convert(zone)
    table["slot"] = local.dt.day_of_week * 24 + local.dt.hour
    down = (
        table[table[DOWN] >= _HALF]
        .groupby(["hall_id", "slot"])["load_h"]
        .agg(sum_down="sum", size_down="size")
    )
    quiet = table[(table[DOWN] == 0) & (table[UNKNOWN] == 0)]
    other = quiet.groupby(["hall_id", "slot"])["load_h"].agg(mean="mean", size_without="size")
    both = down.join(other, how="inner")
    both["expected"] = both["mean"] * both["size_down"]
    sums = both.groupby("hall_id")[["sum_down", "expected", "size_down", "size_without"]].sum()
    sums = sums.reindex(sorted(table["hall_id"].unique()), fill_value=0)
    is_enough = (sums["size_down"] >= enough) & (sums["size_without"] >= enough)
    hours = sums["size_down"].where(is_enough)
    found = pd.DataFrame(
        {"hours_down": sums["size_down"], "hours_without": sums["size_without"],
         "load_down_h": sums["sum_down"] / hours, "load_without_h": sums["expected"] / hours}
    )  # fmt: skip
    found["change_h"] = found["load_down_h"] - found["load_without_h"]
    return (
        found.rename_axis("hall_id")
        .reset_index()
        .astype({"hours_down": "int64", "hours_without": "int64"})
    )
