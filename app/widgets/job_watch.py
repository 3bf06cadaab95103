"""Long work of this session: started once, watched with a bar, stopped on a wish."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from app.use_cases import jobs
from app.widgets import errors, session
from grid_cells.errors import UserError

_EVERY_S: Final = 0.5
_OVER: Final = ("done", "failed", "stopped")
Tell = Callable[[float], None]
Work = Callable[[Tell], Any]


@dataclass
class Watched:
    """A job of this session and, once it is done, what it gave."""

    job_id: str
    state: str = "waiting"
    result: Any = None
    error: UserError | None = None
    _box: dict[str, Any] = field(default_factory=dict)


def start(name: str, kind: str, work: Work) -> None:
    """Start the work under a name of this session, in place of what ran under it before."""
    box: dict[str, Any] = {}

    def run(tell: Callable[[float], None]) -> dict[str, Any]:
        box["result"] = work(tell)
        return {}

    job_id = jobs.start(session.database(), session.actor(), kind, run)
    st.session_state[_key(name)] = Watched(job_id, _box=box)


def state(name: str) -> Watched | None:
    """The job of that name as it was last seen."""
    watched: Watched | None = st.session_state.get(_key(name))
    return watched


def forget(name: str) -> None:
    """Let go of the job of that name."""
    st.session_state.pop(_key(name), None)


def has_succeeded(name: str) -> bool:
    """Whether the job of that name is over and gave what it was started for."""
    watched = state(name)
    if watched is None:
        return False
    if watched.state not in _OVER:
        _look(watched)
    return watched.state == "done" and watched.error is None


def show(name: str, label: str, *, narrow: bool = False) -> Watched | None:
    """The job of that name once it is over; a bar with a way to stop it until then.

    narrow: the button stands below the bar, where there is no room beside it.
    """
    watched = state(name)
    if watched is None:
        return None
    if watched.state not in _OVER:
        _look(watched)
    if watched.state not in _OVER:
        _bar(name, label, narrow)
        return None
    if watched.state == "stopped":
        st.info(session.say("job_stopped"))
    elif watched.error is not None:
        errors.show(watched.error)
    return watched


def has_ended(name: str, label: str, *, narrow: bool = False) -> bool:
    """Shown as by `show`, and let go of once it is over: whether the page is to be drawn anew.

    Not after a failure: its words would be gone before anybody has read them.
    """
    watched = show(name, label, narrow=narrow)
    if watched is not None:
        forget(name)
    return watched is not None and watched.error is None


@st.fragment(run_every=_EVERY_S)
def _bar(name: str, label: str, narrow: bool) -> None:
    watched = state(name)
    if watched is None:
        return
    share = _look(watched)
    if watched.state in _OVER:
        st.rerun()
    left, right = st.columns(1) * 2 if narrow else st.columns([5, 1], vertical_alignment="bottom")
    left.progress(share, text=f"{label} {round(100 * share)} %")
    if right.button(session.say("job_stop"), key=f"stop_{name}", width="stretch"):
        jobs.ask_to_stop(session.database(), session.actor(), watched.job_id)


def _look(watched: Watched) -> float:
    job = jobs.poll(session.database(), session.actor(), watched.job_id)
    watched.state = job.state
    if job.state == "done":
        watched.result = watched._box.get("result")
    elif job.state == "failed":
        told = json.loads(job.message or "{}")
        watched.error = UserError(told.pop("code", "job_broke"), **told)
    return min(max(job.progress, 0.0), 1.0)


def _key(name: str) -> str:
    return f"job_{name}"
