"""Groups of calls put right by hand: out into an outage of their own, to another, two into one."""

from collections.abc import Callable
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import access, fault_group_deeds, outages
from app.use_cases.outages import OutageWish
from app.widgets import errors, plain, session
from app.widgets.fault_words import clock
from grid_cells.errors import UserError

_REPORTS, _TARGET, _FIRST, _SAID = (
    "groups_reports", "groups_target", "groups_first", "groups_said",
)  # fmt: skip
_PREFIX: Final = "CALL-"


def offer(frame: pd.DataFrame) -> None:
    """The deeds for whoever runs outages; `frame`: the calls listed, with their outages."""
    if frame.empty or not access.may(session.actor(), "run_outages"):
        return
    with st.expander(session.say("groups_by_hand"), icon=":material/call_split:"):
        _tell()
        held = sorted(frame["outage_id"].dropna().unique())
        _calls(frame, held)
        _outages(held)
        _undo()


def offer_of(outage_id: str, calls: pd.DataFrame) -> None:
    """The deeds on the calls of one outage, by whoever runs outages; `calls`: a page of them."""
    if not access.may(session.actor(), "run_outages"):
        return None
    with st.expander(session.say("groups_by_hand"), icon=":material/call_split:"):
        _tell()
        if calls.empty:
            return _undo()  # the last one may have been taken out just now
        found = outages.list_outages(*_who(), OutageWish("open", session.now(), most=None))
        others = sorted(set(found.rows["outage_id"]) - {outage_id})
        _calls(calls.assign(outage_id=outage_id), others, of=f"_{outage_id}")
        if outage_id.startswith(_PREFIX):
            target = st.session_state.get(f"{_TARGET}_{outage_id}")
            st.button(
                session.say("groups_merge_all", outage=outage_id), key="groups_merge",
                disabled=not target, on_click=_act,
                args=("groups_merged",
                      lambda: fault_group_deeds.merge(*_who(), outage_id, str(target))),
            )  # fmt: skip
        return _undo()


def _undo() -> None:
    st.button(
        session.say("groups_undo"), icon=":material/undo:", key="groups_undo", on_click=_act,
        args=("groups_undone", lambda: fault_group_deeds.undo(*_who())),
    )  # fmt: skip


def _calls(frame: pd.DataFrame, targets: list[str], of: str = "") -> None:
    at = dict(zip(frame["report_id"], frame["registered_at"], strict=True))
    own = dict(zip(frame["report_id"], frame["outage_id"].fillna("–"), strict=True))
    chosen = st.multiselect(
        session.say("groups_reports"), list(at), key=_REPORTS + of,
        format_func=lambda one: f"{one} · {clock(at[one].to_pydatetime())} · {own[one]}",
    )  # fmt: skip
    target = st.selectbox(session.say("groups_target"), targets, index=None, key=_TARGET + of)
    with st.container(horizontal=True):
        st.button(
            session.say("groups_split"), disabled=not chosen, key="groups_split", on_click=_act,
            args=("groups_split_done", lambda: fault_group_deeds.split(*_who(), chosen)),
        )  # fmt: skip
        st.button(
            session.say("groups_move"), disabled=not (chosen and target), key="groups_move",
            on_click=_act,
            args=("groups_moved", lambda: fault_group_deeds.move(*_who(), chosen, str(target))),
        )  # fmt: skip


def _outages(held: list[str]) -> None:
    own = [one for one in held if one.startswith(_PREFIX)]
    if not own or len(held) < 2:  # noqa: PLR2004
        return
    first = st.selectbox(session.say("groups_first"), own, index=None, key=_FIRST)
    target = st.session_state.get(_TARGET)
    st.button(
        session.say("groups_merge"), disabled=not (first and target), key="groups_merge",
        on_click=_act,
        args=("groups_merged", lambda: fault_group_deeds.merge(*_who(), str(first), str(target))),
    )  # fmt: skip


def _who() -> tuple[Any, Any]:
    return session.database(), session.actor()


def _act(done: str, deed: Callable[[], Any]) -> None:
    try:
        deed()
    except UserError as error:
        st.session_state[_SAID] = error
        return
    st.session_state[_SAID] = session.say(done)
    for name in [str(one) for one in st.session_state]:
        if name.startswith((_REPORTS, _TARGET, _FIRST)):
            st.session_state.pop(name, None)


def _tell() -> None:
    said = st.session_state.pop(_SAID, None)
    if isinstance(said, UserError):
        errors.show(said)
    elif said is not None:
        st.success(plain.in_markdown(said), icon=":material/task_alt:")
