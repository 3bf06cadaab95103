"""The map in the middle of the page: the chosen measure on cells, places on top."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, cast
from urllib.parse import quote

import numpy as np

from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import (
    CellFilter,
    HexLabels,
    HexUpdate,
    MapUpdate,
    Place,
    PlaceKind,
    View,
)
from app.store.database import Database
from app.use_cases import service_map
from app.use_cases.actors import Actor
from app.use_cases.measures import Measure
from app.use_cases.search import Found
from app.widgets import plain, session
from app.widgets import words_of as naming
from app.widgets.map_choice import MapChoice
from app.widgets.map_scene import Scene
from grid_cells.cells import centres

KEY: Final = "service_map"
_CLOSE_ZOOM: Final = 15.0
_SAMPLE: Final = 4000
_A_LITTLE: Final = 1e-6
_MOST: Final = (12, 88)
_WORLD_PX, _SHOWN_PX = 256, 620
_FIRST_ZOOM, _LAST_ZOOM = 4, 15
_WORLD: Final = (30.0, 105.0, 4.0)


def show(scene: Scene, choice: MapChoice, found: Found | None) -> None:
    """The map with that choice; it keeps its view and never blanks while the choice changes."""
    lat, lon, zoom = _start(session.database(), session.actor(), scene.version)
    built = maps.build_map(
        (lat, lon),
        zoom - session.is_phone(),
        basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )
    update = MapUpdate(
        hexes=_hexes(scene, choice), places=_places(choice.layers), go_to=_view_of(found)
    )
    maps.show_map(built, update, key=KEY)


def start() -> tuple[float, float, float]:
    """Latitude, longitude and zoom at which most of the customers stand in the window."""
    version = service_map.facts_version(session.database())
    return _start(session.database(), session.actor(), version)


def _hexes(scene: Scene, choice: MapChoice) -> HexUpdate:
    limited = choice.unit_id is not None or bool(choice.area_ids)
    inside = sorted({int(one) for one in scene.cells["area_index"]}) if limited else None
    ordered = scene.areas.sort_values("area_index")
    named = zip(ordered["area_id"], ordered["name"], strict=True)
    return HexUpdate(
        url=_address(choice.measure.code),
        scale=scene.legend.scale,
        rollup=choice.measure.rollup,
        filter=CellFilter(areas=inside),
        areas=[str(code if plain.is_missing(name) else name) for code, name in named],
        labels=_labels(choice.measure),
        selected=choice.cell,
        borders="areas" in choice.layers,
    )


def _address(measure: str) -> str:
    """Where the browser fetches the measure; quoted twice, since servers undo the first."""
    version = service_map.facts_version(session.database())
    return f"/cells/{version}/{service_map.ALL}/{quote(quote(measure, safe=''), safe='')}.bin"


def _labels(measure: Measure) -> HexLabels:
    return HexLabels(
        unit=naming.unit_of(measure),
        unknown=session.say("unknown"),
        no_area=session.say("no_area"),
        cells=session.say("tip_cells"),
        language="zh-CN" if session.language() == "zh" else "en",
        digits=0 if measure.rollup == "sum" else 1,
    )


def _places(layers: Sequence[str]) -> dict[PlaceKind, list[Place]]:
    frame = service_map.places(session.database(), session.actor(), session.now())
    shown: dict[PlaceKind, list[Place]] = {}
    words = {kind: session.say(f"found_{kind}") for kind in layers if kind != "areas"}
    for kind in layers:
        if kind == "areas":
            continue
        rows = frame[(frame["kind"] == kind) & frame["lon"].notna()].to_dict("records")
        shown[cast("PlaceKind", kind)] = [
            Place(
                str(row["id"]),
                float(row["lon"]),
                float(row["lat"]),
                str(row["id"] if plain.is_missing(row["name"]) else row["name"]),
                _note(words[kind], row["detail"]),
            )
            for row in rows
        ]
    return shown


def _note(kind: str, detail: object) -> str:
    return kind if plain.is_missing(detail) or detail == "" else f"{kind} · {detail}"


def _view_of(found: Found | None) -> View | None:
    if found is None or found.lon is None or found.lat is None:
        return None
    return View(found.lat, found.lon, _CLOSE_ZOOM)


@lru_cache(maxsize=64)
def _start(db: Database, actor: Actor, version: str) -> tuple[float, float, float]:
    """Latitude, longitude and zoom at which most of the customers stand in the window."""
    del version
    frame = service_map.cells(db, actor, measure="customers", now=session.now())
    cells = frame["cell_id"].to_numpy(dtype="int64")
    if not cells.size:
        return _WORLD
    people = frame["value"].fillna(0).to_numpy(dtype="float64") + _A_LITTLE
    drawn = np.random.default_rng(0).choice(cells, _SAMPLE, p=people / people.sum())
    lon, lat = centres(drawn)
    west, east = np.percentile(lon, _MOST)
    south, north = np.percentile(lat, _MOST)
    stretch = max(east - west, (north - south) / math.cos(math.radians((south + north) / 2)), 0.005)
    zoom = math.floor(math.log2(360 * _SHOWN_PX / (_WORLD_PX * stretch)))
    middle = (round(float(np.median(lat)), 4), round(float(np.median(lon)), 4))
    return (*middle, float(min(max(zoom, _FIRST_ZOOM), _LAST_ZOOM)))
