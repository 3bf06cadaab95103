"""The address that the map of a province fetches its cells from, tile by tile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app import cells_routes
from app.maps import tile_file
from app.store.database import Database
from app.use_cases import province
from app.use_cases.actors import Actor
from grid_cells.cells import hex_to_cells
from grid_cells.errors import UserError

CELLS: Final = "/province/cells/{version}/{wish}/{resolution}/{tiles}.bin"


@dataclass(frozen=True)
class ProvinceRoutes:
    """The route of the province's cells; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """The cells of tiles."""
        return [Route(CELLS, self.cells, methods=["GET"])]

    def cells(self, request: Request) -> Response:
        """The cells of a resolution inside the tiles named, as far as the person may see them."""

        def ask(actor: Actor) -> bytes:
            named = request.path_params
            wish = province.wish_of(named["wish"])
            resolution, tiles = _size(named["resolution"]), _tiles(named["tiles"])
            found = province.cells(self.database(), actor, wish, resolution, tiles)
            return tile_file.encode(
                found.resolution, found.cell_id, found.value, found.known, found.due
            )

        return cells_routes.answered(request, ask)


def _size(word: str) -> int:
    if not (word.isdecimal() and len(word) <= 2):  # noqa: PLR2004 - resolutions are 0 to 15
        raise UserError("province_wish_unreadable")
    return int(word)


def _tiles(word: str) -> list[int]:
    """The tiles by their hexadecimal names, `-` between them."""
    names = word.split("-", province.MOST_TILES)
    found = hex_to_cells(names)
    if len(names) > province.MOST_TILES or (found == 0).any():
        raise UserError("province_wish_unreadable")
    return [int(one) for one in found]
