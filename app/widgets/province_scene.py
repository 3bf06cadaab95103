"""What the page of a province shows: the choice, its figures, the scale, the open cell."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from app.maps import palette
from app.maps.legend import LegendRow, class_labels
from app.maps.update import Scale
from app.use_cases import province
from app.use_cases.province import Ground, ProvinceWish
from app.widgets import legend, map_events, session
from grid_cells.classes import class_breaks
from grid_cells.province import FIGURES, Floats, stretched_breaks

PAGE: Final = "province"
MAP: Final = "province_map"
BREAKS: Final[dict[str, tuple[float, ...]]] = {
    "loss_rate": (2.0, 4.0, 6.0, 8.0, 12.0),
    "read_share": (80.0, 90.0, 95.0, 98.0, 99.5),
    "known_share": (80.0, 90.0, 95.0, 98.0, 99.5),
}
"""Per cent: classes that people compare from day to day."""
ENOUGH: Final = 0.9
"""Cells are hatched over where less of what should be known is known."""
_CELL: Final = "province_cell"


@dataclass(frozen=True, eq=False)
class ProvinceScene:
    """The choice with the sums over everything in sight, the scale, and the open cell's name."""

    ground: Ground
    wish: ProvinceWish
    days: int
    totals: pd.DataFrame
    scale: Scale
    rows: tuple[LegendRow, ...]
    cell: str | None


def gather(ground: Ground, wish: ProvinceWish) -> ProvinceScene:
    """The scene as the controls and the last click leave it."""
    db, actor = session.database(), session.actor()
    event = map_events.news(MAP)
    if event is not None and event.part == "hexes":
        st.session_state[_CELL] = event.cell if event.inside else None
    days = sum(wish.first <= one <= wish.last for one in ground.days)
    scale = _scale(wish, province.sample(db, actor, wish))
    return ProvinceScene(
        ground, wish, days, province.totals(db, actor, wish.first, wish.last), scale,
        _rows(scale), st.session_state.get(_CELL),
    )  # fmt: skip


def close() -> None:
    """Close the open cell."""
    st.session_state.pop(_CELL, None)


def _scale(wish: ProvinceWish, values: Floats) -> Scale:
    if wish.figure in BREAKS:
        breaks = list(BREAKS[wish.figure])
    elif FIGURES[wish.figure].is_sum:
        breaks = stretched_breaks(values)
    else:
        breaks = sorted({float(edge) for edge in class_breaks(values)[1:-1]})
    return Scale(palette.sequential(len(breaks) + 1), breaks)


def _rows(scale: Scale) -> tuple[LegendRow, ...]:
    labels = class_labels(scale.breaks, legend.figure)
    known = [LegendRow(*one, None) for one in zip(scale.colours, labels, strict=True)]
    hatched = LegendRow(palette.UNKNOWN, session.say("legend_unknown"), None, is_hatched=True)
    return (*known, hatched)


def unit(figure: str) -> str:
    """The unit in which the legend tells a figure."""
    return "" if FIGURES[figure].unit == "1" else FIGURES[figure].unit
