"""What a rerun tells the crews' layer: how exact places are, a track, fences, routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Circle(NamedTuple):
    """A place (WGS-84) and the metres round it."""

    lon: float
    lat: float
    radius_m: float


class TrackPoint(NamedTuple):
    """A place of a track with the words that tell when it was."""

    lon: float
    lat: float
    radius_m: float
    words: str


@dataclass(frozen=True)
class FenceShape:
    """A fence by its name: a circle, or rings of lon, lat."""

    name: str
    circle: Circle | None = None
    rings: Sequence[Sequence[tuple[float, float]]] = ()

    def state(self) -> dict[str, Any]:
        """The fence as the layer reads it."""
        if self.circle is not None:
            return {"name": self.name, "circle": list(self.circle)}
        return {"name": self.name, "rings": [[list(one) for one in ring] for ring in self.rings]}


@dataclass(frozen=True)
class RouteLine:
    """A crew's way from stop to stop (lon, lat) in a colour; dashed where it is only suggested."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    is_dashed: bool = False

    def state(self) -> dict[str, Any]:
        """The way as the layer reads it."""
        return {
            "name": self.name, "points": [list(one) for one in self.points],
            "colour": self.colour, "dashed": self.is_dashed,
        }  # fmt: skip


@dataclass(frozen=True)
class CrewUpdate:
    """State of the layer; what is left out vanishes."""

    circles: Sequence[Circle] = ()
    track: Sequence[TrackPoint] = ()
    fences: Sequence[FenceShape] = ()
    routes: Sequence[RouteLine] = ()

    def state(self) -> dict[str, Any]:
        """State as the part's `update` takes it."""
        return {
            "circles": [list(one) for one in self.circles],
            "track": [list(one) for one in self.track],
            "fences": [one.state() for one in self.fences],
            "routes": [one.state() for one in self.routes],
        }
