"""Orders: what has to be done by whom until when, and the story of each order."""

import streamlit as st

from app.widgets import (
    empty,
    order_drawer,
    order_list,
    order_map,
    order_rail,
    order_scene,
    order_strip,
    session,
)


@st.fragment(run_every="30s")
def orders_now() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    scene = order_scene.gather()
    with middle, st.container(key="map"):
        order_map.show(scene)
    with drawer:
        order_drawer.show(scene)
    with strip:
        order_strip.show(scene)
    with rail, st.container(key="rail"):
        order_rail.show(scene)
    order_list.show(scene)


if not empty.shown(session.database()):
    orders_now()
