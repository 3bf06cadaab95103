"""The address that the coverage map fetches its cells from."""

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
from app.use_cases import coverage_views, coverage_wishes
from grid_cells.errors import AccessDenied, UserError

CELLS: Final = "/coverage/cells/{version}/{wish}/{layer}.bin"


@dataclass(frozen=True)
class CoverageRoutes:
    """The route of coverage; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """The cells of a layer."""
        return [Route(CELLS, self.cells, methods=["GET"])]

    def cells(self, request: Request) -> Response:
        """Every cell that the person may see in the layer's figure, in the map's own form."""
        asking, named = session_of(request), request.path_params
        if asking is None:
            raise HTTPException(403)
        try:
            wish = coverage_wishes.wish_of(named["wish"])
            layer = coverage_wishes.layer_of(named["layer"])
            found = coverage_views.cells(self.database(), asking.actor, wish, layer).cells
        except AccessDenied as denied:
            raise HTTPException(403) from denied
        except UserError:
            return cells_answer(None, request)
        data = cells_file.encode(found["cell_id"], found["area_index"], found["value"])
        return cells_answer(data, request)
