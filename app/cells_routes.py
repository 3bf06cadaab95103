"""How the routes of cells are answered: who asks, what they may see, the map's own form."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.maps.routes import cells_answer
from app.sign_in_routes import session_of
from app.use_cases.actors import Actor
from grid_cells.errors import AccessDenied, UserError


def answered(request: Request, ask: Callable[[Actor], bytes]) -> Response:
    """The cells that `ask` encodes for the person; 403 where they may not, 404 where none are."""
    asking = session_of(request)
    if asking is None:
        raise HTTPException(403)
    try:
        return cells_answer(ask(asking.actor), request)
    except AccessDenied as denied:
        raise HTTPException(403) from denied
    except UserError:
        return cells_answer(None, request)
