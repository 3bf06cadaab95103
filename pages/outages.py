"""Outages: who is without power now, at a moment of the past, or in the next ten days."""

import streamlit as st

from app.widgets import (
    empty,
    errors,
    outage_choice,
    outage_drawer,
    outage_list,
    outage_map,
    outage_rail,
    outage_scene,
    outage_strip,
    session,
)


@st.fragment(run_every=60)
def show() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with errors.kindly():
        scene = outage_scene.gather()
        outage_choice.tell_address(scene.choice)  # before the map, which adds its view to it
        with middle, st.container(key="map"):  # first of all, since people wait for it
            outage_map.show(scene)
        with drawer:
            outage_drawer.show(scene.choice.outage_id)
        with strip:
            outage_strip.show(scene)
        with rail, st.container(key="rail"):
            outage_rail.show(scene)
            outage_map.legend(scene)
        outage_list.show(scene)


if not empty.shown(session.database()):
    show()
