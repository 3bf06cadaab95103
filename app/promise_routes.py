"""Address from which the promise map fetches its cells."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.maps import cells_file
from app.sign_in_routes import session_of
from app.store.database import Database
from app.use_cases import promise_cells
from app.use_cases.promise_cells import LAYERS, Layer
from grid_cells.errors import AccessDenied

CELLS: Final = "/promises/cells/{layer}/{version}.bin"


@dataclass(frozen=True)
class PromiseRoutes:
    """The routes of promises; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """Every route of promises."""
        return [Route(CELLS, self.cells, methods=["GET"])]

    def cells(self, request: Request) -> Response:
        """States of the cells that the person may see, in the map's own binary form."""
        asking, layer = session_of(request), request.path_params["layer"]
        if asking is None:
            raise HTTPException(403)
        if layer not in LAYERS:
            raise HTTPException(404)
        try:
            frame = promise_cells.cells(self.database(), asking.actor, cast("Layer", layer))
        except AccessDenied as denied:
            raise HTTPException(403) from denied
        data = cells_file.encode(frame["cell_id"], frame["area_index"], frame["value"])
        headers = {"Cache-Control": "private, no-store"}
        return Response(data, media_type="application/octet-stream", headers=headers)
