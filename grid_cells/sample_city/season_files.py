"""A season's outages, steps and reports as rows of the files."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from grid_cells.sample_city.calls import Blackouts, Calls, draw_calls
from grid_cells.sample_city.crew_ways import CrewWays, opened_visits
from grid_cells.sample_city.dispatch import Visits, after
from grid_cells.sample_city.ground import Days, Flags, Floats, Ints, Texts, stream, to_lon_lat
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import day_codes, moment
from grid_cells.sample_city.reports import Reports, reports_of
from grid_cells.sample_city.season import FEEDER, ONE, PART, Lines, Season, draw_season, lay_lines

_KINDS, _KIND_SHARES = ("fault", "planned", "urgent"), (0.80, 0.17, 0.03)
_CAUSES = {
    "fault": ("equipment", "tree on line", "wind", "vehicle", "animal", "under investigation"),
    "planned": ("maintenance", "vegetation clearing", "replacement"),
    "urgent": ("defect found", "overheated joint"),
}
_SHUT_OFF = ("load_limit", "safety shut-off: high wind")
_STEPS, _SHUT_OFF_STEPS = (0.45, 0.75), (0.92, 0.96)
"""Parts of its time after which one and two thirds of a larger outage are back."""

_STEPS_FROM = 3
_CALLING, _MOST_CALLS, _BUSY_MIN = 0.05, 25, 45.0
_UNKNOWN_ESTIMATE, _ESTIMATE_SPREAD = 0.2, 0.25


@dataclass(frozen=True, eq=False)
class _Scene:
    """A season over a city: who is out in each outage, and when each part of it is back.

    `customer` holds the customers in the order of the lines, `row` the line of each. By outage:
    customers `first` to `last` are out, lines up to `cut` are back at `cut_at` (2 columns each).
    """

    layout: Layout
    lines: Lines
    season: Season
    customer: Ints
    row: Ints
    first: Ints
    last: Ints
    cut: Ints
    cut_at: Days


def season_files(
    layout: Layout, own: dict[str, pd.DataFrame], count: int, *, end: date, seed: int
) -> tuple[dict[str, pd.DataFrame], Reports]:
    """Frames of outages and outage_steps of a season of `count` outages, and the calls about them.

    `own`: the city's frames of customers, crews and promise_zones.
    """
    lines = lay_lines(layout.network)
    scene = _set_scene(layout, lines, draw_season(lines, count, end, stream(seed, 60)))
    outages = _outages(scene, own["customers"], moment(end, 0, "19:40"), stream(seed, 61))
    ways = CrewWays(layout, own["promise_zones"], end)
    reports = _reports(scene, outages, ways, own["crews"], stream(seed, 62))
    return {"outages": outages, "outage_steps": _steps(scene, outages["outage_id"])}, reports


def _set_scene(layout: Layout, lines: Lines, season: Season) -> _Scene:
    row_of = np.full(len(layout.network.x), -1)
    row_of[lines.transformer] = np.arange(len(lines.transformer))
    row = row_of[layout.people.transformer]
    order = np.argsort(row, kind="stable")[int((row < 0).sum()) :]
    start = np.searchsorted(row[order], np.arange(len(lines.transformer) + 1))
    first, last = start[season.low], start[season.high]
    homes = np.minimum(season.homes, last - first)
    is_part = season.size == PART
    within = np.floor(season.part * (last - first - homes + 1)).astype(np.int64)
    first = np.where(is_part, first + within, first)
    last = np.where(is_part, first + homes, last)
    cut, cut_at = _cuts(season)
    return _Scene(layout, lines, season, order, row[order], first, last, cut, cut_at)


def _cuts(season: Season) -> tuple[Ints, Days]:
    """Where the lines of each outage are cut in thirds, and when the first two are back."""
    count = (season.high - season.low)[:, None]
    parts = np.where(count >= _STEPS_FROM, count * np.array([1, 2]) // 3, 0)
    shares = np.where(season.is_shut_off[:, None], _SHUT_OFF_STEPS, _STEPS)
    lasts = _minutes(season)[:, None] * shares * 60
    at = season.started[:, None] + np.round(lasts).astype("timedelta64[s]")
    return season.low[:, None] + parts, np.asarray(at.astype("datetime64[us]"))


def _minutes(season: Season) -> Ints:
    lasts = (season.back - season.started).astype("timedelta64[m]")
    return np.asarray(lasts.astype(np.int64))


def _outages(
    scene: _Scene, customers: pd.DataFrame, now: np.datetime64, rng: np.random.Generator
) -> pd.DataFrame:
    season = scene.season
    kind, cause = _kinds(season.is_shut_off, rng)
    days = day_codes(season.started)
    lon, lat = _middles(scene)
    return pd.DataFrame(
        {
            "outage_id": [f"ST-{day}-{n:06d}" for n, day in enumerate(days, start=1)],
            "kind": kind,
            "status": np.where(season.back <= now, "ended", "in_force"),
            "cause": cause,
            "scope": _scopes(scene, customers),
            "started_at": _utc(season.started),
            "estimated_restore_at": _utc(_estimates(season, rng)),
            "restored_at": _utc(season.back),
            "customers_affected": scene.last - scene.first,
            "lon": lon,
            "lat": lat,
            "parent_outage_id": pd.array([None] * len(days), dtype="str"),
        }
    ).astype(dict.fromkeys(("outage_id", "kind", "status", "cause", "scope"), "str"))


def _utc(moments: Days) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(moments.astype("datetime64[us]")).tz_localize("UTC")


def _kinds(is_shut_off: Flags, rng: np.random.Generator) -> tuple[Texts, Texts]:
    count = len(is_shut_off)
    kind = rng.choice(np.array(_KINDS, dtype=object), count, p=_KIND_SHARES)
    draw = rng.random(count)
    cause = np.full(count, _SHUT_OFF[1], dtype=object)
    for name, causes in _CAUSES.items():
        own = kind == name
        cause[own] = np.array(causes, dtype=object)[(draw[own] * len(causes)).astype(int)]
    kind[is_shut_off], cause[is_shut_off] = _SHUT_OFF
    return kind, cause


def _estimates(season: Season, rng: np.random.Generator) -> Days:
    """What was hoped for: near the truth, early or late, for one in five never told."""
    off = rng.lognormal(0, _ESTIMATE_SPREAD, len(season.started))
    quarters = np.ceil(_minutes(season) * off / 15 + 1).astype(np.int64)
    hoped = season.started + (quarters * 15).astype("timedelta64[m]")
    untold = ~season.is_shut_off & (rng.random(len(off)) < _UNKNOWN_ESTIMATE)
    hoped[untold] = np.datetime64("NaT")
    return np.asarray(hoped.astype("datetime64[us]"))


def _middles(scene: _Scene) -> tuple[Floats, Floats]:
    """Where each outage's customers are in the middle, in degrees."""
    boxes, box = scene.layout.boxes, scene.layout.people.box[scene.customer]
    found = []
    for values in (boxes.x[box], boxes.y[box]):
        sums = np.concatenate([[0.0], np.cumsum(values)])
        found.append((sums[scene.last] - sums[scene.first]) / (scene.last - scene.first))
    return to_lon_lat(found[0], found[1])


def _scopes(scene: _Scene, customers: pd.DataFrame) -> list[str]:
    season, network = scene.season, scene.layout.network
    lines = _line_names(scene)
    numbers = customers["customer_no"].to_numpy(dtype=object)[scene.customer]
    homes = [f"customer:{number}" for number in numbers.tolist()]
    feeders = network.feeder_id[network.feeder[scene.lines.transformer[season.low]]]
    told = []
    for n, size in enumerate(season.size.tolist()):
        if size == PART:
            told.append(";".join(homes[scene.first[n] : scene.last[n]]))
        elif size == FEEDER:
            told.append(f"feeder:{feeders[n]}")
        else:
            told.append(";".join(lines[season.low[n] : season.high[n]]))
    return told


def _line_names(scene: _Scene) -> list[str]:
    ids = scene.layout.network.transformer_id[scene.lines.transformer]
    return [f"transformer:{code}" for code in ids.tolist()]


def _steps(scene: _Scene, outage_id: pd.Series) -> pd.DataFrame:
    """The file's columns of `outage_steps` for the outages that came back third by third."""
    season, names = scene.season, _line_names(scene)
    own = np.flatnonzero(scene.cut[:, 1] > season.low)
    edges = np.column_stack([season.low[own], scene.cut[own], season.high[own]])
    low, high = edges[:, :-1].reshape(-1), edges[:, 1:].reshape(-1)
    people = np.searchsorted(scene.row, high) - np.searchsorted(scene.row, low)
    at = np.column_stack([scene.cut_at[own], season.back[own]]).reshape(-1)
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return pd.DataFrame(
        {
            "outage_id": outage_id.to_numpy()[np.repeat(own, 3)],
            "step_at": _utc(at),
            "change": "restored",
            "scope": [";".join(names[begin:end]) for begin, end in pairs],
            "customers": people,
        }
    )


def _reports(
    scene: _Scene,
    outages: pd.DataFrame,
    ways: CrewWays,
    crews: pd.DataFrame,
    rng: np.random.Generator,
) -> Reports:
    """Calls about what nobody announced; while the wind blows, crews come late."""
    season = scene.season
    own = np.flatnonzero((outages["kind"] != "planned").to_numpy() & ~season.is_shut_off)
    calls = draw_calls(_blackouts(scene, own), _CALLING, rng, most=_MOST_CALLS)
    visits = opened_visits(calls, ways, crews, rng)
    windy = season.started[own] >= season.started[season.is_shut_off].min()
    wait = (windy * rng.exponential(_BUSY_MIN, len(own)))[calls.outage]
    stamps = (after(stamp, wait) for stamp in (visits.told, visits.accepted, visits.arrived))
    ids = outages["outage_id"].to_numpy(dtype=object)[own][calls.outage]
    grouped = np.ones(len(calls), dtype=bool)
    return reports_of(calls, Visits(visits.crew, *stamps), ids, _said(season, own, calls), grouped)


def _said(season: Season, own: Ints, calls: Calls) -> Texts:
    size = season.size[own][calls.outage]
    said = np.select([size == PART, size == ONE], ["service_line", "transformer"], "line")
    return np.where(calls.is_again, "again", said).astype(object)


def _blackouts(scene: _Scene, own: Ints) -> Blackouts:
    first, size = scene.first[own], (scene.last - scene.first)[own]
    begin = np.concatenate([[0], np.cumsum(size)])
    outage = np.repeat(np.arange(len(own)), size)
    member = np.arange(begin[-1]) - begin[outage] + first[outage]
    row, which = scene.row[member], own[outage]
    back = scene.season.back[which]
    for step in (1, 0):
        back = np.where(row < scene.cut[which, step], scene.cut_at[which, step], back)
    return Blackouts(scene.season.started[own], begin, scene.customer[member], back)
