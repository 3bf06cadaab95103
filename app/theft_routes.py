"""The address that the map of theft hotspots fetches its cells from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app import cells_routes
from app.maps import cells_file
from app.store.database import Database
from app.use_cases import theft_hotspots
from app.use_cases.actors import Actor

CELLS: Final = "/theft/cells/{version}/{wish}.bin"


@dataclass(frozen=True)
class TheftRoutes:
    """The route of theft hotspots; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """The cells of a wish."""
        return [Route(CELLS, self.cells, methods=["GET"])]

    def cells(self, request: Request) -> Response:
        """Every cell that the person may see with its figure and hotspot, as the map reads it."""

        def ask(actor: Actor) -> bytes:
            wish = theft_hotspots.wish_of(request.path_params["wish"])
            found = theft_hotspots.found(self.database(), actor, wish)
            cells = found.cells
            return cells_file.encode(
                cells["cell_id"], cells["hotspot"], cells["value"], resolution=found.resolution
            )

        return cells_routes.answered(request, ask)
