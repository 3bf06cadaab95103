"""The fields of an account: name, role, unit of the tree, area, subject at the provider."""

from typing import Any

import pandas as pd
import streamlit as st

from app.use_cases import roles, service_map, users
from app.use_cases.users import UserWish
from app.widgets import plain, session, who

_INDENT = "\u2003"


def ask(key: str, known: dict[str, Any]) -> UserWish:
    """The account as the fields stand, which start from what is known of it."""
    given = {name: None if plain.is_missing(value) else value for name, value in known.items()}
    left, right = st.columns(2)
    with left:
        login = str(given.get("login") or "")
        if not login:
            login = st.text_input(
                session.say("users_login"), key=f"{key}_login", help=session.say("users_login_help")
            )
        name = st.text_input(session.say("users_name"), given.get("name") or "", key=f"{key}_name")
        role = _role(key, given.get("role"))
    with right:
        unit, area = _scope(key, given.get("unit_id"), given.get("area_id"))
        subject = st.text_input(
            session.say("users_oidc"),
            given.get("oidc_subject") or "",
            key=f"{key}_oidc",
            help=session.say("users_oidc_help"),
        )
        crew = _crew(key, given.get("crew_id")) if roles.permits(role, "do_orders") else None
    return UserWish(
        login=login.strip(),
        name=name.strip(),
        role=role,
        unit_id=unit,
        area_id=area,
        oidc_subject=subject.strip() or None,
        crew_id=crew,
    )


def _role(key: str, held: str | None) -> str:
    """The role chosen; empty as long as a new account has none."""
    offered = list(roles.permissions_by_role())
    chosen = st.selectbox(
        session.say("users_role"),
        offered,
        index=offered.index(held) if held in offered else None,
        placeholder=session.say("users_role_choose"),
        format_func=lambda one: (
            f"{session.say(f'family_{roles.family_of(one)}')} · {who.role(one)}"
        ),
        key=f"{key}_role",
    )
    return chosen or ""


def _scope(key: str, unit_id: str | None, area_id: str | None) -> tuple[str | None, str | None]:
    db, actor = session.database(), session.actor()
    frame = service_map.units(db, actor)
    depths = dict(who.tree(frame))
    names = who.unit_names()
    units = [*([None] if actor.scope is None else []), *depths]
    unit = st.selectbox(
        session.say("users_unit"),
        units,
        index=units.index(unit_id) if unit_id in units else 0,
        format_func=lambda one: (
            session.say("users_whole") if one is None else f"{_INDENT * depths[one]}{names[one]}"
        ),
        key=f"{key}_unit",
    )
    if unit is None:
        return None, None
    areas = [None, *_areas_of(service_map.areas(db, actor, session.now()), unit)]
    area = st.selectbox(
        session.say("users_area"),
        areas,
        index=areas.index(area_id) if area_id in areas else 0,
        format_func=lambda one: session.say("users_any_area") if one is None else one,
        key=f"{key}_area_{unit}",
    )
    return unit, area


def _crew(key: str, held: str | None) -> str | None:
    """Whose orders come to this person's phone; a crew out of sight stays as it is."""
    frame = users.crews(session.database(), session.actor())
    names = dict(zip(frame["crew_id"], frame["name"], strict=True))
    offered = [None, *names, *([held] if held is not None and held not in names else [])]
    chosen: str | None = st.selectbox(
        session.say("users_crew"),
        offered,
        index=offered.index(held),
        format_func=lambda one: (
            session.say("users_no_crew") if one is None else f"{names.get(one, '')} ({one})"
        ),
        key=f"{key}_crew",
    )
    return chosen


def _areas_of(areas: pd.DataFrame, unit: str) -> list[str]:
    return sorted(str(one) for one in areas.loc[areas["unit_id"] == unit, "area_id"])
