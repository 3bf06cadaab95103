"""Redraw areas: paint cells to areas, see what it does to people and work, bring it into force."""

import streamlit as st

from app.widgets import (
    area_tools,
    compare_choice,
    draft_figures,
    empty,
    errors,
    inbox_list,
    plan_choice,
    plan_comments,
    plan_deeds,
    plan_history,
    print_sheet,
    propose,
    redraw_map,
    repair,
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
            inbox_list.link()
            compare_choice.link_to(None)
            plan_history.show()
        return
    with middle, st.container(key="map"), errors.kindly():
        redraw_map.show(plan)
    with rail, st.container(key="rail_plan"):
        inbox_list.link()
        plan_deeds.show(plan)
        area_tools.show(plan)
        what_if.show(plan)
        propose.show(plan)
        repair.show(plan)
        print_sheet.show(plan)
        compare_choice.link_to(plan)
        plan_history.show()
    with strip, errors.kindly():
        draft_figures.strip(plan)
    with drawer, st.container(key="drawer_open", gap="small"), errors.kindly():
        what_if_figures.show(plan)
        draft_figures.show(plan)
        plan_comments.show(plan)


if not empty.shown(session.database()):
    show()
