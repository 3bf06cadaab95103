"""The person at the end of the bar: who is signed in, and the way out."""

from typing import Final

import streamlit as st

from app.use_cases import clock
from app.widgets import card, links, plain, session, who

SIGN_OUT: Final = "/sign-out"


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
            links.show(
                {"page": "dictionary"}, session.say("page_dictionary"), icon=":material/menu_book:"
            )
            if clock.is_sample(session.database()):
                _way_out("try_another_role", is_quiet=True)
            _way_out("sign_out")


def _way_out(word: str, *, is_quiet: bool = False) -> None:
    """A form: the gate ends the session here and at the provider, and asks who comes next."""
    kind = "gc-button gc-quiet" if is_quiet else "gc-button"
    st.html(
        f'<form method="post" action="{SIGN_OUT}?lang={session.language()}">'
        f'<button class="{kind}">{plain.escaped(session.say(word))}</button></form>'
    )
