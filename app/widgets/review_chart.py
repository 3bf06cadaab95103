"""The days of a review: what stood there, what is usual, what is proposed instead."""

from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from app.widgets import empty, session

_SERIES: Final = {"original_kwh": "#a3262a", "usual_kwh": "#8a9691", "kwh": "#1d5f7d"}
_HEIGHT: Final = 200


def show(days: pd.DataFrame) -> None:
    """Bars side by side; a day without any reading has none."""
    values = {name: pd.to_numeric(days[name], errors="coerce") for name in _SERIES}
    told = {name: one for name, one in values.items() if one.notna().any()}
    if not told:
        empty.hint(session.say("review_nothing_usual"))
        return
    names = {name: session.say(f"review_series_{name}") for name in told}
    frame = pd.DataFrame({"day": days["day"].dt.strftime("%m-%d")})
    for name, one in told.items():
        frame[names[name]] = one.to_numpy()
    long = frame.melt("day", list(names.values()), "what", "kwh").dropna()
    chart = alt.Chart(long, height=_HEIGHT).mark_bar().encode(
        x=alt.X("day:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        xOffset=alt.XOffset("what:N", sort=list(names.values())),
        y=alt.Y("kwh:Q", title="kWh"),
        color=alt.Color("what:N", title=None, legend=alt.Legend(orient="bottom"),
                        scale=alt.Scale(domain=list(names.values()),
                                        range=[_SERIES[name] for name in names])),
        tooltip=["day:O", "what:N", alt.Tooltip("kwh:Q", format=".1f", title="kWh")],
    )  # fmt: skip
    st.altair_chart(chart, width="stretch")
