"""Who serves: units, halls, payment points, staff, crews, areas and their duties."""

from datetime import date

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from grid_cells.sample_city import service_names as names
from grid_cells.sample_city.ground import Floats, Geometries, Ints, to_lon_lat
from grid_cells.sample_city.land import Land
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import ZONE
from grid_cells.sample_city.network import Network, growth
from grid_cells.sample_city.places import place_codes
from grid_cells.sample_city.streets import Streets

_HALL_HOURS = "Mo-Fr 08:30-17:30; Sa 09:00-16:00"
_SMALL_HALL_HOURS = "Mo-Fr 09:00-12:00,14:00-17:00"
_ALL_MATTERS = "new_connection;name_change;capacity_change;billing;payment;invoice;pv;complaint"
_FEW_MATTERS = "billing;payment;invoice;name_change"
_HALLS, _BANKS = 11, 60


def station_ids(network: Network) -> Geometries:
    """Unit id of each supply station, in the network's order."""
    return np.array([f"S-{n:02d}" for n in range(1, network.stations + 1)], dtype=object)


def on_streets(streets: Streets, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The street nodes nearest to points, in metres."""
    _, node = cKDTree(streets.nodes).query(np.column_stack([x, y]))
    return streets.nodes[node, 0], streets.nodes[node, 1]


def station_middles(network: Network) -> tuple[Floats, Floats]:
    """Middle of each station's customers, in metres."""
    weight = np.bincount(network.station, network.customers)
    x = np.bincount(network.station, network.x * network.customers) / weight
    return x, np.bincount(network.station, network.y * network.customers) / weight


def unit_frame(land: Land, network: Network) -> pd.DataFrame:
    """The file's columns of `units`: company, province, city, two counties and the stations."""
    x, y = station_middles(network)
    titles = _station_names(land, x, y)
    urban = np.hypot(x, y) < land.ring_m[-1]
    urban &= np.arange(len(x)) < len(x) - 2
    county = np.where(urban, names.COUNTIES[0][0], names.COUNTIES[1][0])
    above = [
        (*names.COMPANY, None, "company"),
        (*names.PROVINCE, names.COMPANY[0], "province"),
        (*names.CITY, names.PROVINCE[0], "city"),
        *((*row, names.CITY[0], "county") for row in names.COUNTIES),
    ]
    rows = zip(station_ids(network), titles, county, strict=True)
    stations = [(code, title, parent, "station") for code, title, parent in rows]
    frame = pd.DataFrame([*above, *stations], columns=["unit_id", "name", "parent_id", "level"])
    return frame.assign(timezone=ZONE).astype("str")


def _station_names(land: Land, x: Floats, y: Floats) -> list[str]:
    """Each known name goes to the station nearest its place, East to the first of all.

    Stations beyond the known names are numbered.
    """
    known = np.array([row[1:] for row in names.STATIONS], dtype=float) * land.scale
    gap = np.hypot(x[:, None] - known[:, 0], y[:, None] - known[:, 1])
    gap[0, 0] = -1e9
    station, name = linear_sum_assignment(np.round(gap, 1))
    titles = [f"Station {n} 第{n}供电所" for n in range(1, len(x) + 1)]
    for row, column in zip(station.tolist(), name.tolist(), strict=True):
        titles[row] = str(names.STATIONS[column][0])
    return titles


def nearest_station(network: Network, x: Floats, y: Floats) -> Geometries:
    """Unit id of the station of the transformer nearest to each point."""
    _, nearest = cKDTree(np.column_stack([network.x, network.y])).query(np.column_stack([x, y]))
    return np.asarray(station_ids(network)[network.station[nearest]], dtype=object)


def hall_frame(layout: Layout, *, end: date) -> pd.DataFrame:
    """The file's columns of `halls`: the eleven named ones, further ones in a larger city."""
    land, network = layout.land, layout.network
    west = layout.places[place_codes(layout.places)["xizhou"]]
    rows = [
        (code, title, grade, counters, west.x if x is None else x * land.scale,
         west.y if y is None else y * land.scale)
        for code, title, grade, counters, x, y in names.HALLS
    ]  # fmt: skip
    more = round(_HALLS * growth(int(network.customers.sum()))) - len(rows)
    for n, site in enumerate(_spread(network, more), start=len(rows) + 1):
        rows.append((f"h{n}", f"Hall {n} 第{n}营业厅", "C", 2, *site))
    x, y = on_streets(
        layout.streets, np.array([r[4] for r in rows]), np.array([r[5] for r in rows])
    )
    lon, lat = to_lon_lat(x, y)
    grade = np.array([row[2] for row in rows])
    return pd.DataFrame(
        {
            "hall_id": [f"H-{row[0]}" for row in rows],
            "name": [row[1] for row in rows],
            "grade": grade,
            "counters": [row[3] for row in rows],
            "opens": np.where(grade == "C", _SMALL_HALL_HOURS, _HALL_HOURS),
            "opening_exceptions": f"{end.year} Oct 01-07 off",
            "self_service_24h": grade != "C",
            "capabilities": np.where(grade == "C", _FEW_MATTERS, _ALL_MATTERS),
            "unit_id": nearest_station(network, x, y),
            "lon": lon,
            "lat": lat,
        }
    )


def _spread(network: Network, count: int) -> list[tuple[float, float]]:
    """So many transformers' sites, evenly by their order on the ground."""
    if count <= 0:
        return []
    chosen = np.linspace(0, len(network.x) - 1, count).astype(np.int64)
    return list(zip(network.x[chosen].tolist(), network.y[chosen].tolist(), strict=True))


def bank_frames(
    layout: Layout, rng: np.random.Generator, *, closed_at: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The file's columns of `banks` for those open, and for the one of Qingshan that closed."""
    places, network = layout.places, layout.network
    codes = place_codes(places)
    fixed = [
        places[codes[c]] for c in ("shiqiao", "beigang", "nanpu", "dongling", "xizhou", "luwei")
    ]
    count = round(_BANKS * growth(int(network.customers.sum()))) - len(fixed)
    kinds = np.array([place.kind for place in places])[network.place]
    near = np.flatnonzero(np.isin(kinds, ("city", "compound", "village")) & ~network.is_dedicated)
    weight = network.customers[near] ** 0.8
    drawn = rng.choice(near, count, replace=False, p=weight / weight.sum())
    drawn.sort()
    closed = places[codes["lower_qingshan"]]
    x = np.concatenate([[p.x for p in fixed], network.x[drawn], [closed.x]])
    y = np.concatenate([[p.y for p in fixed], network.y[drawn], [closed.y]])
    x, y = on_streets(layout.streets, x, y)
    lon, lat = to_lon_lat(x, y)
    operator = rng.choice(len(names.OPERATORS), len(x), p=[row[1] for row in names.OPERATORS])
    operator[0], operator[-1] = 2, 0
    town = np.array([p.name for p in [*fixed, *(places[n] for n in network.place[drawn]), closed]])
    frame = _bank_rows(operator, town, lon, lat)
    former = frame.iloc[-1:].reset_index(drop=True).assign(valid_to=closed_at)
    return frame.iloc[:-1].copy(), former


def _bank_rows(operator: Ints, town: Geometries, lon: Floats, lat: Floats) -> pd.DataFrame:
    titles = np.array([row[0] for row in names.OPERATORS], dtype=object)[operator]
    number = [f"B-{n:03d}" for n in range(1, len(lon) + 1)]
    shop = operator == len(names.OPERATORS) - 1
    return pd.DataFrame(
        {
            "bank_id": number,
            "name": [
                f"{title}, {place}" if place else f"{title} {code[2:]}"
                for title, place, code in zip(titles, town, number, strict=True)
            ],
            "operator": titles,
            "services": np.array([row[2] for row in names.OPERATORS], dtype=object)[operator],
            "opens": np.where(shop, "Mo-Su 07:00-22:00", "Mo-Fr 09:00-17:00"),
            "lon": lon,
            "lat": lat,
        }
    )
