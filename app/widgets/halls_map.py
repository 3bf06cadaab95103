"""The map of halls: each by its state, which is told by its sign as well as by its colour."""

import base64
from typing import Final

import pandas as pd
import streamlit as st

from app import language as words
from app.maps import service_map as maps
from app.maps.routes import basemap_url
from app.maps.update import MapUpdate, Place
from app.use_cases import hall_waits
from app.widgets import halls_words as wording
from app.widgets import map_view, plain, session
from app.widgets.halls_scene import MAP, HallScene

_RIM: Final = "M3 3h18v18H3z"
_HOUSE: Final = "M6 18V9l6-3.5L18 9v9h-4v-5h-4v5z"
_EXCLAIM: Final = "M10.7 5h2.6v8h-2.6zM10.7 15h2.6v2.6h-2.6z"
_CROSS: Final = "M7 9l2-2 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z"
_ASK: Final = (
    "M8 9.5a4 4 0 1 1 5.4 3.7c-.5.2-.7.5-.7 1v.8h-2.2v-1.2c0-1.1.6-2 1.7-2.5a1.8 1.8 0 1 0-2-1.8z"
    "M10.5 16h2.2v2.2h-2.2z"
)
_DRAWN: Final = {
    "ok": ("#0f3d3e", "#fff", _HOUSE), "busy": ("#9a6300", "#fff", _EXCLAIM),
    "full": ("#8b1e1e", "#fff", _CROSS), "unknown": ("#6b7577", "#fff", _ASK),
    "closed": ("#fff", "#6b7577", _HOUSE),
}  # fmt: skip


def show(scene: HallScene) -> None:
    """The map; it keeps its view while halls fill and empty."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True,
    )  # fmt: skip
    maps.show_map(built, MapUpdate(places={"hall": _places(scene)}), key=MAP)


def _places(scene: HallScene) -> list[Place]:
    return [
        Place(
            str(row["hall_id"]), float(row["lon"]), float(row["lat"]), str(row["name"]),
            f"{wording.state(row)} · {wording.wait(row)}", wording.TONES[str(row["state"])],
        )
        for row in scene.board.to_dict("records")
        if pd.notna(row["lon"])
    ]  # fmt: skip


def legend(scene: HallScene) -> None:
    """What the signs mean, with how many halls stand so."""
    counts = scene.board["state"].value_counts()
    rows = "".join(
        f"<li>{_sign(code)}<span>{plain.escaped(_meaning(code))}</span>"
        f"<small>{int(counts.get(code, 0))}</small></li>"
        for code in _DRAWN
    )
    heading = plain.escaped(session.say("halls_signs"))
    st.html(f'<div class="gc-legend-head"><h4>{heading}</h4></div><ul class="gc-signs">{rows}</ul>')


def _meaning(code: str) -> str:
    """What a state means, with the wait from which it holds."""
    from_min = hall_waits.from_minutes().get(code)
    return session.say(f"halls_legend_{code}", minutes=words.number(from_min or 0, 0))


def _sign(code: str) -> str:
    """A hall as places_layer.js draws it."""
    fill, mark, path = _DRAWN[code]
    line = mark if fill == "#fff" else fill
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<path d="{_RIM}" fill="{fill}" stroke="{line}" stroke-width="2"/>'
        f'<path d="{path}" fill="{mark}"/></svg>'
    )
    data = base64.b64encode(drawn.encode()).decode()
    return f'<img alt="" src="data:image/svg+xml;base64,{data}">'
