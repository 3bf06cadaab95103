"""Plans that are, were or will be in force, and the way back to an earlier one."""

import streamlit as st

from app.use_cases import access, plan_life
from app.widgets import errors, plain, plan_choice, session

_PUBLISHED = ("coming", "in_force", "resting", "retired")


def show() -> None:
    """Newest first, each with its time; whoever may publish can go back to one."""
    every = plan_life.list_plans(session.database(), session.actor())
    published = [one for one in every if one.stage in _PUBLISHED]
    if not published:
        return
    is_coming = any(one.stage == "coming" for one in published)
    with st.expander(session.say("history_title"), icon=":material/history:"):
        for one in published:
            stage = session.say(f"stage_{one.stage}")
            since = "" if one.begins is None else session.say("plan_from", time=one.begins)
            said = f"<b>{plain.escaped(one.name)}</b> · {plain.escaped(stage)}"
            st.html(f'<p class="gc-said">{said}<br>{plain.escaped(since)}</p>')
            if not one.is_drawn:  # what was drawn here is copied where it is chosen
                plan_choice.copy_button(one)
            is_back = one.stage in ("retired", "resting") or (one.stage == "in_force" and is_coming)
            if is_back and access.may(session.actor(), "publish_plans"):
                _back(one.plan_id)


def _back(plan_id: int) -> None:
    if st.button(session.say("history_back"), key=f"back_{plan_id}", type="tertiary"):
        with errors.kindly():
            plan_life.roll_back(session.database(), session.actor(), plan_id)
            session.again()
