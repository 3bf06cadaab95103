"""One hall's day: what came hour by hour, who was there, how long people waited, each counter."""

from datetime import date
from typing import Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import hall_load, halls
from app.widgets import empty, halls_charts, halls_scene, plain, session
from app.widgets import halls_words as wording

_DAY: Final = "halls_day"


def show(board: pd.DataFrame) -> None:
    """The part "day"."""
    left, right = st.columns([2, 1])
    with left:
        hall = halls_scene.choose(board, "day")
    with right:
        on = _choose_day()
    if hall is None or on is None:
        return
    told = halls.day(session.database(), session.actor(), hall, on)
    hours = told.hours
    if hours.empty or not (hours["load"].sum() or hours["wait_mean_min"].notna().any()):
        empty.hint(session.say("halls_day_none"))
        return
    _figures(hours)
    one, two = st.columns(2)
    with one:
        halls_charts.day(hours)
    with two:
        halls_charts.waits(hours, hall_load.promise().wait_min)
    _problems(hours)
    with st.expander(session.say("halls_day_rows")):
        st.dataframe(_rows(hours), hide_index=True)
    if len(told.counters):
        with st.expander(session.say("halls_day_counters")):
            st.dataframe(_counters(told.counters), hide_index=True)


def _choose_day() -> date | None:
    today = session.now().astimezone(session.zone()).date()
    first, _ = halls.told_span(session.database(), session.actor())
    least = today if first is None else first.astimezone(session.zone()).date()
    held = st.session_state.setdefault(_DAY, today)
    st.session_state[_DAY] = min(max(held, least), today)
    chosen = st.date_input(session.say("halls_day"), key=_DAY, min_value=least, max_value=today)
    return chosen if isinstance(chosen, date) else None


def _figures(hours: pd.DataFrame) -> None:
    called = hours["called"].fillna(0).astype("float64")
    known = hours["wait_mean_min"].notna()
    waited = (hours["wait_mean_min"] * called)[known].sum()
    weight = called[known].sum()
    mean = waited / weight if weight else hours["wait_mean_min"].mean()
    pairs = [
        ("visits", wording.count(hours["visits"].sum() if hours["visits"].notna().any() else None)),
        ("tallies", words.number(int(hours["tallies"].sum()), 0)),
        ("wait", wording.minutes(mean)),
        ("abandoned", wording.count(hours["abandoned"].sum())),
        ("service", wording.minutes(hours["service_mean_min"].mean())),
    ]
    blocks = "".join(
        f'<div class="gc-figure"><div><b>{plain.escaped(value)}</b></div>'
        f"<span>{plain.escaped(session.say(f'halls_day_{code}'))}</span></div>"
        for code, value in pairs
    )
    st.html(f'<div class="gc-strip">{blocks}</div>')


def _problems(hours: pd.DataFrame) -> None:
    """Hours in which more work came than people could do: no wait is quoted for them."""
    over = hours[hours["is_overloaded"]]
    if over.empty:
        return
    local = over["hour"].dt.tz_convert(str(session.zone())).dt.hour
    told = session.say(
        "halls_overloaded", hours=", ".join(f"{one}:00" for one in local),
        needed=words.number(int(over["needed"].max()), 0),
    )  # fmt: skip
    st.html(f'<p class="gc-problem">△ {plain.escaped(told)}</p>')


def _rows(hours: pd.DataFrame) -> pd.DataFrame:
    local = hours["hour"].dt.tz_convert(str(session.zone())).dt.strftime("%H:%M")
    wait = hours["expected_wait_min"].map(wording.minutes)
    over = session.say("halls_over")
    columns = {
        "hour": local, "visits": hours["visits"].map(wording.count), "tallies": hours["tallies"],
        "work": hours["load_h"].round(1), "staff": hours["servers"].round(1),
        "wait_mean": hours["wait_mean_min"].map(wording.minutes),
        "wait_p90": hours["wait_p90_min"].map(wording.minutes),
        "expected": wait.mask(hours["is_overloaded"], over),
        "abandoned": hours["abandoned"].map(wording.count), "needed": hours["needed"],
    }  # fmt: skip
    return pd.DataFrame({session.say(f"halls_column_{one}"): held for one, held in columns.items()})


def _counters(counters: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "counter": counters["counter"], "visits": counters["visits"],
        "work": counters["visit_h"].round(1),
        "service": counters["service_mean_min"].map(wording.minutes),
        "wait_mean": counters["wait_mean_min"].map(wording.minutes),
    }  # fmt: skip
    return pd.DataFrame({session.say(f"halls_column_{one}"): held for one, held in columns.items()})
