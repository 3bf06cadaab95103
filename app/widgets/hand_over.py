"""Who changes area and manager by a draft: counts to see, lists to take along."""

from collections.abc import Sequence
from typing import Final, cast

import pandas as pd
import streamlit as st

from app.use_cases import access, hand_over
from app.use_cases.draft_balance import Weighed
from app.use_cases.draft_origin import Basis
from app.use_cases.hand_over import LISTS, Changes, List
from app.use_cases.plan_life import PlanRow
from app.widgets import errors, export_menu, session

_MADE: Final = "hand_over_made"
_SHOWN: Final = 8


def show(plan: PlanRow, now: Weighed) -> None:
    """From area to area, and the lists as files for those who may take data away."""
    with st.expander(session.say("draft_hand_over"), icon=":material/swap_horiz:"):
        changes = Changes(now.moved, cast("Basis", plan.basis), session.now())
        if changes.units.empty:
            st.caption(session.say("draft_nobody_moves"))
            return
        names = {area.area_id: area.name for area in now.areas}
        pairs = hand_over.pairs(session.database(), session.actor(), changes).head(_SHOWN)
        shown = {
            session.say("hand_over_old_area"): pairs["old_area"].map(names),
            session.say("hand_over_new_area"): pairs["new_area"].map(names),
            session.say("plan_figure_customers"): pairs["customers"],
        }
        st.dataframe(pd.DataFrame(shown), hide_index=True)
        if access.may(session.actor(), "export_data"):
            take_along(str(plan.plan_id), changes)


def take_along(name: str, changes: Changes, lists: Sequence[List] = LISTS) -> None:
    """One of the lists as a file, once it is said what for; `name` tells it from others."""
    wanted = st.selectbox(
        session.say("draft_list"), lists, key=f"list_{name}",
        format_func=lambda one: session.say(f"hand_over_list_{one}"),
    )  # fmt: skip
    purpose = export_menu.ask_purpose("hand_over")
    if st.button(session.say("draft_list_make"), disabled=not purpose):
        with errors.kindly():
            made = hand_over.export_list(
                session.database(), session.actor(), wanted, changes, form="csv", purpose=purpose,
            )  # fmt: skip
            st.session_state[_MADE] = (name, *made)
    ready = st.session_state.get(_MADE)
    if ready is not None and ready[0] == name:
        _, data, file = ready
        st.download_button(session.say("draft_list_save", name=file), data, file)
    st.caption(session.say("hand_over_masked"))
