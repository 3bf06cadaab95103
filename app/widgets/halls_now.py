"""How the halls stand now: the map, the strip, the open hall beside it, the list below."""

import streamlit as st

from app.widgets import (
    errors,
    halls_drawer,
    halls_list,
    halls_map,
    halls_scene,
    halls_strip,
    halls_view,
    session,
)


@st.fragment(run_every="30s")
def show() -> None:
    """The part "now" of the page of halls."""
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with errors.kindly():
        scene = halls_scene.gather()
        with middle, st.container(key="map"):
            halls_map.show(scene)
        with drawer:
            halls_drawer.show(scene)
        with strip:
            halls_strip.show(scene)
        with rail, st.container(key="rail"):
            halls_view.parts().choose()
            halls_map.legend(scene)
            st.caption(session.say("halls_as_of", time=scene.now))
        halls_list.show(scene)
