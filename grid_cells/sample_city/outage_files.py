"""The files of outages, their steps and the reports about them."""

from datetime import date

import pandas as pd

from grid_cells.sample_city.ground import stream
from grid_cells.sample_city.history import ordinary_outages, without_major_days
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import moment
from grid_cells.sample_city.outages import Outage, numbered, outage_frame, step_frame
from grid_cells.sample_city.planned import planned_outage, spur_outages
from grid_cells.sample_city.reports import all_reports, report_frames
from grid_cells.sample_city.season_files import season_files
from grid_cells.sample_city.storm import storm_outages
from grid_cells.sample_city.storm_calls import storm_reports
from grid_cells.sample_city.usual_calls import REPORT_DAYS, usual_reports


def outage_files(
    layout: Layout, own: dict[str, pd.DataFrame], *, end: date, seed: int, season: int
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Frames of outages, outage_steps and fault_reports, and the truth behind the reports.

    `own`: the city's frames of customers, crews and promise_zones; `season`: how many outages the
    weeks before have beside the story.
    """
    outages = _story(layout, end, seed)
    storm = tuple(one for one in outages if one.cause.startswith("storm"))
    parts = storm_reports(layout, storm, own["crews"], end, stream(seed, 51))
    parts += usual_reports(layout, _reported(outages, end), own, end, stream(seed, 52))
    more: dict[str, pd.DataFrame] = {}
    if season:
        more, calls = season_files(layout, own, season, end=end, seed=seed)
        parts.append(calls)
    reports, truth = report_frames(
        all_reports(parts), layout, own["customers"], own["crews"], stream(seed, 53)
    )
    frames = {
        "outages": outage_frame(layout.network, outages),
        "outage_steps": step_frame(layout.network, outages),
    }
    for kind, frame in more.items():
        frames[kind] = pd.concat([frames[kind], frame], ignore_index=True)
    return frames | {"fault_reports": reports}, truth


def _story(layout: Layout, end: date, seed: int) -> tuple[Outage, ...]:
    network, places = layout.network, layout.places
    spur = spur_outages(network, end)
    usual = without_major_days(network, ordinary_outages(network, places, end, seed), spur)
    storm = storm_outages(network, places, end, stream(seed, 32))
    return numbered([*usual, *spur, *storm, planned_outage(network, places, end)])


def _reported(outages: tuple[Outage, ...], end: date) -> tuple[Outage, ...]:
    """Past outages so young that reports about them are still kept."""
    first = pd.Timestamp(moment(end, REPORT_DAYS, "00:00"), tz="UTC")
    last = pd.Timestamp(moment(end, 0, "00:00"), tz="UTC")
    return tuple(one for one in outages if first <= one.started < last and one.status == "ended")
