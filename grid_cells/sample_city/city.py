"""The whole city from three numbers: customers, seed and the last day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from grid_cells.datum import from_wgs84
from grid_cells.errors import UserError
from grid_cells.sample_city.demand import Demand, draw_demand
from grid_cells.sample_city.duties import area_frame, crew_frame, duty_frame, staff_frame
from grid_cells.sample_city.events import Event, closure_frame, demo_events
from grid_cells.sample_city.feeders import feeder_frame, transformer_frame
from grid_cells.sample_city.ground import stream
from grid_cells.sample_city.homes import Boxes, set_boxes
from grid_cells.sample_city.labels import label_frame
from grid_cells.sample_city.land import Land, lay_land
from grid_cells.sample_city.meters import Meters, hang_meters, meter_frame
from grid_cells.sample_city.moments import local, utc
from grid_cells.sample_city.network import Network, lay_network
from grid_cells.sample_city.outages import outage_frame, planned_transformers
from grid_cells.sample_city.people import People, customer_frame, settle_people
from grid_cells.sample_city.places import Place, settle
from grid_cells.sample_city.readings import ReadingPlan, connected_day, read_meters
from grid_cells.sample_city.service import bank_frames, hall_frame, unit_frame
from grid_cells.sample_city.streets import Streets, lay_streets, street_frame
from grid_cells.sample_city.weather import Weather, draw_weather
from grid_cells.sample_city.west import west_frame
from grid_cells.sample_city.zones import elderly_frame, promise_zone_frame, water_frame

DEFAULT_CUSTOMERS, DEFAULT_SEED, DEFAULT_END = 60_000, 7, date(2026, 7, 16)
LEAST_CUSTOMERS, MOST_CUSTOMERS = 1_000, 2_000_000


@dataclass(frozen=True, eq=False)
class City:
    """A sample city.

    `frames` holds one frame by kind, with the columns of that kind's file (geometry as shapely in
    WGS-84, cells as hexadecimal text); `readings()` gives those of the kind `readings`. Beside
    them: `customers_west` (GCJ-02, made but not meant to be loaded), `water` (river and lake to
    draw), `former_banks` (closed on 1 July, so not among the banks) and `labels` (the truth about
    thieves and decoys, to be kept apart).
    """

    customers: int
    seed: int
    end: date
    now: datetime
    events: tuple[Event, ...]
    frames: Mapping[str, pd.DataFrame]
    customers_west: pd.DataFrame
    water: pd.DataFrame
    former_banks: pd.DataFrame
    labels: pd.DataFrame
    plan: ReadingPlan

    def readings(self) -> Iterator[pd.DataFrame]:
        """Frames of daily readings over the 90 days before the end, whole days in each.

        Columns meter_id, day, energy_kwh, reverse_kwh, source, received_at; at most about
        4 million rows a frame.
        """
        return read_meters(self.plan)


@dataclass(frozen=True)
class _Ground:
    """What is laid out before anything is written down."""

    land: Land
    places: tuple[Place, ...]
    streets: Streets
    boxes: Boxes
    network: Network
    people: People
    demand: Demand
    weather: Weather


def build(customers: int, seed: int, end: date) -> City:
    """The sample city of so many customers; the same three values give the same bytes.

    Raises UserError `sample_size` outside 1,000 to 2,000,000 customers.
    """
    if not LEAST_CUSTOMERS <= customers <= MOST_CUSTOMERS:
        raise UserError(
            "sample_size", customers=customers, least=LEAST_CUSTOMERS, most=MOST_CUSTOMERS
        )
    ground = _lay(customers, seed, end)
    frames = {**_network_frames(ground, seed, end), **_service_frames(ground, seed, end)}
    archive = _with_one_patient(frames["customers"], ground)
    frames["customers"] = archive
    banks, former = bank_frames(ground.places, ground.network, ground.streets, stream(seed, 40))
    frames["banks"] = banks
    meters = hang_meters(ground.people, ground.network, ground.demand, seed=seed)
    frames["meters"] = meter_frame(
        meters, archive, ground.people, ground.network, ground.demand, end=end, seed=seed
    )
    return City(
        customers=customers,
        seed=seed,
        end=end,
        now=local(end, "19:40"),
        events=demo_events(end),
        frames=frames,
        customers_west=_shifted(
            west_frame(
                ground.places, ground.streets, ground.network, ground.land, end=end, seed=seed
            )
        ),
        water=water_frame(ground.land),
        former_banks=former,
        labels=label_frame(ground.people, ground.network, ground.demand, ground.weather, archive),
        plan=_reading_plan(ground, meters, archive, seed),
    )


def _lay(customers: int, seed: int, end: date) -> _Ground:
    land = lay_land(customers, seed)
    places = settle(land, customers, seed)
    streets = lay_streets(land, places, seed)
    boxes = set_boxes(land, places, streets, seed)
    network = lay_network(land, places, boxes, seed)
    weather = draw_weather(end, seed)
    people = settle_people(places, boxes, network, seed=seed)
    demand, people = draw_demand(people, places, network, weather, seed=seed)
    return _Ground(land, places, streets, boxes, network, people, demand, weather)


def _network_frames(ground: _Ground, seed: int, end: date) -> dict[str, pd.DataFrame]:
    network, places = ground.network, ground.places
    return {
        "units": unit_frame(ground.land, network),
        "feeders": feeder_frame(network, ground.streets, ground.people, ground.demand),
        "transformers": transformer_frame(network, places, ground.demand, end=end),
        "customers": customer_frame(
            ground.people, places, ground.boxes, network, ground.streets, end=end, seed=seed
        ),
        "streets": street_frame(ground.streets),
        "closures": closure_frame(end),
        "outages": outage_frame(network, places, end=end, seed=seed),
        "promise_zones": promise_zone_frame(ground.land, places),
        "cell_facts": elderly_frame(
            places, ground.boxes, as_of=utc(date(end.year - 1, 12, 31)), seed=seed
        ),
    }


def _service_frames(ground: _Ground, seed: int, end: date) -> dict[str, pd.DataFrame]:
    land, places, network, streets = ground.land, ground.places, ground.network, ground.streets
    halls = hall_frame(land, places, network, streets, end=end)
    crews = crew_frame(land, network, streets, stream(seed, 41))
    return {
        "halls": halls,
        "staff": staff_frame(network, stream(seed, 42)),
        "crews": crews,
        "areas": area_frame(places, network, halls),
        "duties": duty_frame(network, crews, end=end),
    }


def _with_one_patient(customers: pd.DataFrame, ground: _Ground) -> pd.DataFrame:
    """Exactly one home with medical equipment within Saturday's planned work."""
    planned = np.isin(ground.people.recorded, planned_transformers(ground.network, ground.places))
    support = customers["life_support"].to_numpy() & ~planned
    support[np.flatnonzero(planned & (ground.people.use == 0))[0]] = True
    return customers.assign(life_support=support)


def _shifted(customers: pd.DataFrame) -> pd.DataFrame:
    lon, lat = from_wgs84(customers["lon"].to_numpy(), customers["lat"].to_numpy(), "gcj02")
    return customers.assign(lon=np.round(lon, 7), lat=np.round(lat, 7))


def _reading_plan(ground: _Ground, meters: Meters, archive: pd.DataFrame, seed: int) -> ReadingPlan:
    network, demand = ground.network, ground.demand
    story = network.of_place(ground.places, "market", "spur", "xiangyang")
    watched = np.append(story, demand.wrong_ct)
    certain = np.concatenate(
        [np.isin(ground.people.transformer[meters.customer], network.of_place(ground.places, "market")),
         np.isin(meters.master_of, watched)]
    )  # fmt: skip
    first = connected_day(archive["connected_on"], ground.weather)
    return ReadingPlan(ground.people, network, demand, meters, ground.weather, first, certain, seed)
