"""Eight weeks of visitors at the city's halls: tickets, what nobody counts, who stands where."""

import heapq
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from grid_cells.sample_city.ground import Floats, Ints
from grid_cells.sample_city.hall_returns import with_visitors
from grid_cells.sample_city.moments import days_before, utc

DAYS: Final = 56
FULL_SIZE: Final = 60_000
"""Customers of the city for which the numbers below hold; a smaller town has fewer visitors."""
_A_DAY: Final = {
    "H-old-town": 280.0, "H-east": 115.0, "H-north": 110.0, "H-south": 105.0, "H-hightech": 70.0,
    "H-university": 80.0,
}  # fmt: skip
_SMALL: Final = 34.0
_MATTERS: Final = {
    # share of the tickets, minutes; small halls do the first four alone
    "payment": (0.18, 3.0), "billing": (0.20, 6.0), "invoice": (0.10, 4.0),
    "name_change": (0.12, 12.0), "new_connection": (0.06, 18.0), "capacity_change": (0.05, 15.0),
    "tariff_change": (0.07, 9.0), "pv": (0.04, 20.0), "ev_charger": (0.05, 15.0),
    "meter_check": (0.03, 8.0), "complaint": (0.04, 12.0), "closing": (0.03, 10.0),
    "other": (0.03, 6.0),
}  # fmt: skip
_SMALL_MATTERS: Final = 4
_CLOCK: Final = np.array([8.5, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 17.5])
_RUSH: Final = np.array([0.7, 1.3, 1.65, 1.3, 0.6, 0.5, 0.9, 1.1, 0.95, 0.6, 0.2])
_WEEKDAY: Final = (1.12, 1.10, 1.0, 0.97, 1.0, 0.55)
_BILLS_DAYS: Final = range(8, 16)
_BILLS_TIMES: Final = 1.18
_LAST_TICKET_MIN: Final = 20
_APPOINTED, _GIVEN_UP = 0.08, 0.02
_STORY: Final = {
    # minutes after midnight at which somebody is called, and how long they had waited
    "H-old-town": (
        (510, 0.5), (560, 14.0), (598, 34.0), (640, 34.0), (690, 42.0), (750, 18.0), (870, 8.0),
        (960, 3.0), (1050, 0.5),
    ),
    "H-east": ((510, 0.5), (570, 4.0), (660, 4.0), (720, 2.0), (900, 1.5), (1050, 0.5)),
}  # fmt: skip
_STORY_TIMES: Final = {"H-old-town": 1.14, "H-east": 0.95, "H-hightech": 0.7}


@dataclass(frozen=True)
class _Day:
    """One hall on one day: minutes after midnight between which it is open, people, visitors."""

    hall: str
    ago: int
    spans: tuple[tuple[int, int], ...]
    people: int
    visitors: float
    is_small: bool
    is_story: bool


def visit_frame(
    halls: pd.DataFrame, *, customers: int, end: date, rng: np.random.Generator
) -> pd.DataFrame:
    """The file's columns of `visits`: every ticket of eight weeks, called in the order they came.

    Old Town has a bad Tuesday two days before the end: 34 minutes at half past ten, while East
    Hall waits four. Of the visits for matters that one comes back for, 9 % are such returns.
    """
    parts = [_tickets(day, rng) for day in hall_days(halls, customers=customers, end=end)]
    table = pd.concat(parts, ignore_index=True)
    table = with_visitors(table, rng)
    for name in ("taken_at", "called_at", "finished_at", "appointment_at"):
        table[name] = _moments(table, name, end)
    columns = ["ticket_id", "hall_id", "taken_at", "called_at", "finished_at", "matter", "counter",
               "visitor_key", "outcome", "channel", "appointment_at"]  # fmt: skip
    return table[columns]


def hall_days(halls: pd.DataFrame, *, customers: int, end: date, ahead: int = 0) -> list[_Day]:
    """Each hall on each working day of the eight weeks, and of so many days after the end."""
    share, held = min(1.0, customers / FULL_SIZE), halls.to_dict("records")
    story = (end.weekday() - _TUESDAY) % 7 or 7
    return [
        _Day(hall["hall_id"], ago, _spans(hall["grade"], weekday),
             _people(hall, ago, share, is_story=ago == story),
             _visitors(hall["hall_id"], days_before(end, ago), is_story=ago == story) * share,
             hall["grade"] == "C", ago == story)
        for ago in range(DAYS, -ahead - 1, -1)
        if (weekday := days_before(end, ago).weekday()) < _SUNDAY
        for hall in held
        if weekday < _SATURDAY or hall["grade"] != "C"
    ]  # fmt: skip


_TUESDAY, _SATURDAY, _SUNDAY = 1, 5, 6
_MANY: Final = 5


def _spans(grade: str, weekday: int) -> tuple[tuple[int, int], ...]:
    """Minutes after midnight between which a hall of the grade is open."""
    if grade == "C":
        return ((540, 720), (840, 1020))
    return ((540, 960),) if weekday == _SATURDAY else ((510, 1050),)


def _people(hall: dict[Any, Any], ago: int, share: float, *, is_story: bool) -> int:
    """People at the counters: one of many is away now and then, and at Old Town in the story."""
    counters = int(hall["counters"])
    is_away = counters >= _MANY and ago % 4 == 1
    is_away |= is_story and hall["hall_id"] == "H-old-town"
    return max(1, round((counters - is_away) * share))


def _visitors(hall: str, day: date, *, is_story: bool) -> float:
    bills = _BILLS_TIMES if day.day in _BILLS_DAYS else 1.0
    story = _STORY_TIMES.get(hall, 1.0) if is_story else 1.0
    return _A_DAY.get(hall, _SMALL) * _WEEKDAY[day.weekday()] * bills * story


def _tickets(day: _Day, rng: np.random.Generator) -> pd.DataFrame:
    """The tickets of one hall and day, in minutes after midnight."""
    due = _arrivals(day, rng)
    matter, service = _business(len(due), day, rng)
    called, counter = _called(due, service, day.people)
    if day.is_story and day.hall in _STORY:
        due = _story(called, _STORY[day.hall])
    appointed = rng.random(len(due)) < _APPOINTED
    early = np.where(appointed, rng.uniform(1, 9, len(due)), 0.0)
    gone = (rng.random(len(due)) < _GIVEN_UP) & (called - due > _PATIENCE_MIN)
    table = pd.DataFrame(
        {
            "hall_id": day.hall, "ago": day.ago, "taken_at": due - early,
            "called_at": np.where(gone, np.nan, called),
            "finished_at": np.where(gone, np.nan, called + service), "matter": matter,
            "counter": pd.Series(counter.astype(str)).mask(gone),
            "outcome": np.where(gone, "left", "done"),
            "channel": np.where(appointed, "appointment", "walk_in"),
            "appointment_at": np.where(appointed, due, np.nan),
        }
    )  # fmt: skip
    number = np.arange(1, len(table) + 1)
    return table.assign(
        ticket_id=[f"{'A' if a else 'N'}{n:03d}" for a, n in zip(appointed, number, strict=True)]
    )


_PATIENCE_MIN: Final = 3.0


def _arrivals(day: _Day, rng: np.random.Generator) -> Floats:
    """When visitors are due, more of them before noon; nobody after the last ticket."""
    grid = np.arange(480, 1060)
    opened = np.zeros(len(grid))
    for begins, closes in day.spans:
        opened[(grid >= begins) & (grid < closes - _LAST_TICKET_MIN)] = 1.0
    weight = np.interp(grid / 60, _CLOCK, _RUSH) * opened
    count = int(rng.poisson(day.visitors))
    minute = rng.choice(grid, count, p=weight / weight.sum())
    return np.sort(minute + rng.random(count))


def _business(
    count: int, day: _Day, rng: np.random.Generator
) -> tuple["np.ndarray[tuple[int], np.dtype[np.object_]]", Floats]:
    rows = list(_MATTERS.items())[: _SMALL_MATTERS if day.is_small else None]
    share = np.array([row[1][0] for row in rows])
    drawn = rng.choice(len(rows), count, p=share / share.sum())
    minutes = np.array([row[1][1] for row in rows])[drawn]
    names = np.array([row[0] for row in rows], dtype=object)[drawn]
    return names, np.maximum(minutes * rng.gamma(4.0, 0.25, count), 0.7)


def _called(due: Floats, service: Floats, people: int) -> tuple[Floats, Ints]:
    """When each is called, first come first served, and the counter that calls."""
    free = [(0.0, counter) for counter in range(1, people + 1)]
    called, counter = np.empty(len(due)), np.empty(len(due), dtype=np.int64)
    for row, (come, lasts) in enumerate(zip(due.tolist(), service.tolist(), strict=True)):
        ready, place = heapq.heappop(free)
        called[row], counter[row] = max(come, ready), place
        heapq.heappush(free, (called[row] + lasts, place))
    return called, counter


def _story(called: Floats, told: tuple[tuple[float, float], ...]) -> Floats:
    """When they had come, so that they had waited as the story tells when they were called."""
    at, waited = np.array(told).T
    return np.sort(called - np.interp(called, at, waited))


def _moments(table: pd.DataFrame, name: str, end: date) -> pd.Series:
    """Minutes after midnight of the row's day as moments in UTC, to the second."""
    days = table["ago"].unique().tolist()
    midnight = table["ago"].map({ago: utc(days_before(end, ago)) for ago in days})
    return midnight + pd.to_timedelta(np.round(table[name] * 60), unit="s")
