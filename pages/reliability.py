"""Reliability of supply: how often and how long people had no power, where, and by which rule."""

import streamlit as st

from app.widgets import (
    empty,
    errors,
    reliability_card,
    reliability_export,
    reliability_figures,
    reliability_map,
    reliability_wish,
    session,
)


@st.fragment
def show() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with rail, st.container(key="rail"):
        choice = reliability_wish.ask()
    if choice is None:
        return
    with errors.kindly():
        scene = reliability_map.gather(choice)
        with middle, st.container(key="map"):  # first of all, since people wait for it
            reliability_map.show(scene)
        with drawer:
            reliability_card.show(scene)
        with strip:
            reliability_figures.strip(scene.found)
        with rail, st.container(key="rail_plan"):
            reliability_map.legend(scene)
            reliability_figures.rule(scene.found, choice.wish)
            reliability_export.show(choice)
        reliability_figures.rows(scene)


if not empty.shown(session.database()):
    show()
