"""How inspections went: finds, energy and money apart, lift of a choice by score, every visit."""

from typing import Final

import streamlit as st

from app import language as words
from app.use_cases import access, inspections
from app.widgets import empty, errors, figures, plain, session, theft_charts, theft_words

_MOST: Final = 300


def show() -> None:
    """Figures of a year, the chart of lift, the list of visits with undo."""
    st.subheader(session.say("theft_record"))
    db, actor = session.database(), session.actor()
    rows = inspections.history(db, actor)
    if rows.empty:
        empty.hint(session.say("theft_record_none"))
        return
    held = inspections.standing(db, actor)
    blocks = [
        figures.block(session.say("theft_record_visits"), words.number(held.visits, 0)),
        figures.block(session.say("theft_hit_rate"), theft_words.share(held.hit_rate, 1)),
        figures.block(session.say("theft_record_kwh"), words.number(held.recovered_kwh, 0)),
        figures.block(session.say("theft_record_penalty"), words.number(held.penalty_amount, 0)),
    ]
    st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')
    if held.gains is not None:
        st.html(f"<h4>{plain.escaped(session.say('theft_gain'))}</h4>")
        theft_charts.gains(held.gains)
        code = "theft_gain_after" if held.is_scored_after else "theft_gain_before"
        st.caption(plain.in_markdown(session.say(code)))
    table = rows[
        [
            "inspection_id",
            "inspected_on",
            "customer_no",
            "outcome",
            "recovered_kwh",
            "penalty_amount",
        ]
    ].head(_MOST)
    table = table.assign(
        inspected_on=[theft_words.day(one) for one in table["inspected_on"]],
        outcome=[theft_words.outcome(str(one)) for one in table["outcome"]],
    )
    st.dataframe(
        table.rename(columns={name: session.say(f"theft_column_{name}") for name in table}),
        hide_index=True, width="stretch", height=320,
    )  # fmt: skip
    own = rows.loc[rows["entered_at"].notna(), "inspection_id"].tolist()
    if own and access.may(actor, "run_inspections"):
        _undo(own)


def _undo(own: list[str]) -> None:
    with st.container(key="theft_record_undo", horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox(session.say("theft_record_own"), own, key="theft_record_which")
        if st.button(
            session.say("theft_record_back"), key="theft_record_back", icon=":material/undo:"
        ):
            with errors.kindly():
                inspections.take_back(session.database(), session.actor(), str(which))
                st.rerun()
