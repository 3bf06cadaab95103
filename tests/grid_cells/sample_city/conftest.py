"""Sample cities that tests look at, each built once, and the ways of looking they share."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
import shapely

from grid_cells.cells import points_to_cells
from grid_cells.sample_city import City, build
from grid_cells.streets import StreetGraph, build_graph, closures_on

END = date(2026, 7, 16)
# by `long`, the largest and the smallest of the others as well
OTHERS = (
    pytest.param((60_000, 23), marks=pytest.mark.long, id="60000-seed23"),
    pytest.param((3_000, 5), id="3000-seed5"),
    pytest.param((1_000, 3), marks=pytest.mark.long, id="1000-seed3"),
)
STORY = pytest.param((60_000, 7), id="60000-seed7")
METRES_A_DEGREE = 111_195.0


@cache
def city_of(customers: int, seed: int) -> City:
    return build(customers, seed, END)


@pytest.fixture(scope="session")
def linjiang() -> City:
    """The city of the story."""
    return city_of(60_000, 7)


@pytest.fixture(scope="session")
def small() -> City:
    """A town of 3,000 customers."""
    return city_of(3_000, 5)


@pytest.fixture(scope="session", params=OTHERS)
def other(request: pytest.FixtureRequest) -> City:
    """Cities of other seeds and sizes."""
    return city_of(*request.param)


@pytest.fixture(scope="session", params=(STORY, *OTHERS))
def city(request: pytest.FixtureRequest) -> City:
    """Every city the tests look at."""
    return city_of(*request.param)


class Look:
    """Ways of looking at a city that several tests share."""

    def share(self, city: City, full: int) -> int:
        """A count of the story in a smaller city."""
        return max(1, round(full * min(1.0, city.customers / 60_000)))

    def placed(self, city: City) -> pd.DataFrame:
        """Customers with a position, with their res-9 cell."""
        customers = city.frames["customers"].dropna(subset=["lon"])
        cells = points_to_cells(customers["lon"].to_numpy(), customers["lat"].to_numpy(), 9)
        return customers.assign(cell_id=cells)

    def of_places(self, city: City, names: str) -> pd.DataFrame:
        """Placed customers of the transformers whose name matches."""
        transformers = city.frames["transformers"]
        own = transformers.loc[transformers["name"].str.contains(names), "transformer_id"]
        people = self.placed(city)
        return people[people["transformer_id"].isin(own)]

    def open_graph(self, city: City) -> StreetGraph:
        """The streets with every bridge open."""
        return _graph(city.customers, city.seed, closed=False)

    def graph_today(self, city: City) -> StreetGraph:
        """The streets without what is closed at the city's now."""
        return _graph(city.customers, city.seed, closed=True)


@pytest.fixture(scope="session")
def look() -> Look:
    """How to look at a city."""
    return Look()


def _edges(city: City) -> pd.DataFrame:
    """Pieces between neighbouring vertices, nodes being equal points."""
    streets = city.frames["streets"]
    points, line = shapely.get_coordinates(streets["geometry"].to_numpy(), return_index=True)
    node = np.unique(points, axis=0, return_inverse=True)[1].reshape(-1)
    start = np.flatnonzero(line[1:] == line[:-1])
    end = start + 1
    dx = (points[end, 0] - points[start, 0]) * METRES_A_DEGREE * np.cos(np.radians(30.4))
    dy = (points[end, 1] - points[start, 1]) * METRES_A_DEGREE
    own = streets.iloc[line[start]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "from_node": node[start], "to_node": node[end],
            "from_lon": points[start, 0], "from_lat": points[start, 1],
            "to_lon": points[end, 0], "to_lat": points[end, 1],
            "length_m": np.hypot(dx, dy),
            **{c: own[c] for c in ("way_id", "name", "highway", "oneway", "maxspeed_kmh")},
        }
    )  # fmt: skip


@cache
def _graph(customers: int, seed: int, *, closed: bool) -> StreetGraph:
    city = city_of(customers, seed)
    closures = closures_on(city.frames["closures"], city.now) if closed else None
    return build_graph(_edges(city), closures)
