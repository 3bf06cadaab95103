"""The map of outages: darkened cells, bolts on top, a slider through the period below."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from app.maps import service_map as maps
from app.maps.legend import class_rows, legend_html
from app.maps.outage_update import OutageUpdate
from app.maps.palette import sequential
from app.maps.routes import basemap_url
from app.maps.update import CellFilter, HexLabels, HexUpdate, MapUpdate, Scale
from app.widgets import map_view, outage_choice, outage_scene, outage_signs, plain, session
from app.widgets import words_of as naming
from app.widgets.outage_choice import KINDS, PAST, PLANNED
from app.widgets.outage_scene import Scene
from grid_cells import outage_film as rules

BREAKS: Final = {"count": (10, 50, 100, 500, 1000), "share": (10, 25, 50, 75, 100)}
_ANY: Final = 1e-9
_DRAWER_PX: Final = 344
_WORDS: Final = (
    "slider", "now", "all", "whole", "play", "pause", "most", "many", "customers",
    "since", "back", "important", "nested",
)  # fmt: skip


def show(scene: Scene) -> None:
    """The map; it keeps its view and never blanks while the choice or the moment changes."""
    lat, lon, zoom = _start(scene)
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True, outages=True,
    )  # fmt: skip
    choice = scene.choice
    update = OutageUpdate(
        url=scene.film.url,
        keep=None if scene.keep.all() else scene.keep.to_numpy(),
        order=choice.order,
        moment=choice.at,
        ahead=choice.when == PLANNED,
        share=choice.colour == "share",
        selected=scene.selected,
        words=_words(scene),
        inset=_DRAWER_PX if choice.outage_id and not session.is_phone() else 0,
    )
    outage_choice.drawn(scene.film)
    maps.show_map(built, MapUpdate(hexes=_hexes(scene), outages=update), key=outage_scene.KEY)


def _hexes(scene: Scene) -> HexUpdate:
    colour = scene.choice.colour
    labels = HexLabels(
        unit=session.say(f"outages_unit_{colour}"), unknown=session.say("unknown"),
        no_area=session.say("no_area"), cells=session.say("tip_cells"),
        language=_language(), digits=0,
    )  # fmt: skip
    return HexUpdate(
        url="",  # the outages bring the cells along
        scale=_scale(colour),
        rollup="sum" if colour == "count" else "mean",
        filter=CellFilter(low=_ANY, unknown=False),
        areas=scene.film.areas,
        labels=labels,
    )


def _scale(colour: str) -> Scale:
    breaks = BREAKS[colour]
    return Scale(sequential(len(breaks) + 1), breaks)


def _language() -> str:
    return "zh-CN" if session.language() == "zh" else "en-GB"


def _words(scene: Scene) -> dict[str, Any]:
    """Every word that the slider and the hover box say."""
    when = "ahead" if scene.choice.when == PLANNED else "past"
    told: dict[str, Any] = {name: session.say(f"outages_map_{name}") for name in _WORDS}
    if scene.choice.when == PAST and scene.choice.is_own_days:
        told["now"] = session.say("outages_map_end")
    told["count"] = session.say(f"outages_map_count_{when}")
    told["kinds"] = {kind: str(naming.value("kind", kind)) for kind in KINDS}
    return told | {"language": _language(), "zone": str(session.zone())}


def _start(scene: Scene) -> tuple[float, float, float]:
    """Where the customers live; without any, where the outages are."""
    if scene.film.cells["customers"].any():
        return map_view.start()
    placed = scene.film.outages[["lon", "lat"]].dropna()
    return _around(placed) if len(placed) else map_view.start()


def _around(placed: pd.DataFrame) -> tuple[float, float, float]:
    """The middle of the places, rounded so that it rarely moves, at a zoom that shows most."""
    low, high = placed.quantile(0.05), placed.quantile(0.95)
    stretch = max(float(high["lon"] - low["lon"]), float(high["lat"] - low["lat"]), 0.02)
    zoom = float(np.clip(round(np.log2(360 * 2.4 / stretch)), maps.MIN_ZOOM, 15))
    middle = placed.median()
    return round(float(middle["lat"]), 1), round(float(middle["lon"]), 1), zoom


def legend(scene: Scene) -> None:
    """What the colours mean at the moment, with how many cells, and what the signs mean."""
    colour, breaks = scene.choice.colour, BREAKS[scene.choice.colour]
    values = _values(scene)
    rows = class_rows(
        values, breaks, sequential(len(breaks) + 1), unknown=session.say("unknown"),
        wording=lambda value: f"{value:,.0f}",
    )  # fmt: skip
    heading = plain.escaped(session.say(f"outages_legend_{colour}"))
    counted = plain.escaped(session.say("legend_cells"))
    st.html(
        f'<div class="gc-legend-head"><h4>{heading}</h4><small>{counted}</small></div>'
        f'<div class="gc-legend">{legend_html(rows)}</div>'
        f"{outage_signs.legend()}"
    )


def _values(scene: Scene) -> "np.ndarray[Any, Any]":
    """The figure of every cell that has one at the moment."""
    spans = scene.spans
    if scene.choice.when == PLANNED and scene.choice.at is None:
        placed = spans[~spans["is_shadow"] & (spans["cell_id"] != 0)]
        out = placed.groupby("cell_id")["customers"].sum()
    else:
        out = rules.cells_out(spans, scene.choice.moment)
    if scene.choice.colour == "count":
        return out.to_numpy("float64")
    people = scene.film.cells.set_index("cell_id")["customers"].reindex(out.index)
    share = 100 * (out / people.where(people > 0)).clip(upper=1).fillna(1)
    return share.to_numpy("float64")
