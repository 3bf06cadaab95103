"""The strip above the map of halls: open, full, waiting, the longest wait, what nobody counts."""

import pandas as pd
import streamlit as st

from app import language as words
from app.use_cases import halls
from app.widgets import figures, plain, session
from app.widgets import halls_words as wording
from app.widgets.halls_scene import HallScene


def show(scene: HallScene) -> None:
    """Six figures of the halls in sight."""
    db, actor, board = session.database(), session.actor(), scene.board
    share, again = halls.uncounted(db, actor), halls.repeats(db, actor)
    longest = board.loc[board["state"] != "closed", "wait_min"].max()
    waiting = board["waiting"].dropna()
    told = [
        ("open", words.number(int(board["is_open"].eq(True).sum()), 0), ""),
        ("full", words.number(int((board["state"] == "full").sum()), 0), ""),
        ("waiting", wording.count(waiting.sum() if len(waiting) else None), ""),
        ("longest", wording.minutes(longest), ""),
        ("uncounted", _percent(share), session.say("halls_days", days=halls.COUNTED_DAYS)),
        ("again", _percent(again.papers_share), session.say("halls_days", days=halls.SEEN_DAYS)),
    ]
    blocks = "".join(
        figures.block(session.say(f"halls_figure_{code}"), plain.escaped(value), under)
        for code, value, under in told
    )
    with st.container(key="strip_halls"):
        st.html(f'<div class="gc-strip">{blocks}</div>')


def _percent(share: float) -> str:
    return words.NOTHING if pd.isna(share) else words.percent(share, 0)
