"""A page with nothing but a map whose cells can be painted."""

import json
from pathlib import Path

import streamlit as st
from stub import CENTRE, COLOURS, ME, NAMES, plan_of

from app.maps.redraw_update import AreaChoice, RedrawUpdate
from app.maps.service_map import build_map, show_map
from app.maps.update import HexLabels, HexUpdate, MapUpdate, Scale

WORDS = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
st.set_page_config(layout="wide")
asked = st.query_params
name = asked.get("plan", "first-12")
language = asked.get("lang", "en")
zoom = float(asked.get("zoom", "14"))


@st.fragment
def shown() -> None:
    plan = plan_of(name)
    hexes = HexUpdate(
        url=f"/cells/1/{name}/areas.bin",
        scale=Scale(COLOURS, kind="areas"),
        areas=NAMES,
        labels=HexLabels(no_area=WORDS[language]["no_area"], language=language),
    )
    redraw = RedrawUpdate(
        plan=name, actor=ME, seq=plan.seq,
        areas=[AreaChoice(**choice) for choice in plan.choices()],
        words=WORDS[language], can_edit="read_only" not in asked,
        locked=sorted(plan.locked), mixed=plan.mixed, undo=len(plan.undo), redo=len(plan.redo),
    )  # fmt: skip
    event = show_map(
        build_map(CENTRE, zoom, fill_window=True, redraw=True),
        MapUpdate(hexes=hexes, redraw=redraw, theme=asked.get("theme", "light")),
        key="map",
    )
    if event:
        st.session_state["told"] = f"{event.part} {event.plan_seq}"
        st.session_state["selected"] = len(event.cells)
    st.text("told: " + str(st.session_state.get("told")))
    st.text(f"selected: {st.session_state.get('selected', 0)}")


shown()
