"""Ninety days of weather and what they do to the use of electricity."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from grid_cells.sample_city.ground import Floats, stream

DAYS = 90
_COOLING_FROM_C = 24.0
_HEAT_WAVE_DAYS = 9
_HEAT_SHARE = np.array([0.062, 0.045, 0.015, 0.02, 0.008])
"""Further use per degree above 24 °C, by use (residential, commercial, farm, public, industry)."""

_WEEKDAY = np.array(
    [
        [0.97, 0.96, 0.96, 0.97, 0.99, 1.07, 1.08],
        [0.98, 0.97, 0.98, 0.99, 1.06, 1.05, 0.97],
        [1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00],
        [1.08, 1.08, 1.08, 1.08, 1.06, 0.82, 0.80],
        [1.06, 1.07, 1.07, 1.07, 1.05, 0.88, 0.80],
    ]
)


@dataclass(frozen=True)
class Weather:
    """Day by day: mean temperature in °C and the share of a clear day's sun (0 to 1)."""

    first: date
    temperature_c: Floats
    sun: Floats

    @property
    def days(self) -> int:
        """Number of days."""
        return len(self.sun)

    def day(self, number: int) -> date:
        """The day of that number."""
        return self.first + timedelta(days=number)

    def use_factors(self) -> Floats:
        """Use of each day (rows) by each use (columns) over that of a mild average day."""
        weekday = (self.first.weekday() + np.arange(self.days)) % 7
        heat = np.maximum(self.temperature_c - _COOLING_FROM_C, 0)
        return np.asarray(_WEEKDAY[:, weekday].T * (1 + heat[:, None] * _HEAT_SHARE))


def draw_weather(end: date, seed: int) -> Weather:
    """The weather of the ninety days before `end`: spring to summer, at last a heat wave."""
    rng = stream(seed, 20)
    first = end - timedelta(days=DAYS)
    number = np.arange(DAYS)
    swing = np.zeros(DAYS)
    for day in range(1, DAYS):
        swing[day] = 0.72 * swing[day - 1] + rng.normal(0, 1.3)
    wave = np.clip((number - (DAYS - 1 - _HEAT_WAVE_DAYS)) / _HEAT_WAVE_DAYS, 0, 1)
    mild = 17.5 + 11.0 * number / DAYS + swing
    temperature = np.round(mild * (1 - wave) + wave * (33.0 + 1.2 * wave), 1)
    cloud = rng.beta(1.6, 2.2, DAYS) * (1 - 0.8 * wave)
    return Weather(first, temperature, np.round(1 - 0.85 * cloud, 3))
