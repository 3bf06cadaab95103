"""Small line drawings that stand inside a card."""

import base64
from collections.abc import Sequence

_WIDTH, _HEIGHT, _MARGIN = 320, 64, 4
WIDE = 900
_COLOUR = "#1d6a8a"


def line(values: Sequence[float], *, alt: str, width: int = _WIDTH) -> str:
    """HTML of an image with the values as one line; gaps where a value is missing.

    `alt` must be safe inside an attribute.
    """
    drawn = _drawing(values, width)
    data = base64.b64encode(drawn.encode()).decode()
    return f'<img class="gc-spark" alt="{alt}" src="data:image/svg+xml;base64,{data}">'


def _drawing(values: Sequence[float], width: int) -> str:
    known = [value for value in values if value == value]  # noqa: PLR0124 - not NaN
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    span = (high - low) or 1.0
    step = (width - 2 * _MARGIN) / max(len(values) - 1, 1)
    pieces, pen = [], "M"
    for place, value in enumerate(values):
        if value != value:  # noqa: PLR0124 - NaN lifts the pen
            pen = "M"
            continue
        x = _MARGIN + place * step
        y = _HEIGHT - _MARGIN - (value - low) / span * (_HEIGHT - 2 * _MARGIN)
        pieces.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}">'
        f'<path d="{"".join(pieces)}" fill="none" stroke="{_COLOUR}" stroke-width="1.6" '
        f'stroke-linejoin="round"/></svg>'
    )


def bars(counts: Sequence[int], titles: Sequence[str]) -> str:
    """HTML of counts side by side, each with a title on hover.

    `titles` must be safe inside an attribute.
    """
    most = max([*counts, 1])
    blocks = "".join(
        f'<i style="height:{max(2, round(100 * count / most))}%" title="{title}"></i>'
        for count, title in zip(counts, titles, strict=True)
    )
    return f'<p class="gc-bar-row">{blocks}</p>'
