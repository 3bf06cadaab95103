"""Cells of a plan made finer where many people live and coarser where nobody does, by number."""

import uuid
from collections.abc import Callable
from typing import Final

import streamlit as st

from app.use_cases import cell_strokes
from app.use_cases.cell_strokes import Suggested
from app.use_cases.plan_life import PlanRow
from app.use_cases.stroke_answers import Answer
from app.use_cases.strokes import MOST_CELLS, Stroke
from app.widgets import errors, session

_USUAL: Final = 500
_TOLD: Final = "cells_parted"


def show(plan: PlanRow) -> None:
    """Both suggestions with what each would do; nothing for a plan by transformers."""
    if plan.basis != "cell":
        return
    db, actor = session.database(), session.actor()
    st.markdown(f"**{session.say('cells_sizes')}**")
    with errors.kindly():
        least = st.number_input(
            session.say("cells_over"), min_value=1, value=_USUAL, step=50,
            key=f"cells_over_{plan.plan_id}",
        )  # fmt: skip
        dense = cell_strokes.over(db, actor, plan.plan_id, int(least))
        _offer(plan, "divide", dense, cell_strokes.divide)
        empty = cell_strokes.empty(db, actor, plan.plan_id)
        _offer(plan, "merge", empty, cell_strokes.merge)
    told = st.session_state.pop(_TOLD, None)
    if told:
        st.caption(told)


def _offer(plan: PlanRow, act: str, found: Suggested, do: Callable[..., Answer]) -> None:
    count = len(found.cells)
    st.caption(session.say(f"cells_{act}_means", count=count, instead=found.instead))
    if st.button(session.say(f"cells_{act}"), key=f"cells_{act}", disabled=not count):
        stroke = Stroke(plan.plan_id, uuid.uuid4().hex, found.cells[:MOST_CELLS])
        answer = do(session.database(), session.actor(), stroke)
        left = sum(len(one.cells) for one in answer.refused)
        st.session_state[_TOLD] = session.say("cells_left", count=left) if left else ""
        session.again()
