"""The ground the city stands on: its size, the river, the lake and the hills."""

from dataclasses import dataclass

import numpy as np
import shapely

from grid_cells.sample_city.ground import Floats, stream

FULL_SIZE = 60_000
"""Customers at which the city has the size its story tells; more people, more ground."""

_RIVER_REACH_M = 24_000.0


@dataclass(frozen=True)
class Land:
    """Where the water runs; `scale` is how much wider than the story's city everything lies."""

    scale: float
    phase: Floats
    river: shapely.Polygon
    lake: shapely.Polygon

    def river_x(self, y: Floats | float) -> Floats:
        """Metres east of the middle at which the river's midline passes at northing `y`."""
        return _river_x(np.asarray(y, dtype=float), self.scale, self.phase)

    def is_west(self, x: Floats, y: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Whether points lie on the west bank."""
        return np.asarray(np.asarray(x) < self.river_x(y))

    @property
    def ring_m(self) -> tuple[float, ...]:
        """Radii of the ring roads, the last one the edge of the city."""
        return tuple(self.scale * r for r in (380.0, 1_450.0, 3_300.0, 6_600.0))


def _river_x(y: Floats, scale: float, phase: Floats) -> Floats:
    u = y / scale
    bends = 420 * np.sin(u / 2_900 + phase[0]) + 110 * np.sin(u / 1_150 + phase[1])
    return np.asarray(scale * (-2_050 + bends))


def lay_land(customers: int, seed: int) -> Land:
    """The land for so many customers; its width grows with the cube root beyond the full size."""
    rng = stream(seed, 1)
    scale = max(1.0, (customers / FULL_SIZE) ** (1 / 3))
    phase = rng.uniform(0, 2 * np.pi, 4)
    y = np.linspace(-_RIVER_REACH_M * scale, _RIVER_REACH_M * scale, 400)
    middle = _river_x(y, scale, phase)
    half = (165 + 30 * np.sin(y / (1_900 * scale) + phase[2])) * scale**0.5
    west, east = np.column_stack([middle - half, y]), np.column_stack([middle + half, y])
    river = shapely.Polygon(np.vstack([west, east[::-1]]))
    return Land(scale, phase, river, _lake(scale, phase[3]))


def _lake(scale: float, phase: float) -> shapely.Polygon:
    turn = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = (620 + 130 * np.sin(2 * turn + phase) + 60 * np.sin(5 * turn)) * scale
    return shapely.Polygon(
        np.column_stack(
            [7_000 * scale + 1.5 * radius * np.cos(turn), 9_000 * scale + radius * np.sin(turn)]
        )
    )
