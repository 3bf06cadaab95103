"""The customers behind the boxes: what feeds them and what they use electricity for."""

from dataclasses import dataclass

import numpy as np

from grid_cells.sample_city.ground import Ints, stream
from grid_cells.sample_city.homes import Boxes
from grid_cells.sample_city.network import Network
from grid_cells.sample_city.places import Place, place_codes

USES = ("residential", "commercial", "agricultural", "public", "industrial")
_USE_SHARES = {"town": (0.87, 0.12, 0.0, 0.01), "country": (0.86, 0.05, 0.08, 0.01)}
IMPORTANT = {
    "hospital": "first", "pump": "second", "waterworks": "first", "exchange": "second",
    "railway": "first", "chemical": "special",
}  # fmt: skip
"""Places of one important customer each, with its grade."""


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
    public = [codes[code] for code in IMPORTANT if code in codes and code != "chemical"]
    use[np.isin(place, public)] = USES.index("public")
    return use.astype(np.int64)
