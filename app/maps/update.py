"""What a rerun tells the map: one message, small and safe to stand in a script."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import folium

from app.maps.crew_update import CrewUpdate
from app.maps.hex_layer import Message
from app.maps.outage_update import OutageUpdate
from app.maps.redraw_update import RedrawUpdate

Rollup = Literal["sum", "mean", "max"]
PlaceKind = Literal["hall", "bank", "crew", "outage", "order"]
Mark = Literal["added", "moved", "closed"]
Tone = Literal["kept", "risk", "broken", "muted", "hollow", "faint"]

_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
    "{{": "\\u007b\\u007b",
    "{%": "\\u007b%",
}


@dataclass(frozen=True)
class Scale:
    """How values become colours.

    classes: colours[0] below breaks[0], then colours[i] from breaks[i - 1] on;
    areas: colours[i] for area index i; categories: the value is the place in colours (and names).
    """

    colours: Sequence[str]
    breaks: Sequence[float] = ()
    kind: Literal["classes", "areas", "categories"] = "classes"
    names: Sequence[str] | None = None


@dataclass(frozen=True)
class CellFilter:
    """Which cells show: area indexes (None = all), values from low to high, unknown ones or not."""

    areas: Sequence[int] | None = None
    low: float | None = None
    high: float | None = None
    unknown: bool = True


@dataclass(frozen=True)
class HexLabels:
    """Words of the hover box, already in the reader's language; `{n}` in `cells` is a count."""

    unit: str = ""
    unknown: str = "unknown"
    no_area: str = "no area"
    cells: str = "{n} cells"
    language: str = "en"
    digits: int = 1


@dataclass(frozen=True)
class Tiles:
    """How cells come tile by tile: resolutions held, days summed over, the share that is enough.

    Cells of which less than `enough` of what should be known is known are hatched over.
    """

    finest: int
    coarsest: int
    days: int
    enough: float


@dataclass(frozen=True)
class HexUpdate:
    """State of the hexagon layer: the file at `url` is fetched again only when the url changes.

    rollup says how base cells combine when parents are drawn; areas are names by area index;
    selected is a cell as 15-character hex; warned are the area indices that are hatched over. With
    `tiles` the url holds {resolution} and {tiles}, and labels.cells tells the share known as {n}.
    """

    url: str
    scale: Scale
    rollup: Rollup = "mean"
    filter: CellFilter = field(default_factory=CellFilter)
    areas: Sequence[str] = ()
    labels: HexLabels = field(default_factory=HexLabels)
    selected: str | None = None
    borders: bool = True
    warned: Sequence[int] = ()
    tiles: Tiles | None = None

    def state(self) -> dict[str, Any]:
        """State as the layer's `update` takes it."""
        labels = self.labels
        return {
            "url": self.url,
            "scale": _without_none(vars(self.scale)),
            "rollup": self.rollup,
            "filter": vars(self.filter),
            "areas": list(self.areas),
            "labels": {
                "unit": labels.unit,
                "unknown": labels.unknown,
                "noArea": labels.no_area,
                "cells": labels.cells,
            },
            "digits": labels.digits,
            "language": labels.language,
            "selected": self.selected,
            "borders": self.borders,
            "warned": list(self.warned),
            **({} if self.tiles is None else {"tiles": vars(self.tiles)}),
        }


@dataclass(frozen=True)
class Place:
    """A sign on the map; name and note are shown as text, tone overrides the kind's colour.

    mark: what a plan assumes of it; was: lon, lat of where it is until it moves.
    """

    place_id: str
    lon: float
    lat: float
    name: str
    note: str = ""
    tone: Tone | None = None
    mark: Mark | None = None
    was: tuple[float, float] | None = None


@dataclass(frozen=True)
class View:
    """A centre (WGS-84 degrees) and a zoom."""

    lat: float
    lon: float
    zoom: float


@dataclass(frozen=True)
class MapUpdate:
    """Everything a rerun may change on a map that stays mounted.

    places: shown by kind, other kinds vanish; go_to moves the view when it differs from the last
    one; ask, when raised, makes the map answer with an event of kind "view"; redraw, outages and
    crews: for a map built with `redraw=True`, `outages=True` or `crews=True`.
    """

    hexes: HexUpdate | None = None
    places: Mapping[PlaceKind, Sequence[Place]] = field(default_factory=dict)
    go_to: View | None = None
    ask: int = 0
    theme: Literal["light", "dark"] = "light"
    redraw: RedrawUpdate | None = None
    outages: OutageUpdate | None = None
    crews: CrewUpdate | None = None

    def payload(self) -> str:
        """Message as JSON that is safe inside a script."""
        parts: dict[str, Any] = {"places": {"groups": _groups(self.places)}}
        if self.hexes is not None:
            parts["hexes"] = self.hexes.state()
        if self.redraw is not None:
            parts["redraw"] = self.redraw.state()
        if self.outages is not None:
            parts["outages"] = self.outages.state()
        if self.crews is not None:
            parts["crews"] = self.crews.state()
        message: dict[str, Any] = {"parts": parts, "theme": self.theme, "ask": self.ask}
        if self.go_to is not None:
            view = self.go_to
            message["goTo"] = {"lat": view.lat, "lng": view.lon, "zoom": view.zoom}
        return script_json(message)

    def as_group(self) -> folium.FeatureGroup:
        """Feature group that carries the message; nothing in it is drawn."""
        group = folium.FeatureGroup(name="update", control=False)
        group.add_child(Message(self.payload()))
        return group


def script_json(value: Any) -> str:
    """JSON that can neither end a script nor open a template, whatever texts it holds."""
    words = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for raw, escaped in _ESCAPES.items():
        words = words.replace(raw, escaped)
    return words


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, (list, tuple)) else value
        for name, value in values.items()
        if value is not None
    }


def _groups(places: Mapping[PlaceKind, Sequence[Place]]) -> list[dict[str, Any]]:
    return [{"kind": kind, "rows": [_row(p) for p in rows]} for kind, rows in places.items()]


def _row(place: Place) -> list[Any]:
    row = [place.place_id, place.lon, place.lat, place.name, place.note, place.tone]
    return row if place.mark is None else [*row, place.mark, place.was]
