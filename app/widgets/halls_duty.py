"""Who stands at the counters: the day's duties, and for who runs the halls the form beside them."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import access, hall_staff
from app.use_cases.hall_staff import DutyWish
from app.widgets import empty, errors, halls_scene, plain, session
from grid_cells.shifts import day_of

_DAY: Final = "halls_duty_day"
_BEGINS, _ENDS = time(8, 30), time(17, 30)


def show(board: pd.DataFrame) -> None:
    """The part "duty"."""
    left, right = st.columns([2, 1])
    with left:
        hall = halls_scene.choose(board, "duty", every=True)
    with right:
        st.session_state.setdefault(_DAY, session.now().astimezone(session.zone()).date())
        on = st.date_input(session.say("halls_day"), key=_DAY)
    if not isinstance(on, date):
        return
    span = day_of(on, str(session.zone()))
    rows = hall_staff.listing(session.database(), session.actor(), span.starts, span.ends)
    rows = rows if hall is None else rows[rows["hall_id"] == hall]
    if rows.empty:
        empty.hint(session.say("halls_duty_none"))
    else:
        st.dataframe(_worded(rows, board), hide_index=True)
    if access.may(session.actor(), "run_halls"):
        with errors.kindly():
            _form(board, hall, on)
            _remove(rows, board)


def _worded(rows: pd.DataFrame, board: pd.DataFrame) -> pd.DataFrame:
    zone = str(session.zone())
    columns = {
        "hall": rows["hall_id"].map(board["name"]).fillna(rows["hall_id"]),
        "from": rows["starts_at"].dt.tz_convert(zone).dt.strftime("%H:%M"),
        "to": rows["ends_at"].dt.tz_convert(zone).dt.strftime("%H:%M"),
        "people": rows["headcount"],
    }
    if "staff" in rows and "staff_id" in rows and rows["staff_id"].notna().any():
        columns["staff"] = rows["staff"].fillna("")
    return pd.DataFrame({session.say(f"halls_column_{one}"): held for one, held in columns.items()})


def _form(board: pd.DataFrame, hall: str | None, on: date) -> None:
    people = hall_staff.staff(session.database(), session.actor())
    names = dict(zip(people["staff_id"].astype(str), people["name"].astype(str), strict=True))
    with st.form("halls_duty_form"):
        st.html(f"<h4>{plain.escaped(session.say('halls_duty_new'))}</h4>")
        where = hall or st.selectbox(
            session.say("halls_hall"), board.index.astype(str).tolist(),
            format_func=lambda one: str(board.loc[one, "name"]),
        )  # fmt: skip
        one, two, three = st.columns(3)
        begins = one.time_input(session.say("halls_duty_from"), _BEGINS, step=900)
        ends = two.time_input(session.say("halls_duty_to"), _ENDS, step=900)
        heads = three.number_input(session.say("halls_duty_people"), 1, hall_staff.MOST_HEADS, 1)
        who = st.selectbox(
            session.say("halls_duty_who"), ["", *names],
            format_func=lambda one: names.get(one, session.say("halls_duty_unnamed")),
        )  # fmt: skip
        if st.form_submit_button(session.say("halls_duty_save"), type="primary"):
            _save(str(where), on, (begins, ends), int(heads), who or None)


def _save(hall: str, on: date, clock: tuple[time, time], heads: int, staff_id: str | None) -> None:
    zone: Any = session.zone()
    begins, ends = (datetime.combine(on, one, zone) for one in clock)
    if ends <= begins:
        ends += timedelta(days=1)  # a night at the counter of a hall that never closes
    wish = DutyWish(hall, begins, ends, heads, staff_id)
    hall_staff.enter(session.database(), session.actor(), wish)
    st.rerun()


def _remove(rows: pd.DataFrame, board: pd.DataFrame) -> None:
    if rows.empty:
        return
    lines = _worded(rows, board).astype(str).iloc[:, :4].to_numpy().tolist()
    ids = rows["duty_id"].astype(int).tolist()
    told = {one: " · ".join(line) for one, line in zip(ids, lines, strict=True)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            session.say("halls_duty_out"), list(told), key="halls_duty_chosen",
            format_func=lambda one: told.get(one, str(one)), index=None,
        )  # fmt: skip
        if st.button(
            session.say("halls_duty_remove"), key="halls_duty_remove", disabled=chosen is None
        ):
            hall_staff.remove(session.database(), session.actor(), int(chosen or 0))
            st.rerun()
