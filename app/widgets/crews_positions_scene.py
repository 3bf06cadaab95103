"""What the part "positions" shows in one run: crews, the one that is open, its track, fences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import access, crew_attendance, crew_fences, crew_positions
from app.widgets import crews_view, map_events, page_parts, session
from grid_cells.shifts import day_of

MAP: Final = "crews_map"
CREW, TRACK, SPOT, SHOWN = "crews_crew", "crews_track", "crews_spot", "crews_shown"
SHOWS: Final = ("on", "shift", "all")
_PARAM: Final = "crew"


@dataclass(frozen=True)
class CrewScene:
    """Crews by crew_id with their hours, those chosen, the open one, its track where asked for.

    may_track: whether the person may see the open crew's track; spot: where the map was clicked.
    """

    everybody: pd.DataFrame
    crews: pd.DataFrame
    crew: str | None
    may_track: bool
    track: pd.DataFrame | None
    fences: pd.DataFrame
    spot: tuple[float, float] | None
    now: datetime


def gather() -> CrewScene:
    """The scene as controls, list and map were left."""
    db, actor, now = session.database(), session.actor(), session.now()
    _hear()
    if CREW not in st.session_state:
        st.session_state[CREW] = st.query_params.get(_PARAM)
    everybody = crew_positions.now_seen(db, actor, now)
    hours = crew_attendance.hours(db, actor)
    everybody = everybody.join(hours)
    asked = st.session_state.get(CREW)
    crew = asked if asked in everybody.index else None
    session.keep_open(crews_view.PAGE, _PARAM, crew, {page_parts.PARAM: ["positions"]})
    is_own = crew is not None and crew == actor.crew_id
    may_track = crew is not None and (is_own or access.may(actor, "see_tracks"))
    track = _track(crew) if may_track and crew and st.session_state.get(TRACK) == crew else None
    fences = crew_fences.listing(db, actor)
    spot = st.session_state.get(SPOT)
    return CrewScene(everybody, _chosen(everybody), crew, may_track, track, fences, spot, now)


def open_crew(crew_id: str | None) -> None:
    """Open a crew beside the map, or close it with None; a track is asked for anew."""
    if st.session_state.get(CREW) != crew_id:
        st.session_state[TRACK] = None
    st.session_state[CREW] = crew_id


def ask_track(crew_id: str | None) -> None:
    """Show the track of a crew, or none."""
    st.session_state[TRACK] = crew_id


def _chosen(everybody: pd.DataFrame) -> pd.DataFrame:
    shown = st.session_state.get(SHOWN) or SHOWS[1]
    if shown == "on":
        return everybody[everybody["is_on"]]
    if shown == "shift":
        return everybody[everybody["is_on"] | everybody["is_on_shift"]]
    return everybody


def _track(crew_id: str) -> pd.DataFrame:
    """The crew's way of today, by the company's clock."""
    now = session.now()
    zone = str(session.zone())
    today = day_of(now.astimezone(session.zone()).date(), zone)
    return crew_positions.track(
        session.database(), session.actor(), crew_id, today.starts, today.ends
    )


def _hear() -> None:
    """Take in what was done on the map, before anything of it is drawn again."""
    event = map_events.news(MAP)
    if event is None:
        return
    if event.part == "places" and event.kind == "crew":
        open_crew(event.place_id)
    elif event.lon is not None and event.lat is not None:
        st.session_state[SPOT] = (event.lon, event.lat)
