"""One area made two: in balanced halves, or by cells selected on the map."""

import uuid
from typing import Final

import streamlit as st

from app.use_cases import area_halves, area_strokes, drafts
from app.use_cases.plan_life import PlanRow
from app.use_cases.strokes import Stroke
from app.widgets import map_news, session
from grid_cells.drafts import Area

_WAYS: Final = ("halves", "selection")


def show(plan: PlanRow, area: Area, _others: dict[str, Area]) -> None:
    """How to split the area, and the name of the new one."""
    chosen = map_news.selection(plan.plan_id)
    key = f"split_way_{plan.plan_id}"
    if chosen is not None and map_news.is_new_selection(chosen):
        st.session_state[key] = "selection"
    way = st.segmented_control(
        session.say("areas_split_how"), _WAYS, key=key, label_visibility="collapsed",
        format_func=lambda one: session.say(f"areas_split_{one}"),
    )  # fmt: skip
    code = drafts.free_area_id(session.database(), session.actor(), plan.plan_id)
    name = st.text_input(session.say("areas_split_name"), code, key=f"split_name_{code}")
    new = Area(code, name.strip() or code, unit_id=area.unit_id)
    if way == "halves":
        _halve(plan, area, new)
    elif way == "selection":
        _by_selection(plan, area, new)


def _halve(plan: PlanRow, area: Area, new: Area) -> None:
    st.caption(session.say("areas_split_halves_means"))
    if st.button(session.say("areas_split_halves_do"), key="area_halve"):
        with st.spinner(session.say("areas_split_halves_do")):
            area_halves.halve(
                session.database(), session.actor(), _stroke(plan, []), area.area_id, new
            )
        session.again()


def _by_selection(plan: PlanRow, area: Area, new: Area) -> None:
    chosen = map_news.selection(plan.plan_id)
    if chosen is None:
        st.caption(session.say("areas_split_select_hint", area=area.name))
        return
    said = session.say("areas_split_select_do", count=len(chosen.cells))
    if st.button(said, key="area_split"):
        area_strokes.split_area(
            session.database(), session.actor(), _stroke(plan, chosen.cells), area.area_id, new
        )
        map_news.selection_is_done(chosen)
        session.again()


def _stroke(plan: PlanRow, cells: list[int]) -> Stroke:
    return Stroke(plan.plan_id, uuid.uuid4().hex, cells)
