"""Transformers among the boxes, feeders and service areas among the transformers."""

from dataclasses import dataclass

import numpy as np

from grid_cells.sample_city.ground import Flags, Floats, Geometries, Ints
from grid_cells.sample_city.homes import Boxes
from grid_cells.sample_city.land import FULL_SIZE, Land
from grid_cells.sample_city.places import Place, place_codes, story_count
from grid_cells.sample_city.split import split_compact

STORM_FEEDERS = ("F-07", "F-08", "F-12")
SPUR_FEEDER = "F-11"
SPUR_TRANSFORMER = "T-233"
STORM_CUSTOMERS = 14_800
_NO_AREA = -1
_STORM_MARGIN = 1.02
_WEST, _HILLS = 2, 3


@dataclass(frozen=True)
class Network:
    """Who hangs on what: `box_transformer` of each box, then one row a transformer.

    `feeder`, `station`, `area` count from 0; `area` is -1 where the transformer is in none.
    """

    box_transformer: Ints
    place: Ints
    x: Floats
    y: Floats
    customers: Ints
    is_dedicated: Flags
    transformer_id: Geometries
    feeder: Ints
    feeder_id: Geometries
    station: Ints
    area: Ints

    def of_place(self, places: tuple[Place, ...], *codes: str) -> Ints:
        """Transformers of the places named."""
        numbers = place_codes(places)
        return np.flatnonzero(
            np.isin(self.place, [numbers[code] for code in codes if code in numbers])
        )

    @property
    def stations(self) -> int:
        """Number of supply stations."""
        return int(self.station.max()) + 1

    @property
    def areas(self) -> int:
        """Number of service areas."""
        return int(self.area.max()) + 1


def lay_network(land: Land, places: tuple[Place, ...], boxes: Boxes, seed: int) -> Network:
    """The network over the boxes: 24 feeders, 9 stations and 24 areas in the full-size city."""
    label = _transformers_of_boxes(places, boxes, seed)
    customers = np.bincount(label, boxes.customers).astype(np.int64)
    place = np.zeros(len(customers), dtype=np.int64)
    place[label] = boxes.place
    x, y = _sites(label, boxes)
    codes = place_codes(places)
    is_west = np.array([p.kind == "west" for p in places])[place]
    middle = _middle(x, y, place, codes["lane38"])
    feeder = _feeders(x, y, customers, middle=middle, is_west=is_west)
    feeder_id = _feeder_ids(feeder, x, y, place, codes)
    pool = _pools(places, place, x, y, land.ring_m[-1] * 1.03)
    station, area = _areas(x, y, customers, pool, place != codes["riverside"])
    dedicated = np.array([p.kind == "dedicated" for p in places])[place]
    names = _transformer_ids(feeder, x, place == codes["spur"])
    return Network(
        label, place, x, y, customers, dedicated, names, feeder, feeder_id, station, area
    )


def growth(customers: int) -> float:
    """How many times the full-size city this one is, at least 1."""
    return max(1.0, customers / FULL_SIZE)


def _transformers_of_boxes(places: tuple[Place, ...], boxes: Boxes, seed: int) -> Ints:
    label = np.zeros(len(boxes.place), dtype=np.int64)
    first = 0
    for number, place in enumerate(places):
        own = np.flatnonzero(boxes.place == number)
        count = place.transformers or 1
        shares = np.random.default_rng([seed, 10, number]).lognormal(0, 0.25, count)
        weight = boxes.customers[own].astype(float)
        label[own] = first + split_compact(boxes.x[own], boxes.y[own], weight, shares)
        first += count
    return label


def _sites(label: Ints, boxes: Boxes) -> tuple[Floats, Floats]:
    """Each transformer stands at the street point nearest the middle of its customers."""
    weight = np.bincount(label, boxes.customers)
    x = np.bincount(label, boxes.x * boxes.customers) / weight
    y = np.bincount(label, boxes.y * boxes.customers) / weight
    gap = np.hypot(boxes.foot_x - x[label], boxes.foot_y - y[label])
    order = np.lexsort((gap, label))
    nearest = order[np.unique(label[order], return_index=True)[1]]
    return boxes.foot_x[nearest], boxes.foot_y[nearest]


def _middle(x: Floats, y: Floats, place: Ints, code: int) -> tuple[float, float]:
    there = place == code
    return float(x[there].mean()), float(y[there].mean())


def _feeders(
    x: Floats, y: Floats, customers: Ints, *, middle: tuple[float, float], is_west: Flags
) -> Ints:
    """Feeders 0 to 2 carry the storm's customers around `middle`, 3 the west bank."""
    total = int(customers.sum())
    order = np.argsort(np.hypot(x - middle[0], y - middle[1]), kind="stable")
    wanted = story_count(STORM_CUSTOMERS, total) * _STORM_MARGIN
    storm = len(STORM_FEEDERS)
    inner = order[: int(np.searchsorted(np.cumsum(customers[order]), wanted)) + 1]
    west = np.flatnonzero(is_west)
    outer = np.setdiff1d(np.flatnonzero(~is_west), inner)
    feeder = np.zeros(len(x), dtype=np.int64)
    rest = round(24 * growth(total)) - storm - 1
    for group, parts, first in ((inner, storm, 0), (west, 1, storm), (outer, rest, storm + 1)):
        weight = customers[group].astype(float)
        feeder[group] = first + split_compact(x[group], y[group], weight, np.ones(parts))
    return feeder


def _feeder_ids(
    feeder: Ints, x: Floats, y: Floats, place: Ints, codes: dict[str, int]
) -> Geometries:
    """F-07, F-08 and F-12 for the storm (F-07 with Dengshi Lane), F-11 for the spur's feeder."""
    count = int(feeder.max()) + 1
    names = np.full(count, "", dtype=object)
    lane = int(feeder[place == codes["lane38"]][0])
    storm = [lane, *(number for number in range(3) if number != lane)]
    names[storm] = STORM_FEEDERS
    names[feeder[place == codes["spur"]][0]] = SPUR_FEEDER
    bearing = np.arctan2(np.bincount(feeder, y), np.bincount(feeder, x))
    rest = [
        number for number in np.argsort(np.round(bearing, 6), kind="stable") if not names[number]
    ]
    free = [f"F-{n:02d}" for n in range(1, count + 1) if f"F-{n:02d}" not in set(names)]
    names[rest] = free
    return names


def _transformer_ids(feeder: Ints, x: Floats, is_spur: Flags) -> Geometries:
    rank = np.empty(len(feeder), dtype=np.int64)
    rank[np.lexsort((x, feeder))] = np.arange(1, len(feeder) + 1)
    number = int(SPUR_TRANSFORMER[2:])
    rank[rank == number] = rank[is_spur][0]
    rank[is_spur] = number
    return np.array([f"T-{n:03d}" for n in rank.tolist()], dtype=object)


def _pools(places: tuple[Place, ...], place: Ints, x: Floats, y: Floats, edge_m: float) -> Ints:
    """0 in the city, 1 in the country around it, 2 on the west bank, 3 towards Qingshan."""
    kinds = np.array([p.kind for p in places])[place]
    pool = (np.hypot(x, y) > edge_m).astype(np.int64)
    pool[kinds == "west"] = _WEST
    hills = (kinds == "hills") | (place == place_codes(places)["shiqiao"])
    pool[hills] = _HILLS
    return pool


def _areas(
    x: Floats, y: Floats, customers: Ints, pool: Ints, takes_part: Flags
) -> tuple[Ints, Ints]:
    """Station and area of each transformer; area -1 where it takes no part in any.

    The west bank and the way to Qingshan are one station with one area each; city and country
    share the other stations and areas by their customers.
    """
    total = growth(int(customers.sum()))
    stations, areas = round(9 * total), round(24 * total)
    weight: Floats = np.where(takes_part, customers, 0) + 1e-9
    country = float(weight[pool == 1].sum() / weight[pool < _WEST].sum())
    few, some = max(1, round((stations - 2) * country)), max(1, round((areas - 2) * country))
    station, area = np.zeros(len(x), dtype=np.int64), np.zeros(len(x), dtype=np.int64)
    counts = ((stations - 2 - few, areas - 2 - some), (few, some), (1, 1), (1, 1))
    first_station = first_area = 0
    for number, (its_stations, its_areas) in enumerate(counts):
        own = np.flatnonzero(pool == number)
        inside = _divide(x[own], y[own], weight[own], its_stations, its_areas)
        station[own], area[own] = first_station + inside[0], first_area + inside[1]
        first_station, first_area = first_station + its_stations, first_area + its_areas
    area[~takes_part] = _NO_AREA
    return station, area


def _divide(x: Floats, y: Floats, weight: Floats, stations: int, areas: int) -> tuple[Ints, Ints]:
    """Station and area of each point, both from 0; stations are counted from the east on."""
    per = np.full(stations, areas // stations)
    per[: areas % stations] += 1
    part = split_compact(x, y, weight, per.astype(float))
    order = _from_the_east(part, x, y)
    station = order[part]
    per = per[np.argsort(order)]
    first = np.cumsum(per) - per
    area = np.zeros(len(x), dtype=np.int64)
    for number, count in enumerate(per.tolist()):
        own = np.flatnonzero(station == number)
        area[own] = first[number] + split_compact(x[own], y[own], weight[own], np.ones(count))
    return station, area


def _from_the_east(part: Ints, x: Floats, y: Floats) -> Ints:
    """New number of each part: the easternmost of the middle latitudes first."""
    count = np.bincount(part)
    middle_x, middle_y = np.bincount(part, x) / count, np.bincount(part, y) / count
    order = np.empty(len(count), dtype=np.int64)
    order[np.argsort(np.round(np.abs(middle_y) - middle_x, 3), kind="stable")] = np.arange(
        len(count)
    )
    return order
