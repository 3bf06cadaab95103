"""Linjiang, a made-up city with everything an electricity retailer's map needs, from a seed."""

from grid_cells.sample_city.city import (
    DEFAULT_CUSTOMERS,
    DEFAULT_END,
    DEFAULT_SEED,
    City,
    build,
)
from grid_cells.sample_city.events import Event

__all__ = ["DEFAULT_CUSTOMERS", "DEFAULT_END", "DEFAULT_SEED", "City", "Event", "build"]
