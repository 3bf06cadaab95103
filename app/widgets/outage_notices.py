"""Who must be told of an outage: by channel, with a confirmed contact or not; the list to take."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from app.use_cases import access, privacy
from app.use_cases import outage_notices as use_case
from app.use_cases.outage_notices import Notices
from app.widgets import card, errors, export_menu, plain, session
from app.widgets import words_of as naming

_MADE: Final = "outage_notices_made"
_HEIGHT: Final = 280


def show(outage_id: str) -> None:
    """Counts by channel and, where it may be seen, who; a sentence where out of sight."""
    with st.container(key="outage_notices", gap="small"), errors.kindly():
        db, actor = session.database(), session.actor()
        found = use_case.notices(db, actor, outage_id, session.now())
        st.html(f"<h4>{plain.escaped(session.say('notice_title'))}</h4>")
        if not found.customers:
            card.note(session.say("notice_nobody"))
            return
        _facts(found)
        _channels(found.channels)
        if access.may(actor, "see_customers"):
            who = st.expander(
                session.say("notice_who", count=found.customers), on_change="rerun",
                key=f"notice_who_{outage_id}",
            )  # fmt: skip
            if who.open:  # nobody's contact is read before
                with who:
                    _who(outage_id)
        if access.may(actor, "export_data") and access.may(actor, "see_customers"):
            with st.expander(session.say("notice_take"), icon=":material/download:"):
                _take(outage_id)


def _facts(found: Notices) -> None:
    share = round(100 * found.confirmed / found.customers)
    rows = [
        (session.say("notice_customers"), card.text(found.customers, strong=True)),
        (session.say("notice_confirmed"),
         card.text(session.say("notice_share", count=found.confirmed, percent=share))),
        (session.say("notice_visits"), card.text(found.visits)),
    ]  # fmt: skip
    if found.due_at is not None:
        rows.insert(0, (session.say("notice_due"), _due(found)))
    card.rows(rows)


def _due(found: Notices) -> str:
    late = card.badge(session.say("notice_late"), "broken") if found.is_late else ""
    told = found.told_at
    done = "" if told is None else card.quiet(session.say("notice_told", time=session.moment(told)))
    due = "" if found.due_at is None else card.text(session.moment(found.due_at))
    return card.joined(due, late, done)


def _channels(channels: pd.DataFrame) -> None:
    words = [naming.said(f"notice_channel_{one}", naming.value("notice_channel", one))
             for one in channels["channel"]]  # fmt: skip
    shown = {
        session.say("notice_channel"): words,
        session.say("notice_customers"): channels["customers"],
        session.say("notice_confirmed"): channels["confirmed"],
    }
    st.dataframe(pd.DataFrame(shown), hide_index=True)


def _who(outage_id: str) -> None:
    rows = use_case.rows(session.database(), session.actor(), outage_id)
    shown = {naming.column(str(name)): [_cell(str(name), one) for one in rows[name]]
             for name in rows.columns if rows[name].notna().any()}  # fmt: skip
    st.dataframe(pd.DataFrame(shown), hide_index=True, height=_HEIGHT)
    if len(rows) == use_case.ROWS_SHOWN:
        card.note(session.say("notice_first", n=len(rows)))


def _cell(name: str, value: Any) -> Any:
    if plain.is_missing(value):
        return None
    if isinstance(value, bool):
        return session.say("yes" if value else "no")
    if name == "notice_channel":
        return naming.said(f"notice_channel_{value}", naming.value("notice_channel", value))
    return naming.value(name, value)


def _take(outage_id: str) -> None:
    db, actor = session.database(), session.actor()
    form: Any = st.segmented_control(
        session.say("export_form"), use_case.FORMS, default="xlsx", key=f"notice_form_{outage_id}",
        format_func=lambda one: session.say(f"export_{one}"),
    )  # fmt: skip
    is_clear = all(privacy.sees(actor, "customers", name) for name in ("name", "phone", "address"))
    personal = is_clear and st.toggle(session.say("notice_clear"), key=f"notice_clear_{outage_id}")
    purpose = export_menu.ask_purpose(f"notice_{outage_id}")
    wanted = (outage_id, form, personal, purpose)
    if st.button(session.say("export_make"), key=f"notice_make_{outage_id}",
                 disabled=not (purpose and form)):  # fmt: skip
        made = use_case.export_list(
            db, actor, outage_id, form=form, purpose=purpose, personal=personal
        )
        st.session_state[_MADE] = (wanted, *made)
    ready = st.session_state.get(_MADE)
    if ready is not None and ready[0] == wanted:
        _, data, name = ready
        st.download_button(session.say("export_save", file=name), data, name, on_click="ignore")
    if not personal:
        card.note(session.say("notice_masked"))
