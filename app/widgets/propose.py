"""Areas drawn by the machine: how closely, on what; several to compare, one to take."""

import uuid
from typing import Final, cast

import pandas as pd
import streamlit as st

from app.use_cases import access, sketches
from app.use_cases.plan_life import PlanRow
from app.use_cases.plan_wishes import ProposalWish
from app.use_cases.sketches import Sketch
from app.use_cases.strokes import Stroke
from app.widgets import errors, job_watch, propose_wishes, session
from grid_cells.plan_life import DRAFT

_JOB: Final = "propose"


def show(plan: PlanRow) -> None:
    """The wish, the work with its bar, and what came of it side by side."""
    if plan.stage != DRAFT or not access.may(session.actor(), "draw_plans"):
        return
    with st.expander(session.say("propose_title"), icon=":material/auto_awesome:"):
        st.caption(session.say("propose_what"))
        wish = propose_wishes.show(plan)
        if st.button(session.say("propose_begin"), type="primary", key="propose_begin"):
            _begin(plan, wish)
            session.again()
        watched = job_watch.show(_JOB, session.say("propose_title"))
        if watched is not None and watched.state == "done":
            _compare(plan, cast("tuple[int, list[Sketch]]", watched.result))


def _begin(plan: PlanRow, wish: ProposalWish) -> None:
    db, actor = session.database(), session.actor()
    job_watch.start(
        _JOB, "propose",
        lambda tell: (plan.plan_id, sketches.sketch(db, actor, plan.plan_id, wish, progress=tell)),
    )  # fmt: skip


def _compare(plan: PlanRow, result: tuple[int, list[Sketch]]) -> None:
    plan_id, found = result
    if plan_id != plan.plan_id:
        return
    rows = {
        session.say("propose_areas"): [one.areas for one in found],
        session.say("draft_deviation"): [f"{100 * one.largest_deviation:.1f} %" for one in found],
        session.say("plan_figure_customers_moved"): [one.customers_moved for one in found],
        session.say("propose_borders"): [one.cut_edges for one in found],
        session.say("propose_stray"): [one.stray_pieces for one in found],
    }
    st.dataframe(pd.DataFrame(rows, index=range(1, len(found) + 1)))
    chosen = st.segmented_control(
        session.say("propose_choose"), range(len(found)), format_func=lambda n: str(n + 1),
        default=0, key="propose_chosen",
    )  # fmt: skip
    if not found[0].is_within:
        st.caption(session.say("propose_not_within"))
    if chosen is not None and st.button(session.say("propose_take"), key="propose_take"):
        with errors.kindly():
            stroke = Stroke(plan.plan_id, uuid.uuid4().hex)
            sketches.take(session.database(), session.actor(), stroke, found[chosen])
            job_watch.forget(_JOB)
            session.again()
