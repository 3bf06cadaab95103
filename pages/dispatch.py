"""Dispatch: what waits beside the map, a crew suggested for each, what every crew has to do."""

import streamlit as st

from app.widgets import (
    dispatch_crews,
    dispatch_drawer,
    dispatch_map,
    dispatch_plan,
    dispatch_queue,
    dispatch_scene,
    dispatch_simulation,
    dispatch_strip,
    empty,
    errors,
    session,
)


@st.fragment(run_every="20s")
def board() -> None:
    strip = st.container(key="strip")
    queue, middle, drawer = st.columns([4, 6, 3], gap=None)
    scene = dispatch_scene.gather()
    with middle, st.container(key="map"):
        dispatch_map.show(scene)
    with drawer:
        dispatch_drawer.show(scene)
    with strip:
        dispatch_strip.show(scene)
    with queue, st.container(key="queue"):
        dispatch_queue.choose()
        dispatch_queue.show(scene)
    dispatch_map.legend()
    dispatch_crews.show(scene)
    dispatch_plan.show(scene)


if not empty.shown(session.database()):
    with errors.kindly():
        board()
        dispatch_simulation.show()
