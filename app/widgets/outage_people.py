"""Who an outage is about: important customers, callers, the outages under it."""

from typing import Any

import pandas as pd
import streamlit as st

from app.use_cases.outage_story import CALLS_SHOWN, OutageStory
from app.widgets import card, fault_groups, plain, session
from app.widgets import words_of as naming
from app.widgets.fault_words import reason_word

_TONES: dict[str, card.Tone] = {
    "own": "good", "second_feeder": "good", "generator": "risk", "none": "broken",
}  # fmt: skip


def show_calls(found: OutageStory) -> None:
    """The outages under it and who called, each under its heading."""
    _nested(found)
    _calls(found)
    fault_groups.offer_of(str(found.facts["outage_id"]), found.calls)


def show_important(found: OutageStory) -> None:
    """Important customers and life support, with what they live on; nothing without any."""
    if not found.important and not found.life_support and found.people.empty:
        return
    _heading("outage_story_people")
    if found.people.empty:
        card.note(session.say("outage_story_people_hidden"))
    for row in found.people.to_dict("records"):
        _person(row)


def _person(row: dict[Any, Any]) -> None:
    code = f"outage_supply_{row['supply']}"
    supply = card.badge(session.say(code, feeder=row["second_feeder_id"]), _TONES[row["supply"]])
    life = card.badge(naming.column("life_support"), "risk") if row["life_support"] else ""
    grade = "" if plain.is_missing(row["importance_code"]) else card.quiet(row["importance_code"])
    name = row["name"] if not plain.is_missing(row["name"]) else row["customer_no"]
    head = card.joined(f"<b>{plain.escaped(name)}</b>", grade)
    st.html(f'<p class="gc-said">{head}<br>{card.joined(supply, life)}</p>')


def _nested(found: OutageStory) -> None:
    if found.nested.empty:
        return
    _heading("outage_story_nested")
    for row in found.nested.to_dict("records"):
        state = "open" if row["is_open"] else "over"
        badge = card.badge(
            session.say(f"outage_story_{state}"), "broken" if row["is_open"] else "good"
        )
        since = card.quiet(session.moment(row["started_at"]))
        st.html(f'<p class="gc-said"><b>{plain.escaped(row["outage_id"])}</b> {badge} {since}</p>')


def _calls(found: OutageStory) -> None:
    if found.calls.empty:
        card.note(session.say("outage_story_no_calls"))
        return
    told = {"count": found.calls_count, "open": found.calls_open}
    with st.expander(session.say("outage_story_calls", **told), icon=":material/call:"):
        st.dataframe(_call_rows(found.calls), hide_index=True)
        pages = -(-found.calls_count // CALLS_SHOWN)
        if pages > 1:
            st.number_input(
                session.say("outages_page", pages=pages), 1, pages, key=_page_key(found.facts)
            )


def calls_from(outage_id: str) -> int:
    """From which call on the page of calls that was chosen shows them."""
    page = int(st.session_state.get(_page_key({"outage_id": outage_id}), 1))
    return (page - 1) * CALLS_SHOWN


def _page_key(facts: dict[str, Any]) -> str:
    return f"outage_calls_page_{facts['outage_id']}"


def _call_rows(calls: pd.DataFrame) -> pd.DataFrame:
    columns = (
        "report_id",
        "registered_at",
        "customer_no",
        "fault_class",
        "arrived_at",
        "restored_at",
    )
    shown = {
        naming.column(name): [_cell(name, value) for value in calls[name]]
        for name in columns
        if calls[name].notna().any()
    }
    reasons = [reason_word(one) for one in calls["reason"]]
    return pd.DataFrame(shown | {naming.column("group_reason"): reasons})


def _cell(name: str, value: Any) -> Any:
    if plain.is_missing(value):
        return None
    return session.moment(value) if name.endswith("_at") else naming.value(name, value)


def _heading(code: str) -> None:
    st.html(f"<h4>{plain.escaped(session.say(code))}</h4>")
