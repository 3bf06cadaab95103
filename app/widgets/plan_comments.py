"""Comments on a plan, pinned to cells where they are about one."""

from collections.abc import Hashable, Mapping
from typing import Any

import streamlit as st

from app.use_cases import access, plan_comments
from app.use_cases.plan_life import PlanRow
from app.widgets import errors, plain, session
from grid_cells.cells import cells_to_hex, hex_to_cells


def show(plan: PlanRow) -> None:
    """What was said so far, and a line to say more."""
    db, actor = session.database(), session.actor()
    held = plan_comments.list_comments(db, actor, plan.plan_id)
    open_now = int(held["settled_at"].isna().sum())
    with st.expander(session.say("comments_title", count=open_now), icon=":material/comment:"):
        cells = cells_to_hex(held["cell_id"].to_numpy(dtype="int64"))
        for row, cell in zip(held.to_dict("records"), cells, strict=True):
            _one(plan, row, str(cell))
        with st.form("comment", clear_on_submit=True, border=False):
            text = st.text_area(session.say("comment_text"), height=80)
            cell = st.text_input(session.say("comment_cell"))
            if st.form_submit_button(session.say("comment_add")):
                with errors.kindly():
                    pinned = int(hex_to_cells([cell.strip()])[0]) if cell.strip() else 0
                    plan_comments.add(db, actor, plan.plan_id, text, pinned or None)
                    st.rerun(scope="fragment")


def _one(plan: PlanRow, row: Mapping[Hashable, Any], cell: str) -> None:
    is_settled = not plain.is_missing(row["settled_at"])
    who = row["actor"] if plain.is_missing(row["actor_name"]) else row["actor_name"]
    about = f" · {plain.escaped(cell)}" if cell else ""
    tone = "gc-settled" if is_settled else ""
    said = f"<b>{plain.escaped(who)}</b>{about}<br>{plain.escaped(row['text'])}"
    st.html(f'<p class="gc-said {tone}">{said}</p>')
    may = access.may(session.actor(), "draw_plans") and not is_settled
    if may and st.button(
        session.say("comment_settle"), key=f"settle_{row['comment_id']}", type="tertiary"
    ):
        plan_comments.settle(
            session.database(), session.actor(), plan.plan_id, str(row["comment_id"])
        )
        st.rerun(scope="fragment")
