"""Which days a country works: public holidays and the weekend days worked for them.

China moves days off and makes weekends up for them (调休) by a notice in the autumn before: until a
year's notice is out, its make-up days are not known, and are said to be unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

from grid_cells.errors import UserError

SATURDAY = 5
_LOOK_BACK = 10
"""A country that made up days in one of so many years before will do so again."""


@dataclass(frozen=True)
class WorkDay:
    """One day: its holiday's name, None on others; `is_made_up` None where no notice is out yet.

    `is_made_up` tells a weekend day that is worked; False on days that are no weekend.
    """

    day: date
    holiday: str | None
    is_made_up: bool | None

    @property
    def is_free(self) -> bool | None:
        """Whether people have it off; None on weekend days that may yet be worked."""
        if self.holiday is not None or self.day.weekday() < SATURDAY:
            return self.holiday is not None
        return None if self.is_made_up is None else not self.is_made_up


def work_days(
    days: Sequence[date], country: str, subdivision: str | None = None, language: str | None = None
) -> list[WorkDay]:
    """Each of the days as the country's calendar has it, names in the language where it has them.

    Raises UserError `unknown_country` for an ISO 3166 code that the calendar does not have.
    """
    years = tuple(sorted({day.year for day in days}))
    named, made_up, unknown = _calendar(country, subdivision, language, years)
    return [
        WorkDay(
            day,
            named.get(day),
            None if _may_be_worked(day, unknown) else day in made_up,
        )
        for day in days
    ]


def _may_be_worked(day: date, unknown: frozenset[int]) -> bool:
    return day.year in unknown and day.weekday() >= SATURDAY


@lru_cache(maxsize=32)
def _calendar(
    country: str, subdivision: str | None, language: str | None, years: tuple[int, ...]
) -> tuple[dict[date, str], frozenset[date], frozenset[int]]:
    try:
        known = holidays.country_holidays(
            country, subdiv=subdivision, years=_with_former(years), language=language
        )
    except NotImplementedError:
        raise UserError("unknown_country", country=country, subdivision=subdivision or "") from None
    made_up = frozenset(known.weekend_workdays)
    noticed = {day.year for day in made_up}
    unknown = {year for year in years if year not in noticed and _has_notices(noticed, year)}
    return dict(known.items()), made_up, frozenset(unknown)


def _with_former(years: tuple[int, ...]) -> list[int]:
    return list(range(years[0] - _LOOK_BACK, years[-1] + 1)) if years else []


def _has_notices(noticed: set[int], year: int) -> bool:
    return any(year - back in noticed for back in range(1, _LOOK_BACK + 1))
