"""What the page of theft hotspots shows: the hotspots of a wish, and what is open."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import streamlit as st

from app.use_cases import inspection_plans, inspections, theft_hotspots, theft_suspects
from app.use_cases.inspections import Record
from app.use_cases.theft_hotspots import Hotspots, HotspotWish
from app.use_cases.theft_suspects import ALL, Part, Suspicion
from app.widgets import map_events, session
from grid_cells.cells import hex_to_cells

PAGE: Final = "theft_hotspots"
MAP: Final = "theft_map"
Open = Literal["cell", "customer", "transformer", "feeder"]
_OPEN: Final = "theft_open"
WISH: Final = "theft_wish"
_STORY, _CHANGES = "theft_story", "theft_story_changes"
_LISTS: Final = "theft_lists"
_MOST_LISTS: Final = 30


@dataclass(frozen=True, eq=False)
class TheftScene:
    """The wish with its hotspots, suspects and record of inspections; open: a kind and its id.

    causes: how many of each cause there are, also where the list is cut.
    """

    wish: HotspotWish
    found: Hotspots
    suspects: pd.DataFrame
    causes: dict[str, int]
    record: Record
    waiting: int
    open: tuple[Open, str] | None

    @property
    def cell(self) -> str | None:
        """The open cell as text."""
        return self.open[1] if self.open is not None and self.open[0] == "cell" else None


def gather(wish: HotspotWish) -> TheftScene:
    """The scene as the controls, the list and the map were left."""
    db, actor = session.database(), session.actor()
    event = map_events.news(MAP)
    if event is not None and event.part == "hexes":
        open_one("cell", event.cell) if event.inside and event.cell else close()
    found = theft_hotspots.found(db, actor, wish)
    st.session_state[WISH] = wish
    visits = inspection_plans.chosen(db, actor)
    waiting = int(visits["waiting"].sum())
    return TheftScene(
        wish, found, *people(found, wish, ALL), inspections.standing(db, actor), waiting,
        st.session_state.get(_OPEN),
    )  # fmt: skip


def people(found: Hotspots, wish: HotspotWish, part: Part) -> tuple[pd.DataFrame, dict[str, int]]:
    """A list of names as `theft_suspects.listing`, and how many of each cause there are.

    The list is looked at once, not in each run.
    """
    held: dict[Any, tuple[pd.DataFrame, dict[str, int]]]
    held = st.session_state.setdefault(_LISTS, {})
    changes = st.session_state.get(_CHANGES, 0)
    key = (wish, part, session.actor().id, found.version, changes)
    if key not in held:
        asked = (session.database(), session.actor(), wish, part)
        held[key] = (theft_suspects.listing(*asked), theft_suspects.tally(*asked))
        for old in list(held)[:-_MOST_LISTS]:
            held.pop(old)
    return held[key]


def wish() -> HotspotWish:
    """The wish last looked at on the map."""
    held: HotspotWish = st.session_state.get(WISH, HotspotWish())
    return held


def open_one(kind: Open, which: str) -> None:
    """Open a cell (with its hotspot), a customer (by reference), a transformer or a feeder."""
    st.session_state[_OPEN] = (kind, which)


def close() -> None:
    """Close what is open beside the map."""
    st.session_state.pop(_OPEN, None)
    st.session_state.pop(_STORY, None)  # to open it again is another look, at what is known then


def story(ref: str, run_id: int) -> Suspicion:
    """The evidence about a customer; each opening is on record once, not each run."""
    held: tuple[Any, Suspicion] | None = st.session_state.get(_STORY)
    now = (ref, run_id, session.actor().id, st.session_state.get(_CHANGES, 0))
    if held is None or held[0] != now:
        found = theft_suspects.story(session.database(), session.actor(), ref, run_id)
        st.session_state[_STORY] = held = (now, found)
    return held[1]


def changed() -> None:
    """The open customer's story is to be asked for anew."""
    st.session_state[_CHANGES] = st.session_state.get(_CHANGES, 0) + 1


def cell_row(scene: TheftScene) -> "pd.Series[float] | None":
    """The row of the open cell, or None."""
    if scene.cell is None:
        return None
    wanted = int(hex_to_cells([scene.cell])[0])
    rows = scene.found.cells
    at = np.flatnonzero(rows["cell_id"].to_numpy() == wanted)
    return rows.iloc[int(at[0])] if len(at) else None
