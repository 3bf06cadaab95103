"""Fences round sites and areas: when somebody really was there, and when they only drove past.

A fence is entered by a fix inside it and left by one whose whole circle of accuracy lies beyond
the border and a margin, so that wavering at the border makes no second stay. A fix too vague says
nothing, and neither does silence: a stay lasts through a basement without signal. A stay counts
once fixes show that it lasted as long as the fence asks for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from grid_cells.distance import distance_m

Floats = NDArray[np.float64]

MARGIN_M: Final = 25.0
"""How far beyond the border a fix must be, circle and all, before somebody has left."""
MOST_VAGUE_M: Final = 250.0
"""A wider circle tells neither inside nor outside of the fences of a city."""
_METRES_A_DEGREE: Final = 111_195.0
LEAST_RADIUS_M, MOST_RADIUS_M = 20.0, 5_000.0
LEAST_DWELL_MIN, MOST_DWELL_MIN = 0.0, 240.0


@dataclass(frozen=True)
class Stay:
    """Time within a fence; counted_at None until it lasted long enough, left_at while there."""

    entered_at: datetime
    counted_at: datetime | None
    left_at: datetime | None


def beyond_circle(lon: Floats, lat: Floats, middle: tuple[float, float], radius_m: float) -> Floats:
    """Metres from each place to the border of a circle round lon, lat; inside below 0."""
    return np.asarray(distance_m(lon, lat, *middle) - radius_m, dtype=np.float64)


def beyond_shape(lon: Floats, lat: Floats, shape: bytes) -> Floats:
    """Metres from each place to the border of a shape (WKB in WGS-84); inside below 0."""
    flat, stretch = _flat(shape)
    points = shapely.points(np.asarray(lon) * stretch, np.asarray(lat) * _METRES_A_DEGREE)
    apart = shapely.distance(flat.boundary, points)
    return np.asarray(np.where(shapely.contains(flat, points), -apart, apart), dtype=np.float64)


@lru_cache(maxsize=256)
def _flat(shape: bytes) -> tuple[shapely.Geometry, float]:
    """The shape in metres, and how many of them a degree of longitude has there."""
    degrees = shapely.from_wkb(shape)
    _, south, _, north = degrees.bounds
    stretch = _METRES_A_DEGREE * float(np.cos(np.radians((south + north) / 2)))
    flat = shapely.transform(degrees, lambda points: points * [stretch, _METRES_A_DEGREE])
    shapely.prepare(flat)
    return flat, stretch


def stays(fixes: pd.DataFrame, beyond_m: Floats, dwell_min: float) -> list[Stay]:
    """Stays within a fence by fixes (seen_at, accuracy_m) in order of time, `beyond_m` its border.

    A stay begins with the first fix inside; it counts from the moment it has lasted `dwell_min`,
    provided a later fix (or that one) is not outside; it ends with the first fix outside. Those
    that never counted are among them.
    """
    dwell = timedelta(minutes=dwell_min)
    found: list[Stay] = []
    now_in: Stay | None = None
    accuracy = np.nan_to_num(fixes["accuracy_m"].to_numpy(np.float64), nan=0.0)
    moments = [one.to_pydatetime() for one in fixes["seen_at"]]
    for at, beyond, vague in zip(moments, beyond_m.tolist(), accuracy.tolist(), strict=True):
        if vague > MOST_VAGUE_M:
            continue
        if now_in is None:
            if beyond <= 0:
                now_in = Stay(at, at if dwell_min <= 0 else None, None)
        elif beyond - vague > MARGIN_M:
            found.append(Stay(now_in.entered_at, now_in.counted_at, at))
            now_in = None
        elif now_in.counted_at is None and at - now_in.entered_at >= dwell:
            now_in = Stay(now_in.entered_at, now_in.entered_at + dwell, None)
    return found if now_in is None else [*found, now_in]


def counted(found: list[Stay]) -> list[Stay]:
    """Stays that lasted long enough; whoever only drove past raises nothing."""
    return [one for one in found if one.counted_at is not None]


def joined(found: list[Stay]) -> list[Stay]:
    """The stays in order, those that overlap as one: from the first entry to the last leaving."""
    merged: list[Stay] = []
    for one in sorted(found, key=lambda stay: stay.entered_at):
        last = merged[-1] if merged else None
        if last is None or (last.left_at is not None and last.left_at < one.entered_at):
            merged.append(one)
            continue
        ends = (last.left_at, one.left_at)
        counts = [at for at in (last.counted_at, one.counted_at) if at is not None]
        merged[-1] = Stay(
            last.entered_at,
            min(counts, default=None),
            None if None in ends else max(at for at in ends if at is not None),
        )
    return merged
