"""A new account, folded away until it is wanted."""

from typing import Final

import streamlit as st

from app.use_cases import users
from app.use_cases.users import UserWish
from app.widgets import errors, session, user_form, user_notice
from app.widgets.user_notice import Said

_ROUND: Final = "users_add_round"


def show() -> None:
    """The fields of the new account and the button that makes it."""
    folded = st.expander(
        session.say("users_add"), icon=":material/person_add:", key="users_add", on_change="rerun"
    )
    if not folded.open:
        return
    with folded, errors.kindly():
        wish = user_form.ask(f"users_new_{st.session_state.get(_ROUND, 0)}", {})
        st.button(
            session.say("users_add_now"),
            type="primary",
            key="users_add_now",
            disabled=not (wish.login and wish.role),
            on_click=user_notice.tell,
            args=(lambda: _add(wish),),
        )


def _add(wish: UserWish) -> Said:
    _, password = users.add_user(session.database(), session.actor(), wish)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # empty fields for the next one
    code = "users_added" if password else "users_added_provider"
    return Said(session.say(code, name=wish.name, login=wish.login), password or "")
