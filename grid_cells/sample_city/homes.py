"""Meter boxes along the streets, and how many customers hang on each."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from grid_cells.sample_city.ground import Flags, Floats, Ints
from grid_cells.sample_city.land import Land
from grid_cells.sample_city.places import Place
from grid_cells.sample_city.streets import Streets

_CORE_M = 1_750.0
_QUIET_SHARE = 0.13
_ESTATE_GAP_M = 600.0
_YARD_M = 45.0
_CLASS_WEIGHT = {"primary": 0.35, "secondary": 0.8}


@dataclass(frozen=True)
class Boxes:
    """Meter boxes: place, customers, where they stand (metres), and the street piece they face.

    `foot_x`, `foot_y` is the point of the street in front; `side` is +1 or -1.
    """

    place: Ints
    customers: Ints
    x: Floats
    y: Floats
    foot_x: Floats
    foot_y: Floats
    piece: Ints
    side: Ints


def set_boxes(land: Land, places: tuple[Place, ...], streets: Streets, seed: int) -> Boxes:
    """Boxes of every place, grouped by place in the order of `places`."""
    ground = _Ground(land, places, streets)
    drawn = [_boxes_of(n, place, ground, seed) for n, place in enumerate(places)]
    columns = zip(*drawn, strict=True)
    return Boxes(*(np.concatenate(column) for column in columns))


class _Ground:
    """What the weights of street pieces are drawn from: middles, lengths, classes, town or not."""

    def __init__(self, land: Land, places: tuple[Place, ...], streets: Streets) -> None:
        self.streets = streets
        self.x = (streets.x0 + streets.x1) / 2
        self.y = (streets.y0 + streets.y1) / 2
        highway = streets.lines["highway"].to_numpy(dtype=object)[streets.line]
        liking = np.ones(len(self.x))
        for name, weight in _CLASS_WEIGHT.items():
            liking[highway == name] = weight
        liking[streets.is_bridge] = 0.0
        self.liking = liking * streets.length_m
        self.scale = land.scale
        self.is_east = ~land.is_west(self.x, self.y)
        self.is_hill = highway == "unclassified"
        self.is_settled = self._settled(places)

    def _settled(self, places: tuple[Place, ...]) -> Flags:
        settled = np.zeros(len(self.x), dtype=bool)
        for place in places:
            if place.kind != "roads":
                apart = _ESTATE_GAP_M if place.kind == "estate" else 0.25 * place.radius_m
                settled |= self.distance(place) < place.radius_m + apart
        return settled

    def distance(self, place: Place) -> Floats:
        """Metres from the place's middle to the middle of each piece."""
        return np.asarray(np.hypot(self.x - place.x, self.y - place.y))

    def weights(self, place: Place) -> Floats:
        """How likely each piece bears a box of this place."""
        if place.kind == "roads":
            return np.asarray(self.liking * (self.is_east & ~self.is_settled & ~self.is_hill))
        away = self.distance(place)
        if place.kind == "city":
            dense = np.exp(-((away / (_CORE_M * self.scale)) ** 1.2)) + _QUIET_SHARE
            return np.asarray(self.liking * dense * (away < place.radius_m) * self.is_east)
        inside = away < place.radius_m
        if not (self.liking * inside).any():
            inside = away <= np.partition(away, 5)[5]
        return np.asarray(self.liking * inside)


def _boxes_of(number: int, place: Place, ground: _Ground, seed: int) -> tuple[Any, ...]:
    rng = np.random.default_rng([seed, 9, number])
    weight = ground.weights(place)
    count = int(min(place.customers, max(place.customers / place.per_box, 2)))
    count = max(count, min(place.customers, 4 * (place.transformers or 1)))
    piece = rng.choice(len(weight), count, p=weight / weight.sum())
    piece.sort()
    size = _sizes(place, ground, piece, rng)
    return np.full(count, number), size, *_stand(place, ground.streets, piece, rng)


def _sizes(place: Place, ground: _Ground, piece: Ints, rng: np.random.Generator) -> Ints:
    """Customers of each box: larger towards the middle of the city, together the place's number."""
    wish = rng.lognormal(0, 0.55, len(piece))
    if place.kind == "city":
        away = ground.distance(place)[piece] / ground.scale
        wish = wish * (0.35 + 2.4 * np.exp(-((away / 1_600) ** 1.2)))
    return 1 + rng.multinomial(place.customers - len(piece), wish / wish.sum())


def _stand(
    place: Place, streets: Streets, piece: Ints, rng: np.random.Generator
) -> tuple[Any, ...]:
    """Where boxes stand: beside their piece of street, yards deep in compounds."""
    part = rng.random(len(piece))
    side = np.where(rng.integers(0, 2, len(piece)) == 0, 1, -1)
    deep = 14 + rng.exponential(20.0 if place.kind in ("compound", "estate") else 8.0, len(piece))
    dx, dy = streets.x1[piece] - streets.x0[piece], streets.y1[piece] - streets.y0[piece]
    length = streets.length_m[piece]
    foot_x, foot_y = streets.x0[piece] + part * dx, streets.y0[piece] + part * dy
    aside = side * np.minimum(deep, 60.0) / length
    x, y = foot_x - dy * aside, foot_y + dx * aside
    if place.kind == "compound":
        x, y = _pulled_in(place, x, y)
    return x, y, foot_x, foot_y, piece, side


def _pulled_in(place: Place, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Boxes of a compound stand within its walls, however far the street runs on."""
    away = np.hypot(x - place.x, y - place.y)
    nearer = np.minimum(1.0, (place.radius_m + _YARD_M) / np.maximum(away, 1.0))
    return place.x + (x - place.x) * nearer, place.y + (y - place.y) * nearer


def along_street(streets: Streets, piece: Ints, foot_x: Floats, foot_y: Floats) -> Floats:
    """Metres from the start of its street to each foot point, by which houses are numbered."""
    step = streets.length_m
    total = np.cumsum(step) - step
    first = np.searchsorted(streets.line, streets.line[piece])
    inside = np.hypot(foot_x - streets.x0[piece], foot_y - streets.y0[piece])
    return np.asarray(total[piece] - total[first] + inside)
