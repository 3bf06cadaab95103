"""A plan on paper: A3 as PDF or picture, drawn by the server while one goes on."""

from typing import Final, cast

import streamlit as st

from app.use_cases import access, plan_print
from app.use_cases.plan_life import PlanRow
from app.use_cases.plan_print import Form
from app.widgets import errors, export_menu, job_watch, session

_JOB: Final = "print"


def show(plan: PlanRow) -> None:
    """Form and purpose, the work with its bar, and the file; for those who may take data away."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.expander(session.say("print_open"), icon=":material/print:"):
        st.caption(session.say("print_what"))
        form = st.radio(
            session.say("export_form"), plan_print.FORMS, key=f"print_form_{plan.plan_id}",
            format_func=lambda one: session.say(f"print_form_{one}"), horizontal=True,
        )  # fmt: skip
        purpose = export_menu.ask_purpose("print")
        if st.button(session.say("print_make"), disabled=not purpose, key="print_make"):
            with errors.kindly():
                _begin(plan, form, purpose)
            session.again()
        watched = job_watch.show(_JOB, session.say("print_making"), narrow=True)
        if watched is not None and watched.state == "done":
            _offer(plan, cast("tuple[int, bytes, str]", watched.result))


def _begin(plan: PlanRow, form: Form, purpose: str) -> None:
    db, actor, language = session.database(), session.actor(), session.language()

    def work(tell: job_watch.Tell) -> tuple[int, bytes, str]:
        from app.maps import plan_sheet  # noqa: PLC0415 - drawing costs a second to import

        sheet = plan_print.sheet_of(
            db, actor, plan.plan_id, purpose, progress=lambda done: tell(0.3 * done)
        )
        data = plan_sheet.drawn(sheet, form, language, progress=lambda done: tell(0.3 + 0.7 * done))
        return plan.plan_id, data, plan_print.note_print(db, actor, sheet, form, purpose)

    job_watch.start(_JOB, "print", work)


def _offer(plan: PlanRow, made: tuple[int, bytes, str]) -> None:
    plan_id, data, name = made
    if plan_id == plan.plan_id:
        st.download_button(
            session.say("export_save", file=name), data, file_name=name, on_click="ignore",
            type="primary", width="stretch", key="print_save",
        )  # fmt: skip
