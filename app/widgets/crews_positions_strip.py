"""The strip above the map of crews: how many are on duty, waiting, unseen, over their hours."""

import streamlit as st

from app import language as words
from app.widgets import figures, session
from app.widgets.crews_positions_scene import CrewScene


def show(scene: CrewScene) -> None:
    """Five figures of the crews in sight."""
    crews = scene.everybody
    is_on = crews["is_on"]
    told = {
        "on": int(is_on.sum()),
        "shift": int(crews["is_on_shift"].sum()),
        "waiting": int((crews["is_on_shift"] & ~is_on).sum()),
        "unseen": int((is_on & (crews["seen_at"].isna() | crews["is_old"])).sum()),
        "busy": int((is_on & crews["busy_since"].notna()).sum()),
        "over": int((crews["over"].fillna(0) > 0).sum()),
    }
    blocks = "".join(
        figures.block(session.say(f"crews_figure_{code}"), words.number(value, 0))
        for code, value in told.items()
    )
    with st.container(key="strip_crews"):
        st.html(f'<div class="gc-strip">{blocks}</div>')
