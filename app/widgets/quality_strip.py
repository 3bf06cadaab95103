"""The strip above the map of data quality: what can be believed, what is in doubt, what waits."""

from typing import Final

import streamlit as st

from app import language as words
from app.widgets import figures, quality_words, session
from app.widgets.quality_scene import QualityScene

_TOLD: Final = ("missing", "frozen", "spike")


def show(scene: QualityScene) -> None:
    """Six figures side by side."""
    rows, days = scene.rows, scene.days
    due = float(rows["due"].sum())
    good = 1 - float(rows["bad"].sum()) / due if due else None
    blocks = [figures.block(session.say("quality_strip_good"), quality_words.share(good))]
    for name in _TOLD:
        label = session.say(f"quality_strip_{name}")
        blocks.append(figures.block(label, words.number(float(days[name].sum()), 0)))
    blocks.append(
        figures.block(session.say("quality_strip_meters"), words.number(scene.check.meters, 0))
    )
    blocks.append(
        figures.block(session.say("quality_strip_waiting"), words.number(scene.waiting, 0))
    )
    with st.container(key="strip_quality"):
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')
