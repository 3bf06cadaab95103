"""Colours of the map: ramps, soft hues for areas, and what a status looks like.

Ramps are ColorBrewer's YlGnBu and PuOr (Cynthia Brewer, colorbrewer2.org): even steps that stay
apart for colour-blind readers and in print.
"""

import colorsys
from typing import Final

FEWEST, MOST = 5, 7

_SEQUENTIAL: Final = {
    5: ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
    6: ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494"),
    7: ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c84"),
}
_DIVERGING: Final = {
    5: ("#5e3c99", "#b2abd2", "#f7f7f7", "#fdb863", "#e66101"),
    6: ("#542788", "#998ec3", "#d8daeb", "#fee0b6", "#f1a340", "#b35806"),
    7: ("#542788", "#998ec3", "#d8daeb", "#f7f7f7", "#fee0b6", "#f1a340", "#b35806"),
}

AREA_HUES: Final = ("#b9d3a4", "#ecd3a0", "#c9c0e3", "#a6d0dc", "#efc2b4", "#d9dcc0")
PLAN_HUES: Final = (*AREA_HUES, "#c9dfd6", "#e6c5d8", "#b9c8ec", "#d8c3a5", "#b4d6c0", "#e3d3ea")
"""Hues to choose from while a plan is drawn: more, so that a new area stands out."""
UNKNOWN: Final = "#8d9497"
UNKNOWN_GROUND: Final = "#d9dcda"
BORDER: Final = "#1f2d2e"
GROUND: Final = "#e9ece6"
OPACITY: Final = 0.65  # of cells over the ground
SELECTED: Final = "#e0a04a"

# tone -> (colour, sign): told apart by the sign alone too
STATUS: Final = {
    "kept": ("#1d5fa8", "✓"),
    "risk": ("#9a6300", "!"),
    "broken": ("#8b1e1e", "✕"),
    "muted": ("#6b7577", "–"),
}


def sequential(classes: int) -> tuple[str, ...]:
    """Colours from low to high, one a class; 1 to 7 classes.

    Fewer than five are picked from the five-class ramp so that neighbours stay far apart.
    Raises ValueError for other numbers.
    """
    return _ramp(_SEQUENTIAL, classes)


def diverging(classes: int) -> tuple[str, ...]:
    """Colours from far below to far above a real zero, one a class; 1 to 7 classes.

    Raises ValueError for other numbers.
    """
    return _ramp(_DIVERGING, classes)


def area_colours(colouring: list[int]) -> tuple[str, ...]:
    """Colour of each area, given the number that the map colouring gave it (0, 1, 2 …)."""
    return tuple(AREA_HUES[number % len(AREA_HUES)] for number in colouring)


def plan_colour(number: int) -> str:
    """Colour of an area of a plan being drawn, by its place in the palette."""
    return PLAN_HUES[number % len(PLAN_HUES)]


def faint(colour: str) -> str:
    """The colour (#rrggbb) drawn back into the ground, for what only gives the place."""
    return _mixed(colour, GROUND, 0.28)


def strong(colour: str) -> str:
    """The colour (#rrggbb) deepened, for what must be seen first; hue and order stay."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(colour)))
    deep = colorsys.hls_to_rgb(hue, 0.72 * lightness, min(1.0, 1.45 * saturation))
    return "#" + "".join(f"{round(255 * part):02x}" for part in deep)


def on_ground(colour: str) -> str:
    """The colour (#rrggbb) as cells of it look on the map's ground; for legends."""
    return _mixed(colour, GROUND, OPACITY)


def _mixed(colour: str, ground: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(ground), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _parts(colour: str) -> list[int]:
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]


def _ramp(ramps: dict[int, tuple[str, ...]], classes: int) -> tuple[str, ...]:
    if not 1 <= classes <= MOST:
        raise ValueError(f"{classes} classes; a reader tells 1 to {MOST} apart")
    if classes >= FEWEST:
        return ramps[classes]
    widest = ramps[FEWEST]
    if classes == 1:
        return (widest[2],)
    return tuple(widest[round(k * (FEWEST - 1) / (classes - 1))] for k in range(classes))
