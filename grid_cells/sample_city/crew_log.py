"""What crews' phones told: duties of the month, and the tracks of the storm's day."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from grid_cells.sample_city.dispatch import ALWAYS
from grid_cells.sample_city.ground import Floats, to_lon_lat, to_metres
from grid_cells.sample_city.moments import utc
from grid_cells.sample_city.roster import jittered, worked
from grid_cells.sample_city.street_names import BRIDGES
from grid_cells.sample_city.street_ways import StreetWays
from grid_cells.sample_city.streets import Streets

_TRACKS_FROM, _STORM_ENDS = "00:00", "23:58"
_MOVES_EVERY_MIN, _STANDS_EVERY_MIN = 1.0, 4.0
_LOOK_MIN, _MOST_KMH = 6.0, 70.0
_WAVER_M: Final = 7.0
_LATE_SHARE, _LATE_MIN = 0.06, (8.0, 35.0)
_FORGOTTEN_AFTER: Final = pd.Timedelta(minutes=60)
_MINUTE: Final = pd.Timedelta(minutes=1)
_Span = tuple[str, tuple[pd.Timestamp, pd.Timestamp]]


@dataclass(frozen=True, eq=False)
class CrewLog:
    """Rows of duties, positions and fences, and which day they reach to.

    duties: crew_id, on_at, off_at, off_why; positions: crew_id, seen_at, lon, lat, accuracy_m;
    fences: name, lon, lat, radius_m, dwell_min.
    """

    duties: pd.DataFrame
    positions: pd.DataFrame
    fences: pd.DataFrame


def crew_log(
    streets: Streets, frames: dict[str, pd.DataFrame], *, end: date, rng: np.random.Generator
) -> CrewLog:
    """Duties and tracks of the crews; frames: crews, crew_shifts, fault_reports.

    A crew stands at its base until it sets out for a fault, early enough to be there when its
    reports say so, and stays until the next one. What no vehicle could reach in time is left out.
    """
    crews = frames["crews"]
    visits = _visits(frames["fault_reports"], utc(end, "00:00"))
    duties = _duties(crews, frames["crew_shifts"], visits, end, rng)
    ways = StreetWays(streets, BRIDGES[1])
    spans = _within(duties, utc(end, _TRACKS_FROM), utc(end, _STORM_ENDS))
    bases = dict(zip(crews["crew_id"], np.column_stack(_metres(crews)), strict=True))
    tracks = [
        _track(ways, bases[crew_id], visits[visits["crew_id"] == crew_id], span, rng).assign(
            crew_id=crew_id
        )
        for crew_id, span in spans
    ]
    return CrewLog(duties, pd.concat(tracks, ignore_index=True), _fences(streets, crews))


def _within(duties: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> list[_Span]:
    """What of the duties lies between two moments: the crew, from when to when."""
    rows = duties.sort_values(["crew_id", "on_at"], kind="stable")
    pairs = zip(rows["crew_id"], rows["on_at"], rows["off_at"], strict=True)
    cut = [(str(crew), (max(on, first), min(off, last))) for crew, on, off in pairs]
    return [(crew, span) for crew, span in cut if span[1] > span[0]]


def _metres(places: pd.DataFrame) -> tuple[Floats, Floats]:
    return to_metres(places["lon"].to_numpy(float), places["lat"].to_numpy(float))


def _visits(reports: pd.DataFrame, since: pd.Timestamp) -> pd.DataFrame:
    """One visit for each crew and outage (or lone call) of the day: crew_id, arrived_at, x, y."""
    own = reports[reports["crew_id"].notna() & reports["arrived_at"].notna()]
    own = own[(own["registered_at"] >= since) & own["lon"].notna()]
    fault = own["outage_id"].where(own["outage_id"].notna(), own["report_id"])
    grouped = own.assign(fault=fault).groupby(["crew_id", "fault"], sort=True)
    found = grouped.agg(
        arrived_at=("arrived_at", "min"), lon=("lon", "median"), lat=("lat", "median"),
        left_at=("restored_at", "max"),
    ).reset_index()  # fmt: skip
    x, y = _metres(found)
    found = found.assign(x=x, y=y)
    return found.sort_values(["crew_id", "arrived_at"], kind="stable", ignore_index=True)


def _duties(
    crews: pd.DataFrame,
    shifts: pd.DataFrame,
    visits: pd.DataFrame,
    end: date,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Duties of all shifts until tonight, those of the standby crews when they were called."""
    rows = worked(shifts)
    rows = rows[rows["starts_at"] <= utc(end, _STORM_ENDS)]
    rows = _merged(rows)
    late = rng.random(len(rows)) < _LATE_SHARE
    early = jittered(rng, len(rows), -12, -1)
    shift = np.where(late, jittered(rng, len(rows), *_LATE_MIN), early)
    over = jittered(rng, len(rows), 1, 14)
    found = pd.DataFrame(
        {
            "crew_id": rows["crew_id"], "on_at": rows["starts_at"] + shift,
            "off_at": rows["ends_at"] + over, "off_why": "own",
        }
    )  # fmt: skip
    found = _with_one_forgotten(found, rows["ends_at"], utc(end, "00:00"))
    called = visits[visits["crew_id"].isin(crews.loc[crews["shift"] == ALWAYS, "crew_id"])]
    spans = called.groupby("crew_id").agg(on_at=("arrived_at", "min"), off_at=("left_at", "max"))
    leaves = spans["off_at"] + 20 * _MINUTE
    latest = pd.Series(utc(end, _STORM_ENDS), index=spans.index)
    standby = spans.assign(
        on_at=spans["on_at"] - 25 * _MINUTE, off_at=leaves.where(leaves < latest, latest),
        off_why="own",
    ).reset_index()  # fmt: skip
    both = pd.concat([found, standby], ignore_index=True)
    return both.sort_values(["on_at", "crew_id"], kind="stable", ignore_index=True)


def _merged(rows: pd.DataFrame) -> pd.DataFrame:
    """Shifts of a crew that follow each other at once are one duty."""
    before = rows.groupby("crew_id")["ends_at"].shift()
    number = (before != rows["starts_at"]).cumsum()
    grouped = rows.groupby(number).agg(
        crew_id=("crew_id", "first"), starts_at=("starts_at", "first"), ends_at=("ends_at", "last")
    )
    return grouped.reset_index(drop=True)


def _with_one_forgotten(
    duties: pd.DataFrame, ends: "pd.Series[pd.Timestamp]", today: pd.Timestamp
) -> pd.DataFrame:
    """The last duty that was over before today was ended by the rule."""
    ended = ends.to_numpy() + _FORGOTTEN_AFTER
    latest = ends.where(pd.Series(ended < today, index=ends.index))
    is_last = (latest == latest.max()) & ~latest.duplicated()
    return duties.assign(
        off_at=duties["off_at"].where(~is_last, ends + _FORGOTTEN_AFTER),
        off_why=duties["off_why"].where(~is_last, "forgotten"),
    )


def _track(
    ways: StreetWays,
    base: Floats,
    visits: pd.DataFrame,
    span: tuple[pd.Timestamp, pd.Timestamp],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Fixes of one crew within the span."""
    minutes: list[Floats] = []
    places: list[Floats] = []
    here, free, last = base, 0.0, float((span[1] - span[0]) / _MINUTE)
    at = ((visits["arrived_at"] - span[0]) / _MINUTE).to_numpy(float)
    sites = visits[["x", "y"]].to_numpy(float)
    for arrives, there in zip(at.tolist(), sites, strict=True):
        left = arrives - free
        if left <= 0 or arrives >= last:
            continue
        way, took = ways.between(here, there)
        length_km = float(np.hypot(*np.diff(way, axis=0).T).sum()) / 1_000
        if length_km / (left / 60) > _MOST_KMH:
            continue
        drive = min(float(took[-1]) * 1.2 + 0.5, left)
        _stand(minutes, places, here, (free, arrives - drive))
        _drive(minutes, places, way, took / took[-1] * drive + arrives - drive)
        here, free = there, min(arrives + _LOOK_MIN, last)
        _stand(minutes, places, here, (arrives, free))
    _stand(minutes, places, here, (free, last))
    return _fixes(np.concatenate(minutes), np.vstack(places), span[0], rng)


def _stand(
    minutes: list[Floats], places: list[Floats], here: Floats, span: tuple[float, float]
) -> None:
    at = np.arange(span[0], span[1], _STANDS_EVERY_MIN)
    minutes.append(at)
    places.append(np.tile(here, (len(at), 1)))


def _drive(minutes: list[Floats], places: list[Floats], way: Floats, at: Floats) -> None:
    told = np.arange(at[0], at[-1], _MOVES_EVERY_MIN)
    minutes.append(told)
    places.append(np.column_stack([np.interp(told, at, way[:, axis]) for axis in (0, 1)]))


def _fixes(
    minutes: Floats, places: Floats, start: pd.Timestamp, rng: np.random.Generator
) -> pd.DataFrame:
    lon, lat = to_lon_lat(*(places + rng.normal(0, _WAVER_M, places.shape)).T)
    seen = start + pd.to_timedelta(np.round(minutes * 60), unit="s")
    vague = np.round(rng.gamma(4, 3.0, len(minutes)) + 4, 1)
    frame = pd.DataFrame({"seen_at": seen, "lon": lon, "lat": lat, "accuracy_m": vague})
    return frame.drop_duplicates("seen_at")


def _fences(streets: Streets, crews: pd.DataFrame) -> pd.DataFrame:
    """Round the first base, and on the bridge that crews cross without stopping."""
    names = streets.lines["name"].to_numpy(object)[streets.line]
    on_bridge = names == BRIDGES[0]
    x, y = float(streets.x0[on_bridge].mean()), float(streets.y0[on_bridge].mean())
    lon, lat = to_lon_lat(np.array([x]), np.array([y]))
    base = crews.iloc[0]
    return pd.DataFrame(
        [
            (f"{base['name'].split(' Day')[0]} base 驻点", base["lon"], base["lat"], 120.0, 5.0),
            (BRIDGES[0], float(lon[0]), float(lat[0]), 250.0, 5.0),
        ],
        columns=["name", "lon", "lat", "radius_m", "dwell_min"],
    )
