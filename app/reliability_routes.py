"""The address that the reliability map fetches its cells from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app import cells_routes
from app.maps import cells_file
from app.store.database import Database
from app.use_cases import reliability_places
from app.use_cases.actors import Actor

CELLS: Final = "/reliability/cells/{version}/{wish}/{index}.bin"


@dataclass(frozen=True)
class ReliabilityRoutes:
    """The route of reliability; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """The cells of an index."""
        return [Route(CELLS, self.cells, methods=["GET"])]

    def cells(self, request: Request) -> Response:
        """Every cell that the person may see in the figure of its place, in the map's own form."""

        def ask(actor: Actor) -> bytes:
            named = request.path_params
            wish = reliability_places.wish_of(named["wish"])
            index = reliability_places.index_of(named["index"])
            found = reliability_places.cells(self.database(), actor, wish, index).cells
            return cells_file.encode(found["cell_id"], found["place_index"], found["value"])

        return cells_routes.answered(request, ask)
