"""The part "coverage" of the page of crews: whom crews reach in time, gaps, the best post."""

import streamlit as st

from app.widgets import (
    coverage_drawer,
    coverage_export,
    coverage_figures,
    coverage_map,
    coverage_posts,
    coverage_scene,
    coverage_wish,
    crews_view,
    errors,
)


@st.fragment
def show() -> None:
    """The controls, the strip, the map, what is open beside it, the gaps below."""
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    controls = rail.container(key="rail")
    with controls:
        crews_view.PARTS.choose()
        choice = coverage_wish.ask()
    with errors.kindly():
        with controls:  # where the bar of a long search stands
            scene = coverage_scene.gather(choice)
        explained = coverage_map.explain(scene)
        with middle, st.container(key="map"):  # first of all, since people wait for it
            coverage_map.show(scene, explained)
        with drawer:
            coverage_drawer.show(scene)
        with strip:
            coverage_figures.strip(scene)
        with rail, st.container(key="rail_plan"):
            coverage_posts.ask(choice)
            coverage_map.legend(scene, explained)
            coverage_export.show(scene.wish)
        coverage_figures.below(scene)
