"""What the places that a plan assumes do: everybody's way old against new, who gains, who loses."""

from typing import Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import draft_balance, what_if_reach
from app.use_cases.draft_balance import Weighed
from app.use_cases.plan_life import PlanRow
from app.use_cases.what_if_reach import ReachChange
from app.widgets import plain, session

_REACH: Final = ("median", "p95", "far")
_INSIDE: Final = {"hall": "halls", "bank": "banks", "crew": "beyond_promise"}


def show(plan: PlanRow) -> None:
    """A table for each kind of place assumed, and the areas that gain or lose; nothing without."""
    if not plan.is_what_if:
        return
    db, actor = session.database(), session.actor()
    with st.spinner(session.say("what_if_working"), show_time=True):
        changes = what_if_reach.reach_changes(db, actor, plan.plan_id)
        weighed = draft_balance.weigh_draft(db, actor, plan.plan_id)
    st.html(f"<h4>{plain.escaped(session.say('what_if_effect'))}</h4>")
    for one in changes:
        _one(one, weighed)
    st.caption(session.say("what_if_gain_note"))


def _one(change: ReachChange, weighed: Weighed) -> None:
    told = change.plan
    title = plain.escaped(session.say(f"what_if_reach_{change.kind}"))
    pairs = [
        (session.say(f"what_if_{name}"), told[f"{name}_before"], told[f"{name}_after"])
        for name in _REACH
    ]
    inside = _INSIDE[change.kind]
    pairs.append((
        session.say(f"plan_figure_{inside}"),
        *weighed.judged.consequences.plan.loc[["before", "after"], inside],
    ))  # fmt: skip
    rows = "".join(
        f"<tr><th>{plain.escaped(name)}</th><td>{_number(old)}</td><td>{_number(new)}</td></tr>"
        for name, old, new in pairs
    )
    head = "".join(
        f"<th>{plain.escaped(session.say(word))}</th>"
        for word in ("what_if_figure", "what_if_now", "what_if_then")
    )
    counts = " · ".join(
        f"{plain.escaped(session.say(f'what_if_{way}'))} <b>{_number(told[way])}</b>"
        for way in ("gained", "lost")
    )
    st.html(
        f'<p class="gc-effect">{title}</p><table class="gc-effect"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table><p class='gc-said'>{counts}</p>"
    )
    _areas(change, weighed)


def _areas(change: ReachChange, weighed: Weighed) -> None:
    """The areas in which anybody gains or loses, those with most customers concerned first."""
    touched = change.areas[(change.areas["gained"] > 0) | (change.areas["lost"] > 0)]
    if touched.empty:
        return
    order = (touched["gained"] + touched["lost"]).sort_values(ascending=False, kind="stable").index
    touched = touched.loc[order]
    names = {area.area_id: area.name for area in weighed.areas}
    columns = {
        "draft_area": [names[one] for one in touched.index],
        "what_if_gain": touched["gained"].astype("int64").tolist(),
        "what_if_lose": touched["lost"].astype("int64").tolist(),
        "what_if_now": touched["median_before"].round(1).tolist(),
        "what_if_then": touched["median_after"].round(1).tolist(),
    }
    frame = pd.DataFrame({session.say(code): values for code, values in columns.items()})
    st.dataframe(frame, hide_index=True, height=min(38 + 35 * len(frame), 220))


def _number(value: float) -> str:
    return words.NOTHING if pd.isna(value) else words.number(float(value), 1 if value % 1 else 0)
