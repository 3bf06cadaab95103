"""The map of data quality: the share of meter days in doubt by cell."""

from typing import Final

import streamlit as st

from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import HexLabels, HexUpdate, MapUpdate
from app.use_cases import reading_figures
from app.use_cases.measures import Measure
from app.widgets import legend as legends
from app.widgets import map_view, plain, quality_words, session
from app.widgets.quality_scene import MAP, QualityScene

_BREAKS: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Per cent of the due meter days: classes that people can compare from check to check."""


def show(scene: QualityScene) -> None:
    """The map; it keeps its view while the wish changes."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    known = reading_figures.makers(session.database(), session.actor())
    word = reading_figures.wish_word(scene.choice.wish, known)
    hexes = HexUpdate(
        url=f"/quality/cells/{scene.cells.version}/{word}.bin", scale=_legend(scene).scale,
        rollup="mean", labels=_labels(scene), selected=scene.cell, borders=True,
    )  # fmt: skip
    maps.show_map(built, MapUpdate(hexes=hexes), key=MAP)


def _legend(scene: QualityScene) -> legends.Legend:
    return legends.of(_measure(), scene.cells.cells, scene.cells.cells)


def _measure() -> Measure:
    return Measure("quality", "%", "mean", _BREAKS)


def _labels(scene: QualityScene) -> HexLabels:
    said = quality_words.figure(scene.choice.wish.figure)
    return HexLabels(
        unit=session.say("quality_unit", figure=said), unknown=session.say("quality_unknown"),
        no_area="", cells=session.say("tip_cells"),
        language="zh-CN" if session.language() == "zh" else "en", digits=1,
    )  # fmt: skip


def legend(scene: QualityScene) -> None:
    """What the colours mean."""
    legends.show(_measure(), _legend(scene))
    st.caption(plain.in_markdown(session.say("quality_legend")))
    if scene.cells.cells["rolled_up_to"].any():
        st.caption(plain.in_markdown(session.say("theft_few_together")))
