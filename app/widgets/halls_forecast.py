"""The coming two weeks of one hall: visitors expected, the counters they need, how well it held."""

import json
from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import hall_forecasts, hall_load, hall_staffing
from app.use_cases.access import may
from app.use_cases.hall_forecasts import Forecast
from app.widgets import empty, errors, halls_scene, job_watch, session

_JOB: Final = "hall_forecast"
_BLUE, _BAND, _INK = "#1d5f7d", "#9cc3d5", "#17292a"
_NEEDED: Final = ["#eef4f1", "#1d5f7d"]
_SHORT: Final = "#a3262a"
_HEIGHT: Final = 190
_LANGUAGES: Final = {"en": "en_US", "zh": "zh_CN"}
"""Those of the calendar of holidays."""


def show(board: pd.DataFrame) -> None:
    """The part "forecast": of the hall chosen, and the way to make it anew for who runs halls."""
    hall = halls_scene.choose(board, "forecast")
    if hall is None:
        return
    with errors.kindly():
        found = hall_forecasts.latest(session.database(), session.actor(), "visits", [hall])
        if found is None or found.hours.empty:
            empty.hint(session.say("hall_forecast_none"))
        else:
            _visitors(found)
            _counters(hall)
            _waits(hall)
            _record(found.run)
        _again()


def _visitors(found: Forecast) -> None:
    st.markdown(f"**{session.say('hall_forecast_visitors')}**")
    _band(found.hours, session.say("hall_forecast_axis_visitors"))


def _waits(hall: str) -> None:
    found = hall_forecasts.latest(session.database(), session.actor(), "wait_min", [hall])
    if found is not None and len(found.hours):
        st.markdown(f"**{session.say('hall_forecast_waits')}**")
        _band(found.hours, session.say("hall_forecast_axis_wait"))


def _band(hours: pd.DataFrame, title: str) -> None:
    """The expected figure with its interval, open hours side by side, days apart."""
    frame = _in_line(hours)
    days = frame.dropna(subset=["expected"]).groupby("day")["at"].min()
    names = json.dumps({int(at): day for day, at in days.items()})
    axis = alt.Axis(
        title=None, values=[int(at) for at in days], labelExpr=f"{names}[datum.value]",
        labelOverlap="greedy", labelAlign="left", grid=True,
    )  # fmt: skip
    x = alt.X("at:Q", axis=axis, scale=alt.Scale(nice=False))
    told = {name: session.say(f"hall_forecast_{name}") for name in ("expected", "low", "high")}
    tips = [
        alt.Tooltip("when:N", title=session.say("hall_forecast_hour")),
        *(alt.Tooltip(f"{name}:Q", format=".1f", title=word) for name, word in told.items()),
    ]
    base = alt.Chart(frame, height=_HEIGHT)
    area = base.mark_area(color=_BAND, opacity=0.6, interpolate="step-after").encode(
        x=x, y=alt.Y("low:Q", title=title), y2="high:Q"
    )
    line = base.mark_line(color=_BLUE, strokeWidth=2, interpolate="step-after").encode(
        x=x, y="expected:Q", tooltip=tips
    )
    st.altair_chart(alt.layer(area, line), width="stretch")


def _in_line(hours: pd.DataFrame) -> pd.DataFrame:
    """Open hours one after another, a day's last one twice (a step has a width), then a gap."""
    parts, at = [], 0
    for day, rows in hours.assign(day=hours["local"].dt.strftime("%m-%d")).groupby("day"):
        numbered = rows.assign(at=range(at, at + len(rows)))
        end = numbered.tail(1).assign(at=at + len(rows))
        gap = pd.DataFrame({"day": [day], "at": [at + len(rows)]})
        parts += [numbered, end, gap]
        at += len(rows) + 1
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(when=frame["local"].dt.strftime("%m-%d %H:%M"))[
        ["day", "when", "at", "expected", "low", "high"]
    ]


def _counters(hall: str) -> None:
    rows = hall_staffing.staffing(session.database(), session.actor(), hall)
    if rows.empty:
        return
    promise = hall_load.promise()
    st.markdown(f"**{session.say('hall_forecast_needed')}**")
    st.caption(
        session.say(
            "hall_forecast_needed_help", wait=words.number(promise.wait_min),
            share=f"{100 * promise.share:.0f} %",
        )
    )  # fmt: skip
    st.altair_chart(_needed(_days(rows)), width="stretch")


def _days(rows: pd.DataFrame) -> pd.DataFrame:
    """One row an hour with its day in words, a holiday's or an uncertain day's name beside it."""
    local = rows["local"]
    calendar = hall_forecasts.calendar(
        local.min().date(), (local.max().date() - local.min().date()).days + 1,
        _LANGUAGES.get(session.language()),
    )  # fmt: skip
    named = {one.day: _day_words(one) for one in calendar}
    has = rows["staff"].fillna(rows["counters"])
    return rows.assign(
        day=[named[moment.date()] for moment in local],
        clock=local.dt.strftime("%H:00"),
        order=local.dt.strftime("%Y%m%d"),
        is_short=(rows["counters_needed"] > has).fillna(value=False),
    )


def _day_words(one: Any) -> str:
    weekday = session.say(f"weekday_{one.day.weekday()}")
    told = f"{one.day:%m-%d} {weekday}"
    if one.holiday is not None:
        return f"{told} {one.holiday}"
    if one.is_made_up is None:
        return f"{told} {session.say('hall_forecast_unsure')}"
    return f"{told} {session.say('hall_forecast_made_up')}" if one.is_made_up else told


def _needed(rows: pd.DataFrame) -> Any:
    """Days × hours: the fewest counters that keep the promise; more than there are stand in red."""
    y = alt.Y("day:N", sort=alt.SortField("order"), title=None)
    x = alt.X("clock:O", title=None, axis=alt.Axis(labelAngle=0, orient="top"))
    middle = (rows["counters_needed"].max() + rows["counters_needed"].min()) / 2
    base = alt.Chart(rows.assign(is_dark=rows["counters_needed"] > middle), height=alt.Step(24))
    squares = base.mark_rect(stroke="white").encode(
        x=x, y=y,
        color=alt.Color("counters_needed:Q", legend=None, scale=alt.Scale(range=_NEEDED)),
        tooltip=[
            alt.Tooltip("day:N", title=session.say("hall_forecast_day")),
            alt.Tooltip("clock:O", title=session.say("hall_forecast_hour")),
            *(
                alt.Tooltip(f"{name}:Q", format=".0f", title=session.say(f"hall_forecast_{name}"))
                for name in ("counters_needed", "counters_needed_high", "counters", "staff")
            ),
        ],
    )  # fmt: skip
    numbers = base.mark_text(fontSize=12).encode(
        x=x, y=y, text="counters_needed:Q",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(_INK)),
    )  # fmt: skip
    short = base.transform_filter("datum.is_short").mark_rect(
        fillOpacity=0, stroke=_SHORT, strokeWidth=2.5
    )
    return alt.layer(squares, numbers, short.encode(x=x, y=y))


def _record(run: dict[str, Any]) -> None:
    """When it was made of what, and how the last weeks' forecasts held against the usual ones."""
    made = pd.Timestamp(run["made_at"]).to_pydatetime()
    st.caption(
        session.say(
            "hall_forecast_record", time=made, first=f"{run['first_day']:%Y-%m-%d}",
            last=f"{run['last_day']:%Y-%m-%d}", error=_figure(run["error"]),
            week=_figure(run["error_last_week"]), usual=_figure(run["error_usual"]),
            covered="–" if pd.isna(run["covered"]) else f"{100 * run['covered']:.0f} %",
        )
    )  # fmt: skip


def _figure(value: float | None) -> str:
    return words.NOTHING if value is None or pd.isna(value) else f"{value:.1f}"


def _again() -> None:
    if not may(session.actor(), "run_halls"):
        return
    if not hall_forecasts.may_make(session.database(), session.actor()):
        st.caption(session.say("hall_forecast_whole"))
        return
    if job_watch.has_ended(_JOB, session.say("hall_forecast_making"), narrow=True):
        st.rerun()
    if job_watch.state(_JOB) is None and st.button(
        session.say("hall_forecast_make"), icon=":material/query_stats:", key="hall_forecast_make"
    ):
        job_watch.start(_JOB, _JOB, _work())
        st.rerun()


def _work() -> job_watch.Work:
    db, actor = session.database(), session.actor()
    return lambda tell: hall_forecasts.make(db, actor, tell)
