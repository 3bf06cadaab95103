"""Service areas, the people and crews who serve them, and their duties."""

from datetime import date

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from grid_cells.sample_city import service_names as names
from grid_cells.sample_city.ground import Floats, Geometries, Ints, to_lon_lat, to_metres
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import days_before, unknown, utc
from grid_cells.sample_city.network import Network, growth
from grid_cells.sample_city.person_names import person_names
from grid_cells.sample_city.places import Place
from grid_cells.sample_city.service import nearest_station, on_streets, station_ids

VACANT_AREA = "E-03"
CLAIMED_TWICE = ("meiyuan", "zhuyuan")
_LEFT_DAYS_AGO = 15
_IN_OFFICE_DAYS = 380
_CREWS, _CREW_SIZE = 18, 4
_SHIFTS = ("Mo-Su 08:00-20:00", "Mo-Su 20:00-08:00", "24/7", "Mo-Fr 08:30-17:30")
_CREW_KINDS = ("Day Crew 白班", "Night Crew 夜班", "Standby Crew 值守班", "Inspection Crew 巡检班")
_CREW_SKILLS = ("lv;mv;meter", "lv;mv", "lv;mv;live_line;cable", "meter;inspection")


def area_ids(network: Network) -> Geometries:
    """Id of each service area, in the network's order."""
    return np.array([f"E-{n:02d}" for n in range(1, network.areas + 1)], dtype=object)


def area_frame(places: tuple[Place, ...], network: Network, halls: pd.DataFrame) -> pd.DataFrame:
    """The file's columns of `areas`, by transformer; two transformers are claimed by two areas."""
    own = np.flatnonzero(network.area >= 0)
    claims = pd.DataFrame({"row": own, "area": network.area[own]})
    twice = network.of_place(places, *CLAIMED_TWICE)
    other = pd.DataFrame({"row": twice, "area": _next_area(network, twice)})
    claims = pd.concat([claims, other]).sort_values(["area", "row"], kind="stable")
    area, row = claims["area"].to_numpy(), claims["row"].to_numpy()
    ids = area_ids(network)
    station, hall = _station_of_area(network), _hall_of_area(network, halls)
    return pd.DataFrame(
        {
            "transformer_id": network.transformer_id[row],
            "area_id": ids[area],
            "name": _area_names(network)[area],
            "unit_id": station_ids(network)[station[area]],
            "hall_id": hall[area],
        }
    ).astype("str")


def _area_names(network: Network) -> Geometries:
    count, known = network.areas, names.QUARTERS
    shown = [
        known[n] if n < len(known) else f"{known[n % len(known)]} {n // len(known) + 1}"
        for n in range(count)
    ]
    return np.array(shown, dtype=object)


def _next_area(network: Network, rows: Ints) -> Ints:
    """For each transformer the other area whose transformers come nearest."""
    chosen = []
    for row in rows.tolist():
        gap = np.hypot(network.x - network.x[row], network.y - network.y[row])
        gap[(network.area == network.area[row]) | (network.area < 0)] = np.inf
        chosen.append(network.area[int(gap.argmin())])
    return np.array(chosen, dtype=np.int64)


def _station_of_area(network: Network) -> Ints:
    station = np.zeros(network.areas, dtype=np.int64)
    inside = network.area >= 0
    station[network.area[inside]] = network.station[inside]
    return station


def _area_middles(network: Network) -> tuple[Floats, Floats]:
    inside = network.area >= 0
    area, weight = network.area[inside], network.customers[inside]
    total = np.bincount(area, weight)
    x = np.bincount(area, network.x[inside] * weight) / total
    return x, np.bincount(area, network.y[inside] * weight) / total


def _hall_of_area(network: Network, halls: pd.DataFrame) -> Geometries:
    sites = np.column_stack(to_metres(halls["lon"].to_numpy(), halls["lat"].to_numpy()))
    _, nearest = cKDTree(sites).query(np.column_stack(_area_middles(network)))
    return np.asarray(halls["hall_id"].to_numpy(dtype=object)[nearest], dtype=object)


def staff_frame(network: Network, rng: np.random.Generator) -> pd.DataFrame:
    """The file's columns of `staff`: a manager for each area, then the members of the crews."""
    managers, crews = network.areas, crew_count(network)
    count = managers + crews * _CREW_SIZE
    pool = person_names()
    stations = station_ids(network)
    unit = np.concatenate(
        [_station_of_area(network), np.repeat(np.arange(crews) % network.stations, _CREW_SIZE)]
    )
    skills = np.where(np.arange(count) < managers, "customer_service;meter", "lv;mv;meter")
    tail = rng.integers(0, 10**8, count)
    return pd.DataFrame(
        {
            "staff_id": [_staff_id(n) for n in range(count)],
            "name": pool[rng.permutation(len(pool))[np.arange(count) % len(pool)]],
            "phone": [f"109{number:08d}" for number in tail.tolist()],
            "skills": skills,
            "unit_id": stations[unit],
        }
    ).astype("str")


def _staff_id(number: int) -> str:
    return f"P{number + 1:04d}"


def crew_count(network: Network) -> int:
    """Number of crews: 18 in the full-size city."""
    return round(_CREWS * growth(int(network.customers.sum())))


def crew_frame(layout: Layout, rng: np.random.Generator) -> pd.DataFrame:
    """The file's columns of `crews`: several at each of six bases, all east of the river."""
    land, network = layout.land, layout.network
    rows = [
        (base, x * land.scale, y * land.scale, turn)
        for base, x, y, crews in names.BASES
        for turn in range(crews)
    ]
    turn = np.array([row[3] for row in rows])
    more = crew_count(network) - len(rows)
    extra = np.linspace(0, len(network.x) - 1, max(more, 0)).astype(np.int64)
    x = np.concatenate([[row[1] for row in rows], network.x[extra]])
    y = np.concatenate([[row[2] for row in rows], network.y[extra]])
    turn = np.concatenate([turn, np.arange(len(extra)) % 2])
    base = [row[0] for row in rows] + [f"Post {n} 第{n}驻点" for n in range(7, 7 + len(extra))]
    x, y = on_streets(layout.streets, x, y)
    lon, lat = to_lon_lat(x, y)
    first = network.areas + np.arange(len(x)) * _CREW_SIZE
    return pd.DataFrame(
        {
            "crew_id": [f"C-{n:02d}" for n in range(1, len(x) + 1)],
            "name": [f"{b} {_CREW_KINDS[t]}" for b, t in zip(base, turn.tolist(), strict=True)],
            "phone": [f"109{number:08d}" for number in rng.integers(0, 10**8, len(x)).tolist()],
            "skills": np.array(_CREW_SKILLS, dtype=object)[turn],
            "shift": np.array(_SHIFTS, dtype=object)[turn],
            "members": [
                ";".join(_staff_id(n + k) for k in range(_CREW_SIZE)) for n in first.tolist()
            ],
            "unit_id": nearest_station(network, x, y),
            "lon": lon,
            "lat": lat,
        }
    )


def duty_frame(network: Network, crews: pd.DataFrame, *, end: date) -> pd.DataFrame:
    """The file's columns of `duties`: manager, backup, repair by day and night, inspection.

    The manager of E-03 left on 1 July of the story: that duty ended and nobody took it over.
    """
    ids = area_ids(network)
    begin = utc(days_before(end, _IN_OFFICE_DAYS))
    rows: list[tuple[str, str | None, str | None, str, str]] = []
    for area, backup in enumerate(_backups(network).tolist()):
        code = str(ids[area])
        day, night, visit = _crews_of(network, crews, area)
        rows += [
            (code, _staff_id(area), None, "manager", "Mo-Su 07:00-22:00"),
            (code, _staff_id(backup), None, "backup", "24/7"),
            (code, None, day, "repair", _SHIFTS[0]),
            (code, None, night, "repair", _SHIFTS[1]),
            (code, None, visit, "inspection", _SHIFTS[3]),
        ]
    frame = pd.DataFrame(rows, columns=["area_id", "staff_id", "crew_id", "duty", "hours"])
    gone = (frame["area_id"] == VACANT_AREA) & (frame["duty"] == "manager")
    left = unknown(len(frame))
    left[gone] = utc(days_before(end, _LEFT_DAYS_AGO))
    return frame.astype("str").assign(valid_from=begin, valid_to=left)


def _backups(network: Network) -> Ints:
    """Each area's backup is the manager of the next area of its station (or of the next of all)."""
    station = _station_of_area(network)
    order = np.lexsort((np.arange(network.areas), station))
    backup = np.empty(network.areas, dtype=np.int64)
    for number in range(network.stations):
        own = order[station[order] == number]
        backup[own] = np.roll(own, -1)
    alone = backup == np.arange(network.areas)
    backup[alone] = (np.flatnonzero(alone) + 1) % network.areas
    return backup


def _crews_of(network: Network, crews: pd.DataFrame, area: int) -> tuple[str, str, str]:
    """Day, night and inspection crew nearest to an area's middle."""
    x, y = to_metres(crews["lon"].to_numpy(), crews["lat"].to_numpy())
    middle_x, middle_y = _area_middles(network)
    gap = np.hypot(x - middle_x[area], y - middle_y[area])
    shift = crews["shift"].to_numpy()
    found = []
    for hours in (_SHIFTS[0], _SHIFTS[1], _SHIFTS[3]):
        fits = np.where(
            (shift == hours) | ((hours == _SHIFTS[3]) & (shift == _SHIFTS[0])), gap, np.inf
        )
        found.append(str(crews["crew_id"].iloc[int(fits.argmin())]))
    return found[0], found[1], found[2]
