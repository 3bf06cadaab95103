"""Exceptions from the plan in force: those that hold, are to come and have ended; one more."""

from datetime import date, datetime, time
from typing import Final

import pandas as pd
import streamlit as st

from app.use_cases import access, overrides
from app.use_cases.overrides import Override, OverrideWish
from app.use_cases.search import Found
from app.widgets import choice_list, errors, plain, session

_ROUND: Final = "override_round"
_COLUMNS: Final = ("what", "area", "reason", "begins", "ends", "stage")
_FOUND: Final = 12


def show() -> None:
    """The form for who may enter one, then the table."""
    st.caption(session.say("override_what"))
    may = access.may(session.actor(), "publish_plans")
    known = overrides.areas(session.database(), session.actor())
    if may and known:
        with st.expander(session.say("override_new"), icon=":material/add:", key="override_new"):
            _form(known)
    held = overrides.list_overrides(session.database(), session.actor())
    if not held:
        st.caption(session.say("override_none"))
        return
    rows = [_row(one) for one in held]
    names = [session.say(f"override_column_{name}") for name in _COLUMNS]
    place = choice_list.choose(
        pd.DataFrame(rows, columns=names),
        [f"{one.kind}:{one.ref}:{one.begins}" for one in held],
        [(f"{row[0]} → {row[1]}", " · ".join(part for part in row[2:] if part)) for row in rows],
        key="override_table",
    )
    if may:
        _end(held, place)


def _what(one: Override) -> str:
    return session.say(f"override_{one.kind}", id=one.shown)


def _row(one: Override) -> tuple[str, ...]:
    times = ["" if at is None else session.moment(at) for at in (one.begins, one.ends)]
    return (_what(one), one.area, one.reason, *times, session.say(f"override_stage_{one.stage}"))


def _end(held: list[Override], place: int | None) -> None:
    if place is None:
        st.caption(session.say("override_pick"))
        return
    one = held[place]
    label = plain.in_markdown(session.say("override_end", what=_what(one)))
    if st.button(label, key="override_end", disabled=one.stage == "ended", icon=":material/undo:"):
        with errors.kindly():
            db = session.database()
            thing = overrides.thing_of(db, one.kind, one.ref)
            overrides.end(db, session.actor(), thing, one.begins)
            st.toast(session.say("override_ended"), icon=":material/check:")
            st.rerun()


def _form(areas: dict[str, str]) -> None:
    turn = st.session_state.get(_ROUND, 0)
    text = st.text_input(session.say("override_search"), key=f"override_search_{turn}")
    found = _found(text) if text.strip() else []
    if text.strip() and not found:
        st.caption(session.say("override_nothing"))
    if not found:
        return
    chosen = st.selectbox(
        session.say("override_which"),
        found,
        format_func=_label,
        key=f"override_which_{turn}_{text}",
    )
    area = st.selectbox(
        session.say("override_area"), list(areas), key=f"override_area_{turn}",
        format_func=lambda one: areas[one] if areas[one] == one else f"{areas[one]} ({one})",
    )  # fmt: skip
    reason = st.text_input(session.say("override_reason"), key=f"override_reason_{turn}")
    today = session.now().astimezone(session.zone()).date()
    with st.container(horizontal=True):
        begins = st.date_input(
            session.say("override_begins"), None, min_value=today, key=f"override_begins_{turn}"
        )
        ends = st.date_input(
            session.say("override_ends"), None, min_value=today, key=f"override_ends_{turn}"
        )
    if st.button(session.say("override_add"), type="primary", key="override_add"):
        with errors.kindly():
            _add(chosen, area, reason, (_moment(begins, today), _moment(ends)))


def _found(text: str) -> list[Found]:
    with errors.kindly():
        return overrides.find(session.database(), session.actor(), text)[:_FOUND]
    return []


def _label(one: Found) -> str:
    kind = "transformer" if one.kind == "transformer" else "customer"
    named = session.say(f"override_{kind}", id=one.title)
    return f"{named} · {one.detail}" if one.detail else named


def _moment(day: date | None, today: date | None = None) -> datetime | None:
    """The first moment of a day; None for none, and for today: at once."""
    if day is None or day == today:
        return None
    return datetime.combine(day, time(0), tzinfo=session.zone())


def _add(
    one: Found, area: str, reason: str, times: tuple[datetime | None, datetime | None]
) -> None:
    db = session.database()
    thing = overrides.thing_of(
        db, "transformer" if one.kind == "transformer" else "customer", one.id
    )
    overrides.add(db, session.actor(), OverrideWish(thing, area, reason, *times))
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1  # empty fields for the next one
    st.toast(session.say("override_added"), icon=":material/check:")
    st.rerun()
