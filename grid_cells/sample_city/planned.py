"""Saturday's planned work, and the spur that fails again and again."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Ints
from grid_cells.sample_city.moments import days_before, utc
from grid_cells.sample_city.network import SPUR_TRANSFORMER, STORM_FEEDERS, Network
from grid_cells.sample_city.outages import Outage
from grid_cells.sample_city.places import Place, story_count
from grid_cells.sample_city.split import subset_with_sum

PLANNED_CUSTOMERS = 1_260
SPUR_DAYS_AGO = (52, 37, 21, 6)
_SATURDAY = 5


def spur_outages(network: Network, end: date) -> list[Outage]:
    """The four faults of the spur of F-11 within sixty days."""
    spur = np.flatnonzero(network.transformer_id == SPUR_TRANSFORMER)
    found = []
    for number, ago in enumerate(SPUR_DAYS_AGO):
        start = utc(days_before(end, ago), "19:20") + pd.Timedelta(minutes=17 * number)
        back = start + pd.Timedelta(minutes=70 + 23 * number)
        found.append(Outage(spur, "fault", "ended", "F-11 spur: overload", start, back, back))
    return found


def planned_day(end: date) -> date:
    """The first Saturday after the end."""
    return end + timedelta(days=(_SATURDAY - end.weekday() - 1) % 7 + 1)


def planned_transformers(network: Network, places: tuple[Place, ...]) -> Ints:
    """Neighbouring transformers of one feeder that together have the story's 1,260 customers."""
    kinds = np.array([place.kind for place in places])[network.place]
    target = story_count(PLANNED_CUSTOMERS, int(network.customers.sum()))
    plain = np.isin(kinds, ("city", "village", "town")) & (network.feeder > len(STORM_FEEDERS))
    start = network.of_place(places, "market")[0]
    away = np.hypot(network.x - network.x[start], network.y - network.y[start])
    order = np.argsort(np.round(away, 3), kind="stable")
    order = order[plain[order]]
    best = order[:0]
    for feeder in dict.fromkeys(network.feeder[order].tolist()):
        own = order[network.feeder[order] == feeder]
        found = own[subset_with_sum(network.customers[own], target)]
        if network.customers[found].sum() > network.customers[best].sum():
            best = found
        if network.customers[best].sum() == target:
            break
    return best


def planned_outage(network: Network, places: tuple[Place, ...], end: date) -> Outage:
    """The work announced for Saturday at 08:00."""
    day = planned_day(end)
    own = planned_transformers(network, places)
    start, back = utc(day, "08:00"), utc(day, "16:00")
    return Outage(own, "planned", "notified", "maintenance", start, back, None)
