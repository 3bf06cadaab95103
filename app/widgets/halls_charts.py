"""Charts of halls: a day hour by hour against its people, a week by weekday and hour."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from app.widgets import session

_BLUE, _AMBER, _INK, _RED = "#1d5f7d", "#d69a2d", "#17292a", "#a3262a"
_HEIGHT: Final = 320
_RAMP: Final = "yellowgreenblue"


def day(hours: pd.DataFrame) -> None:
    """Work that came, by tickets and tallies, against the people there; unknown is left out."""
    names = {one: session.say(f"halls_chart_{one}") for one in ("visit_h", "tally_h")}
    table = _local(hours)
    work = (
        table.rename(columns=names).melt(["clock"], list(names.values()), "kind", "work").dropna()
    )
    x = alt.X("clock:O", title=session.say("halls_chart_hour"), axis=alt.Axis(labelAngle=0))
    bars = alt.Chart(work).mark_bar().encode(
        x=x, y=alt.Y("work:Q", title=session.say("halls_chart_work"), stack=True),
        color=alt.Color("kind:N", title=None, sort=list(names.values()),
                        scale=alt.Scale(domain=list(names.values()), range=[_BLUE, _AMBER]),
                        legend=alt.Legend(orient="bottom")),
        order=alt.Order("kind:N", sort="descending"),
        tooltip=["clock", "kind", alt.Tooltip("work:Q", format=".1f")],
    )  # fmt: skip
    people = alt.Chart(table.dropna(subset=["servers"])).mark_tick(
        color=_INK, thickness=3, width=alt.RelativeBandSize(0.9)
    ).encode(x=x, y="servers:Q", tooltip=[_tip("servers", "halls_chart_people")])  # fmt: skip
    st.altair_chart((bars + people).properties(height=_HEIGHT), width="stretch")
    st.caption(session.say("halls_chart_day_how"))


def waits(hours: pd.DataFrame, promise_min: float) -> None:
    """Mean and ninth-decile waits by hour against the promise."""
    names = {one: session.say(f"halls_chart_{one}") for one in ("wait_mean_min", "wait_p90_min")}
    table = _local(hours)
    told = (
        table.rename(columns=names).melt(["clock"], list(names.values()), "kind", "wait").dropna()
    )
    if told.empty:
        st.caption(session.say("halls_waits_unknown"))
        return
    x = alt.X("clock:O", title=session.say("halls_chart_hour"), axis=alt.Axis(labelAngle=0))
    lines = alt.Chart(told).mark_line(point=True).encode(
        x=x, y=alt.Y("wait:Q", title=session.say("halls_chart_wait")),
        color=alt.Color("kind:N", title=None, sort=list(names.values()),
                        scale=alt.Scale(domain=list(names.values()), range=[_BLUE, _RED]),
                        legend=alt.Legend(orient="bottom")),
        strokeDash=alt.StrokeDash("kind:N", sort=list(names.values()), legend=None),
        tooltip=["clock", "kind", alt.Tooltip("wait:Q", format=".0f", title="min")],
    )  # fmt: skip
    limit = alt.Chart(pd.DataFrame({"limit": [promise_min]})).mark_rule(
        color=_INK, strokeDash=[4, 3]
    ).encode(y="limit:Q")  # fmt: skip
    st.altair_chart((lines + limit).properties(height=_HEIGHT), width="stretch")
    st.caption(session.say("halls_chart_waits_how", minutes=round(promise_min)))


def heat(cells: pd.DataFrame, measure: str) -> None:
    """Weekdays beside hours; an hour nobody knows stays blank."""
    order = [session.say(f"weekday_{n}") for n in range(7)]
    table = cells.assign(day=[order[n] for n in cells["weekday"]], hour=cells["clock"].map(_clock))
    chart = alt.Chart(table).mark_rect(stroke="#fff").encode(
        x=alt.X("day:O", title=None, sort=order, axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("hour:O", title=None),
        color=alt.Color("value:Q", title=session.say(f"halls_measure_{measure}"),
                        scale=alt.Scale(scheme=_RAMP, domainMin=0)),
        tooltip=["day", "hour", _tip("value", f"halls_measure_{measure}"),
                 alt.Tooltip("hours:Q", title=session.say("halls_heat_hours"))],
    )  # fmt: skip
    st.altair_chart(chart.properties(height=380), width="stretch")


def _local(hours: pd.DataFrame) -> pd.DataFrame:
    local = hours["hour"].dt.tz_convert(str(session.zone())).dt.hour
    names = ["visit_h", "tally_h", "servers", "wait_mean_min", "wait_p90_min"]
    return hours[names].astype("float64").assign(clock=local.map(_clock))


def _clock(hour: int) -> str:
    return f"{hour:02d}"


def _tip(field: str, code: str) -> Any:
    return alt.Tooltip(f"{field}:Q", format=".1f", title=session.say(code))
