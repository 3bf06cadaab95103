"""What coverage shows in one run: figures, cells, gaps, what is open, the posts proposed."""

from dataclasses import dataclass, replace
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import coverage, coverage_views
from app.use_cases.coverage import Coverage
from app.use_cases.coverage_views import CoverageCells
from app.use_cases.coverage_wishes import CoverageWish, Layer
from app.use_cases.post_sites import Sites
from app.widgets import coverage_posts, map_events, session
from app.widgets.coverage_wish import CoverageChoice
from grid_cells.cells import hex_to_cells

MAP: Final = "coverage_map"
_CELL, _GAP = "coverage_cell", "coverage_gap"


@dataclass(frozen=True)
class CoverageScene:
    """The choice with its answer, the layer's cells, the posts proposed, and what is open.

    wish: with the posts, as the map shows it; gap: row of the open gap in `found.gaps`.
    """

    choice: CoverageChoice
    found: Coverage
    sites: Sites | None
    wish: CoverageWish
    layer: Layer
    cells: CoverageCells
    cell: str | None
    gap: int | None


def gather(choice: CoverageChoice) -> CoverageScene:
    """The scene as the controls, the list and the map were left."""
    db, actor = session.database(), session.actor()
    _hear()
    sites = coverage_posts.found(choice)
    wish, layer = choice.wish, choice.layer
    if sites is not None and len(sites.chosen):
        wish = replace(wish, posts=sites.wish.posts, moved=sites.wish.moved)
        layer = coverage_posts.layer(layer)
    found = coverage.coverage(db, actor, wish)
    cells = coverage_views.cells(db, actor, wish, layer)
    cell = st.session_state.get(_CELL)
    return CoverageScene(choice, found, sites, wish, layer, cells, cell, _gap_row(found))


def open_cell(cell: str | None) -> None:
    """Open a cell beside the map, or close what is open with None."""
    st.session_state[_CELL], st.session_state[_GAP] = cell, None


def open_gap(cell_id: int) -> None:
    """Open the gap that holds a cell."""
    st.session_state[_CELL], st.session_state[_GAP] = None, cell_id


def _gap_row(found: Coverage) -> int | None:
    """Row of the gap that holds the cell one asked for; its number may have changed since."""
    cell_id = st.session_state.get(_GAP)
    held = found.cells.loc[found.cells["cell_id"] == cell_id, "gap"]
    if cell_id is None or held.empty or held.iloc[0] < 0:
        return None
    rows = found.gaps.index[found.gaps["gap"] == held.iloc[0]]
    return None if rows.empty else int(rows[0])


def of_cell(scene: CoverageScene) -> "pd.Series[float] | None":
    """The row of the open cell, None where nothing is known of it."""
    if scene.cell is None:
        return None
    cell_id = int(hex_to_cells([scene.cell])[0])
    rows = scene.found.cells[scene.found.cells["cell_id"] == cell_id]
    return None if rows.empty else rows.iloc[0]


def _hear() -> None:
    """Take in what was done on the map, before anything of it is drawn again."""
    event = map_events.news(MAP)
    if event is not None and event.part == "hexes":
        open_cell(event.cell if event.inside else None)
