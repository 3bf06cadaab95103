"""Who one is here: name, role with what it permits, scope, and the way to another password."""

from typing import Final
from urllib.parse import urlencode

import streamlit as st

from app.use_cases import roles, users
from app.widgets import card, plain, session, who

PASSWORD: Final = "/password"  # noqa: S105 - an address


def show() -> None:
    """The account of whoever is signed in."""
    signed_in = session.signed_in()
    actor = signed_in.actor
    account = users.my_account(session.database(), actor)
    card.title(actor.name, who.role(actor.role))
    card.rows(
        [
            (session.say("account_login"), card.text(account.login)),
            (session.say("account_role"), card.text(who.role(actor.role))),
            (session.say("account_scope"), card.text(who.scope(actor))),
            (session.say("account_way"), card.text(session.say(f"account_way_{signed_in.way}"))),
            (session.say("account_until"), card.text(session.moment(signed_in.expires_at))),
        ]
    )
    if account.has_password and not account.is_sample:
        word = plain.escaped(session.say("account_change_password"))
        address = "?".join(filter(None, (PASSWORD, urlencode(session.language_query()))))
        st.html(f'<a class="gc-link" href="{address}" target="_self">{word}</a>')
    _rights(actor.role)


def _rights(role: str) -> None:
    heading = plain.escaped(session.say("account_may"))
    held = roles.permissions_by_role().get(role, frozenset())
    lines = "".join(
        f"<li>{plain.escaped(who.permission(one))}</li>" for one in roles.PERMISSIONS if one in held
    )
    st.html(f'<h4>{heading}</h4><ul class="gc-rights">{lines}</ul>')
    card.note(session.say("account_scope_help"))
