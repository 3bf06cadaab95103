"""The map of a province: cells as coarse as the zoom needs, fetched where the window is."""

import math
from typing import Final

from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import HexLabels, HexUpdate, MapUpdate, Tiles
from app.use_cases import province
from app.use_cases.province import Ground
from app.widgets import province_words, session
from app.widgets import words_of as naming
from app.widgets.province_scene import ENOUGH, MAP, ProvinceScene, unit
from grid_cells.province import FIGURES, levels

_KM_A_DEGREE: Final = 111.2
_WORLD_PX, _SHOWN_PX = 256, 620
_FIRST_ZOOM, _LAST_ZOOM = 4, 13
_WORLD: Final = (30.0, 105.0, 4.0)


def show(scene: ProvinceScene) -> None:
    """The map; it keeps its view while the choice changes."""
    lat, lon, zoom = _start(scene.ground)
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True, tiles=True,
    )  # fmt: skip
    word = province.wish_word(scene.wish)
    finest = scene.ground.resolution
    hexes = HexUpdate(
        url=f"/province/cells/{scene.ground.version}/{word}/{{resolution}}/{{tiles}}.bin",
        scale=scene.scale, rollup="sum" if FIGURES[scene.wish.figure].is_sum else "mean",
        labels=_labels(scene.wish.figure), selected=scene.cell, borders=False, warned=[1],
        tiles=Tiles(finest, levels(finest)[-1], scene.days, ENOUGH),
    )  # fmt: skip
    maps.show_map(built, MapUpdate(hexes=hexes), key=MAP)


def _labels(figure: str) -> HexLabels:
    told = unit(figure)
    return HexLabels(
        unit=naming.unit(told) if told else "", unknown=session.say("unknown"), no_area="",
        cells=session.say("province_known_tip"),
        language="zh-CN" if session.language() == "zh" else "en",
        digits=province_words.digits(figure),
    )  # fmt: skip


def _start(ground: Ground) -> tuple[float, float, float]:
    """Latitude, longitude and zoom at which most of the customers stand in the window."""
    if ground.centre is None:
        return _WORLD
    lat, lon = ground.centre
    degrees = max(2 * ground.reach_km, 5.0) / _KM_A_DEGREE / math.cos(math.radians(lat))
    zoom = math.floor(math.log2(360 * _SHOWN_PX / (_WORLD_PX * degrees)))
    return round(lat, 4), round(lon, 4), float(min(max(zoom, _FIRST_ZOOM), _LAST_ZOOM))
