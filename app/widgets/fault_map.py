"""The map of the fault intake: a click says where the fault is."""

from typing import Final

import streamlit as st

from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import MapUpdate, Place, PlaceKind
from app.widgets import map_events, map_view, session

KEY: Final = "fault_map"
_HEIGHT: Final = 360


def clicked() -> tuple[float, float] | None:
    """Where the map was clicked since the last run: lon, lat (WGS-84); asked before it is drawn."""
    event = map_events.news(KEY)
    if event is None or event.part != "hexes" or event.lon is None or event.lat is None:
        return None
    return event.lon, event.lat


def show(at: tuple[float, float] | None, name: str = "") -> None:
    """The map, with a sign where the call is about if that is known."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        view_param="fault",
    )  # fmt: skip
    places: dict[PlaceKind, list[Place]] = {} if at is None else {"order": [Place("", *at, name)]}
    st.caption(session.say("fault_map_hint" if at is None else "fault_map_move"))
    with st.container(key=KEY + "_box"):
        maps.show_map(built, MapUpdate(places=places), key=KEY, height=_HEIGHT)
