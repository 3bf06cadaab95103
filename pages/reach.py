"""Reach: how far halls, banks and machines are from everybody, when, and what would change it."""

import streamlit as st

from app.widgets import (
    empty,
    errors,
    reach_below,
    reach_changes,
    reach_drawer,
    reach_export,
    reach_map,
    reach_rail,
    reach_scene,
    reach_strip,
    session,
)


@st.fragment
def show() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with rail, st.container(key="rail"):
        choice = reach_rail.ask()
        reach_changes.watch()
    with errors.kindly():
        scene = reach_scene.gather(choice)
        explained = reach_map.explain(scene)
        with middle, st.container(key="map"):  # first of all, since people wait for it
            reach_map.show(scene, explained)
        with drawer:
            reach_drawer.show(scene)
        with strip:
            reach_strip.show(scene)
        with rail, st.container(key="rail_plan"):
            reach_changes.ask(scene.found)
            reach_map.legend(scene, explained)
            reach_export.show(choice.wish)
        reach_below.show(scene)


if not empty.shown(session.database()):
    show()
