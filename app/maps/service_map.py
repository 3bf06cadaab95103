"""The map that pages show: one constant script, changed by messages, answering with events."""

from dataclasses import dataclass
from typing import Any

import folium
import streamlit as st
import streamlit_folium

from app.assets import VENDOR
from app.maps import offline
from app.maps.crew_layer import CrewLayer
from app.maps.hex_layer import HexLayer, MapHost, PlacesLayer, StreetGround, TileLayer
from app.maps.outage_layer import OutageLayer
from app.maps.redraw_layer import RedrawLayer
from app.maps.update import MapUpdate, View

VIEW_PARAM = "view"
MIN_ZOOM, MAX_ZOOM = 4, 19
SHARE = {"desk": 0.84, "phone": 0.45}  # of the window's height; look.md


class QuietMap(folium.Map):
    """folium's map with only the browser files that our layers need."""

    default_js: list[tuple[str, str]] = [  # noqa: RUF012
        ("leaflet", "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js"),
    ]
    default_css = [("leaflet_css", "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css")]  # noqa: RUF012


@dataclass(frozen=True)
class MapEvent:
    """One thing a person did on the map.

    part: "hexes", "places", "redraw", "outages" or "view"; cell: 15-character hex of the cell under
    a click on hexes and whether it holds data (inside); kind and place_id: the sign clicked on;
    lat, lon in WGS-84 degrees; view and bounds (west, south, east, north) as the map stood;
    plan_seq: the number of the plan's newest stroke that a redraw part knows; cells: those selected
    in it; number: of the event.
    """

    part: str
    view: View
    bounds: tuple[float, float, float, float]
    lat: float | None = None
    lon: float | None = None
    cell: str | None = None
    inside: bool = False
    kind: str | None = None
    place_id: str | None = None
    plan_seq: int | None = None
    cells: tuple[str, ...] = ()
    number: int = 0


def build_map(  # noqa: PLR0913 - what the constant script depends on
    center: tuple[float, float],
    zoom: float,
    *,
    basemap_url: str | None = None,
    fill_window: bool = False,
    view_param: str = VIEW_PARAM,
    redraw: bool = False,
    outages: bool = False,
    crews: bool = False,
    tiles: bool = False,
) -> folium.Map:
    """Map whose script depends on these arguments alone, so that it is mounted once.

    center: latitude, longitude, used when the address and the tab remember no view;
    basemap_url: a PMTiles file or a tile template ({z}/{x}/{y}), None = blank ground;
    fill_window: height as a share of the window instead of the height given to `show_map`;
    redraw: with the tools that paint cells, told by `MapUpdate.redraw`; outages: with outages and
    the slider of time, told by `MapUpdate.outages`; crews: with tracks and fences, told by
    `MapUpdate.crews`; tiles: with cells that come tile by tile, told by `HexUpdate.tiles`.
    """
    built = QuietMap(
        location=center,
        zoom_start=round(zoom),
        tiles=None,
        zoom_control=True,
        minZoom=MIN_ZOOM,
        maxZoom=MAX_ZOOM,
        attributionControl=False,
        worldCopyJump=False,
    )
    memory = f"gridCells.{view_param}.{center[0]:.4f},{center[1]:.4f}"
    share = SHARE if fill_window else None
    built.add_child(MapHost(param=view_param, memory=memory, share=share))
    if basemap_url:
        ground = _ground(basemap_url)
        built.add_child(ground)
    built.add_child(TileLayer() if tiles else HexLayer())
    built.add_child(PlacesLayer())
    if redraw:
        built.add_child(RedrawLayer())
    if outages:
        built.add_child(OutageLayer())
    if crews:
        built.add_child(CrewLayer())
    return built


def _ground(url: str) -> folium.map.Layer:
    if "{z}" in url:
        return folium.TileLayer(url, attr=" ", overlay=False, control=False, max_zoom=MAX_ZOOM)
    return StreetGround(url)


def show_map(
    built: folium.Map, update: MapUpdate, *, key: str, height: int = 640
) -> MapEvent | None:
    """What was newly done on the map since the last run, None when nothing was.

    height in pixels; the map keeps its view and never blanks while `key` and the arguments of
    `build_map` stay the same.
    """
    offline.install()
    answer = streamlit_folium.st_folium(
        built,
        key=key,
        height=height,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=update.as_group(),
    )
    return _new_event(answer, key)


def _new_event(answer: dict[str, Any] | None, key: str) -> MapEvent | None:
    fact = (answer or {}).get("event")
    seen = f"{key}:seen"
    if not fact or st.session_state.get(seen) == fact["seq"]:
        return None
    st.session_state[seen] = fact["seq"]
    return read_event(fact)


def read_event(fact: dict[str, Any]) -> MapEvent:
    """Event from the map's own words; raises KeyError or ValueError on foreign ones."""
    west, south, east, north = (float(part) for part in str(fact["bounds"]).split(","))
    view = parse_view(str(fact["view"]))
    if view is None:
        raise ValueError("an event without a view")
    return MapEvent(
        part=str(fact["part"]),
        view=view,
        bounds=(west, south, east, north),
        lat=fact.get("lat"),
        lon=fact.get("lng"),
        cell=fact.get("cell"),
        inside=bool(fact.get("inside", False)),
        kind=fact.get("kind"),
        place_id=fact.get("id"),
        plan_seq=fact.get("seq_of_plan"),
        cells=tuple(fact.get("cells", ())),
        number=int(fact["seq"]),
    )


def parse_view(words: str | None) -> View | None:
    """View from "lat,lon,zoom" as it stands in the address; None when it is not one."""
    parts = (words or "").split(",")
    try:
        lat, lon, zoom = (float(part) for part in parts)
    except ValueError:
        return None
    inside = abs(lat) <= 90 and abs(lon) <= 180 and 0 <= zoom <= MAX_ZOOM  # noqa: PLR2004
    return View(lat, lon, zoom) if inside else None


def assets_ready() -> bool:
    """Whether the browser files have been made (`make assets`)."""
    return VENDOR.joinpath(".stamp").exists()
