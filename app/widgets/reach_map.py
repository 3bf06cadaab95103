"""The map of reach: cells by minutes, halls, banks and machines, what is assumed of them."""

from dataclasses import replace
from typing import Any, Final

import streamlit as st

from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import HexLabels, HexUpdate, MapUpdate, Mark, Place, PlaceKind, Tone, View
from app.use_cases import reach_wishes, service_map
from app.use_cases.measures import MINUTE_BREAKS, Measure
from app.use_cases.reach_wishes import RANKS
from app.widgets import legend as legends
from app.widgets import map_view, plain, reach_scene, reach_words, session
from app.widgets.legend import Legend
from app.widgets.reach_scene import MAP, ReachScene
from grid_cells.cells import cells_to_hex, centres

_ZOOM: Final = 13.0
_POINTS: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
_OPERATORS: Final = (1.0, 2.0, 3.0, 4.0)
_CHANGE: Final = (-30.0, -15.0, -5.0, 5.0, 15.0, 30.0)
_KINDS: Final[dict[str, PlaceKind]] = {"bank": "bank", "hall": "hall", "machine": "bank"}


def measure(scene: ReachScene) -> Measure:
    """The figure that colours the cells."""
    layer = scene.choice.layer
    if layer == "points":
        return Measure("points", "1", "mean", _POINTS)
    if layer == "operators":
        return Measure("operators", "1", "mean", _OPERATORS)
    if layer == "change":
        return Measure("change", "min", "mean", _CHANGE, "diverging")
    return Measure("minutes", "min", "mean", MINUTE_BREAKS)


def explain(scene: ReachScene) -> Legend:
    """The scale with the count of each class."""
    return legends.of(measure(scene), scene.cells.cells, scene.cells.cells)


def show(scene: ReachScene, explained: Legend) -> None:
    """The map; it keeps its view while the choice changes, and goes to a gap when one is opened."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    choice = scene.choice
    word = reach_wishes.wish_word(replace(choice.wish, rank=RANKS[0]))  # cells are the same
    hexes = HexUpdate(
        url=f"/reach/cells/{scene.cells.version}/{word}/{choice.layer}.bin",
        scale=explained.scale, rollup="mean", areas=_areas(), labels=_labels(scene),
        selected=_selected(scene),
    )  # fmt: skip
    maps.show_map(built, MapUpdate(hexes=hexes, places=_signs(scene), go_to=_view(scene)), key=MAP)


def _selected(scene: ReachScene) -> str | None:
    if scene.opened.gap is not None:
        return str(cells_to_hex([scene.opened.gap])[0])
    return scene.opened.cell


def _view(scene: ReachScene) -> View | None:
    """To an open gap or what was searched for; the map moves only when this is another one."""
    opened = scene.opened
    row = reach_scene.gap_row(scene)
    if row is not None:
        cells = scene.found.cells
        held = cells[(cells["gap"] == row["gap"]) & (cells["customers"] > 0)]
        lon, lat = centres(held["cell_id"].to_numpy(dtype="int64"))
        return View(float(lat.mean()), float(lon.mean()), _ZOOM - 1)
    if opened.go and opened.cell is not None:
        lon_at, lat_at = opened.spot or reach_scene.middle(opened.cell)
        return View(lat_at, lon_at, _ZOOM)
    return None


def _areas() -> list[str]:
    held = service_map.areas(session.database(), session.actor(), session.now())
    ordered = held.sort_values("area_index")
    named = zip(ordered["area_id"], ordered["name"], strict=True)
    return [str(code if plain.is_missing(name) else name) for code, name in named]


def _labels(scene: ReachScene) -> HexLabels:
    layer = scene.choice.layer
    unit = session.say("unit_min" if layer in ("minutes", "change") else f"reach_tip_{layer}")
    return HexLabels(
        unit=unit, unknown=session.say("reach_none_open"), no_area=session.say("no_area"),
        cells=session.say("tip_cells"),
        language="zh-CN" if session.language() == "zh" else "en", digits=0,
    )  # fmt: skip


def _signs(scene: ReachScene) -> dict[PlaceKind, list[Place]]:
    """Every point; a hall's own machine has no sign beside the hall's."""
    signs: dict[PlaceKind, list[Place]] = {"hall": [], "bank": []}
    points = scene.found.points
    shown = points[(points["kind"] != "machine") | points["is_assumed"].astype(bool)]
    for row in shown.to_dict("records"):
        signs[_KINDS[row["kind"]]].append(_sign(scene, row))
    return signs


def _sign(scene: ReachScene, row: dict[Any, Any]) -> Place:
    mark: Mark | None = None
    if row["is_assumed"]:
        mark = "added"
    elif row["point_id"] in scene.choice.wish.closed or not row["is_there"]:
        mark = "closed"
    note = " · ".join(one for one in (reach_words.kind(row), reach_words.state(row)) if one)
    tone: Tone | None = None if row["is_open"] is True or mark else "muted"
    return Place(
        str(row["point_id"]), float(row["lon"]), float(row["lat"]), reach_words.name(row), note,
        tone, mark,
    )  # fmt: skip


def legend(scene: ReachScene, explained: Legend) -> None:
    """What the colours mean."""
    legends.show(measure(scene), explained)
    about = scene.choice.layer
    if about == "minutes":
        about = f"minutes_{scene.choice.wish.target}"  # type: ignore[assignment]
    st.caption(session.say(f"reach_about_{about}"))
