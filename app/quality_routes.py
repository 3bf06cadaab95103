"""The address that the map of data quality fetches its cells from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app import cells_routes
from app.maps import cells_file
from app.store.database import Database
from app.use_cases import reading_figures
from app.use_cases.actors import Actor

CELLS: Final = "/quality/cells/{version}/{wish}.bin"


@dataclass(frozen=True)
class QualityRoutes:
    """The route of data quality; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """The cells of a wish."""
        return [Route(CELLS, self.cells, methods=["GET"])]

    def cells(self, request: Request) -> Response:
        """Every cell that the person may see with its figure, as the map reads it."""

        def ask(actor: Actor) -> bytes:
            db = self.database()
            known = reading_figures.makers(db, actor)
            wish = reading_figures.wish_of(request.path_params["wish"], known)
            found = reading_figures.cells(db, actor, wish)
            nobody = np.full(len(found.cells), -1)
            return cells_file.encode(
                found.cells["cell_id"], nobody, found.cells["value"], resolution=found.resolution
            )

        return cells_routes.answered(request, ask)
