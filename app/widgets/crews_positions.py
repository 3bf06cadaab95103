"""Where the crews are: the map, who is on duty, one crew beside it, the fences below."""

import streamlit as st

from app.widgets import (
    crews_positions_drawer,
    crews_positions_fences,
    crews_positions_list,
    crews_positions_map,
    crews_positions_scene,
    crews_positions_strip,
    crews_view,
    errors,
    session,
)
from app.widgets.crews_positions_scene import SHOWN, SHOWS


@st.fragment(run_every="30s")
def show() -> None:
    """The part "positions" of the page of crews."""
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with errors.kindly():
        scene = crews_positions_scene.gather()
        with middle, st.container(key="map"):
            crews_positions_map.show(scene)
        with drawer:
            crews_positions_drawer.show(scene)
        with strip:
            crews_positions_strip.show(scene)
        with rail, st.container(key="rail"):
            crews_view.PARTS.choose()
            _choose()
            crews_positions_map.legend()
            st.caption(session.say("crews_as_of", time=scene.now))
        crews_positions_list.show(scene)
        crews_positions_fences.show(scene)


def _choose() -> None:
    st.session_state.setdefault(SHOWN, SHOWS[1])
    st.segmented_control(
        session.say("crews_show"), SHOWS, key=SHOWN, required=True,
        format_func=lambda one: session.say(f"crews_show_{one}"),
    )  # fmt: skip
