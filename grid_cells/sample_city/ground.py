"""Metres around the middle of the city, its degrees, and the gentle bends of everything drawn."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]
Texts = npt.NDArray[np.object_]
Days = npt.NDArray[np.datetime64]

MIDDLE_LON, MIDDLE_LAT = 112.5, 30.4
_M_PER_DEGREE = 111_195.0
_M_PER_DEGREE_LON = _M_PER_DEGREE * float(np.cos(np.radians(MIDDLE_LAT)))


def to_lon_lat(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """WGS-84 degrees, to seven places (1 cm), of points in metres east and north of the middle."""
    lon = np.round(MIDDLE_LON + np.asarray(x) / _M_PER_DEGREE_LON, 7)
    return lon, np.round(MIDDLE_LAT + np.asarray(y) / _M_PER_DEGREE, 7)


def to_metres(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Metres east and north of the middle of points in WGS-84 degrees."""
    x = (np.asarray(lon) - MIDDLE_LON) * _M_PER_DEGREE_LON
    return x, (np.asarray(lat) - MIDDLE_LAT) * _M_PER_DEGREE


def shape_to_lon_lat(shapes: Geometries) -> Geometries:
    """The same shapes in WGS-84 degrees."""

    def turned(points: Floats) -> Floats:
        return np.column_stack(to_lon_lat(points[:, 0], points[:, 1]))

    return np.asarray(shapely.transform(shapes, turned), dtype=object)


def stream(seed: int, purpose: int) -> np.random.Generator:
    """A generator of its own for each purpose, so that one draw more shifts nothing elsewhere."""
    return np.random.default_rng([seed, purpose])


@dataclass(frozen=True)
class Bend:
    """A smooth displacement of the plane: a few long waves, so that no street is ruled straight."""

    wave_x: Floats
    wave_y: Floats
    phase: Floats
    amplitude_m: float

    def __call__(self, points: Floats) -> Floats:
        """The points (n, 2), each moved by a few metres that change slowly over the ground."""
        turn = points[:, :1] * self.wave_x + points[:, 1:] * self.wave_y
        half = self.wave_x.size // 2
        moved = np.sin(turn + self.phase) * self.amplitude_m
        shift = np.column_stack([moved[:, :half].sum(axis=1), moved[:, half:].sum(axis=1)])
        return np.asarray(points + shift)


def draw_bend(rng: np.random.Generator, wavelength_m: float, amplitude_m: float) -> Bend:
    """A bend whose waves are about `wavelength_m` long, from the generator given."""
    waves = 6
    number = 2 * np.pi / (wavelength_m * rng.uniform(0.6, 1.6, waves))
    angle = rng.uniform(0, 2 * np.pi, waves)
    phase = rng.uniform(0, 2 * np.pi, waves)
    return Bend(number * np.cos(angle), number * np.sin(angle), phase, amplitude_m)
