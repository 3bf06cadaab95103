"""What can be done with one account: another role or scope, off and on, a new password, out."""

from dataclasses import replace
from typing import Any

import streamlit as st

from app.use_cases import sessions, users
from app.use_cases.users import UserWish
from app.widgets import card, plain, session, user_form, user_notice
from app.widgets.user_notice import Said

_FIELDS = ("login", "name", "role", "unit_id", "area_id", "oidc_subject", "crew_id")


def show(user: dict[str, Any]) -> None:
    """The fields of the account, and what else can be done with it."""
    with st.container(key="user_change", border=True):
        card.title(_name(user), str(user["login"]))
        if user["is_sample"]:
            st.caption(session.say("users_of_sample"))
        else:
            _fields(user)
        with st.container(horizontal=True, gap="small"):
            _switch(user)
            if not user["is_sample"]:
                _reset(user)
            st.button(
                session.say("users_end"), icon=":material/logout:", key="users_end",
                disabled=not int(user["sessions"]),
                on_click=user_notice.tell, args=(lambda: _end(user),),
            )  # fmt: skip


def _fields(user: dict[str, Any]) -> None:
    wish = user_form.ask(f"users_{user['user_id']}", {one: user[one] for one in _FIELDS})
    st.button(
        session.say("users_save"), type="primary", key="users_save",
        help=session.say("users_save_help"),
        on_click=user_notice.tell, args=(lambda: _save(user, wish),),
    )  # fmt: skip


def _name(user: dict[str, Any]) -> str:
    return str(user["login"] if plain.is_missing(user["name"]) else user["name"])


def _before(user: dict[str, Any]) -> UserWish:
    held = {f: None if plain.is_missing(user[f]) else str(user[f]) for f in _FIELDS}
    return UserWish(
        login=held["login"] or "",
        name=held["name"] or "",
        role=held["role"] or "",
        unit_id=held["unit_id"],
        area_id=held["area_id"],
        oidc_subject=held["oidc_subject"],
        crew_id=held["crew_id"],
    )


def _save(user: dict[str, Any], wish: UserWish) -> Said:
    before = _before(user)
    if wish == before:
        return Said(session.say("users_unchanged"))
    users.change_user(session.database(), session.actor(), str(user["user_id"]), wish)
    stays = replace(before, name=wish.name) == wish
    code = "users_renamed" if stays else "users_saved"
    return Said(session.say(code, name=wish.name), undo=lambda: _back(user, before))


def _back(user: dict[str, Any], before: UserWish) -> Said:
    users.change_user(session.database(), session.actor(), str(user["user_id"]), before)
    for field in ("name", "role", "unit", "oidc"):
        st.session_state.pop(f"users_{user['user_id']}_{field}", None)
    return Said(session.say("users_back", name=_name(user)))


def _switch(user: dict[str, Any]) -> None:
    active = bool(user["is_active"])
    word, icon = (
        ("users_disable", ":material/block:") if active else ("users_enable", ":material/check:")
    )
    st.button(
        session.say(word), icon=icon, key="users_switch",
        on_click=user_notice.tell, args=(lambda: _set_active(user, active=not active),),
    )  # fmt: skip


def _set_active(user: dict[str, Any], *, active: bool) -> Said:
    users.set_active(session.database(), session.actor(), str(user["user_id"]), active)
    code = "users_enabled_now" if active else "users_disabled_now"
    return Said(
        session.say(code, name=_name(user)), undo=lambda: _set_active(user, active=not active)
    )


def _reset(user: dict[str, Any]) -> None:
    with st.popover(session.say("users_reset"), icon=":material/key:"):
        sentence = session.say("users_reset_sure", name=_name(user), sessions=int(user["sessions"]))
        st.write(plain.in_markdown(sentence))
        st.button(
            session.say("users_reset_now"), type="primary", key="users_reset",
            on_click=user_notice.tell, args=(lambda: _new_password(user),),
        )  # fmt: skip


def _new_password(user: dict[str, Any]) -> Said:
    password = users.reset_password(session.database(), session.actor(), str(user["user_id"]))
    return Said(session.say("users_reset_done", name=_name(user)), password)


def _end(user: dict[str, Any]) -> Said:
    sessions.sign_out_user(session.database(), session.actor(), str(user["user_id"]))
    return Said(session.say("users_ended", name=_name(user)))
