"""What the page of reach shows in one run: figures, cells, gaps, and what is open."""

from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import reach
from app.use_cases.reach import Reach, ReachCells
from app.widgets import map_events, search_box, session
from app.widgets.reach_rail import ReachChoice
from grid_cells.cells import cells_to_hex, centres, hex_to_cells

MAP: Final = "reach_map"
_OPEN: Final = "reach_open"
Spot = tuple[float, float]


@dataclass(frozen=True)
class ReachOpen:
    """What is open: a cell, a point (by id) or a gap (by a cell in it); spot: a place asked for.

    customer: the reference of a customer who was picked in the search.
    """

    cell: str | None = None
    point: str | None = None
    gap: int | None = None
    spot: Spot | None = None
    customer: str | None = None
    go: bool = False


@dataclass(frozen=True)
class ReachScene:
    """The choice with its answer, the layer's cells and what is open."""

    choice: ReachChoice
    found: Reach
    cells: ReachCells
    opened: ReachOpen


def gather(choice: ReachChoice) -> ReachScene:
    """The scene as the controls, the list and the map were left."""
    _hear()
    db, actor = session.database(), session.actor()
    found = reach.reach(db, actor, choice.wish)
    cells = reach.cells(db, actor, choice.wish, choice.layer)
    return ReachScene(choice, found, cells, st.session_state.get(_OPEN, ReachOpen()))


def open_what(what: ReachOpen) -> None:
    """Open a cell, point or gap beside the map; an empty one closes what is open."""
    st.session_state[_OPEN] = what


def is_open(scene: ReachScene) -> bool:
    """Whether anything is."""
    return any(one is not None for one in (scene.opened.cell, scene.opened.point, scene.opened.gap))


def gap_row(scene: ReachScene) -> "pd.Series[float] | None":
    """The open gap's row of the gaps, None where it is none any more."""
    if scene.opened.gap is None:
        return None
    cells = scene.found.cells
    held = cells.loc[cells["cell_id"] == scene.opened.gap, "gap"]
    if held.empty or held.iloc[0] < 0:
        return None
    rows = scene.found.gaps[scene.found.gaps["gap"] == held.iloc[0]]
    return None if rows.empty else rows.iloc[0]


def cell_row(scene: ReachScene) -> "pd.Series[float] | None":
    """The open cell's row, None where nothing is known of it."""
    if scene.opened.cell is None:
        return None
    cell_id = int(hex_to_cells([scene.opened.cell])[0])
    rows = scene.found.cells[scene.found.cells["cell_id"] == cell_id]
    return None if rows.empty else rows.iloc[0]


def point_row(scene: ReachScene) -> "pd.Series[float] | None":
    """The open point's row, None where it is not among the points."""
    rows = scene.found.points[scene.found.points["point_id"] == scene.opened.point]
    return None if rows.empty else rows.iloc[0]


def _hear() -> None:
    """Take in what was picked in the search or done on the map."""
    pick = search_box.picked()
    if pick is not None and pick.cell_id:
        cell = str(cells_to_hex([pick.cell_id])[0])
        spot = None if pick.lon is None or pick.lat is None else (pick.lon, pick.lat)
        customer = pick.id if pick.kind == "customer" else None
        open_what(ReachOpen(cell=cell, spot=spot, customer=customer, go=True))
    event = map_events.news(MAP)
    if event is None:
        return
    if event.part == "hexes":
        open_what(ReachOpen(cell=event.cell) if event.inside else ReachOpen())
    elif event.part == "places" and event.place_id:
        open_what(ReachOpen(point=event.place_id))


def middle(cell: str) -> Spot:
    """The middle of a cell: lon, lat."""
    lon, lat = centres(hex_to_cells([cell]))
    return float(lon[0]), float(lat[0])
