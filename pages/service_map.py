"""Service map: a measure on cells, areas and places on top, one cell's card beside it."""

import streamlit as st

from app.widgets import (
    cell_drawer,
    empty,
    figures,
    legend,
    map_choice,
    map_events,
    map_rail,
    map_rows,
    map_scene,
    map_view,
    search_box,
    session,
)


@st.fragment
def show() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    scene, found = map_scene.gather(), search_box.picked()
    choice = map_choice.after(map_events.news(map_view.KEY), found, scene.choice, scene.cells)
    map_choice.tell_address(choice)  # before the map, which adds its view to the address
    with middle, st.container(key="map"):  # first of all, since people wait for it
        map_view.show(scene, choice, found)
    with drawer:
        cell_drawer.show(choice.cell, choice.customer_ref)
    with strip:
        figures.show(map_scene.figures(scene), scene.measures, on_map=True)
    with rail, st.container(key="rail"):
        map_rail.show(scene)
        legend.show(scene.choice.measure, scene.legend)
    map_rows.show(scene)


if not empty.shown(session.database()):
    show()
