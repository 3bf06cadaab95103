"""Calls of the last day, the newest first, as the person may see them."""

import pandas as pd
import streamlit as st

from app.use_cases import fault_reports
from app.widgets import fault_groups, plain, session
from app.widgets import words_of as naming
from app.widgets.fault_words import class_word, clock, group_word

_LINES = 20


def show() -> None:
    """The list; lines on a phone, a table on a desk."""
    frame = fault_reports.recent(session.database(), session.actor())
    st.html(f'<h2 class="gc-lines">{plain.escaped(session.say("fault_recent"))}</h2>')
    if frame.empty:
        st.caption(session.say("fault_recent_none"))
        return
    _listed(_worded(frame))
    fault_groups.offer(frame)


def _listed(table: pd.DataFrame) -> None:
    if not session.is_phone():
        st.dataframe(table.rename(columns=naming.column), hide_index=True)
        return
    for row in table.head(_LINES).to_dict("records"):
        st.html(
            f'<div class="gc-line"><b>{plain.escaped(row["report_id"])}</b> '
            f"{plain.escaped(row['registered_at'])} · {plain.escaped(row['verdict'])}</div>"
        )


def _worded(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "report_id": frame["report_id"],
            "registered_at": [_clock(one) for one in frame["registered_at"]],
            "channel": [_word("channel", one) for one in frame["channel"]],
            "customer_no": frame["customer_no"].fillna(""),
            "caller": frame["caller"].fillna(""),
            "phone": frame["phone"].fillna(""),
            "fault_class": [_class(one) for one in frame["fault_class"]],
            "verdict": [_verdict(one) for one in frame["verdict"]],
            "outage_id": frame["outage_id"].fillna(""),
            "group_reason": [group_word(one) for one in frame["group_reason"]],
            "area_id": frame["area_id"].fillna(""),
            "crew_id": frame["crew_id"].fillna(""),
            "arrive_by": [_clock(one) for one in frame["arrive_by"]],
        }
    )


def _word(column: str, value: object) -> str:
    return "" if plain.is_missing(value) else str(naming.value(column, value))


def _class(value: object) -> str:
    return "" if plain.is_missing(value) else class_word(str(value))


def _verdict(value: object) -> str:
    return "" if plain.is_missing(value) else session.say(f"fault_verdict_{value}")


def _clock(value: pd.Timestamp) -> str:
    return "" if plain.is_missing(value) else clock(value.to_pydatetime())
