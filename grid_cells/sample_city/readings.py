"""Ninety days of daily readings, made day by day so that a million customers fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from grid_cells.sample_city.demand import true_use
from grid_cells.sample_city.ground import Days, Flags, Floats, Ints
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.meters import WRONG_CT_WIRED, Meters
from grid_cells.sample_city.moments import utc
from grid_cells.sample_city.weather import DAYS, Weather

ROWS_A_CHUNK = 4_000_000
SOURCES = pd.array(["measured", "late", "manual", "estimated"], dtype="str")
_SOURCE_SHARES = (0.9860, 0.0080, 0.0015, 0.0045)
_MISSING_SHARE = 0.003
_MASTER_MISSING_SHARE = 0.002
_SUN_KWH_PER_KWP = 4.6
_FED_BACK = 0.68
_USED_NEARBY = 0.55


@dataclass(frozen=True, eq=False)
class ReadingPlan:
    """All that the readings follow from; `never_missing` is by meter, billing before masters."""

    layout: Layout
    meters: Meters
    first_day: Ints
    never_missing: Flags
    seed: int


def connected_day(connected_on: pd.Series, weather: Weather) -> Ints:
    """Number of the day (from the first reading, 0 or more) on which each customer's use begins."""
    start = np.datetime64(weather.first, "D")
    number = (connected_on.to_numpy().astype("datetime64[D]") - start).astype(np.int64)
    return np.maximum(number, 0)


def read_meters(plan: ReadingPlan) -> Iterator[pd.DataFrame]:
    """Frames of meter_id, day, energy_kwh, reverse_kwh, source, received_at; whole days each."""
    meters = plan.meters
    ids = pd.Series(pd.array(np.concatenate([meters.meter_id, meters.master_id]), dtype="str"))
    days = max(1, ROWS_A_CHUNK // len(ids))
    for first in range(0, DAYS, days):
        frames = [_day(plan, day) for day in range(first, min(first + days, DAYS))]
        columns = [np.concatenate(column) for column in zip(*frames, strict=True)]
        meter, day, energy, reverse, source, received = columns
        yield pd.DataFrame(
            {
                "meter_id": ids.array.take(meter),
                "day": day,
                "energy_kwh": energy,
                "reverse_kwh": reverse,
                "source": SOURCES.take(source),
                "received_at": pd.DatetimeIndex(received).tz_localize("UTC"),
            }
        )


def _day(plan: ReadingPlan, day: int) -> tuple[Any, ...]:
    """Columns of one day: meter's position, day, energy, reverse, source, received."""
    used, fed = _flows(plan, day)
    shown = _shown(plan, used, day)
    meters = plan.meters
    scale = meters.share / meters.multiplier
    billing = shown[meters.customer] * scale
    fed_back = fed[meters.customer] * scale
    master, master_back = _masters(plan, used, fed, day)
    energy = np.round(np.concatenate([billing, master]), 2)
    reverse = np.round(np.concatenate([fed_back, master_back]), 2)
    source, received, kept = _arrival(plan, day)
    meter = np.flatnonzero(kept)
    days = np.full(len(meter), np.datetime64(plan.layout.weather.day(day), "us"))
    return meter, days, energy[kept], reverse[kept], source[kept], received[kept]


def _flows(plan: ReadingPlan, day: int) -> tuple[Floats, Floats]:
    """Energy each customer draws from the network and feeds into it on a day, kWh."""
    factors = plan.layout.weather.use_factors()
    use = true_use(plan.layout.demand, plan.layout.people, factors, day=day, seed=plan.seed)
    use = use * (plan.first_day <= day)
    made = plan.layout.demand.pv_kwp * _SUN_KWH_PER_KWP * plan.layout.weather.sun[day]
    fed = made * _FED_BACK
    return np.maximum(use - (made - fed), 0.25 * use), fed


def _shown(plan: ReadingPlan, used: Floats, day: int) -> Floats:
    """What the meters show of it: less by theft, nothing while frozen, then all at once."""
    demand = plan.layout.demand
    shown = used * (1 - demand.taken(day))
    frozen = (demand.frozen_from <= day) & (day < demand.frozen_to)
    catch_up = np.flatnonzero(demand.frozen_to == day)
    total = np.cumsum(plan.layout.weather.use_factors(), axis=0)
    kind, start = plan.layout.people.use[catch_up], demand.frozen_from[catch_up]
    missed = demand.base_kwh[catch_up] * (total[day - 1, kind] - total[start - 1, kind])
    shown[catch_up] += missed
    shown[frozen] = 0.0
    return np.asarray(shown)


def _masters(plan: ReadingPlan, used: Floats, fed: Floats, day: int) -> tuple[Floats, Floats]:
    """Forward and reverse of the master meters, before their recorded multiplier."""
    demand, meters, true = plan.layout.demand, plan.meters, plan.layout.people.transformer
    count = len(plan.layout.network.x)
    drawn = np.bincount(true, used, count)
    back = np.bincount(true, fed, count)
    nearby = np.minimum(back * _USED_NEARBY, drawn * 0.8)
    rng = np.random.default_rng([plan.seed, 26, day])
    noise = 1 + rng.normal(0, 0.002, count)
    forward = (drawn - nearby) / (1 - demand.loss) * noise
    factor = meters.master_multiplier.copy()
    factor[meters.master_of == demand.wrong_ct] = WRONG_CT_WIRED
    return forward[meters.master_of] / factor, (back - nearby)[meters.master_of] / factor


def _arrival(plan: ReadingPlan, day: int) -> tuple[Ints, Days, Flags]:
    """Source and time of arrival of each meter's reading, and whether it is there by now."""
    meters = plan.meters
    billing, count = len(meters.meter_id), len(meters.meter_id) + len(meters.master_id)
    rng = np.random.default_rng([plan.seed, 27, day])
    draw = rng.random(count)
    source = np.searchsorted(np.cumsum(_SOURCE_SHARES)[:-1], draw, side="right")
    missing = rng.random(count) < np.where(
        np.arange(count) < billing, _MISSING_SHARE, _MASTER_MISSING_SHARE
    )
    source[plan.never_missing], missing[plan.never_missing] = 0, False
    minutes = rng.integers(20, 330, count)
    minutes += (
        np.array([0, 1_440, 600, 360])[source] + (source == 1) * rng.integers(0, 2, count) * 1_440
    )
    midnight = np.datetime64(
        utc(plan.layout.weather.day(day) + timedelta(days=1)).tz_localize(None), "us"
    )
    received = midnight + minutes.astype("timedelta64[m]").astype("timedelta64[us]")
    now = np.datetime64(utc(_end(plan), "19:40").tz_localize(None), "us")
    started = np.concatenate(
        [plan.first_day[meters.customer], np.zeros(count - billing, dtype=np.int64)]
    )
    return source, received, ~missing & (received <= now) & (started <= day)


def _end(plan: ReadingPlan) -> date:
    return plan.layout.weather.day(DAYS)
