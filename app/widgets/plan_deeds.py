"""What can be done with a plan as a whole, by its state and by who looks at it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final

import streamlit as st

from app.use_cases import access, plan_life
from app.use_cases.plan_life import PlanRow
from app.widgets import errors, session
from grid_cells.plan_life import Term

_NEEDS: Final = {
    "submit": "draw_plans", "withdraw": "draw_plans", "reopen": "draw_plans",
    "send_back": "approve_plans", "approve": "approve_plans", "publish": "publish_plans",
}  # fmt: skip


def show(plan: PlanRow) -> None:
    """The deeds that are open to this person now; a form folds out for the one chosen."""
    open_now = [
        deed
        for deed in plan_life.deeds_of(plan)
        if access.may(session.actor(), _NEEDS.get(deed, "nobody"))
    ]
    with st.container(key="plan_state", gap="small"):
        st.caption(_standing(plan))
        if not open_now:
            return
        with st.popover(session.say("plan_deeds"), icon=":material/task_alt:", width="stretch"):
            deed = st.segmented_control(
                session.say("plan_deeds"), open_now, key=f"deed_{plan.plan_id}_{plan.stage}",
                format_func=lambda one: session.say(f"deed_{one}"),
                default=open_now[0], label_visibility="collapsed",
            )  # fmt: skip
            with errors.kindly():
                if deed == "publish":
                    _publish(plan)
                elif deed is not None:
                    _say_and_do(plan, deed)


def _standing(plan: PlanRow) -> str:
    stage = session.say(f"stage_{plan.stage}_long")
    if plan.begins is None:
        return stage
    until = "" if plan.ends is None else session.say("plan_until", time=plan.ends)
    return f"{stage} {session.say('plan_from', time=plan.begins)} {until}".strip()


def _say_and_do(plan: PlanRow, deed: str) -> None:
    note = st.text_area(session.say("plan_note"), key=f"note_{plan.plan_id}_{deed}", height=80)
    if st.button(session.say(f"deed_{deed}"), type="primary", key=f"do_{deed}"):
        db, actor = session.database(), session.actor()
        acts: dict[str, Callable[[], None]] = {
            "submit": lambda: plan_life.submit(db, actor, plan.plan_id, note),
            "withdraw": lambda: plan_life.withdraw(db, actor, plan.plan_id, note),
            "reopen": lambda: plan_life.reopen(db, actor, plan.plan_id),
            "send_back": lambda: plan_life.send_back(db, actor, plan.plan_id, note),
            "approve": lambda: plan_life.approve(db, actor, plan.plan_id, note),
        }
        acts[deed]()
        st.rerun(scope="fragment")


def _publish(plan: PlanRow) -> None:
    today = session.now().astimezone(session.zone()).date()
    begins = st.date_input(
        session.say("plan_begins"), today + timedelta(days=1), min_value=today, key="plan_begins"
    )
    is_temporary = st.toggle(session.say("plan_temporary"), key="plan_temporary")
    ends = None
    if is_temporary:
        ends = st.date_input(
            session.say("plan_ends"), today + timedelta(days=29), min_value=today, key="plan_ends"
        )
    note = st.text_area(session.say("plan_note"), key="note_publish", height=80)
    if st.button(session.say("deed_publish"), type="primary", key="do_publish"):
        term = Term(
            plan.plan_id, _start_of(begins, today), None if ends is None else _midnight(ends)
        )
        plan_life.publish(session.database(), session.actor(), term, note)
        st.rerun(scope="fragment")


def _start_of(day: date, today: date) -> datetime | None:
    """The first moment of the day; None, at once, for today."""
    return None if day <= today else _midnight(day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=session.zone())
