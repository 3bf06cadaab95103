"""The narrow rail beside the promise map: what its cells say, which orders are shown."""

import streamlit as st

from app.use_cases.promise_cells import LAYERS
from app.widgets import plain, promise_map, promise_words, session
from app.widgets.promise_scene import AREAS, LAYER, STATES, PromiseScene
from grid_cells.promise_clock import WORST_FIRST


def show(scene: PromiseScene) -> None:
    """Three controls and the legend."""
    st.session_state.setdefault(LAYER, LAYERS[0])
    st.segmented_control(
        session.say("promise_cells"), LAYERS, key=LAYER, required=True,
        format_func=lambda one: session.say(f"promise_cells_{one}"),
    )  # fmt: skip
    st.pills(
        session.say("promise_states"), WORST_FIRST[:4], selection_mode="multi", key=STATES,
        format_func=promise_words.state,
    )  # fmt: skip
    names = dict(zip(scene.areas["area_id"], scene.areas["name"], strict=True))
    st.multiselect(
        session.say("promise_areas"), list(names), key=AREAS,
        format_func=lambda area: _area(area, names[area]),
        placeholder=session.say("map_all_areas"),
    )  # fmt: skip
    promise_map.legend(scene)


def _area(area: str, name: object) -> str:
    return area if plain.is_missing(name) or name == area else f"{name} ({area})"
