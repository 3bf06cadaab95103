"""What can be done to whole areas of a draft: make, rename, recolour, merge, lock, delete."""

import uuid
from typing import Final

import streamlit as st

from app.use_cases import access, area_strokes, drafts
from app.use_cases.area_strokes import AreaWish
from app.use_cases.drafts import DraftArea
from app.use_cases.plan_life import PlanRow
from app.use_cases.strokes import Stroke
from app.widgets import area_colour, area_split, cell_tools, errors, session
from grid_cells.drafts import Area
from grid_cells.plan_life import DRAFT

_ACTS: Final = ("rename", "split", "merge", "lock", "delete")


def show(plan: PlanRow) -> None:
    """The tools, folded away; nothing where the plan may not be changed."""
    if plan.stage != DRAFT or not access.may(session.actor(), "draw_plans"):
        return
    living = [
        one
        for one in drafts.areas(session.database(), session.actor(), plan.plan_id)
        if one.is_mine and not one.area.is_deleted
    ]
    with st.expander(session.say("areas_tools"), icon=":material/shapes:"):
        _make(plan, living)
        if living:
            _change(plan, living)
        cell_tools.show(plan)


def _make(plan: PlanRow, living: list[DraftArea]) -> None:
    with st.form("area_make", clear_on_submit=True, border=False):
        name = st.text_input(session.say("areas_new_name"))
        if st.form_submit_button(session.say("areas_make"), icon=":material/add:"):
            with errors.kindly():
                unit = living[0].area.unit_id if living else None
                db, actor = session.database(), session.actor()
                code = drafts.free_area_id(db, actor, plan.plan_id)
                area = Area(code, name.strip() or code, unit_id=unit)
                area_strokes.create_area(db, actor, _stroke(plan), area)
                session.again()


def _change(plan: PlanRow, living: list[DraftArea]) -> None:
    by_id = {one.area.area_id: one.area for one in living}
    chosen = st.selectbox(
        session.say("areas_one"), list(by_id), format_func=lambda one: _label(by_id[one]),
        key=f"area_{plan.plan_id}",
    )  # fmt: skip
    area = by_id[chosen]
    act = st.segmented_control(
        session.say("areas_act"), _ACTS, key=f"area_act_{plan.plan_id}",
        format_func=lambda one: session.say(f"areas_{one}"), label_visibility="collapsed",
    )  # fmt: skip
    with errors.kindly():
        if act is not None:
            _FORMS[act](plan, area, by_id)


def _rename(plan: PlanRow, area: Area, _others: dict[str, Area]) -> None:
    name = st.text_input(session.say("areas_name"), area.name, key=f"name_{area.area_id}")
    is_named = st.button(session.say("areas_keep"), key="area_keep")
    hue = area_colour.choose(area)
    if is_named or hue is not None:
        wish = AreaWish(name=name, colour=hue)
        area_strokes.change_area(
            session.database(), session.actor(), _stroke(plan), area.area_id, wish
        )
        session.again()


def _merge(plan: PlanRow, area: Area, others: dict[str, Area]) -> None:
    into = st.selectbox(
        session.say("areas_into"), [one for one in others if one != area.area_id],
        format_func=lambda one: _label(others[one]), key=f"into_{plan.plan_id}",
    )  # fmt: skip
    if into is not None and st.button(session.say("areas_merge"), key="area_merge"):
        area_strokes.merge_areas(
            session.database(), session.actor(), _stroke(plan, into), area.area_id
        )
        session.again()


def _lock(plan: PlanRow, area: Area, _others: dict[str, Area]) -> None:
    word = "areas_unlock" if area.is_locked else "areas_lock"
    if st.button(session.say(word), key="area_lock"):
        area_strokes.lock_area(
            session.database(), session.actor(), _stroke(plan), area.area_id,
            locked=not area.is_locked,
        )  # fmt: skip
        session.again()


def _delete(plan: PlanRow, area: Area, _others: dict[str, Area]) -> None:
    st.caption(session.say("areas_delete_means", area=area.name))
    if st.button(session.say("areas_delete"), key="area_delete"):
        area_strokes.delete_area(session.database(), session.actor(), _stroke(plan), area.area_id)
        session.again()


_FORMS: Final = {
    "rename": _rename,
    "split": area_split.show,
    "merge": _merge,
    "lock": _lock,
    "delete": _delete,
}


def _stroke(plan: PlanRow, to: str | None = None) -> Stroke:
    return Stroke(plan.plan_id, uuid.uuid4().hex, to=to)


def _label(area: Area) -> str:
    name = area.name if area.name == area.area_id else f"{area.name} ({area.area_id})"
    return f"🔒 {name}" if area.is_locked else name
