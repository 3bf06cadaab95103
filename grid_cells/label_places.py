"""Where names stand on a map of areas: inside, legible, and none on top of another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

_STEPS: Final = 8
_REACHES: Final = (0.0, 0.45, 0.9, 1.6)
"""How far from the middle a label may move, in radii of the largest circle inside."""
_INSIDE: Final = (0.97, 0.8, 0.6)
"""Shares of a label that should lie in its area, from the best to what is still borne."""


@dataclass(frozen=True)
class Label:
    """A label as it was placed: which of the sizes offered, and its middle."""

    choice: int
    x: float
    y: float


def middle_of(shape: Any) -> tuple[float, float, float]:
    """Middle and radius of the largest circle inside the largest part of a shape in the plane."""
    parts = shapely.get_parts(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    line = shapely.maximum_inscribed_circle(largest, tolerance=math.sqrt(largest.area) / 100)
    (x, y), _ = shapely.get_coordinates(line)
    return float(x), float(y), float(shapely.length(line))


def arrange(
    shapes: Sequence[Any],
    offers: Sequence[Sequence[tuple[float, float]]],
    *,
    margin: float = 0.0,
    signs: Sequence[tuple[float, float, float]] = (),
) -> list[Label]:
    """A place for each shape's label, in the shapes' own units.

    offers: for each shape the sizes (width, height) its label can have, the best first; the last
    one, a mere number, is taken where none fits. A label lies mostly in its area and off every
    other by `margin`; where even the number finds no room it stands in the middle anyway. Large
    areas choose last, since they have more room. signs: middle and width of what labels keep off.
    """
    middles = [middle_of(shape) for shape in shapes]
    found: list[Label | None] = [None] * len(shapes)
    taken = _Taken(margin)
    for x, y, width in signs:
        taken.add(Label(0, x, y), (width, width))
    for at in sorted(range(len(shapes)), key=lambda n: middles[n][2]):
        label = _placed(shapes[at], middles[at], offers[at], taken)
        found[at] = label
        taken.add(label, offers[at][label.choice])
    return [label for label in found if label is not None]


class _Taken:
    """Boxes of labels that stand already: left, bottom, right, top."""

    def __init__(self, margin: float) -> None:
        self.margin = margin
        self.boxes = np.empty((0, 4))

    def add(self, label: Label, size: tuple[float, float]) -> None:
        """Keep the label's box."""
        self.boxes = np.vstack([self.boxes, _boxes(np.array([[label.x, label.y]]), size)])

    def are_free(self, boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the boxes touch none that stands."""
        a, b, m = boxes[:, None, :], self.boxes[None, :, :], self.margin
        apart = (
            (a[..., 0] >= b[..., 2] + m) | (b[..., 0] >= a[..., 2] + m)
            | (a[..., 1] >= b[..., 3] + m) | (b[..., 1] >= a[..., 3] + m)
        )  # fmt: skip
        return np.asarray(apart.all(axis=1), dtype=bool)


def _boxes(middles: NDArray[np.float64], size: tuple[float, float]) -> NDArray[np.float64]:
    half = np.array(size) / 2
    return np.hstack([middles - half, middles + half])


def _placed(
    shape: Any,
    middle: tuple[float, float, float],
    sizes: Sequence[tuple[float, float]],
    taken: _Taken,
) -> Label:
    spots = _spots(middle)
    shares = [_shares(shape, _boxes(spots, size), taken) for size in sizes[:-1]]
    for least in _INSIDE:
        for choice, share in enumerate(shares):
            fits = share >= least
            if fits.any():
                x, y = spots[int(np.argmax(fits))]
                return Label(choice, float(x), float(y))
    free = taken.are_free(_boxes(spots, sizes[-1]))
    x, y = spots[int(np.argmax(free))]
    return Label(len(sizes) - 1, float(x), float(y))


def _shares(shape: Any, boxes: NDArray[np.float64], taken: _Taken) -> NDArray[np.float64]:
    """How much of each box lies in the shape, 0 to 1; 0 where it touches what stands already."""
    found = np.zeros(len(boxes))
    whole = float((boxes[0, 2] - boxes[0, 0]) * (boxes[0, 3] - boxes[0, 1]))
    if whole * _INSIDE[-1] > shape.area:
        return found
    free = np.flatnonzero(taken.are_free(boxes))
    found[free] = shapely.area(shapely.intersection(shapely.box(*boxes[free].T), shape)) / whole
    return found


def _spots(middle: tuple[float, float, float]) -> NDArray[np.float64]:
    """The middle, then rings of points around it, the nearest first."""
    x, y, radius = middle
    turns = 2 * np.pi * np.arange(_STEPS) / _STEPS
    ring = np.column_stack([np.cos(turns), np.sin(turns)])
    rings = [ring * reach * radius for reach in _REACHES[1:]]
    spots: NDArray[np.float64] = np.vstack([np.zeros((1, 2)), *rings])
    return np.asarray(spots + np.array([x, y]), dtype=np.float64)
