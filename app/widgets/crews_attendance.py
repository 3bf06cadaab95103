"""How crews kept their shifts of a day and where their time went; below, the shifts of a week."""

from datetime import date
from typing import Any, Final

import streamlit as st

from app.use_cases import access, crew_attendance, units
from app.use_cases.crew_attendance import FORMS
from app.widgets import (
    crews_attendance_shifts,
    crews_attendance_table,
    crews_view,
    errors,
    export_menu,
    session,
)

_DAY, _UNIT = "crews_day", "crews_unit"
_EXPORT: Final = "crews_export"


@st.fragment
def show() -> None:
    """The part "attendance" of the page of crews."""
    with st.container(key="page"):
        st.header(session.say("page_crews"))
        crews_view.PARTS.choose()
        with st.container(horizontal=True, vertical_alignment="bottom", key="crews_choice"):
            day, unit = _day(), _unit()
            _export(day, unit)
        with errors.kindly():
            found = crew_attendance.of_day(session.database(), session.actor(), day, unit)
            crews_attendance_table.show(found)
            crews_attendance_shifts.show(found["crew_id"].tolist(), day)


def _day() -> date:
    today = session.now().astimezone(session.zone()).date()
    chosen: Any = st.date_input(
        session.say("crews_day"), value=today, max_value=today, key=_DAY, format="YYYY-MM-DD"
    )
    return chosen if isinstance(chosen, date) else today


def _unit() -> str | None:
    names = units.names(session.database(), session.actor())
    return st.selectbox(
        session.say("crews_unit"), list(names), index=None, key=_UNIT,
        format_func=lambda one: f"{names[one]} ({one})", placeholder=session.say("crews_all_units"),
    )  # fmt: skip


def _export(day: date, unit: str | None) -> None:
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:"):
        form = export_menu.ask_form(_EXPORT, FORMS)
        purpose = export_menu.ask_purpose(f"{_EXPORT}_purpose")

        def make() -> tuple[bytes, str]:
            return crew_attendance.export_day(
                session.database(), session.actor(), day, unit, form=form, purpose=purpose
            )

        export_menu.offer(_EXPORT, (day, unit, form), purpose, make)
