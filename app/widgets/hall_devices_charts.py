"""Availability of devices as bars with the share of time known, and what faults do to counters."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import hall_devices
from app.widgets import halls_words as wording
from app.widgets import plain, session
from grid_cells.hall_device_spans import ENOUGH_HOURS

_KEY: Final = "hall_devices_by"
_BLUE: Final = "#1d5f7d"
_ROW_PX: Final = 34
_AXIS: Final = alt.Axis(labelLimit=180, labelOverlap=False)
_EFFECT_DAYS: Final = 60


def availability() -> None:
    """Bars of availability by what is chosen; what is never known has no bar."""
    by = st.selectbox(
        session.say("devices_by"), ("maker", "model", "hall", "kind"), key=_KEY,
        format_func=lambda one: session.say(f"devices_by_{one}"),
    )  # fmt: skip
    found = hall_devices.availability(session.database(), session.actor(), str(by))
    table = pd.DataFrame(
        {
            "name": [_name(str(by), row) for row in found.to_dict("records")],
            "share": found["availability"] * 100, "known": found["known_share"] * 100,
            "devices": found["devices"],
        }
    )  # fmt: skip
    table["text"] = [_text(row) for row in table.to_dict("records")]
    y = alt.Y("name:N", sort=table["name"].tolist(), title=None, axis=_AXIS)
    tips = [
        alt.Tooltip(f"{field}:Q", format=form, title=session.say(code))
        for field, form, code in (
            ("share", ".1f", "devices_availability"), ("known", ".0f", "devices_known"),
            ("devices", ".0f", "devices_count"),
        )
    ]  # fmt: skip
    base = alt.Chart(table).encode(y=y, tooltip=["name", *tips])
    title = session.say("devices_availability")
    scale = alt.Scale(domain=[0, 100])
    bars = base.mark_bar(color=_BLUE).encode(x=alt.X("share:Q", scale=scale, title=title))
    text = base.mark_text(align="left", dx=6, color="#fff").encode(x=alt.value(0), text="text:N")
    st.altair_chart((bars + text).properties(height=alt.Step(_ROW_PX)), width="stretch")
    st.caption(session.say("devices_how", days=hall_devices.USUAL_DAYS))


def _name(by: str, row: dict[Any, Any]) -> str:
    if by == "kind":
        return session.say(f"value_kind_{row['kind']}")
    parts = [
        str(row[one]) for one in hall_devices.BY[by] if one != "hall_id" and pd.notna(row[one])
    ]
    return " ".join(parts) or session.say("devices_maker_unknown")


def _text(row: dict[Any, Any]) -> str:
    if pd.isna(row["share"]):
        return words.NOTHING
    known = f"{session.say('devices_known')}: {words.number(row['known'], 0)}"
    return f"{words.number(row['share'], 1)} % · {known}"


def effect() -> None:
    """The table of what a broken self-service device does to its hall's counters."""
    with st.expander(session.say("devices_effect")):
        found = hall_devices.load_effect(session.database(), session.actor(), days=_EFFECT_DAYS)
        columns = {
            "devices_column_hall": found["hall"],
            "devices_effect_hours_down": found["hours_down"],
            "devices_effect_hours_without": found["hours_without"],
            "devices_effect_load_down": found["load_down_h"].map(_hours),
            "devices_effect_load_without": found["load_without_h"].map(_hours),
            "devices_effect_change": found["change_h"].map(_hours),
        }
        st.dataframe(
            pd.DataFrame({session.say(code): held for code, held in columns.items()}),
            hide_index=True,
        )
        how = session.say("devices_effect_how", days=_EFFECT_DAYS, least=ENOUGH_HOURS)
        st.html(f'<p class="gc-hint">{plain.escaped(how)}</p>')


def _hours(value: float) -> str:
    return words.NOTHING if pd.isna(value) else wording.minutes(value * 60)
