"""Compare plans: which cells change area between two plans, who moves, and what it comes to."""

import streamlit as st

from app.widgets import (
    compare_choice,
    compare_figures,
    compare_map,
    compare_rows,
    empty,
    errors,
    print_sheet,
    session,
)


@st.fragment
def show() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with rail, st.container(key="rail"):
        chosen = compare_choice.show()
    if chosen is None:
        with middle, st.container(key="page"):
            empty.hint(session.say("compare_none"))
        return
    with errors.kindly():
        scene = compare_map.gather(chosen)
        with middle, st.container(key="map"):  # first of all, since people wait for it
            compare_map.show(scene)
        with drawer:
            compare_map.card_of(scene)
        with rail, st.container(key="rail_plan"):
            compare_map.legend(scene)
            print_sheet.show(chosen.plan)
        found = compare_figures.difference(chosen)
        with strip:
            compare_figures.strip(found)
        compare_rows.show(found)


if not empty.shown(session.database()):
    show()
