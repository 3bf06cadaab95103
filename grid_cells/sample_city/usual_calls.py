"""The reports of ordinary days: about outages, about single homes, and what the bridge broke."""

from datetime import date

import numpy as np
import pandas as pd

from grid_cells.sample_city.calls import Calls, draw_calls
from grid_cells.sample_city.crew_ways import CrewWays, opened_visits
from grid_cells.sample_city.dispatch import Visits, after, usual_visits
from grid_cells.sample_city.ground import Flags, Texts
from grid_cells.sample_city.land import FULL_SIZE
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import moment
from grid_cells.sample_city.outages import Outage
from grid_cells.sample_city.places import story_count
from grid_cells.sample_city.planned import SPUR_DAYS_AGO
from grid_cells.sample_city.reports import Reports, enquiries, reports_of, single_reports
from grid_cells.sample_city.storm_calls import blackouts_of

REPORT_DAYS = 90
BROKEN_BY_BRIDGE = 4
_SHARE, _PLANNED_SHARE = 0.06, 0.015
_SINGLE_A_DAY = 12.0
_SINGLE_CAUSES = ("own_fuse", "service_line", "low_voltage", "meter", "street_lamp", "disconnected")
_SINGLE_SHARES = (0.40, 0.26, 0.11, 0.10, 0.07, 0.06)
_BRIDGE_DAYS_AGO, _BRIDGE_DELAYS_MIN = (9, 7, 4, 2), (43.0, 49.0, 58.0, 66.0)
_WEST_KEPT = ((8, "09:20"), (6, "15:05"), (5, "11:40"), (3, "17:30"), (1, "10:15"))
_COMPLAINTS = 24


def usual_reports(
    layout: Layout,
    outages: tuple[Outage, ...],
    own: dict[str, pd.DataFrame],
    end: date,
    rng: np.random.Generator,
) -> list[Reports]:
    """Reports of the ninety days before the last; `own`: frames of crews and promise_zones."""
    ways, crews = CrewWays(layout, own["promise_zones"], end), own["crews"]
    return [
        *_outage_reports(layout, outages, ways, crews, rng),
        _single_reports(layout, ways, crews, end, rng),
        _west_reports(layout, ways, crews, end, rng),
        _complaints(layout, end, rng),
    ]


def _outage_reports(
    layout: Layout,
    outages: tuple[Outage, ...],
    ways: CrewWays,
    crews: pd.DataFrame,
    rng: np.random.Generator,
) -> list[Reports]:
    """Calls about faults with a crew each, and about announced work, which needs none."""
    faults = tuple(one for one in outages if one.kind in ("fault", "urgent"))
    works = tuple(one for one in outages if one.kind == "planned")
    found = []
    calls = draw_calls(blackouts_of(layout, faults), _SHARE, rng)
    if len(calls):
        visits = opened_visits(calls, ways, crews, rng)
        said = np.where(calls.is_again, "again", "transformer").astype(object)
        found.append(reports_of(calls, visits, _ids(faults, calls), said, _all(calls)))
    if works:
        calls = draw_calls(blackouts_of(layout, works), _PLANNED_SHARE, rng)
        said = np.full(len(calls), "planned", dtype=object)
        found.append(enquiries(calls, said, _ids(works, calls)))
    return found


def _all(calls: Calls) -> Flags:
    return np.ones(len(calls), dtype=bool)


def _ids(outages: tuple[Outage, ...], calls: Calls) -> Texts:
    return np.array([one.outage_id for one in outages], dtype=object)[calls.outage]


def _single_reports(
    layout: Layout, ways: CrewWays, crews: pd.DataFrame, end: date, rng: np.random.Generator
) -> Reports:
    """Homes with a trouble of their own, anywhere but on the west bank."""
    total = len(layout.people.box)
    count = max(20, round(_SINGLE_A_DAY * REPORT_DAYS * total / FULL_SIZE))
    own = rng.choice(np.flatnonzero(~ways.is_west), count)
    ago = rng.integers(1, REPORT_DAYS, count).astype("timedelta64[D]")
    hour = rng.triangular(6, 19, 23.5, count) * 60
    at = after(moment(end, 0, "00:00") - ago, hour)
    cause = rng.choice(np.array(_SINGLE_CAUSES, dtype=object), count, p=_SINGLE_SHARES)
    way = ways.minutes_to(own, at, rng)
    visits = usual_visits(at, way, ways.metres[own], crews, rng)
    return single_reports(own, at, visits, cause, rng)


def _west_reports(
    layout: Layout, ways: CrewWays, crews: pd.DataFrame, end: date, rng: np.random.Generator
) -> Reports:
    """Single homes on the west bank since the bridge closed: some in time, four too late.

    The crew of the four set out after so long that 14 minutes would still have kept the promise
    and 52 did not.
    """
    xizhou = layout.people.of_place(layout.places, "xizhou")
    own = rng.choice(xizhou, len(_WEST_KEPT) + BROKEN_BY_BRIDGE, replace=False)
    late_at = [moment(end, ago, "18:35") for ago in _BRIDGE_DAYS_AGO]
    at = np.array([moment(end, ago, clock) for ago, clock in _WEST_KEPT] + late_at)
    way = ways.minutes_to(own, at, rng)
    visits = usual_visits(at, way, ways.metres[own], crews, rng)
    wait = np.array([0.0] * len(_WEST_KEPT) + list(_BRIDGE_DELAYS_MIN))
    stamps = (after(stamp, wait) for stamp in (visits.told, visits.accepted, visits.arrived))
    visits = Visits(visits.crew, *stamps)
    cause = np.full(len(own), "service_line", dtype=object)
    return single_reports(own, at, visits, cause, rng)


def _complaints(layout: Layout, end: date, rng: np.random.Generator) -> Reports:
    """The customers of the spur complain in the days after each of its later faults."""
    people = layout.people
    spur = people.of_place(layout.places, "spur")
    count = min(len(spur), story_count(_COMPLAINTS, len(people.box)) + 2)
    own = rng.choice(spur, count, replace=False)
    fault = rng.choice(np.array(SPUR_DAYS_AGO[1:]), count, p=(0.2, 0.3, 0.5))
    days = (fault - rng.integers(1, 5, count)).astype("timedelta64[D]")
    at = after(moment(end, 0, "00:00") - days, rng.uniform(8.5, 20, count) * 60)
    calls = Calls(own, own, at, at, np.zeros(count, dtype=bool))
    said = np.full(count, "complaint", dtype=object)
    return enquiries(calls, said, np.full(count, None, dtype=object))
