"""What was last done on the redraw map: the spot that was clicked, the sign, the selected cells."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from app.widgets import map_events
from grid_cells.cells import hex_to_cells
from grid_cells.what_if import KINDS, Kind

KEY: Final = "redraw_map"
_SPOT: Final = "redraw_spot"
_SIGN: Final = "redraw_sign"
_SELECTION: Final = "redraw_selection"
_ASKED: Final = "redraw_selection_asked"
_DONE: Final = "redraw_selection_done"


@dataclass(frozen=True)
class Spot:
    """A place on the map: the cell (15-character hex) and lon, lat (WGS-84)."""

    cell: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Selection:
    """Cells drawn round on the map, and the number of that event."""

    cells: list[int]
    number: int


def hear(plan_id: int) -> None:
    """Take in what was done since the last run; call before anything of the page is drawn."""
    event = map_events.news(KEY)
    if event is None:
        return
    if event.part == "hexes" and event.cell and event.lon is not None and event.lat is not None:
        st.session_state[_SPOT] = (plan_id, Spot(event.cell, event.lon, event.lat))
    elif event.part == "places" and event.kind in KINDS and event.place_id:
        st.session_state[_SIGN] = (plan_id, (event.kind, event.place_id))
    elif event.part == "redraw" and event.cells:
        cells = hex_to_cells(list(event.cells)).tolist()
        st.session_state[_SELECTION] = (plan_id, Selection(cells, event.number))


def spot(plan_id: int) -> Spot | None:
    """Where the map of this plan was last clicked."""
    held: Spot | None = _of(_SPOT, plan_id)  # type: ignore[assignment]
    return held


def take_sign(plan_id: int) -> tuple[Kind, str] | None:
    """The sign that was clicked since it was last asked for: its kind and id."""
    held: tuple[Kind, str] | None = _of(_SIGN, plan_id)  # type: ignore[assignment]
    st.session_state.pop(_SIGN, None)
    return held


def selection(plan_id: int) -> Selection | None:
    """The cells selected on the map of this plan."""
    held: Selection | None = _of(_SELECTION, plan_id)  # type: ignore[assignment]
    return held


def is_new_selection(held: Selection) -> bool:
    """Whether this selection is asked about for the first time."""
    is_new = st.session_state.get(_ASKED) != held.number
    st.session_state[_ASKED] = held.number
    return is_new


def selection_is_done(done: Selection) -> None:
    """Let go of a selection, here and on the map."""
    st.session_state.pop(_SELECTION, None)
    st.session_state[_DONE] = done.number


def done_number() -> int | None:
    """Number of the selection last dealt with."""
    number: int | None = st.session_state.get(_DONE)
    return number


def forget_spot() -> None:
    """Let go of the spot once something stands there."""
    st.session_state.pop(_SPOT, None)


def _of(name: str, plan_id: int) -> object:
    held = st.session_state.get(name)
    return held[1] if held is not None and held[0] == plan_id else None
