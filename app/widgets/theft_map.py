"""The map of theft hotspots: cells in their figure, hotspots outlined, what is unknown hatched."""

from typing import Final

import streamlit as st

from app import language as words
from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import HexLabels, HexUpdate, MapUpdate
from app.use_cases import theft_hotspots
from app.use_cases.measures import Measure
from app.widgets import legend as legends
from app.widgets import map_view, plain, session
from app.widgets.theft_scene import MAP, TheftScene

_UNITS: Final = {"score_mean": "1", "score_sum": "1", "lost_kwh": "kWh"}
_BREAKS: Final = {
    "score_mean": (0.001, 0.003, 0.01, 0.03, 0.1), "score_sum": (0.1, 0.5, 1.0, 2.0, 4.0),
    "lost_kwh": (1.0, 5.0, 10.0, 25.0, 50.0),
}  # fmt: skip
"""Classes that people can compare from run to run; most cells hold nothing at all."""
_DIGITS: Final = {"score_mean": 3, "score_sum": 1, "lost_kwh": 1}


def show(scene: TheftScene) -> None:
    """The map; it keeps its view while the wish changes."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    word = theft_hotspots.wish_word(scene.wish)
    hexes = HexUpdate(
        url=f"/theft/cells/{scene.found.version}/{word}.bin", scale=_legend(scene).scale,
        rollup="mean" if scene.wish.figure == "score_mean" else "sum", areas=_names(scene),
        labels=_labels(scene), selected=scene.cell, borders=True,
    )  # fmt: skip
    maps.show_map(built, MapUpdate(hexes=hexes), key=MAP)


def _legend(scene: TheftScene) -> legends.Legend:
    return legends.of(_measure(scene), scene.found.cells, scene.found.cells)


def _measure(scene: TheftScene) -> Measure:
    figure = scene.wish.figure
    return Measure("theft", _UNITS[figure], "mean", _BREAKS[figure])


def _names(scene: TheftScene) -> list[str]:
    suspects = scene.found.spots["suspects"]
    return [
        session.say("theft_spot_short", n=number, suspects=words.number(count, 0))
        for number, count in enumerate(suspects, 1)
    ]


def _labels(scene: TheftScene) -> HexLabels:
    figure = scene.wish.figure
    return HexLabels(
        unit=session.say(f"theft_unit_{figure}"), unknown=session.say("theft_unknown"),
        no_area=session.say("theft_no_spot"), cells=session.say("tip_cells"),
        language="zh-CN" if session.language() == "zh" else "en", digits=_DIGITS[figure],
    )  # fmt: skip


def legend(scene: TheftScene) -> None:
    """What the colours, the outlines and the hatching mean."""
    legends.show(_measure(scene), _legend(scene))
    st.caption(plain.in_markdown(session.say("theft_legend_spots")))
    if scene.found.cells["rolled_up_to"].any():
        st.caption(plain.in_markdown(session.say("theft_few_together")))
