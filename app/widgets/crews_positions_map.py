"""The map of crews: vans where they were last seen, hollow ones at their base, fences, a track."""

import base64
from typing import Any, Final

import pandas as pd
import shapely
import streamlit as st

from app.maps import service_map as maps
from app.maps.crew_update import Circle, CrewUpdate, FenceShape, TrackPoint
from app.maps.routes import basemap_url
from app.maps.update import MapUpdate, Place
from app.widgets import crews_positions_words as wording
from app.widgets import map_view, plain, session
from app.widgets.crews_positions_scene import MAP, CrewScene

_ASIDE_DEG: Final = 0.0002
"""Crews that wait at one base stand side by side."""
_MOST_DOTS: Final = 600
_SIGNS: Final = (
    ("on", "#1d5fa8", "#fff"), ("old", "#6b7577", "#fff"), ("unplaced", "#fff", "#1d5fa8"),
    ("waiting", "#fff", "#6b7577"),
)  # fmt: skip
_RIM: Final = "M5 5h14a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4H5a4 4 0 0 1-4-4V9a4 4 0 0 1 4-4z"
_VAN: Final = "M4 8.5h9V15H4zM14 10h3l2.5 2.6V15H14zM6 15.2a1.7 1.7 0 1 0 3.4 0z"


def show(scene: CrewScene) -> None:
    """The map; it keeps its view while crews move."""
    lat, lon, zoom = map_view.start()
    built = maps.build_map(
        (lat, lon), zoom - session.is_phone(), basemap_url=basemap_url(session.basemap_path()),
        fill_window=True, crews=True,
    )  # fmt: skip
    places = _places(scene)
    update = CrewUpdate(_circles(scene), _track(scene.track), _fences(scene.fences))
    maps.show_map(built, MapUpdate(places={"crew": places}, crews=update), key=MAP)


def _places(scene: CrewScene) -> list[Place]:
    found = []
    waiting: dict[tuple[float, float], int] = {}
    for crew_id, row in _rows(scene.crews):
        lon, lat = row["lon"], row["lat"]
        if pd.isna(lon):
            base = (row["base_lon"], row["base_lat"])
            if pd.isna(base[0]):
                continue
            number = waiting[base] = waiting.get(base, -1) + 1
            lon, lat = base[0] + number * _ASIDE_DEG, base[1]
        note = f"{wording.state(row)} · {wording.seen(row)}" if row["is_on"] else wording.state(row)
        tone = wording.tone(row)
        found.append(Place(crew_id, float(lon), float(lat), wording.name(crew_id, row), note, tone))
    return found


def _rows(crews: pd.DataFrame) -> list[tuple[str, dict[Any, Any]]]:
    return list(zip(crews.index.astype(str), crews.to_dict("records"), strict=True))


def _circles(scene: CrewScene) -> list[Circle]:
    """How exact each place is; of tracks the dots tell it."""
    seen = scene.crews[scene.crews["lon"].notna() & (scene.crews["accuracy_m"] > 0)]
    values = (seen[name].astype(float) for name in ("lon", "lat", "accuracy_m"))
    return [Circle(*one) for one in zip(*values, strict=True)]


def _track(track: pd.DataFrame | None) -> list[TrackPoint]:
    if track is None:
        return []
    rows = track.iloc[:: max(1, -(-len(track) // _MOST_DOTS))]
    return [
        TrackPoint(
            float(row["lon"]), float(row["lat"]),
            0.0 if pd.isna(row["accuracy_m"]) else float(row["accuracy_m"]),
            _dot(row),
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip


def _dot(row: dict[Any, Any]) -> str:
    when = f"{row['seen_at'].to_pydatetime().astimezone(session.zone()):%H:%M}"
    if pd.isna(row["accuracy_m"]):
        return when
    return f"{when} · ±{row['accuracy_m']:.0f} m"


def _fences(fences: pd.DataFrame) -> list[FenceShape]:
    return [_fence(row) for row in fences.to_dict("records")]


def _fence(row: dict[Any, Any]) -> FenceShape:
    if row["kind"] == "site":
        circle = Circle(float(row["lon"]), float(row["lat"]), float(row["radius_m"]))
        return FenceShape(str(row["name"]), circle)
    parts = shapely.get_parts(shapely.from_wkb(bytes(row["geometry"])))
    rings = [list(part.exterior.coords) for part in parts]
    return FenceShape(str(row["name"]), rings=rings)


def legend() -> None:
    """What the signs mean."""
    told = {code: plain.escaped(session.say(f"crews_sign_{code}")) for code, *_ in _SIGNS}
    rows = "".join(
        f"<li>{_sign(fill, mark)}<span>{told[code]}</span></li>" for code, fill, mark in _SIGNS
    )
    heading = plain.escaped(session.say("crews_signs"))
    st.html(f'<div class="gc-legend-head"><h4>{heading}</h4></div><ul class="gc-signs">{rows}</ul>')


def _sign(fill: str, mark: str) -> str:
    """A van as a small picture, as places_layer.js draws it."""
    line = mark if fill == "#fff" else fill
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<path d="{_RIM}" fill="{fill}" stroke="{line}" stroke-width="2"/>'
        f'<path d="{_VAN}" fill="{mark}"/></svg>'
    )
    data = base64.b64encode(drawn.encode()).decode()
    return f'<img alt="" src="data:image/svg+xml;base64,{data}">'
