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
    total = int(customers.sum())
    is_west = np.array([p.kind == "west" for p in places])[place]
    middle = _middle(x, y, place, codes["lane38"])
    feeder = _feeders(x, y, customers, middle=middle, is_west=is_west)
    feeder_id = _feeder_ids(feeder, x, y, place, codes)
    station, area = _areas(x, y, customers, _pools(places, place), total=total, land=land)
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
    wanted = story_count(STORM_CUSTOMERS, total) * 1.01
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


def _pools(places: tuple[Place, ...], place: Ints) -> Ints:
    """0 for most transformers, 1 on the west bank, 2 towards Qingshan, -1 in no area at all."""
    pool = {"west": 1, "hills": 2}
    of_place = [pool.get(p.kind, 0) for p in places]
    codes = place_codes(places)
    of_place[codes["shiqiao"]], of_place[codes["riverside"]] = 2, _NO_AREA
    return np.array(of_place)[place]


def _areas(  # noqa: PLR0913 - the ground, its people and how they are grouped
    x: Floats, y: Floats, customers: Ints, pool: Ints, *, total: int, land: Land
) -> tuple[Ints, Ints]:
    """Station and area of each transformer; stations are counted from the east of the city on."""
    stations, areas = round(9 * growth(total)), round(24 * growth(total))
    most = np.flatnonzero(pool <= 0)
    per = np.full(stations - 2, (areas - 2) // (stations - 2))
    per[: (areas - 2) % (stations - 2)] += 1
    station = np.where(pool == 1, stations - 2, stations - 1)
    weight = customers * (pool != _NO_AREA) + 1e-9
    part = split_compact(x[most], y[most], weight[most], per.astype(float))
    order = _from_the_east(part, x[most], y[most], land)
    station[most], per = order[part], per[np.argsort(order)]
    area = station - (stations - 2) + areas - 2
    first = np.cumsum(per) - per
    for number, count in enumerate(per.tolist()):
        own = np.flatnonzero((station == number) & (pool == 0))
        area[own] = first[number] + split_compact(x[own], y[own], weight[own], np.ones(count))
    area[pool == _NO_AREA] = _NO_AREA
    return station, area


def _from_the_east(part: Ints, x: Floats, y: Floats, land: Land) -> Ints:
    """New number of each part, by its distance from the east of the city."""
    count = np.bincount(part)
    middle_x, middle_y = np.bincount(part, x) / count, np.bincount(part, y) / count
    gap = np.hypot(middle_x - 2_600 * land.scale, middle_y - 300 * land.scale)
    order = np.empty(len(count), dtype=np.int64)
    order[np.argsort(np.round(gap, 3), kind="stable")] = np.arange(len(count))
    return order
