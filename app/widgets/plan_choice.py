"""Which plan the redraw page shows: chosen from those drawn here, or begun anew."""

from typing import Final

import streamlit as st

from app.use_cases import access, drafts, plan_life
from app.use_cases.plan_life import PlanRow
from app.widgets import errors, session, what_if

_CHOSEN: Final = "plan_chosen"
_NEXT: Final = "plan_chosen_next"
PARAM: Final = "plan"
_OPEN: Final = ("draft", "review", "approved")


def show() -> PlanRow | None:
    """The chosen plan, None where nothing was drawn yet."""
    every = plan_life.list_plans(session.database(), session.actor())
    drawn = {one.plan_id: one for one in every if one.is_drawn}
    _begin(every)
    if not drawn:
        return None
    _restore(drawn)
    chosen = st.selectbox(
        session.say("redraw_plan"),
        list(drawn),
        format_func=lambda plan_id: _label(drawn[plan_id]),
        key=_CHOSEN,
        label_visibility="collapsed",
    )
    st.query_params[PARAM] = str(chosen)
    copy_button(drawn[chosen])
    return drawn[chosen]


def _restore(drawn: dict[int, PlanRow]) -> None:
    """As chosen, else as the address says, else the newest that is still drawn."""
    following = st.session_state.pop(_NEXT, None)
    if following in drawn:
        st.session_state[_CHOSEN] = following
    if st.session_state.get(_CHOSEN) in drawn:
        return
    asked = st.query_params.get(PARAM, "")
    newest = next((n for n, one in drawn.items() if one.stage in _OPEN), next(iter(drawn)))
    st.session_state[_CHOSEN] = int(asked) if asked.isdecimal() and int(asked) in drawn else newest


def _label(plan: PlanRow) -> str:
    mark = f" · {session.say('what_if_mark')}" if plan.is_what_if else ""
    return f"{plan.name} · {session.say(f'stage_{plan.stage}')}{mark}"


def _begin(every: list[PlanRow]) -> None:
    """A small form for a new draft; of the plan in force, or of any other."""
    if not access.may(session.actor(), "draw_plans"):
        return
    sources = {one.plan_id: one for one in every}
    # another key for every plan more, so that the form shuts once its draft is there
    key = f"plan_new_{max(sources, default=0)}"
    with st.popover(session.say("redraw_new"), icon=":material/add:", width="stretch", key=key):
        with st.form("plan_begin", border=False):
            name = st.text_input(session.say("redraw_name"), key="plan_new_name")
            source = st.selectbox(
                session.say("redraw_of"),
                list(sources),
                format_func=lambda plan_id: _label(sources[plan_id]),
                index=None,
                placeholder=session.say("redraw_of_force"),
                key="plan_new_of",
            )
            is_asked = st.form_submit_button(session.say("redraw_begin"), type="primary")
        if is_asked:
            with errors.kindly():
                made = drafts.begin(session.database(), session.actor(), name, based_on=source)
                choose_next(made)


def copy_button(plan: PlanRow) -> None:
    """A copy of a plan to try places out in, opened at once."""
    if not access.may(session.actor(), "draw_plans"):
        return
    if st.button(
        session.say("what_if_copy"), key=f"what_if_copy_{plan.plan_id}", type="tertiary",
        icon=":material/lightbulb:",
    ):  # fmt: skip
        with errors.kindly():
            name = session.say("what_if_copy_name", plan=plan.name)
            db, actor = session.database(), session.actor()
            made = drafts.begin(db, actor, name, based_on=plan.plan_id)
            what_if.open_section()
            choose_next(made)


def choose_next(plan_id: int) -> None:
    """Show that plan, in a run of its own: a widget's key cannot be set once it stands."""
    st.session_state[_NEXT] = plan_id
    session.again()
