"""The whole city from three numbers: customers, seed and the last day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from grid_cells.errors import UserError
from grid_cells.sample_city.archive import customer_frame
from grid_cells.sample_city.contacts import with_contacts
from grid_cells.sample_city.crew_log import CrewLog, crew_log
from grid_cells.sample_city.demand import draw_demand
from grid_cells.sample_city.duties import area_frame, crew_frame, duty_frame, staff_frame
from grid_cells.sample_city.events import Event, closure_frame, demo_events
from grid_cells.sample_city.feeders import feeder_frame, transformer_frame
from grid_cells.sample_city.ground import Flags, stream
from grid_cells.sample_city.hall_devices import DeviceLog, device_frame, device_log
from grid_cells.sample_city.hall_log import HallLog, hall_log
from grid_cells.sample_city.hall_visits import visit_frame
from grid_cells.sample_city.homes import set_boxes
from grid_cells.sample_city.inspections import inspection_frame
from grid_cells.sample_city.labels import label_frame
from grid_cells.sample_city.land import lay_land
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.meters import Meters, hang_meters, meter_frame
from grid_cells.sample_city.moments import days_before, local, utc
from grid_cells.sample_city.network import lay_network
from grid_cells.sample_city.orders import order_frame
from grid_cells.sample_city.outage_files import outage_files
from grid_cells.sample_city.payments import payment_frame
from grid_cells.sample_city.people import settle_people
from grid_cells.sample_city.places import settle
from grid_cells.sample_city.planned import planned_transformers
from grid_cells.sample_city.readings import ReadingPlan, connected_day, read_meters
from grid_cells.sample_city.roster import shift_frame
from grid_cells.sample_city.service import bank_frames, hall_frame, unit_frame
from grid_cells.sample_city.streets import lay_streets, street_frame
from grid_cells.sample_city.weather import draw_weather
from grid_cells.sample_city.west import west_frame
from grid_cells.sample_city.zones import age_frame, promise_zone_frame, water_frame

DEFAULT_CUSTOMERS, DEFAULT_SEED, DEFAULT_END = 60_000, 7, date(2026, 7, 16)
LEAST_CUSTOMERS, MOST_CUSTOMERS = 1_000, 2_000_000
MOST_OUTAGES = 200_000


@dataclass(frozen=True, eq=False)
class City:
    """A sample city.

    `frames` holds one frame by kind, with the columns of that kind's file (geometry as shapely in
    WGS-84, cells as hexadecimal text); `readings()` gives those of the kind `readings`. Beside
    them: `customers_west` (GCJ-02, made but not meant to be loaded), `water` (river and lake to
    draw), `former_banks` (closed on 1 July, so not among the banks), and to be kept apart the truth
    about thieves and decoys (`labels`) and about callers (`call_truth`: report_id, cause,
    outage_id). `crew_log`: what crews' phones told, some of it after `now`; `hall_log`: what was
    tapped at the halls, and duties there; `device_log`: what machines of halls told.
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
    call_truth: pd.DataFrame
    crew_log: CrewLog
    hall_log: HallLog
    device_log: DeviceLog
    plan: ReadingPlan

    def readings(self) -> Iterator[pd.DataFrame]:
        """Frames of daily readings over the 90 days before the end, whole days in each.

        Columns meter_id, day, energy_kwh, reverse_kwh, source, received_at; at most about
        4 million rows a frame.
        """
        return read_meters(self.plan)


def build(customers: int, seed: int, end: date, *, storm: int = 0) -> City:
    """The sample city of so many customers; the same values give the same bytes.

    `storm`: so many outages, a mass shut-off among them, in the weeks before, beside the story.
    Raises UserError `sample_size` outside 1,000 to 2,000,000 customers and `sample_storm` outside
    0 to 200,000 outages.
    """
    if not LEAST_CUSTOMERS <= customers <= MOST_CUSTOMERS:
        raise UserError(
            "sample_size", customers=customers, least=LEAST_CUSTOMERS, most=MOST_CUSTOMERS
        )
    if not 0 <= storm <= MOST_OUTAGES:
        raise UserError("sample_storm", storm=storm, most=MOST_OUTAGES)
    layout = _lay(customers, seed, end)
    banks, former = bank_frames(layout, stream(seed, 40), closed_at=utc(days_before(end, 15)))
    archive = _archive(layout, end, seed)
    meters = hang_meters(layout.people, layout.network, layout.demand, seed=seed)
    frames = {
        **_network_frames(layout, seed, end),
        **_service_frames(layout, seed, end),
        "banks": banks,
        "customers": archive,
        "meters": meter_frame(layout, meters, archive, end=end, seed=seed),
    }
    outages, truth = outage_files(layout, frames, end=end, seed=seed, season=storm)
    frames |= outages
    orders = order_frame(layout, frames, end=end, seed=seed)
    inspected = inspection_frame(layout, archive, end=end, rng=stream(seed, 57))
    paid = payment_frame(layout.boxes, frames["cell_facts"], end=end, rng=stream(seed, 73))
    log = crew_log(layout.streets, frames, end=end, rng=stream(seed, 55))
    visits = visit_frame(frames["halls"], customers=customers, end=end, rng=stream(seed, 70))
    taps = hall_log(
        frames["halls"], visits, customers=customers, end=end, rng=stream(seed, 71)
    )  # fmt: skip
    devices = device_frame(frames["halls"], end=end, rng=stream(seed, 80))
    frames |= {
        "work_orders": orders,
        "inspections": inspected,
        "visits": visits,
        "devices": devices,
        "payments": paid,
    }
    return City(
        customers=customers,
        seed=seed,
        end=end,
        now=local(end, "19:40"),
        events=demo_events(end, has_season=storm > 0),
        frames=frames,
        customers_west=west_frame(layout, end=end, seed=seed),
        water=water_frame(layout.land),
        former_banks=former,
        labels=label_frame(layout, archive),
        call_truth=truth,
        crew_log=log,
        hall_log=taps,
        device_log=device_log(devices, end=end, rng=stream(seed, 81)),
        plan=_reading_plan(layout, meters, archive, seed),
    )


def _lay(customers: int, seed: int, end: date) -> Layout:
    land = lay_land(customers, seed)
    places = settle(land, customers, seed)
    streets = lay_streets(land, places, seed)
    boxes = set_boxes(land, places, streets, seed)
    network = lay_network(land, places, boxes, seed)
    weather = draw_weather(end, seed)
    people = settle_people(places, boxes, network, seed=seed)
    demand, people = draw_demand(people, places, network, weather, seed=seed)
    return Layout(land, places, streets, boxes, network, people, demand, weather)


def _network_frames(layout: Layout, seed: int, end: date) -> dict[str, pd.DataFrame]:
    places, network = layout.places, layout.network
    counted = utc(date(end.year - 1, 12, 31))
    return {
        "units": unit_frame(layout.land, network),
        "feeders": feeder_frame(layout),
        "transformers": transformer_frame(layout, end=end),
        "streets": street_frame(layout.streets),
        "closures": closure_frame(end),
        "promise_zones": promise_zone_frame(layout.land, places),
        "cell_facts": age_frame(places, layout.boxes, as_of=counted, seed=seed),
    }


def _service_frames(layout: Layout, seed: int, end: date) -> dict[str, pd.DataFrame]:
    halls = hall_frame(layout, end=end)
    crews = crew_frame(layout, stream(seed, 41))
    return {
        "halls": halls,
        "staff": staff_frame(layout.network, stream(seed, 42)),
        "crews": crews,
        "crew_shifts": shift_frame(crews, end=end),
        "areas": area_frame(layout.places, layout.network, halls),
        "duties": duty_frame(layout.network, crews, end=end),
    }


def _archive(layout: Layout, end: date, seed: int) -> pd.DataFrame:
    own = planned_transformers(layout.network, layout.places)
    planned = np.isin(layout.people.recorded, own)
    customers = customer_frame(layout, end=end, seed=seed)
    customers = _with_one_patient(customers, layout, planned)
    return with_contacts(customers, planned, end=end, rng=stream(seed, 54))


def _with_one_patient(customers: pd.DataFrame, layout: Layout, planned: Flags) -> pd.DataFrame:
    """Exactly one home with medical equipment within Saturday's planned work."""
    support = customers["life_support"].to_numpy() & ~planned
    support[np.flatnonzero(planned & (layout.people.use == 0))[0]] = True
    return customers.assign(life_support=support)


def _reading_plan(layout: Layout, meters: Meters, archive: pd.DataFrame, seed: int) -> ReadingPlan:
    """The plan, with the meters of the theft and the masters of all stories read every day."""
    network, places = layout.network, layout.places
    theft = network.of_place(places, "market")
    story = network.of_place(places, "market", "spur", "xiangyang")
    billing = np.isin(layout.people.transformer[meters.customer], theft)
    masters = np.isin(meters.master_of, np.append(story, layout.demand.wrong_ct))
    first = connected_day(archive["connected_on"], layout.weather)
    return ReadingPlan(layout, meters, first, np.concatenate([billing, masters]), seed)
