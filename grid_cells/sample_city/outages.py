"""The storm, the spur that fails again and again, Saturday's planned work, and ordinary faults."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Ints, stream, to_lon_lat
from grid_cells.sample_city.moments import days_before, utc
from grid_cells.sample_city.network import SPUR_TRANSFORMER, STORM_CUSTOMERS, STORM_FEEDERS, Network
from grid_cells.sample_city.places import Place, story_count
from grid_cells.sample_city.split import subset_with_sum

STORM_OUTAGES = 41
PLANNED_CUSTOMERS = 1_260
_SECTIONS = 3
_FEEDER_TRIPS = ("18:10", "18:22", "18:41")
_STEPS = ("20:05", "20:50", "21:35")
"""When the tie switches bring back the three sections of each feeder."""

_SPUR_DAYS_AGO = (52, 37, 21, 6)
_SATURDAY = 5
_ORDINARY = 64
_CANCELLED_SHARE = 0.1
_KINDS = ("fault", "planned", "urgent", "customer")
_KIND_SHARES = (0.58, 0.24, 0.12, 0.06)
_CAUSES = {
    "fault": ("equipment", "tree on line", "vehicle", "animal", "cable damage"),
    "planned": ("maintenance", "new connection", "replacement"),
    "urgent": ("defect found", "overheated joint"),
    "customer": ("work on customer's side",),
}


@dataclass(frozen=True)
class Row:
    """One outage before it becomes a row: transformers, times, and what is said of it."""

    transformers: Ints
    kind: str
    status: str
    cause: str
    started: pd.Timestamp
    estimated: pd.Timestamp
    restored: pd.Timestamp | None


def outage_frame(
    network: Network, places: tuple[Place, ...], *, end: date, seed: int
) -> pd.DataFrame:
    """The file's columns of `outages`, oldest first, as known on `end` at 19:40 and hours after."""
    rows = [
        *_ordinary_rows(network, places, end, stream(seed, 31)),
        *_spur_rows(network, end),
        *_storm_rows(network, places, end, stream(seed, 32)),
        _planned_row(network, places, end),
    ]
    rows.sort(key=lambda row: (row.started, int(row.transformers[0])))
    frame = pd.DataFrame([_columns(network, row) for row in rows])
    ids = [f"OT-{row.started:%y%m%d}-{n:03d}" for n, row in enumerate(rows, start=1)]
    frame.insert(0, "outage_id", ids)
    return frame


def _columns(network: Network, row: Row) -> dict[str, object]:
    own = row.transformers
    ids = sorted(network.transformer_id[own].tolist())
    weight = network.customers[own]
    middle = np.average(np.column_stack([network.x[own], network.y[own]]), axis=0, weights=weight)
    lon, lat = to_lon_lat(middle[:1], middle[1:])
    return {
        "kind": row.kind,
        "status": row.status,
        "cause": row.cause,
        "scope": ";".join(f"transformer:{code}" for code in ids),
        "started_at": row.started,
        "estimated_restore_at": row.estimated,
        "restored_at": row.restored,
        "customers_affected": int(weight.sum()),
        "lon": float(lon[0]),
        "lat": float(lat[0]),
    }


def _storm_rows(
    network: Network, places: tuple[Place, ...], end: date, rng: np.random.Generator
) -> list[Row]:
    """Three sections of each of three feeders, and single transformers in between: 41 outages.

    No transformer is in two of them, so that their customers add up. The hospital stays out: its
    second feeder carries it.
    """
    dark = storm_transformers(network, places)
    lane = network.of_place(places, "lane38")
    single = _singles(network, dark[dark != lane[0]], rng)
    rows = [_lane_row(lane, end), *(_single_row(np.array([one]), end, rng) for one in single)]
    rest = np.setdiff1d(dark, np.append(single, lane))
    for feeder, trip in enumerate(_FEEDER_TRIPS):
        own = rest[network.feeder[rest] == feeder]
        for section, step in zip(np.array_split(own, _SECTIONS), _STEPS, strict=True):
            rows.append(_section_row(section, end, trip, step))
    return rows


def _singles(network: Network, dark: Ints, rng: np.random.Generator) -> list[int]:
    """Public transformers that fail on their own, shared out evenly among the three feeders."""
    feeders = len(STORM_FEEDERS)
    count = STORM_OUTAGES - feeders * _SECTIONS - 1
    share = np.diff(np.linspace(0, count, feeders + 1).round().astype(int))
    chosen: list[int] = []
    for feeder, wanted in enumerate(share.tolist()):
        own = dark[(network.feeder[dark] == feeder) & ~network.is_dedicated[dark]]
        chosen += rng.permutation(own)[: min(wanted, len(own) - _SECTIONS)].tolist()
    return chosen


def storm_transformers(network: Network, places: tuple[Place, ...]) -> Ints:
    """Transformers dark at the storm's peak: of the three feeders, together the story's 14,800."""
    hospital, pump = network.of_place(places, "hospital"), network.of_place(places, "pump")
    lane = network.of_place(places, "lane38")
    must = np.concatenate([lane, pump])
    hit = np.flatnonzero(network.feeder < len(STORM_FEEDERS))
    hit = np.setdiff1d(hit, np.concatenate([must, hospital]))
    target = story_count(STORM_CUSTOMERS, int(network.customers.sum()))
    surplus = int(network.customers[np.append(hit, must)].sum()) - target
    spared = hit[subset_with_sum(network.customers[hit], max(surplus, 0))]
    return np.sort(np.append(np.setdiff1d(hit, spared), must))


def _section_row(section: Ints, end: date, trip: str, step: str) -> Row:
    back = utc(end, step)
    late = back + pd.Timedelta(minutes=25)
    return Row(section, "fault", "in_force", "storm: line down", utc(end, trip), late, back)


def _single_row(transformer: Ints, end: date, rng: np.random.Generator) -> Row:
    start = utc(end, "18:14") + pd.Timedelta(minutes=int(rng.integers(0, 82)))
    back = utc(end, "19:48") + pd.Timedelta(minutes=int(rng.integers(0, 100)))
    cause = ("storm: tree on line", "storm: fuse", "storm: flooding")[int(rng.integers(0, 3))]
    return Row(
        transformer, "fault", "in_force", cause, start, back + pd.Timedelta(minutes=30), back
    )


def _lane_row(lane: Ints, end: date) -> Row:
    """The 38 homes that stay dark while their feeder F-07 is back since 21:35."""
    start, back = utc(end, "18:47"), utc(end, "23:00")
    return Row(lane, "fault", "in_force", "storm: service line", start, utc(end, "21:35"), back)


def _spur_rows(network: Network, end: date) -> list[Row]:
    spur = np.flatnonzero(network.transformer_id == SPUR_TRANSFORMER)
    rows = []
    for number, ago in enumerate(_SPUR_DAYS_AGO):
        start = utc(days_before(end, ago), "19:20") + pd.Timedelta(minutes=17 * number)
        back = start + pd.Timedelta(minutes=70 + 23 * number)
        rows.append(Row(spur, "fault", "ended", "F-11 spur: overload", start, back, back))
    return rows


def planned_day(end: date) -> date:
    """The first Saturday after the end."""
    return end + timedelta(days=(_SATURDAY - end.weekday() - 1) % 7 + 1)


def planned_transformers(network: Network, places: tuple[Place, ...]) -> Ints:
    """Neighbouring transformers of one feeder that together have the story's 1,260 customers."""
    kinds = np.array([place.kind for place in places])[network.place]
    target = story_count(PLANNED_CUSTOMERS, int(network.customers.sum()))
    plain = np.isin(kinds, ("city", "village", "town")) & (network.feeder > len(STORM_FEEDERS))
    start = network.of_place(places, "market")[0]
    away = np.hypot(network.x - network.x[start], network.y - network.y[start])
    order = np.argsort(np.round(away, 3), kind="stable")
    order = order[plain[order]]
    best = order[:0]
    for feeder in dict.fromkeys(network.feeder[order].tolist()):
        own = order[network.feeder[order] == feeder]
        found = own[subset_with_sum(network.customers[own], target)]
        if network.customers[found].sum() > network.customers[best].sum():
            best = found
        if network.customers[best].sum() == target:
            break
    return best


def _planned_row(network: Network, places: tuple[Place, ...], end: date) -> Row:
    day = planned_day(end)
    own = planned_transformers(network, places)
    start, back = utc(day, "08:00"), utc(day, "16:00")
    return Row(own, "planned", "notified", "maintenance", start, back, None)


def _ordinary_rows(
    network: Network, places: tuple[Place, ...], end: date, rng: np.random.Generator
) -> list[Row]:
    """Three months of ordinary outages, never twice at one transformer, none today."""
    kinds = np.array([place.kind for place in places])[network.place]
    plain = np.flatnonzero(np.isin(kinds, ("city", "village", "town", "west", "hills", "roads")))
    sites = rng.choice(plain, min(_ORDINARY, len(plain)), replace=False)
    rows = []
    for site in sites.tolist():
        kind = _KINDS[int(rng.choice(len(_KINDS), p=_KIND_SHARES))]
        cause = _CAUSES[kind][int(rng.integers(0, len(_CAUSES[kind])))]
        hour = f"{int(rng.integers(6, 21)):02d}:{int(rng.integers(0, 60)):02d}"
        start = utc(days_before(end, int(rng.integers(1, 90))), hour)
        back = start + pd.Timedelta(minutes=int(rng.lognormal(4.5, 0.6)))
        status = "cancelled" if kind == "planned" and rng.random() < _CANCELLED_SHARE else "ended"
        rows.append(Row(np.array([site]), kind, status, cause, start, back, back))
    return rows
