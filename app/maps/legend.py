"""The legend beside a map: one row a class, with how many cells fall into it."""

import html
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.maps.cells_file import NO_AREA
from app.maps.palette import UNKNOWN, UNKNOWN_GROUND, on_ground
from grid_cells import classes

Wording = Callable[[float], str]


@dataclass(frozen=True)
class LegendRow:
    """A class on the map: its colour, what it says, how many cells; or hatched in that colour.

    Without a count where nobody counts the cells: they come with the view.
    """

    colour: str
    label: str
    count: int | None
    is_hatched: bool = False


def plain(value: float) -> str:
    """Figure with thousands apart and no needless digits."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"  # noqa: PLR2004


def class_of(values: ArrayLike, breaks: Sequence[float]) -> np.ndarray:
    """Class of each value: 0 below breaks[0], 1 from there on, …; -1 where unknown.

    breaks: the edges between classes, without the two ends.
    """
    return classes.class_of(values, (-math.inf, *breaks, math.inf))


def class_rows(
    values: ArrayLike,
    breaks: Sequence[float],
    colours: Sequence[str],
    *,
    unknown: str,
    wording: Wording = plain,
) -> list[LegendRow]:
    """Rows for classes of values, from low to high, then unknown where there is any.

    values: one figure a cell, NaN unknown; colours: one more than breaks; unknown: the word for it.
    Raises ValueError when colours and breaks do not fit.
    """
    if len(colours) != len(breaks) + 1:
        raise ValueError(f"{len(colours)} colours for {len(breaks)} breaks")
    counts, missing = classes.class_counts(values, (-math.inf, *breaks, math.inf))
    labels = class_labels(breaks, wording)
    rows = [
        LegendRow(colour, label, int(count))
        for colour, label, count in zip(colours, labels, counts, strict=True)
    ]
    return rows + _unknown_row(missing, unknown)


def area_rows(
    areas: ArrayLike, names: Sequence[str], colours: Sequence[str], *, unknown: str
) -> list[LegendRow]:
    """Rows for areas in their given order, with cells counted; then cells in no area, if any.

    areas: area index of each cell, negative or 0xFFFF none; colours and names: one an area.
    """
    index = np.asarray(areas, dtype=np.int64)
    placed = (index >= 0) & (index != NO_AREA)
    counts = np.bincount(index[placed], minlength=len(names))
    rows = [LegendRow(colours[k], name, int(counts[k])) for k, name in enumerate(names)]
    return rows + _unknown_row(int((~placed).sum()), unknown)


def legend_html(rows: Sequence[LegendRow]) -> str:
    """Rows as a small table for `st.html`; labels are escaped, counts stand right."""
    body = "".join(
        f'<tr><td><i style="{_swatch(row)}"></i></td>'
        f"<td>{html.escape(row.label)}</td>"
        f'<td style="text-align:right">{"" if row.count is None else f"{row.count:,}"}</td></tr>'
        for row in rows
    )
    return f'<table class="grid-cells-legend" style="{_TABLE}">{body}</table>'


_TABLE = "width:100%;border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums"
_BOX = "display:block;width:16px;height:12px;border-radius:2px;border:1px solid rgba(0,0,0,.12)"


def _swatch(row: LegendRow) -> str:
    if not row.is_hatched:
        return f"{_BOX};background:{html.escape(on_ground(row.colour))}"
    stripes = f"{UNKNOWN_GROUND} 0 3px,{html.escape(row.colour)} 3px 4.5px"
    return f"{_BOX};background:repeating-linear-gradient(135deg,{stripes})"


def class_labels(breaks: Sequence[float], wording: Wording = plain) -> list[str]:
    """Words of the classes from low to high: "< 15", "15–30", "≥ 30" (lower edges included)."""
    if not breaks:
        return [""]
    words = [wording(value) for value in breaks]
    between = [f"{low}–{high}" for low, high in itertools.pairwise(words)]
    return [f"< {words[0]}", *between, f"≥ {words[-1]}"]


def _unknown_row(count: int, word: str) -> list[LegendRow]:
    return [LegendRow(UNKNOWN, word, count, is_hatched=True)] if count else []
