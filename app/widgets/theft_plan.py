"""Visits within a budget: asked for, looked at, ticked one by one, ordered, taken back."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import access, inspection_plans
from app.use_cases.inspection_plans import MOST_HOURS, MOST_TOURS, BudgetWish, Proposal
from app.widgets import empty, errors, figures, links, plain, session, theft_scene

_PROPOSAL: Final = "theft_proposal"
_COUNT: Final = "theft_proposals"
_BY: Final = ("visits", "hours")
_TICK: Final = "tick"
_MOST_VISITS: Final = 200
_MOST_TIMES: Final = 100
"""Beyond it a multiple says no more than that it is large."""


def show() -> None:
    """The planner for who may choose visits, and the visits chosen."""
    if access.may(session.actor(), "run_inspections"):
        st.subheader(session.say("theft_plan"))
        st.caption(plain.in_markdown(session.say("theft_plan_what")))
        with errors.kindly():
            _ask()
            _proposal()
    _chosen()


def _ask() -> None:
    with st.container(key="theft_budget", horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control(
            session.say("theft_budget_by"), _BY, default=_BY[0], key="theft_budget_by",
            required=True,
            format_func=lambda one: session.say(f"theft_budget_{one}"),
        )  # fmt: skip
        tours, visits, hours = 1, None, None
        if by == "hours":
            tours = int(_number("tours", 1, MOST_TOURS, 2))
            hours = float(_number("each", 0.5, MOST_HOURS, 6.0))
        else:
            visits = int(_number("most", 1, _MOST_VISITS, 12))
        if st.button(session.say("theft_propose"), type="primary", key="theft_propose"):
            budget = BudgetWish(visits, tours, hours)
            with st.spinner(session.say("theft_proposing")):
                st.session_state[_PROPOSAL] = inspection_plans.propose(
                    session.database(), session.actor(), budget, theft_scene.wish()
                )
                st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1


def _number(name: str, least: float, most: float, usual: float) -> float:
    step = 1 if isinstance(usual, int) else 0.5
    label, key = session.say(f"theft_budget_{name}"), f"theft_budget_{name}"
    return float(st.number_input(label, least, most, usual, step, key=key, width=160))


def _proposal() -> None:
    held: Proposal | None = st.session_state.get(_PROPOSAL)
    if held is None:
        return
    left = {"alone": held.left_alone, "ordered": held.ordered, "unreached": held.unreached}
    if held.visits.empty:
        empty.hint(session.say("theft_plan_none", **left))
        return
    _promise(held)
    # an editor of one key keeps its ticks by row, whatever the rows are: each proposal has its own
    ticked = st.data_editor(
        _table(held), hide_index=True, key=f"theft_ticks_{st.session_state.get(_COUNT, 0)}",
        width="stretch",
        disabled=[name for name in _columns().values() if name != _columns()[_TICK]],
    )  # fmt: skip
    chosen = held.visits.loc[ticked[_columns()[_TICK]].to_numpy(bool), "ref"].tolist()
    st.caption(plain.in_markdown(session.say("theft_plan_left", **left)))
    if st.button(
        session.say("theft_order", n=len(chosen)),
        type="primary",
        disabled=not chosen,
        key="theft_order",
    ):
        plan, orders = inspection_plans.order(
            session.database(), session.actor(), held.run_id, chosen
        )
        st.session_state.pop(_PROPOSAL)
        st.toast(session.say("theft_ordered", n=len(orders), plan=plan))
        st.rerun()


def _promise(held: Proposal) -> None:
    lift = held.lift
    blocks = [
        figures.block(session.say("theft_plan_visits"), words.number(lift.visits, 0)),
        figures.block(session.say("theft_plan_kwh"), _kwh(held.expected_kwh)),
        figures.block(session.say("theft_plan_finds"), words.number(lift.by_plan, 1)),
        figures.block(session.say("theft_plan_random"), _times(lift.against_random)),
        figures.block(session.say("theft_plan_practice"), _times(lift.against_practice)),
        figures.block(session.say("theft_plan_hours"), words.number(sum(held.minutes) / 60, 1)),
    ]
    st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def _kwh(value: float | None) -> str:
    return words.NOTHING if value is None else words.number(value, 0)


def _times(value: float | None) -> str:
    if value is None:
        return plain.escaped(session.say("unknown"))
    return f"> {_MOST_TIMES} ×" if value > _MOST_TIMES else f"{words.number(value, 1)} ×"


def _columns() -> dict[str, str]:
    names = (_TICK, "tour", "stop", "customer_no", "name", "address", "score", "lost", "expected")
    return {name: session.say(f"theft_column_{name}") for name in names}


def _table(held: Proposal) -> pd.DataFrame:
    rows = held.visits
    table = pd.DataFrame(
        {
            _TICK: False, "tour": rows["tour"], "stop": rows["stop"],
            "customer_no": rows["customer_no"], "name": rows["name"], "address": rows["address"],
            "score": rows["score"].round(2), "lost": rows["lost_kwh_day"].round(1),
            "expected": rows["expected_kwh"].round(),
        }
    )  # fmt: skip
    return table.rename(columns=_columns())


def _chosen() -> None:
    st.subheader(session.say("theft_chosen"))
    visits = inspection_plans.chosen(session.database(), session.actor())
    if visits.empty:
        empty.hint(session.say("theft_chosen_none"))
        return
    for plan in visits["plan_id"].unique().tolist():
        _plan(plan, visits[visits["plan_id"] == plan])


def _plan(plan: int, rows: pd.DataFrame) -> None:
    made = session.moment(pd.Timestamp(rows["chosen_at"].iloc[0]).to_pydatetime())
    done = int(rows["inspected"].astype(bool).sum())
    with st.container(key=f"theft_plan_{plan}", horizontal=True, vertical_alignment="center"):
        st.markdown(
            plain.in_markdown(
                session.say("theft_plan_one", plan=plan, n=len(rows), done=done, time=made)
            )
        )
        links.show(
            {"page": "orders"}, session.say("theft_plan_orders"), icon=":material/assignment:"
        )
        if (
            done == 0
            and access.may(session.actor(), "run_inspections")
            and st.button(
                session.say("theft_plan_undo"), key=f"theft_undo_{plan}", icon=":material/undo:"
            )
        ):
            count: Any = inspection_plans.undo(session.database(), session.actor(), plan)
            st.toast(session.say("theft_plan_undone", n=count))
            st.rerun()
