"""How long a crew usually needs to a customer, and the visits that first calls set off."""

from datetime import date

import numpy as np
import pandas as pd

from grid_cells.promises import promise_classes
from grid_cells.sample_city.calls import Calls, taken
from grid_cells.sample_city.dispatch import Visits, usual_visits
from grid_cells.sample_city.events import CLOSED_DAYS_AGO
from grid_cells.sample_city.ground import Days, Floats, Ints, to_lon_lat
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import moment

WEST_MIN, WEST_OPEN_MIN = 52.0, 14.0
"""Minutes from a crew to the west bank with Middle Bridge closed, and with it open."""

_WAY_MIN = {"city": 14.0, "rural": 24.0, "remote": 40.0}
_SPREAD, _WEST_SPREAD_MIN = 0.36, 1.2
_BUSY, _BUSY_MIN = 0.035, (20.0, 90.0)
"""One crew in thirty has something else to end first."""


class CrewWays:
    """Where customers are, and how long a crew usually needs to each."""

    def __init__(self, layout: Layout, zones: pd.DataFrame, end: date) -> None:
        boxes, box = layout.boxes, layout.people.box
        classes = promise_classes(zones, *to_lon_lat(boxes.x, boxes.y))
        usual = pd.Series(classes, dtype=object).map(_WAY_MIN).fillna(_WAY_MIN["rural"])
        kinds = np.array([place.kind for place in layout.places])
        self.way_min = usual.to_numpy(float)[box]
        self.is_west = kinds[layout.people.place] == "west"
        self.closed = moment(end, CLOSED_DAYS_AGO, "00:00")
        self.metres = np.column_stack([boxes.x[box], boxes.y[box]])

    def minutes_to(self, customer: Ints, at: Days, rng: np.random.Generator) -> Floats:
        """Minutes of the way at that time; by the other bridges it is always long."""
        west = np.where(at >= self.closed, WEST_MIN, WEST_OPEN_MIN)
        west = west + rng.normal(0, _WEST_SPREAD_MIN, len(customer))
        near = self.way_min[customer] * rng.lognormal(0, _SPREAD, len(customer))
        near += (rng.random(len(customer)) < _BUSY) * rng.uniform(*_BUSY_MIN, len(customer))
        return np.where(self.is_west[customer], west, near)


def opened_visits(
    calls: Calls, ways: CrewWays, crews: pd.DataFrame, rng: np.random.Generator
) -> Visits:
    """By call, the visit that the first call about its outage set off."""
    order = np.lexsort((calls.at, calls.outage))
    first, rank = np.unique(calls.outage[order], return_index=True)
    opening = taken(calls, order[rank])
    way = ways.minutes_to(opening.customer, opening.at, rng)
    visits = usual_visits(opening.at, way, ways.metres[opening.customer], crews, rng)
    return visits.of(np.searchsorted(first, calls.outage))
