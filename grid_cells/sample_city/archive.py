"""The customers' archive: names, telephones, addresses, positions and all else a file brings."""

from datetime import date

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Days, Flags, Floats, Geometries, Ints, stream, to_lon_lat
from grid_cells.sample_city.homes import along_street
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.people import IMPORTANT, USES, People
from grid_cells.sample_city.person_names import firm_names, person_names
from grid_cells.sample_city.places import Place, place_codes

_TARIFFS = (
    "residential_tiered", "commercial_general", "agricultural", "public_general",
    "industrial_two_part",
)  # fmt: skip
_SOURCES = ("meter", "box", "address", "transformer", "none")
_SOURCE_SHARES = (0.55, 0.30, 0.09, 0.035, 0.025)
_SPREAD_M = (3.0, 0.0, 14.0, 0.0, 0.0)
_ALWAYS_PLACED = ("west", "hills", "compound", "estate", "dedicated")
_HOUSE_STEP_M = 7.0
_PATIENTS, _PREPAID, _BY_TIME = 0.0008, 0.35, 0.22
_NEW_WITHIN_DAYS = 15


def customer_frame(layout: Layout, *, end: date, seed: int, prefix: str = "0420") -> pd.DataFrame:
    """The file's columns of `customers`; customer numbers are twelve digits after the prefix."""
    rng = stream(seed, 12)
    people, places = layout.people, layout.places
    count = len(people.box)
    lon, lat, source = _positions(layout, rng)
    second, generator = _second_supply(layout)
    use = people.use
    return pd.DataFrame(
        {
            "customer_no": pd.array(_numbers(count, prefix), dtype="str"),
            "name": pd.array(_names(people, places, rng), dtype="str"),
            "phone": pd.array(_phones(count, rng), dtype="str"),
            "address": _addresses(layout),
            "use_type": pd.array(np.array(USES, dtype=object)[use], dtype="str"),
            "tariff": pd.array(_tariffs(use, rng), dtype="str"),
            "transformer_id": pd.array(layout.network.transformer_id[people.recorded], dtype="str"),
            "importance_code": pd.array(_grades(people, places), dtype="str"),
            "second_feeder_id": pd.array(second, dtype="str"),
            "own_generator": generator,
            "life_support": (use == 0) & (rng.random(count) < _PATIENTS),
            "prepaid": np.isin(use, (0, 1)) & (rng.random(count) < _PREPAID),
            "connected_on": _connected(people, places, end, rng),
            "lon": lon,
            "lat": lat,
            "position_source": pd.array(source, dtype="str"),
        }
    )


def _numbers(count: int, prefix: str) -> Geometries:
    tail = np.char.zfill(np.arange(1, count + 1).astype(str), 12 - len(prefix))
    return np.char.add(prefix, tail).astype(object)


def _positions(layout: Layout, rng: np.random.Generator) -> tuple[Floats, Floats, Geometries]:
    """Degrees and source of each position; one in forty is unplaced, none where a story is."""
    people, boxes, network = layout.people, layout.boxes, layout.network
    count = len(people.box)
    kinds = np.array([place.kind for place in layout.places])[people.place]
    which = np.searchsorted(np.cumsum(_SOURCE_SHARES)[:-1], rng.random(count), side="right")
    which = np.where(np.isin(kinds, _ALWAYS_PLACED), which % 2, which)
    near = rng.normal(0, 1, (2, count)) * np.array(_SPREAD_M)[which]
    at_transformer = which == _SOURCES.index("transformer")
    x = np.where(at_transformer, network.x[people.recorded], boxes.x[people.box] + near[0])
    y = np.where(at_transformer, network.y[people.recorded], boxes.y[people.box] + near[1])
    lon, lat = to_lon_lat(x, y)
    unplaced = which == _SOURCES.index("none")
    source = np.array(_SOURCES, dtype=object)[which]
    return np.where(unplaced, np.nan, lon), np.where(unplaced, np.nan, lat), source


def _second_supply(layout: Layout) -> tuple[Geometries, Flags]:
    """Second feeder and own generator: the important customers have both, but for the pump."""
    people, network = layout.people, layout.network
    second = np.full(len(people.box), None, dtype=object)
    important = people.of_place(layout.places, *(code for code in IMPORTANT if code != "pump"))
    x, y = network.x, network.y
    for customer in important.tolist():
        own = people.transformer[customer]
        gap = np.hypot(x - x[own], y - y[own])
        gap[np.isin(network.feeder, (0, 1, 2, network.feeder[own]))] = np.inf
        second[customer] = network.feeder_id[network.feeder[int(gap.argmin())]]
    generator = np.zeros(len(people.box), dtype=bool)
    generator[important] = True
    return second, generator


def _grades(people: People, places: tuple[Place, ...]) -> Geometries:
    codes = place_codes(places)
    of_place = np.full(len(places), None, dtype=object)
    for code in IMPORTANT.keys() & codes.keys():
        of_place[codes[code]] = IMPORTANT[code]
    return np.asarray(of_place[people.place], dtype=object)


def _names(people: People, places: tuple[Place, ...], rng: np.random.Generator) -> Geometries:
    count = len(people.box)
    persons, firms = person_names(), firm_names()
    picked = persons[rng.integers(0, len(persons), count)]
    firm = firms[rng.integers(0, len(firms), count)]
    names = np.where(np.isin(people.use, (0, 2)), picked, firm)
    own = people.of_place(places, *IMPORTANT)
    names[own] = np.array([place.name for place in places], dtype=object)[people.place[own]]
    return np.asarray(names, dtype=object)


def _phones(count: int, rng: np.random.Generator) -> Geometries:
    """Made-up telephone numbers; no mobile number begins with 109."""
    tail = np.char.zfill(rng.integers(0, 10**8, count).astype(str), 8)
    return np.char.add("109", tail).astype(object)


def _tariffs(use: Ints, rng: np.random.Generator) -> Geometries:
    tariff = np.array(_TARIFFS, dtype=object)[use]
    tariff[(use == 0) & (rng.random(len(use)) < _BY_TIME)] = "residential_time_of_use"
    return np.asarray(tariff, dtype=object)


def _addresses(layout: Layout) -> pd.Series:
    """Street, number and, behind a box of several, the door: `Changning St 长宁街 128-12`."""
    boxes, streets, box = layout.boxes, layout.streets, layout.people.box
    street = streets.lines["name"].to_numpy(dtype=object)[streets.line[boxes.piece]]
    along = along_street(streets, boxes.piece, boxes.foot_x, boxes.foot_y)
    number = 2 * (along / _HOUSE_STEP_M).astype(np.int64) + np.where(boxes.side > 0, 1, 2)
    quarter = np.array([_quarter(place) for place in layout.places], dtype=object)
    front = pd.array(
        quarter[boxes.place] + street + " " + number.astype(str).astype(object), dtype="str"
    )
    door = np.char.add("-", (_place_in_run(box) + 1).astype(str))
    door = np.where(boxes.customers[box] > 1, door, "")
    return pd.Series(front.take(box)) + pd.Series(pd.array(door.astype(object), dtype="str"))


def _quarter(place: Place) -> str:
    return f"{place.name} " if place.name and place.kind != "dedicated" else ""


def _place_in_run(group: Ints) -> Ints:
    """Place of each row within its run of equal values, from 0."""
    start = np.flatnonzero(np.diff(group, prepend=-1) != 0)
    run = np.repeat(start, np.diff(np.append(start, len(group))))
    return np.asarray(np.arange(len(group)) - run)


def _connected(
    people: People, places: tuple[Place, ...], end: date, rng: np.random.Generator
) -> Days:
    """Days of first connection: over thirty years, in Riverside Garden within a fortnight."""
    today = np.datetime64(end, "D")
    age = np.minimum(90 + rng.exponential(3_800, len(people.box)), 11_500).astype(np.int64)
    new = people.of_place(places, "riverside")
    age[new] = rng.integers(1, _NEW_WITHIN_DAYS, len(new))
    return np.asarray((today - age.astype("timedelta64[D]")).astype("datetime64[us]"))
