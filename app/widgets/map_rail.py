"""The narrow rail beside the map: what to show, of whom, with what on top."""

import pandas as pd
import streamlit as st

from app.widgets import export_menu, map_choice, plain, search_box, session
from app.widgets import words_of as naming
from app.widgets.map_scene import Scene


def show(scene: Scene) -> None:
    """At most six controls, the rest folded away."""
    search_box.show()
    by_code = {measure.code: measure for measure in scene.measures}
    st.selectbox(
        session.say("map_measure"),
        list(by_code),
        format_func=lambda code: naming.measure(by_code[code]),
        key=map_choice.key(map_choice.MEASURE),
    )
    _unit(scene.units)
    _areas(scene.areas)
    st.pills(
        session.say("map_layers"),
        map_choice.LAYERS,
        selection_mode="multi",
        format_func=lambda layer: session.say(f"layer_{layer}"),
        key=map_choice.key(map_choice.SHOWN),
    )
    with st.expander(session.say("more")):
        export_menu.show(scene)
        search_box.datum()


def _unit(units: pd.DataFrame) -> None:
    names = dict(zip(units["unit_id"], units["name"], strict=True))
    st.selectbox(
        session.say("map_unit"),
        list(names),
        format_func=lambda unit: str(names[unit]),
        key=map_choice.key(map_choice.UNIT),
        index=None,
        placeholder=session.say("map_all_units"),
    )


def _areas(areas: pd.DataFrame) -> None:
    names = dict(zip(areas["area_id"], areas["name"], strict=True))
    st.multiselect(
        session.say("map_areas"),
        list(names),
        format_func=lambda area: _area_name(area, names[area]),
        key=map_choice.key(map_choice.AREAS),
        placeholder=session.say("map_all_areas"),
    )


def _area_name(area: str, name: object) -> str:
    return area if plain.is_missing(name) or name == area else f"{name} ({area})"
