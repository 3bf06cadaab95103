"""The address from which the map of outages fetches a period."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.maps import film_file
from app.sign_in_routes import session_of
from app.store.database import Database
from app.use_cases import outage_film
from app.use_cases.actors import Actor
from app.use_cases.outage_film import Period
from app.use_cases.remember import remembered
from grid_cells.errors import AccessDenied, UserError

FILM: Final = "/outages/{version}/{sight}/{span}.bin"
_LONGEST_NUMBER: Final = 10


@dataclass(frozen=True)
class OutageRoutes:
    """The routes of outages; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """Every route of outages."""
        return [Route(FILM, self.film, methods=["GET"])]

    def film(self, request: Request) -> Response:
        """Outages and spans of cells that the person may see, in the map's own binary form.

        The browser asks every time whether its file still holds, so that a right taken away holds
        at once. 409 where what the map was drawn from has changed: its rows would be others.
        """
        session = session_of(request)
        if session is None:
            raise HTTPException(403)
        named = request.path_params
        period = period_of(named["sight"], named["span"])
        if period is None:
            raise HTTPException(404)
        try:
            data = film_bytes(self.database(), session.actor, period, named["version"])
        except AccessDenied as denied:
            raise HTTPException(403) from denied
        except UserError as error:
            raise HTTPException(404) from error
        tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
        headers = {"Cache-Control": "private, no-cache", "ETag": tag, "Vary": "Cookie"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(data, media_type="application/octet-stream", headers=headers)


def film_bytes(db: Database, actor: Actor, period: Period, version: str | None = None) -> bytes:
    """The film, of this version alone, as the browser reads it: no id, nothing of a person."""
    found = outage_film.film(db, actor, period)
    if version not in (None, found.version):
        raise HTTPException(409)

    def encoded() -> bytes:
        return film_file.encode(
            found.outages, found.spans, found.cells, first=found.period.first,
            last=found.period.last, resolution=found.resolution, is_ahead=period.is_ahead,
        )  # fmt: skip

    return remembered(("film bytes", found.version, found.period), encoded)


def period_of(sight: str, span: str) -> Period | None:
    """The period behind an address; None where it names none."""
    first, dash, last = span.partition("-")
    if not dash or not all(
        one.isdecimal() and len(one) <= _LONGEST_NUMBER for one in (first, last)
    ):
        return None
    return outage_film.period_of(sight, int(first), int(last))
