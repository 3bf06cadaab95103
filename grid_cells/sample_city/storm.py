"""The storm evening: three feeders trip, come back in steps, and single transformers fail."""

from datetime import date

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Ints
from grid_cells.sample_city.moments import utc
from grid_cells.sample_city.network import STORM_CUSTOMERS, STORM_FEEDERS, Network
from grid_cells.sample_city.outages import Outage, Section
from grid_cells.sample_city.places import Place, story_count
from grid_cells.sample_city.split import subset_with_sum

STORM_OUTAGES = 41
FEEDER_TRIPS = ("18:10", "18:22", "18:41")
STEPS = ("20:05", "20:50", "21:35")
"""When the tie switches bring back the three sections of each feeder."""

_LIGHT = 1.2
_LATE_MIN, _SINGLE_LATE_MIN = 25, 30
_FIRST_FAULT, _FAULTS_MIN, _FIRST_BACK, _BACKS_MIN = "18:14", 82, "19:48", 100
_SINGLE_CAUSES = ("storm: tree on line", "storm: fuse", "storm: flooding")


def storm_outages(
    network: Network, places: tuple[Place, ...], end: date, rng: np.random.Generator
) -> list[Outage]:
    """One outage a feeder in three sections, the lane behind F-07, single transformers: 41.

    But for the lane no transformer is in two of them. The hospital stays out of it: its second
    feeder carries it.
    """
    dark = storm_transformers(network, places)
    lane = network.of_place(places, "lane38")
    single = _singles(network, dark[dark != lane[0]], rng)
    tripped = np.setdiff1d(dark, single)
    trips = [
        _trip(_outer_first(network, tripped[network.feeder[tripped] == feeder], lane), end, clock)
        for feeder, clock in _trips(network)
    ]
    return [*trips, _lane(lane, end), *(_single(np.array([one]), end, rng) for one in single)]


def _trips(network: Network) -> list[tuple[int, str]]:
    """The storm's feeders, F-07 first, each with the time of its trip."""
    order = sorted(range(len(STORM_FEEDERS)), key=lambda n: str(network.feeder_id[n]))
    return list(zip(order, FEEDER_TRIPS, strict=True))


def _outer_first(network: Network, own: Ints, lane: Ints) -> Ints:
    """Transformers of a feeder by their distance from the lane, which comes last."""
    away = np.hypot(network.x[own] - network.x[lane[0]], network.y[own] - network.y[lane[0]])
    return own[np.argsort(-np.round(away, 3), kind="stable")]


def _singles(network: Network, dark: Ints, rng: np.random.Generator) -> list[int]:
    """Public transformers that fail on their own, evenly among the feeders, the lighter ones."""
    feeders = len(STORM_FEEDERS)
    count = STORM_OUTAGES - feeders - 1
    share = np.diff(np.linspace(0, count, feeders + 1).round().astype(int))
    chosen: list[int] = []
    for feeder, wanted in enumerate(share.tolist()):
        own = dark[(network.feeder[dark] == feeder) & ~network.is_dedicated[dark]]
        light = own[np.argsort(network.customers[own], kind="stable")][: round(_LIGHT * wanted)]
        chosen += rng.permutation(light)[: min(wanted, len(own) - len(STEPS))].tolist()
    return chosen


def storm_transformers(network: Network, places: tuple[Place, ...]) -> Ints:
    """Transformers dark at the storm's peak: of the three feeders, together the story's 14,800."""
    hospital, pump = network.of_place(places, "hospital"), network.of_place(places, "pump")
    lane = network.of_place(places, "lane38")
    must = np.concatenate([lane, pump])
    hit = np.flatnonzero(network.feeder < len(STORM_FEEDERS))
    hit = np.setdiff1d(hit, np.concatenate([must, hospital]))
    target = story_count(STORM_CUSTOMERS, int(network.customers.sum()))
    surplus = int(network.customers[np.append(hit, must)].sum()) - target
    spared = hit[subset_with_sum(network.customers[hit], max(surplus, 0))]
    return np.sort(np.append(np.setdiff1d(hit, spared), must))


def _trip(own: Ints, end: date, clock: str) -> Outage:
    """A feeder that trips and comes back section by section."""
    parts = np.array_split(own, len(STEPS))
    sections = tuple(
        Section(utc(end, step), part) for step, part in zip(STEPS, parts, strict=True) if len(part)
    )
    back = utc(end, STEPS[-1])
    late = back + pd.Timedelta(minutes=_LATE_MIN)
    cause = "storm: line down"
    return Outage(own, "fault", "in_force", cause, utc(end, clock), late, back, sections)


def _single(transformer: Ints, end: date, rng: np.random.Generator) -> Outage:
    start = utc(end, _FIRST_FAULT) + pd.Timedelta(minutes=int(rng.integers(0, _FAULTS_MIN)))
    back = utc(end, _FIRST_BACK) + pd.Timedelta(minutes=int(rng.integers(0, _BACKS_MIN)))
    cause = _SINGLE_CAUSES[int(rng.integers(0, len(_SINGLE_CAUSES)))]
    late = back + pd.Timedelta(minutes=_SINGLE_LATE_MIN)
    return Outage(transformer, "fault", "in_force", cause, start, late, back)


def _lane(lane: Ints, end: date) -> Outage:
    """The 38 homes that stay dark while their feeder F-07 is back since 21:35."""
    start, back, hoped = utc(end, "18:47"), utc(end, "23:00"), utc(end, STEPS[-1])
    cause = "storm: service line"
    behind = int(lane[0])
    return Outage(lane, "fault", "in_force", cause, start, hoped, back, behind=behind)
