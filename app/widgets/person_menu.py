"""The person at the end of the bar: who is signed in, and the way out."""

from typing import Final

import streamlit as st

from app.use_cases import clock, sessions
from app.widgets import card, links, plain, session, who

SIGN_IN: Final = "/sign-in"


def show() -> None:
    """Name, role and scope, over a menu with the own account and sign-out."""
    actor = session.actor()
    role, scope = who.role(actor.role), who.scope(actor)
    with st.container(
        key="topbar_person", horizontal=True, gap="small", vertical_alignment="center"
    ):
        st.html(
            f'<div class="gc-person" title="{plain.escaped(scope)}">{plain.escaped(role)}'
            f"<br>{plain.escaped(scope)}</div>"
        )
        with st.popover(plain.in_markdown(actor.name), icon=":material/person:"):
            card.title(actor.name, f"{role} · {scope}")
            links.show({"page": "account"}, session.say("page_account"), icon=":material/badge:")
            if clock.is_sample(session.database()):
                _try_another()
            st.button(
                session.say("sign_out"),
                icon=":material/logout:",
                width="stretch",
                key="sign_out",
                on_click=_sign_out,
            )


def _try_another() -> None:
    word = plain.escaped(session.say("try_another_role"))
    st.html(f'<p class="gc-note"><a href="{SIGN_IN}" target="_self">{word}</a></p>')


def _sign_out() -> None:
    session_id = session.signed_in().session_id
    sessions.sign_out(session.database(), session_id, at=clock.real_now())
