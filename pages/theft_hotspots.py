"""Theft hotspots: where suspicions lie together, their evidence, inspections in a budget."""

import streamlit as st

from app.widgets import (
    empty,
    errors,
    session,
    theft_drawer,
    theft_list,
    theft_map,
    theft_models,
    theft_plan,
    theft_rail,
    theft_record,
    theft_runs,
    theft_scene,
    theft_strip,
    theft_view,
)


@st.fragment
def on_the_map() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with rail, st.container(key="rail"):
        theft_view.parts().choose()
        wish = theft_rail.ask()
    with errors.kindly():
        scene = theft_scene.gather(wish)
        with middle, st.container(key="map"):
            theft_map.show(scene)
        with drawer:
            theft_drawer.show(scene)
        with strip:
            theft_strip.show(scene)
        with rail, st.container(key="rail_plan"):
            theft_map.legend(scene)
            theft_runs.again(scene)
        theft_list.show(scene)


def inspections() -> None:
    with errors.kindly():
        theft_plan.show()
        theft_record.show()


def beside_the_map(part: str) -> None:
    with st.container(key="page"):
        st.header(session.say("page_theft_hotspots"))
        theft_view.parts().choose()
        theft_models.show() if part == "models" else inspections()


if not empty.shown(session.database()):
    if theft_runs.are_missing():
        theft_runs.offer()
    elif (part := theft_view.parts().chosen()) == "map":
        on_the_map()
    else:
        beside_the_map(part)
