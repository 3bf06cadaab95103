"""The moments of the story, for the demo clock, and the bridge that is closed."""

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from grid_cells.sample_city.moments import days_before, local, utc
from grid_cells.sample_city.planned import planned_day
from grid_cells.sample_city.season import SHUT_OFF_AT, SHUT_OFF_DAYS_AGO, WAVES
from grid_cells.sample_city.street_names import BRIDGES

CLOSED_DAYS_AGO, OPENS_IN_DAYS = 10, 16


@dataclass(frozen=True)
class Event:
    """A named moment; `code` finds its words in the language catalogues."""

    code: str
    at: datetime


def demo_events(end: date, *, has_season: bool = False) -> tuple[Event, ...]:
    """The moments one can jump to, earliest first; those of a season where the city has one."""
    moments: tuple[tuple[str, date, str], ...] = (
        ("event_theft_begins", days_before(end, 43), "00:00"),
        ("event_manager_left", days_before(end, 15), "08:00"),
        ("event_bank_closed", days_before(end, 15), "09:00"),
        ("event_bridge_closed", days_before(end, CLOSED_DAYS_AGO), "00:00"),
        ("event_storm_begins", end, "18:10"),
        ("event_storm_peak", end, "19:40"),
        ("event_first_restored", end, "20:05"),
        ("event_feeder_restored", end, "21:35"),
        ("event_storm_over", end, "23:00"),
        ("event_planned_work", planned_day(end), "08:00"),
    )
    if has_season:
        moments += (
            ("event_shut_off", days_before(end, SHUT_OFF_DAYS_AGO), SHUT_OFF_AT),
            ("event_shut_off_peak", days_before(end, SHUT_OFF_DAYS_AGO - 1), "06:00"),
            ("event_shut_off_ends", days_before(end, WAVES[0][0]), WAVES[0][1]),
        )
    found = (Event(code, local(day, clock)) for code, day, clock in moments)
    return tuple(sorted(found, key=lambda event: event.at))


def closure_frame(end: date) -> pd.DataFrame:
    """The file's columns of `closures`: Middle Bridge, 6 to 31 July of the story."""
    return pd.DataFrame(
        {
            "street": [BRIDGES[1]],
            "geometry": pd.Series([None], dtype=object),
            "valid_from": [utc(days_before(end, CLOSED_DAYS_AGO))],
            "valid_to": [utc(days_before(end, -OPENS_IN_DAYS))],
            "reason": ["Deck repair 桥面维修"],
        }
    )
