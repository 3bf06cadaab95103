"""Redraw areas: paint cells to areas, see what it does to people and work, bring it into force."""

import streamlit as st

from app.widgets import (
    area_tools,
    draft_figures,
    empty,
    errors,
    plan_choice,
    plan_comments,
    plan_deeds,
    plan_history,
    propose,
    redraw_map,
    session,
    what_if,
    what_if_figures,
)


@st.fragment
def show() -> None:
    strip = st.container(key="strip")
    rail, middle, drawer = st.columns([2, 7, 3], gap=None)
    with rail, st.container(key="rail"):
        plan = plan_choice.show()
    if plan is None:
        with middle, st.container(key="page"):
            empty.hint(session.say("redraw_none"))
        with rail, st.container(key="rail_plan"):
            plan_history.show()
        return
    with middle, st.container(key="map"), errors.kindly():
        redraw_map.show(plan)
    with rail, st.container(key="rail_plan"):
        plan_deeds.show(plan)
        area_tools.show(plan)
        what_if.show(plan)
        propose.show(plan)
        plan_history.show()
    with strip, errors.kindly():
        draft_figures.strip(plan)
    with drawer, st.container(key="drawer_open", gap="small"), errors.kindly():
        what_if_figures.show(plan)
        draft_figures.show(plan)
        plan_comments.show(plan)


if not empty.shown(session.database()):
    show()
