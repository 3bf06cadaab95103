"""The address that the map of theft hotspots fetches its cells from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.maps import cells_file
from app.maps.routes import cells_answer
from app.sign_in_routes import session_of
from app.store.database import Database
from app.use_cases import theft_hotspots
from grid_cells.errors import AccessDenied, UserError

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
        asking = session_of(request)
        if asking is None:
            raise HTTPException(403)
        try:
            wish = theft_hotspots.wish_of(request.path_params["wish"])
            found = theft_hotspots.found(self.database(), asking.actor, wish)
        except AccessDenied as denied:
            raise HTTPException(403) from denied
        except UserError:
            return cells_answer(None, request)
        cells = found.cells
        data = cells_file.encode(
            cells["cell_id"], cells["hotspot"], cells["value"], resolution=found.resolution
        )
        return cells_answer(data, request)
