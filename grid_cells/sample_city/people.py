"""Who the customers are: names, telephones, addresses, uses and the rest of the archive."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Flags, Floats, Geometries, Ints, stream, to_lon_lat
from grid_cells.sample_city.homes import Boxes, piece_order
from grid_cells.sample_city.network import Network
from grid_cells.sample_city.person_names import firm_names, person_names
from grid_cells.sample_city.places import Place, place_codes
from grid_cells.sample_city.streets import Streets

USES = ("residential", "commercial", "agricultural", "public", "industrial")
_TARIFFS = np.array(
    [
        "residential_tiered",
        "commercial_general",
        "agricultural",
        "public_general",
        "industrial_two_part",
    ]
)
_USE_SHARES = {"town": (0.87, 0.12, 0.0, 0.01), "country": (0.86, 0.05, 0.08, 0.01)}
_GRADES = {
    "hospital": "first", "pump": "second", "waterworks": "first", "exchange": "second",
    "railway": "first", "chemical": "special",
}  # fmt: skip
_SOURCES = ("meter", "box", "address", "transformer", "none")
_SOURCE_SHARES = (0.55, 0.30, 0.09, 0.035, 0.025)
_PLACED_PLACES = ("west", "hills", "compound", "dedicated")
_HOUSE_STEP_M = 7.0


@dataclass(frozen=True)
class People:
    """One row a customer, in the order of boxes: its box, transformer, place and use.

    `recorded` is the transformer in the archive, `transformer` the one that truly feeds it.
    """

    box: Ints
    transformer: Ints
    recorded: Ints
    place: Ints
    use: Ints

    def of_place(self, places: tuple[Place, ...], *codes: str) -> Ints:
        """Customers of the places named."""
        numbers = place_codes(places)
        return np.flatnonzero(
            np.isin(self.place, [numbers[code] for code in codes if code in numbers])
        )


def settle_people(
    places: tuple[Place, ...], boxes: Boxes, network: Network, *, seed: int
) -> People:
    """The customers behind every box, each linked to the transformer that feeds it."""
    order = np.argsort(network.box_transformer, kind="stable")
    box = np.repeat(order, boxes.customers[order])
    transformer = network.box_transformer[box]
    place = boxes.place[box]
    use = _uses(places, place, stream(seed, 11))
    return People(box, transformer, transformer.copy(), place, use)


def _uses(places: tuple[Place, ...], place: Ints, rng: np.random.Generator) -> Ints:
    kinds = np.array([p.kind for p in places])[place]
    town = np.isin(kinds, ("city", "compound"))
    draw = rng.random(len(place))
    use = np.where(
        town,
        np.searchsorted(np.cumsum(_USE_SHARES["town"])[:-1], draw, side="right"),
        np.searchsorted(np.cumsum(_USE_SHARES["country"])[:-1], draw, side="right"),
    )
    use[kinds == "dedicated"] = USES.index("industrial")
    codes = place_codes(places)
    public = [codes[code] for code in _GRADES if code in codes and code != "chemical"]
    use[np.isin(place, public)] = USES.index("public")
    return use.astype(np.int64)


def customer_numbers(count: int, prefix: str = "0420") -> Geometries:
    """Customer numbers as text of twelve digits that begin with a zero."""
    return np.char.add(prefix, np.char.zfill(np.arange(1, count + 1).astype(str), 8)).astype(object)


def customer_frame(  # noqa: PLR0913 - the archive draws on the whole city
    people: People,
    places: tuple[Place, ...],
    boxes: Boxes,
    network: Network,
    streets: Streets,
    *,
    end: date,
    seed: int,
    prefix: str = "0420",
) -> pd.DataFrame:
    """The file's columns of `customers`."""
    rng = stream(seed, 12)
    lon, lat, source = _positions(people, places, boxes, network, rng)
    count = len(people.box)
    second, generator = _second_supply(people, places, network)
    return pd.DataFrame(
        {
            "customer_no": pd.array(customer_numbers(count, prefix), dtype="str"),
            "name": pd.array(_names(people, places, rng), dtype="str"),
            "phone": pd.array(_phones(count, rng), dtype="str"),
            "address": _addresses(people, places, boxes, streets),
            "use_type": pd.array(np.array(USES, dtype=object)[people.use], dtype="str"),
            "tariff": pd.array(_tariffs(people, rng), dtype="str"),
            "transformer_id": pd.array(network.transformer_id[people.recorded], dtype="str"),
            "importance_code": pd.array(_grades(people, places), dtype="str"),
            "second_feeder_id": pd.array(second, dtype="str"),
            "own_generator": generator,
            "life_support": (people.use == 0) & (rng.random(count) < 0.0008),
            "prepaid": (people.use < 2) & (rng.random(count) < 0.35),
            "connected_on": _connected(people, places, end, rng),
            "lon": lon,
            "lat": lat,
            "position_source": pd.array(source, dtype="str"),
        }
    )


def _positions(
    people: People,
    places: tuple[Place, ...],
    boxes: Boxes,
    network: Network,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Geometries]:
    """Degrees and source of each position; about one in forty is unplaced, none where a story is."""
    count = len(people.box)
    exact = np.isin(np.array([p.kind for p in places])[people.place], _PLACED_PLACES)
    which = np.searchsorted(np.cumsum(_SOURCE_SHARES)[:-1], rng.random(count), side="right")
    which = np.where(exact, which % 2, which)
    near = rng.normal(0, 1, (2, count)) * np.array([3.0, 0.0, 14.0, 0.0, 0.0])[which]
    at_transformer = which == _SOURCES.index("transformer")
    x = np.where(at_transformer, network.x[people.recorded], boxes.x[people.box] + near[0])
    y = np.where(at_transformer, network.y[people.recorded], boxes.y[people.box] + near[1])
    lon, lat = to_lon_lat(x, y)
    unplaced = which == _SOURCES.index("none")
    source = np.array(_SOURCES, dtype=object)[which]
    return np.where(unplaced, np.nan, lon), np.where(unplaced, np.nan, lat), source


def _second_supply(
    people: People, places: tuple[Place, ...], network: Network
) -> tuple[Geometries, Flags]:
    """Second feeder and own generator: the important customers have both, but for the pump."""
    second = np.full(len(people.box), None, dtype=object)
    important = people.of_place(places, *(code for code in _GRADES if code != "pump"))
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
    for code in _GRADES.keys() & codes.keys():
        of_place[codes[code]] = _GRADES[code]
    return of_place[people.place]


def _names(people: People, places: tuple[Place, ...], rng: np.random.Generator) -> Geometries:
    count = len(people.box)
    persons, firms = person_names(), firm_names()
    picked = persons[rng.integers(0, len(persons), count)]
    firm = firms[rng.integers(0, len(firms), count)]
    names = np.where(np.isin(people.use, (0, 2)), picked, firm)
    own = people.of_place(places, *_GRADES)
    names[own] = np.array([p.name for p in places], dtype=object)[people.place[own]]
    return names


def _phones(count: int, rng: np.random.Generator) -> Geometries:
    """Telephone numbers that no operator hands out: mobile numbers do not begin with 109."""
    tail = np.char.zfill(rng.integers(0, 10**8, count).astype(str), 8)
    return np.char.add("109", tail).astype(object)


def _tariffs(people: People, rng: np.random.Generator) -> Geometries:
    tariff = _TARIFFS.astype(object)[people.use]
    by_time = (people.use == 0) & (rng.random(len(tariff)) < 0.22)
    tariff[by_time] = "residential_time_of_use"
    return tariff


def _addresses(
    people: People, places: tuple[Place, ...], boxes: Boxes, streets: Streets
) -> pd.Series:
    """Street, number and, behind a box of several, the door, e.g. `Changning St 长宁街 128-12`."""
    names = streets.lines["name"].to_numpy(dtype=object)[streets.line[boxes.piece]]
    quarter = np.array(
        [f"{p.name} " if p.name and p.kind != "dedicated" else "" for p in places], dtype=object
    )
    along = piece_order(streets, boxes.piece, boxes.foot_x, boxes.foot_y)
    number = 2 * (along / _HOUSE_STEP_M).astype(np.int64) + np.where(boxes.side > 0, 1, 2)
    front = quarter[boxes.place] + names + " " + number.astype(str).astype(object)
    door = _position_within(people.box)
    shared = boxes.customers[people.box] > 1
    doors = np.where(shared, np.char.add("-", (door + 1).astype(str)), "")
    return pd.Series(pd.array(front, dtype="str")).take(people.box).reset_index(
        drop=True
    ) + pd.Series(pd.array(doors.astype(object), dtype="str"))


def _position_within(group: Ints) -> Ints:
    """Place of each row within its run of equal values, from 0."""
    start = np.flatnonzero(np.diff(group, prepend=-1) != 0)
    run = np.repeat(start, np.diff(np.append(start, len(group))))
    return np.arange(len(group)) - run


def _connected(
    people: People, places: tuple[Place, ...], end: date, rng: np.random.Generator
) -> Geometries:
    """Days of first connection: over thirty years, in Riverside Garden within the last fortnight."""
    today = np.datetime64(end, "D")
    age = np.minimum(90 + rng.exponential(3_800, len(people.box)), 11_500).astype(np.int64)
    new = people.of_place(places, "riverside")
    age[new] = rng.integers(1, 15, len(new))
    return (today - age.astype("timedelta64[D]")).astype("datetime64[us]")
