"""Everything laid out before anything is written down."""

from dataclasses import dataclass

from grid_cells.sample_city.demand import Demand
from grid_cells.sample_city.homes import Boxes
from grid_cells.sample_city.land import Land
from grid_cells.sample_city.network import Network
from grid_cells.sample_city.people import People
from grid_cells.sample_city.places import Place
from grid_cells.sample_city.streets import Streets
from grid_cells.sample_city.weather import Weather


@dataclass(frozen=True, eq=False)
class Layout:
    """The ground, what stands on it, who lives there and what they use."""

    land: Land
    places: tuple[Place, ...]
    streets: Streets
    boxes: Boxes
    network: Network
    people: People
    demand: Demand
    weather: Weather
