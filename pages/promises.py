"""Promises: who waits for a crew and for power, what breaks next, and how promises were kept."""

import streamlit as st

from app.widgets import (
    empty,
    errors,
    promise_drawer,
    promise_history,
    promise_list,
    promise_map,
    promise_rail,
    promise_scene,
    promise_strip,
    promise_view,
    session,
)


@st.fragment(run_every="30s")
def now_waiting() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    scene = promise_scene.gather()
    with middle, st.container(key="map"):
        promise_map.show(scene)
    with drawer:
        promise_drawer.show(scene)
    with strip:
        promise_strip.show()
    with rail, st.container(key="rail"):
        promise_view.choose()
        promise_rail.show(scene)
    promise_list.show(scene)


if not empty.shown(session.database()):
    if promise_view.chosen() == "now":
        now_waiting()
    else:
        with st.container(key="page"), errors.kindly():
            st.header(session.say("page_promises"))
            promise_view.choose()
            promise_history.show()
