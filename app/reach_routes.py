"""The address that the map of reach fetches its cells from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app import cells_routes
from app.maps import cells_file
from app.store.database import Database
from app.use_cases import reach, reach_wishes
from app.use_cases.actors import Actor

CELLS: Final = "/reach/cells/{version}/{wish}/{layer}.bin"


@dataclass(frozen=True)
class ReachRoutes:
    """The route of reach; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """The cells of a layer."""
        return [Route(CELLS, self.cells, methods=["GET"])]

    def cells(self, request: Request) -> Response:
        """Every cell that the person may see in the layer's figure, in the map's own form."""

        def ask(actor: Actor) -> bytes:
            named = request.path_params
            wish = reach_wishes.wish_of(named["wish"])
            layer = reach_wishes.layer_of(named["layer"])
            found = reach.cells(self.database(), actor, wish, layer).cells
            return cells_file.encode(found["cell_id"], found["area_index"], found["value"])

        return cells_routes.answered(request, ask)
