"""Data quality: which meters, terminals and makers fail, where, since when; the review queue."""

import streamlit as st

from app.widgets import (
    empty,
    errors,
    quality_check,
    quality_drawer,
    quality_map,
    quality_rail,
    quality_rows,
    quality_scene,
    quality_strip,
    review_card,
    review_entry,
    review_list,
    session,
)


@st.fragment
def on_the_map() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with rail, st.container(key="rail"):
        quality_scene.parts().choose()
        choice = quality_rail.ask()
    with errors.kindly():
        scene = quality_scene.gather(choice)
        with middle, st.container(key="map"):
            quality_map.show(scene)
        with drawer:
            quality_drawer.show(scene)
        with strip:
            quality_strip.show(scene)
        with rail, st.container(key="rail_plan"):
            quality_map.legend(scene)
            quality_check.again(scene.check)
        quality_rows.show(scene)


def queue() -> None:
    with st.container(key="page"):
        st.header(session.say("page_data_quality"))
        quality_scene.parts().choose()
        with errors.kindly():
            review_list.show()
            review_card.show()
            review_entry.show()


if not empty.shown(session.database()):
    if quality_check.made() is None:
        quality_check.offer()
    elif quality_scene.parts().chosen() == "queue":
        queue()
    else:
        on_the_map()
