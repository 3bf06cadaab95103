"""A proposal overruled by who knows better, with a reason."""

from typing import Final

import streamlit as st

from app.use_cases import fault_reports
from app.use_cases.fault_reports import Taken
from app.widgets import errors, plain, session
from grid_cells.errors import UserError
from grid_cells.triage import VERDICTS

_VERDICT, _REASON, _SAID = "fault_overrule_to", "fault_overrule_why", "fault_overrule_said"


def offer(taken: Taken) -> None:
    """Another verdict and why; nothing is changed without both."""
    said: Final = st.session_state.pop(_SAID, None)
    if isinstance(said, UserError):
        errors.show(said)
    elif said is not None:
        st.info(plain.in_markdown(said), icon=":material/edit_note:")
    others = [one for one in VERDICTS if one != taken.verdict]
    with st.popover(session.say("fault_overrule"), icon=":material/gavel:"):
        verdict = st.selectbox(
            session.say("fault_overrule_to"), others, index=None, key=_VERDICT,
            format_func=lambda one: session.say(f"fault_verdict_{one}"),
            placeholder=session.say("uncover_choose"),
        )  # fmt: skip
        reason = st.selectbox(
            session.say("fault_overrule_why"), fault_reports.overrule_reasons(), index=None,
            key=_REASON, format_func=lambda one: session.say(f"fault_overruled_by_{one}"),
            placeholder=session.say("uncover_choose"),
        )  # fmt: skip
        st.button(
            session.say("fault_overrule_do"), type="primary", width="stretch",
            disabled=verdict is None or reason is None, key="fault_overrule_do",
            on_click=_overrule, args=(taken.report_id, verdict, reason),
        )  # fmt: skip


def _overrule(report_id: str, verdict: str, reason: str) -> None:
    try:
        fault_reports.overrule(session.database(), session.actor(), report_id, verdict, reason)
    except UserError as error:
        st.session_state[_SAID] = error
        return
    word = session.say(f"fault_verdict_{verdict}")
    st.session_state[_SAID] = session.say("fault_overruled", number=report_id, verdict=word)
    for name in (_VERDICT, _REASON):
        st.session_state.pop(name, None)
