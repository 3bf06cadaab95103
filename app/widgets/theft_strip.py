"""The strip above the map of hotspots: what was found, what it loses, how much was inspected."""

import streamlit as st

from app import language as words
from app.widgets import figures, session, theft_words
from app.widgets.theft_scene import TheftScene


def show(scene: TheftScene) -> None:
    """Six figures side by side."""
    spots = scene.found.spots
    suspects = scene.causes.get("suspect", 0)
    cleared = sum(scene.causes.values()) - suspects - scene.causes.get("none", 0)
    lost = spots["lost_kwh"].sum(min_count=1)
    blocks = [
        figures.block(session.say("theft_strip_suspects"), words.number(suspects, 0)),
        figures.block(session.say("theft_strip_spots"), words.number(len(spots), 0)),
        figures.block(session.say("theft_strip_lost"), _kwh(lost)),
        figures.block(session.say("theft_strip_cleared"), words.number(cleared, 0)),
        figures.block(session.say("theft_strip_hits", n=scene.record.visits),
                      theft_words.share(scene.record.hit_rate, 1)),
        figures.block(session.say("theft_strip_waiting"), words.number(scene.waiting, 0)),
    ]  # fmt: skip
    with st.container(key="strip_theft"):
        st.html(f'<div class="gc-strip">{"".join(blocks)}</div>')


def _kwh(value: float) -> str:
    return words.NOTHING if value != value else words.number(value, 0)  # noqa: PLR0124 - NaN
