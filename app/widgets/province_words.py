"""Words about the figures of a province."""

from datetime import date

from app import language as words
from app.widgets import session
from app.widgets import words_of as naming
from grid_cells.province import FIGURES

_STEPS = (("kWh", 1e6, "GWh"), ("kWh", 1e3, "MWh"))


def figure(code: str) -> str:
    """A figure's name."""
    return session.say(f"province_figure_{code}")


def amount(code: str, value: float) -> str:
    """A value with its unit, energies in the unit that keeps them short; unknown is said."""
    if value != value:  # noqa: PLR0124 - NaN
        return session.say("unknown")
    unit = FIGURES[code].unit
    for from_unit, size, to_unit in _STEPS:
        if unit == from_unit and abs(value) >= size:
            return f"{words.number(value / size, 1)}\u00a0{naming.unit(to_unit)}"
    said = words.number(value, digits(code))
    return said if unit == "1" else f"{said}\u00a0{naming.unit(unit)}"


def digits(code: str) -> int:
    """Digits behind the point in which a figure is told."""
    one = FIGURES[code]
    return 0 if one.is_sum and one.unit in {"1", "kWh", "h"} else 1


def days(first: date, last: date) -> str:
    """A span of days."""
    named = [words.day(one, session.language(), year=True) for one in (first, last)]
    return named[0] if first == last else f"{named[0]} – {named[1]}"
