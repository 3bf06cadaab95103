"""A past day with more, fewer or other crews: chosen, run as a job, told beside the real day."""

from datetime import timedelta
from typing import Final

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import dispatch_simulations
from app.use_cases.dispatch_simulations import DayFigures, LineUp, Simulated
from app.widgets import errors, job_watch, plain, session

_JOB: Final = "dispatch_simulation"
_BARS: Final = 100


def show() -> None:
    """The choice of day and crews, folded; what came of the last one."""
    with (
        st.container(key="dispatch_simulation"),
        st.expander(session.say("board_simulate"), icon=":material/replay:"),
        errors.kindly(),
    ):
        _choose()
        if job_watch.has_ended(_JOB, session.say("board_simulating")):
            session.again()
        found = dispatch_simulations.latest(session.database(), session.actor())
        if found is None:
            st.caption(session.say("board_simulate_how"))
        else:
            _compared(found)


def _choose() -> None:
    db, actor = session.database(), session.actor()
    yesterday = session.now().astimezone(session.zone()).date() - timedelta(days=1)
    day_column, without_column, more_column = st.columns([1, 2, 2])
    day = day_column.date_input(
        session.say("board_simulate_day"), yesterday, max_value=yesterday, key="simulate_day"
    )
    crews = dispatch_simulations.crews_of(db, actor, day)
    nobody = session.say("board_simulate_none")
    without = without_column.multiselect(
        session.say("board_simulate_without"), crews, key="simulate_without", placeholder=nobody
    )
    more = more_column.multiselect(
        session.say("board_simulate_more"), crews, key="simulate_more", placeholder=nobody
    )
    wish = LineUp(day, tuple(without), tuple(more))
    st.button(
        session.say("board_simulate_run"), key="simulate_run", icon=":material/play_arrow:",
        on_click=job_watch.start,
        args=(_JOB, _JOB, lambda tell: dispatch_simulations.simulate(db, actor, wish, tell=tell)),
    )  # fmt: skip


def _compared(found: Simulated) -> None:
    """The three days side by side: promises kept as bars, the rest as figures."""
    up = found.line_up
    none = words.NOTHING
    st.caption(
        session.say(
            "board_simulated", day=up.day.isoformat(), without=", ".join(up.without) or none,
            more=", ".join(up.more) or none,
        )
    )  # fmt: skip
    days = (("real", found.real), ("same", found.same), ("other", found.other))
    st.html(f'<div class="gc-days">{"".join(_bar(code, one) for code, one in days)}</div>')
    rows = [
        {
            session.say("board_day"): session.say(f"board_day_{code}"),
            session.say("board_day_crews"): one.crews,
            session.say("board_day_kept"): f"{one.promises_kept} / {one.promises}",
            session.say("board_day_served"): f"{one.served} / {one.orders}",
            session.say("board_day_wait"): _number(one.wait_min),
            session.say("board_day_travel"): _number(one.travel_min),
        }
        for code, one in days
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(session.say("board_day_how"))


def _bar(code: str, one: DayFigures) -> str:
    share = one.promises_kept / one.promises if one.promises else 0.0
    label = plain.escaped(session.say(f"board_day_{code}"))
    told = plain.escaped(session.say("board_day_share", n=round(_BARS * share)))
    return (
        f'<div><span>{label}</span><div role="img" aria-label="{label}: {told}">'
        f'<i style="width:{_BARS * share:.1f}%"></i></div><b>{told}</b></div>'
    )


def _number(value: float | None) -> str:
    return words.NOTHING if value is None else words.number(value, 0)
