"""The colour of an area of a draft: a palette to choose from, or by neighbourhood."""

import streamlit as st

from app.maps.palette import PLAN_HUES
from app.use_cases.area_strokes import AUTOMATIC
from app.widgets import plain, session
from grid_cells.drafts import Area


def choose(area: Area) -> int | None:
    """The place in the palette that was chosen just now, AUTOMATIC among them; else None."""
    st.html(_style())
    st.html(f'<p class="gc-label">{plain.escaped(session.say("areas_colour"))}</p>')
    chosen = None
    with st.container(key="swatches", horizontal=True, gap="small"):
        for number in range(len(PLAN_HUES)):
            label = session.say("areas_swatch", number=number + 1)
            if _swatch(area, number, label, key=f"swatch_{number}"):
                chosen = number
        auto = session.say("areas_swatch_auto")
        if st.button(
            auto,
            key="hue_auto",
            icon=_mark(is_on=area.colour is None),
            disabled=area.colour is None,
        ):
            chosen = AUTOMATIC
    return chosen


def _swatch(area: Area, number: int, label: str, *, key: str) -> bool:
    is_on = area.colour is not None and area.colour % len(PLAN_HUES) == number
    return st.button(label, key=key, icon=_mark(is_on=is_on))


def _mark(*, is_on: bool) -> str | None:
    return ":material/check:" if is_on else None


def _style() -> str:
    rules = "".join(
        f".st-key-swatch_{number} button{{background:{hue}!important}}"
        for number, hue in enumerate(PLAN_HUES)
    )
    return f"<style>{rules}</style>"
