"""Words about the quality of readings."""

from app import language as words
from app.widgets import session, theft_words
from grid_cells.meter_figures import FEW


def figure(code: str) -> str:
    """A figure or finding in words."""
    return session.say(f"quality_figure_{code}")


def by(code: str) -> str:
    """By what rows are listed."""
    return session.say(f"quality_by_{code}")


def size(resolution: str) -> str:
    """A resolution by the usual width of its cells."""
    level = int(resolution)
    return session.say("theft_resolution_one", n=level, width=theft_words.width_m(level))


def name(text: str) -> str:
    """The name of a row; those of few meters are told together."""
    return session.say("quality_few") if text == FEW else text


def share(value: float | None, digits: int = 1) -> str:
    """A share in per cent; unknown is said, never nought."""
    return theft_words.share(value, digits)


def count(value: float) -> str:
    """A count of meter days; what may not be told is no nought."""
    return words.NOTHING if value != value else words.number(value, 0)  # noqa: PLR0124 - NaN
