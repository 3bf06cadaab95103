"""Shifts of a week as a grid, and for who runs crews the form that enters and changes them."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import access, shifts
from app.use_cases.shifts import ShiftDeed, ShiftWish
from app.widgets import errors, plain, session
from grid_cells.shifts import KINDS, day_of

_DAYS: Final = 7
_DEED: Final = "crews_shift_deed"
_NEW: Final = ""
_BEGINS, _ENDS = time(8), time(20)


def show(crew_ids: list[str], first: date) -> None:
    """Seven days from the first on."""
    zone = str(session.zone())
    span = day_of(first, zone).starts, day_of(first + (_DAYS - 1) * timedelta(days=1), zone).ends
    rows = shifts.roster(session.database(), session.actor(), *span)
    rows = rows[rows["crew_id"].isin(crew_ids)]
    with st.container(key="crews_shifts"):
        st.html(f"<h4>{plain.escaped(session.say('shifts_title', first=first))}</h4>")
        _offer_undo()
        if rows.empty:
            st.caption(session.say("shifts_none"))
        else:
            st.html(_grid(rows, first))
            st.caption(session.say("shifts_how"))
        if access.may(session.actor(), "run_crews") and crew_ids:
            with st.expander(session.say("shifts_change"), icon=":material/edit_calendar:"):
                _form(crew_ids, rows, first)


def _grid(rows: pd.DataFrame, first: date) -> str:
    days = [first + timedelta(days=n) for n in range(_DAYS)]
    head = "".join(f"<th>{plain.escaped(_day(day))}</th>" for day in days)
    starts = rows["starts_at"].dt.tz_convert(session.zone())
    by_day = rows.assign(day=starts.dt.date)
    lines = []
    for crew_id, own in by_day.groupby("crew_id"):
        cells = "".join(
            f"<td>{''.join(_shift(row) for row in own[own['day'] == day].to_dict('records'))}</td>"
            for day in days
        )
        lines.append(f"<tr><th>{plain.escaped(crew_id)}</th>{cells}</tr>")
    body = "".join(lines)
    return (
        f'<div class="gc-roster"><table><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _day(day: date) -> str:
    return f"{session.say(f'weekday_{day.weekday()}')} {day.month}-{day.day:02d}"


def _shift(row: dict[Any, Any]) -> str:
    zone = session.zone()
    begins, ends = (row[name].tz_convert(zone) for name in ("starts_at", "ends_at"))
    kind = session.say(f"value_kind_{row['kind']}")
    more = [kind, *(str(row[n]) for n in ("vehicle", "note") if not plain.is_missing(row[n]))]
    hint = plain.escaped(" · ".join(more))
    mark = plain.escaped(session.say(f"shift_mark_{row['kind']}"))
    hours = "" if row["kind"] == "leave" else f" {_hour(begins)}–{_hour(ends)}"
    return f'<span class="gc-shift gc-shift-{row["kind"]}" title="{hint}">{mark}{hours}</span>'


def _hour(at: pd.Timestamp) -> str:
    """The hour, with its minutes where they are not zero."""
    return f"{at:%H:%M}" if at.minute else f"{at:%H}"


def _form(crew_ids: list[str], rows: pd.DataFrame, first: date) -> None:
    crew = st.selectbox(session.say("shift_crew"), crew_ids, key="shift_crew")
    own = rows[rows["crew_id"] == crew]
    held = {one.isoformat(): one for one in own["starts_at"]}
    chosen = st.selectbox(
        session.say("shift_which"), [_NEW, *held], key=f"shift_which_{crew}",
        format_func=lambda one: _told(own, held[one]) if one else session.say("shift_new"),
    )  # fmt: skip
    row = None if not chosen else own[own["starts_at"] == held[chosen]].iloc[0].to_dict()
    with errors.kindly():
        _fields(str(crew), row, first)


def _told(own: pd.DataFrame, starts_at: pd.Timestamp) -> str:
    row = own[own["starts_at"] == starts_at].iloc[0]
    zone = session.zone()
    begins, ends = starts_at.tz_convert(zone), row["ends_at"].tz_convert(zone)
    kind = session.say(f"value_kind_{row['kind']}")
    return f"{begins:%m-%d %H:%M} – {ends:%m-%d %H:%M} · {kind}"


def _fields(crew: str, row: dict[Any, Any] | None, first: date) -> None:
    key = f"shift_form_{crew}_{'new' if row is None else row['starts_at'].isoformat()}"
    with st.form(key, border=False):
        kinds = list(KINDS)
        kind = st.selectbox(
            session.say("shift_kind"), kinds,
            index=0 if row is None else kinds.index(row["kind"]),
            format_func=lambda one: session.say(f"value_kind_{one}"),
        )  # fmt: skip
        begins = _moment("starts", None if row is None else row["starts_at"], first, _BEGINS)
        ends = _moment("ends", None if row is None else row["ends_at"], first, _ENDS)
        vehicle = st.text_input(session.say("shift_vehicle"), _text(row, "vehicle"), max_chars=40)
        note = st.text_input(session.say("shift_note"), _text(row, "note"), max_chars=200)
        with st.container(horizontal=True):
            saves = st.form_submit_button(session.say("shift_save"), type="primary")
            cancels = row is not None and st.form_submit_button(session.say("shift_cancel"))
    if saves:
        _save(row, ShiftWish(crew, begins, ends, kind, vehicle, note))
    elif cancels and row is not None:
        db, actor = session.database(), session.actor()
        _did(shifts.cancel(db, actor, crew, row["starts_at"].to_pydatetime()), "cancelled")


def _text(row: dict[Any, Any] | None, name: str) -> str:
    return "" if row is None or plain.is_missing(row[name]) else str(row[name])


def _moment(name: str, held: pd.Timestamp | None, first: date, usual: time) -> datetime:
    zone = session.zone()
    local = None if held is None else held.tz_convert(zone)
    left, right = st.columns(2)
    with left:
        day: Any = st.date_input(
            session.say(f"shift_{name}_on"), first if local is None else local.date(),
            format="YYYY-MM-DD",
        )  # fmt: skip
    with right:
        at = st.time_input(
            session.say(f"shift_{name}_at"), usual if local is None else local.time(), step=900
        )
    return datetime.combine(day, at, zone)


def _save(row: dict[Any, Any] | None, wish: ShiftWish) -> None:
    db, actor = session.database(), session.actor()
    if row is None:
        _did(shifts.add(db, actor, wish), "added")
    else:
        _did(shifts.change(db, actor, row["starts_at"].to_pydatetime(), wish), "changed")


def _did(deed: ShiftDeed, what: str) -> None:
    st.session_state[_DEED] = (deed, what)
    session.again()


def _offer_undo() -> None:
    held: tuple[ShiftDeed, str] | None = st.session_state.get(_DEED)
    if held is None:
        return
    deed, what = held
    crew = (deed.after or deed.before or {}).get("crew_id")
    with st.container(horizontal=True, vertical_alignment="center", key="shift_done"):
        st.html(f"<p>{plain.escaped(session.say(f'shift_done_{what}', crew=crew))}</p>")
        if st.button(session.say("crews_undo"), key="shift_undo", icon=":material/undo:"):
            st.session_state.pop(_DEED)
            with errors.kindly():
                shifts.undo(session.database(), session.actor(), deed)
                session.again()
