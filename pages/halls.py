"""Halls: how full each is now, its day and week, what is expected, who comes again, taps, duty."""

import streamlit as st

from app.use_cases import halls
from app.widgets import (
    empty,
    errors,
    hall_devices_part,
    halls_day,
    halls_duty,
    halls_forecast,
    halls_now,
    halls_repeats,
    halls_tally,
    halls_view,
    halls_week,
    session,
)

BESIDE = {
    "day": halls_day.show,
    "week": halls_week.show,
    "forecast": halls_forecast.show,
    "repeats": halls_repeats.show,
    "devices": hall_devices_part.show,
    "tally": halls_tally.show,
    "duty": halls_duty.show,
}


def beside_the_map(part: str) -> None:
    with st.container(key="page"):
        st.header(session.say("page_halls"))
        halls_view.parts().choose()
        board = halls.board(session.database(), session.actor()).set_index("hall_id", drop=False)
        if board.empty:
            empty.hint(session.say("halls_none"))
        else:
            BESIDE[part](board)


if not empty.shown(session.database()):
    with errors.kindly():
        part = halls_view.parts().chosen()
        halls_now.show() if part == "now" else beside_the_map(part)
