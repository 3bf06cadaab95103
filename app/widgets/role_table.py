"""What every role permits, as one table in words."""

import streamlit as st

from app.use_cases import roles
from app.widgets import plain, session, who


def show() -> None:
    """Permissions down, roles across, grouped by family."""
    held = roles.permissions_by_role()
    lines = "".join(_line(permission, held) for permission in roles.PERMISSIONS)
    st.html(
        f'<div class="gc-wide-table"><table class="gc-roles"><thead>{_families(held)}'
        f"{_names(held)}</thead><tbody>{lines}</tbody></table></div>"
    )


def _families(held: dict[str, frozenset[str]]) -> str:
    counts: dict[str, int] = {}
    for role in held:
        family = roles.family_of(role)
        counts[family] = counts.get(family, 0) + 1
    heads = "".join(
        f'<th colspan="{count}">{plain.escaped(session.say(f"family_{family}"))}</th>'
        for family, count in counts.items()
    )
    return f'<tr class="gc-families"><th></th>{heads}</tr>'


def _names(held: dict[str, frozenset[str]]) -> str:
    heads = "".join(f"<th>{plain.escaped(who.role(role))}</th>" for role in held)
    return f"<tr><th>{plain.escaped(session.say('users_rights'))}</th>{heads}</tr>"


def _line(permission: str, held: dict[str, frozenset[str]]) -> str:
    yes, no = plain.escaped(session.say("yes")), plain.escaped(session.say("no"))
    cells = "".join(
        f'<td><span title="{yes}">✓</span></td>'
        if permission in rights
        else f'<td><span class="gc-none" title="{no}">·</span></td>'
        for rights in held.values()
    )
    return f"<tr><th>{plain.escaped(who.permission(permission))}</th>{cells}</tr>"
