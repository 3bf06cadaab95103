"""Where one is signed in: every session with its end, and the end of all of them."""

import re
from typing import Any, Final

import streamlit as st

from app.use_cases import sessions
from app.widgets import errors, plain, session
from grid_cells.errors import UserError

_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("MicroMessenger", "WeChat"), ("QQBrowser", "QQ"),
    ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def show() -> None:
    """The sessions, this one first, each with a button that ends it."""
    here = session.signed_in()
    frame = sessions.list_sessions(session.database(), here.actor)
    st.html(f"<h4>{plain.escaped(session.say('sessions_title'))}</h4>")
    rows = sorted(
        frame.to_dict("records"),
        key=lambda row: (not row["is_this"], -row["seen_at"].timestamp()),
    )
    for place, row in enumerate(rows):
        _row(row, place, is_here=bool(row["is_this"]))
    st.caption(session.say("sessions_everywhere_help", count=len(rows)))
    if st.button(session.say("sessions_everywhere"), icon=":material/logout:", key="end_all"):
        sessions.sign_out_user(session.database(), here.actor, user_id(here.actor.id))
        st.rerun()


def user_id(actor_id: str) -> str:
    """The user behind an actor's id."""
    return actor_id.removeprefix("user:")


def _row(row: dict[Any, Any], place: int, *, is_here: bool) -> None:
    with st.container(
        key=f"line_session_{place}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        mark = f' <span class="gc-badge gc-good">{session.say("sessions_this")}</span>'
        under = " · ".join(
            (
                session.say("sessions_since", time=session.moment(row["created_at"])),
                session.say("sessions_seen", time=session.moment(row["seen_at"])),
            )
        )
        st.html(
            f'<div class="gc-line gc-line-info"><p>{plain.escaped(agent(row["agent"]))}'
            f"{mark if is_here else ''}</p><small>{plain.escaped(under)}</small></div>"
        )
        if not is_here and st.button(
            session.say("sessions_end"), key=f"end_{row['session_id']}", type="tertiary"
        ):
            _end(str(row["session_id"]))


def _end(session_id: str) -> None:
    try:
        sessions.end_session(session.database(), session.actor(), session_id)
    except UserError as error:
        errors.show(error)
        return
    st.toast(session.say("sessions_ended"), icon=":material/check:")
    st.rerun()


def agent(told: object) -> str:
    """A browser and its system, from what the browser said of itself."""
    text = str(told or "")
    browser = next((name for sign, name in _BROWSERS if sign in text), None)
    system = next((name for sign, name in _SYSTEMS if re.search(sign, text)), None)
    if browser is None or system is None:
        return browser or system or session.say("agent_unknown")
    return session.say("agent_on", browser=browser, system=system)
