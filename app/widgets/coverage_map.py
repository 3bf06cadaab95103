"""The map of coverage: cells by minutes or crews in time, crews on duty, the posts proposed."""

from typing import Final

import streamlit as st

from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import HexLabels, HexUpdate, MapUpdate, Place, PlaceKind, View
from app.use_cases import coverage_wishes, service_map
from app.use_cases.measures import MINUTE_BREAKS, Measure
from app.widgets import coverage_posts, map_view, plain, session
from app.widgets import legend as legends
from app.widgets.coverage_scene import MAP, CoverageScene
from app.widgets.legend import Legend
from grid_cells.cells import cells_to_hex, centres

_GAP_ZOOM: Final = 12.0
_CREWS_IN_TIME: Final = (1.0, 2.0, 3.0, 5.0, 8.0)
_CHANGE: Final = (-30.0, -15.0, -5.0, 5.0, 15.0, 30.0)


def measure(scene: CoverageScene) -> Measure:
    """The figure that colours the cells."""
    if scene.layer == "depth":
        return Measure("depth", "1", "mean", _CREWS_IN_TIME)
    if scene.layer == "change":
        return Measure("change", "min", "mean", _CHANGE, "diverging")
    return Measure(scene.layer, "min", "mean", MINUTE_BREAKS)


def explain(scene: CoverageScene) -> Legend:
    """The scale with the count of each class."""
    return legends.of(measure(scene), scene.cells.cells, scene.cells.cells)


def show(scene: CoverageScene, explained: Legend) -> None:
    """The map; it keeps its view while the choice changes, and goes to a gap when one is opened."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    word = coverage_wishes.wish_word(scene.wish)
    hexes = HexUpdate(
        url=f"/coverage/cells/{scene.cells.version}/{word}/{scene.layer}.bin",
        scale=explained.scale, rollup="mean", areas=_areas(), labels=_labels(scene),
        selected=_selected(scene),
    )  # fmt: skip
    signs: dict[PlaceKind, list[Place]] = {"crew": [*_crews(scene), *_posts(scene)]}
    maps.show_map(built, MapUpdate(hexes=hexes, places=signs, go_to=_view(scene)), key=MAP)


def _selected(scene: CoverageScene) -> str | None:
    if scene.cell is not None or scene.gap is None:
        return scene.cell
    cell_id = int(scene.found.gaps["cell_id"].iloc[scene.gap])
    return str(cells_to_hex([cell_id])[0])


def _view(scene: CoverageScene) -> View | None:
    """To the open gap; the map moves only when this is another one."""
    if scene.gap is None:
        return None
    cells = scene.found.cells
    held = cells[cells["gap"] == scene.found.gaps["gap"].iloc[scene.gap]]
    lon, lat = centres(held["cell_id"].to_numpy(dtype="int64"))
    return View(float(lat.mean()), float(lon.mean()), _GAP_ZOOM)


def _areas() -> list[str]:
    held = service_map.areas(session.database(), session.actor(), session.now())
    ordered = held.sort_values("area_index")
    named = zip(ordered["area_id"], ordered["name"], strict=True)
    return [str(code if plain.is_missing(name) else name) for code, name in named]


def _labels(scene: CoverageScene) -> HexLabels:
    unit = session.say("coverage_tip_crews" if scene.layer == "depth" else "unit_min")
    return HexLabels(
        unit=unit, unknown=session.say("coverage_unreached"), no_area=session.say("no_area"),
        cells=session.say("tip_cells"),
        language="zh-CN" if session.language() == "zh" else "en", digits=0,
    )  # fmt: skip


def _crews(scene: CoverageScene) -> list[Place]:
    """Bases of the crews that count, in sight."""
    frame = service_map.places(session.database(), session.actor(), session.now())
    known = scene.choice.choices.crews
    rows = frame[(frame["kind"] == "crew") & frame["id"].isin(known) & frame["lon"].notna()]
    note = session.say("coverage_crew_here")
    return [
        Place(str(row["id"]), float(row["lon"]), float(row["lat"]), known[str(row["id"])], note)
        for row in rows.to_dict("records")
    ]


def _posts(scene: CoverageScene) -> list[Place]:
    if scene.sites is None:
        return []
    return [
        Place(
            str(row["site_id"]), float(row["lon"]), float(row["lat"]),
            coverage_posts.site_name(row),
            session.say("coverage_site_wins", count=int(row["won"])), mark="added",
        )
        for row in scene.sites.chosen.to_dict("records")
    ]  # fmt: skip


def legend(scene: CoverageScene, explained: Legend) -> None:
    """What the colours mean."""
    legends.show(measure(scene), explained)
    st.caption(session.say(f"coverage_about_{scene.layer}"))
