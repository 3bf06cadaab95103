"""What a rerun tells the crews' layer: how exact places are, a track, fences."""

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
class CrewUpdate:
    """State of the layer; what is left out vanishes."""

    circles: Sequence[Circle] = ()
    track: Sequence[TrackPoint] = ()
    fences: Sequence[FenceShape] = ()

    def state(self) -> dict[str, Any]:
        """State as the part's `update` takes it."""
        return {
            "circles": [list(one) for one in self.circles],
            "track": [list(one) for one in self.track],
            "fences": [one.state() for one in self.fences],
        }
