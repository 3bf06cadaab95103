"""Made-up cells for benchmarks/map.py, the same for page and server."""

import math
from functools import lru_cache

import h3
import numpy as np
from numpy.typing import NDArray

from app.maps.cells_file import encode

CENTRE = (30.5, 114.3)
BREAKS = (15.0, 30.0, 45.0, 90.0, 120.0)
FILTER_LOW = 45.0
Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


@lru_cache(maxsize=4)
def made(count: int, seed: int) -> Columns:
    """Cells in a disk at resolution 9, 24 areas, minutes that grow outwards."""
    rings = 0
    while 3 * rings * (rings + 1) + 1 < count:
        rings += 1
    names = h3.grid_disk(h3.latlng_to_cell(*CENTRE, 9), rings)[:count]
    places = np.array([h3.cell_to_latlng(name) for name in names]) - CENTRE
    away = np.hypot(places[:, 0], places[:, 1] * math.cos(math.radians(CENTRE[0])))
    turn = (np.arctan2(places[:, 0], places[:, 1]) + math.pi) / (2 * math.pi)
    areas = (turn * 8).astype(np.int64).clip(0, 7) + 8 * (away / away.max() * 2.99).astype(np.int64)
    noise = np.random.default_rng(seed).normal(0, 4, count)
    values = np.clip(away / away.max() * 130 + noise, 0, None)
    return np.array([h3.str_to_int(name) for name in names], dtype=np.int64), areas, values


@lru_cache(maxsize=4)
def cells_file(count: int, seed: int) -> bytes:
    """The same as the file that the browser fetches."""
    return encode(*made(count, seed))


def start_zoom(count: int) -> int:
    """Zoom at which the disk about fills a map 640 px high."""
    across_m = 2 * 340 * math.sqrt(count / math.pi)
    metres_a_pixel = across_m / 640
    return math.floor(math.log2(156543 * math.cos(math.radians(CENTRE[0])) / metres_a_pixel) + 0.3)
