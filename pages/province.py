"""The province: energy, loss, reading and interruptions of millions of cells, by day or by span."""

import streamlit as st

from app.use_cases.province import Ground
from app.widgets import (
    errors,
    province_drawer,
    province_empty,
    province_map,
    province_rail,
    province_scene,
    province_strip,
)


@st.fragment
def show(ground: Ground) -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with rail, st.container(key="rail"):
        wish = province_rail.ask(ground)
    if wish is None:
        return
    with errors.kindly():
        scene = province_scene.gather(ground, wish)
        with middle, st.container(key="map"):  # first of all, since people wait for it
            province_map.show(scene)
        with drawer:
            province_drawer.show(scene)
        with strip:
            province_strip.show(scene)
        with rail, st.container(key="rail_plan"):
            province_rail.legend(scene)


found = province_empty.ground()
if found is not None:
    show(found)
