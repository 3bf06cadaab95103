"""What the page of data quality shows: the figures and cells of a choice, and what is open."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from app.use_cases import reading_checks, reading_figures, reading_reviews
from app.use_cases.reading_checks import Check
from app.use_cases.reading_figures import By, CellWish, QualityCells
from app.widgets import map_events, session
from app.widgets.page_parts import PageParts
from grid_cells.cells import hex_to_cells
from grid_cells.errors import UserError

PAGE: Final = "data_quality"
MAP: Final = "quality_map"
VIEWS: Final = ("map", "queue")
_CELL: Final = "quality_cell"


@dataclass(frozen=True)
class QualityChoice:
    """What is looked at: the map's wish, and by what the table lists."""

    wish: CellWish
    by: By


@dataclass(frozen=True, eq=False)
class QualityScene:
    """The choice with its figures; waiting: reviews not yet decided; cell: the open one."""

    choice: QualityChoice
    check: Check
    cells: QualityCells
    rows: pd.DataFrame
    days: pd.DataFrame
    waiting: int
    cell: str | None


def parts() -> PageParts:
    """The map with its tables, and the review queue."""
    return PageParts(PAGE, "quality_view", VIEWS)


def gather(choice: QualityChoice) -> QualityScene:
    """The scene as the controls and the last click leave it; raises `readings_unchecked`."""
    db, actor = session.database(), session.actor()
    event = map_events.news(MAP)
    if event is not None and event.part == "hexes":
        st.session_state[_CELL] = event.cell if event.inside else None
    made = reading_checks.latest(db, actor)
    if made is None:
        raise UserError("readings_unchecked")
    maker = choice.wish.maker
    counts = reading_reviews.counted(db, actor)
    return QualityScene(
        choice, made, reading_figures.cells(db, actor, choice.wish),
        reading_figures.figures(db, actor, choice.by, maker=maker),
        reading_figures.trend(db, actor, maker=maker),
        counts.get("entered", 0) + counts.get("checked", 0), st.session_state.get(_CELL),
    )  # fmt: skip


def close() -> None:
    """Close the open cell."""
    st.session_state.pop(_CELL, None)


def cell_row(scene: QualityScene) -> "pd.Series[float] | None":
    """The row of the open cell, or None."""
    if scene.cell is None:
        return None
    rows = scene.cells.cells
    at = np.flatnonzero(rows["cell_id"].to_numpy() == int(hex_to_cells([scene.cell])[0]))
    return rows.iloc[int(at[0])] if len(at) else None
