"""Which two plans are compared: a draft against the plan in force, until others are chosen."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import streamlit as st

from app.use_cases import plan_life
from app.use_cases.plan_life import PlanRow
from app.widgets import links, session

PAGE: Final = "compare"
PLAN, WITH = "plan", "with"
_KEYS: Final = {PLAN: "compare_plan", WITH: "compare_with"}
_WRITTEN: Final = "compare_written"
_OPEN: Final = ("draft", "review", "approved", "coming")


class Pair(NamedTuple):
    """The plan that is looked at, and the one it is held against."""

    plan: PlanRow
    other: PlanRow


def show() -> Pair | None:
    """Both lists with a way to swap them; None where there is no plan at all."""
    every = {one.plan_id: one for one in plan_life.list_plans(session.database(), session.actor())}
    if not every:
        return None
    _restore(every)
    for name, said in ((WITH, "compare_before"), (PLAN, "compare_after")):
        st.selectbox(
            session.say(said), list(every), key=_KEYS[name],
            format_func=lambda plan_id: label(every[plan_id]),
        )  # fmt: skip
    st.button(
        session.say("compare_swap"), icon=":material/swap_vert:", key="compare_swap",
        on_click=_swap, width="stretch",
    )  # fmt: skip
    chosen = Pair(*(every[st.session_state[_KEYS[name]]] for name in (PLAN, WITH)))
    _tell_address(chosen)
    _to_redraw(chosen)
    return chosen


def _tell_address(chosen: Pair) -> None:
    """Write both plans into the address; an address with others is somebody's link to them."""
    told = {name: str(one.plan_id) for name, one in zip((PLAN, WITH), chosen, strict=True)}
    st.session_state[_WRITTEN] = told
    for name, value in told.items():
        st.query_params[name] = value
    session.remember_query(PAGE, {name: [value] for name, value in told.items()})


def label(plan: PlanRow) -> str:
    """A plan in a list: its name, its state, and from when until when."""
    parts = [plan.name, session.say(f"stage_{plan.stage}")]
    if plan.begins is not None:
        parts.append(session.say("plan_from", time=plan.begins))
    if plan.ends is not None:
        parts.append(session.say("plan_until", time=plan.ends))
    if plan.stage in _OPEN and plan.begins is None and plan.created_at is not None:
        parts.append(session.say("compare_made", time=plan.created_at))
    return " · ".join(parts)


def link_to(plan: PlanRow | None) -> None:
    """The way from a plan to its comparison with the plan in force; without one, to any two."""
    link = {"page": PAGE} if plan is None else {"page": PAGE, PLAN: str(plan.plan_id)}
    links.show(link, session.say("compare_open"), icon=":material/compare:")


def _swap() -> None:
    plan, other = (st.session_state.get(_KEYS[name]) for name in (PLAN, WITH))
    st.session_state[_KEYS[PLAN]], st.session_state[_KEYS[WITH]] = other, plan


def _restore(every: Mapping[int, PlanRow]) -> None:
    """As chosen, else as the address says, else the newest draft against the plan in force."""
    asked = _asked()
    is_told = bool(asked[PLAN]) and st.session_state.get(_WRITTEN) != asked
    stages = {plan_id: one.stage for plan_id, one in every.items()}
    force = next((n for n, stage in stages.items() if stage == "in_force"), next(iter(every)))
    newest = next((n for n, stage in stages.items() if stage in _OPEN), None)
    start = {PLAN: newest if newest is not None else next(iter(every)), WITH: force}
    for name, key in _KEYS.items():
        if st.session_state.get(key) in every and not is_told:
            continue
        told = asked[name]
        is_known = told.isdecimal() and int(told) in every
        st.session_state[key] = int(told) if is_known else start[name]


def _asked() -> dict[str, str]:
    """The plans that the address names."""
    return {name: st.query_params.get(name, "") for name in _KEYS}


def _to_redraw(chosen: Pair) -> None:
    if chosen.plan.is_drawn:
        link = {"page": "redraw", "plan": str(chosen.plan.plan_id)}
        links.show(link, session.say("compare_to_redraw"), icon=":material/brush:")
