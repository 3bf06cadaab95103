"""How programs and phones are answered: bodies within limits, JSON read, errors worded."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app import language
from app.sign_in_pages import language_of
from app.sign_in_routes import session_of
from app.store.database import Database
from app.use_cases import clock, units
from app.use_cases.actors import Actor
from grid_cells.errors import AccessDenied, UserError

JSON_TYPE: Final = "application/json"


async def body(
    request: Request, longest: int, *, family: str, content_type: str = JSON_TYPE
) -> bytes:
    """The request's body; UserError `<family>_body_type`, `<family>_body_long`."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != content_type:
        raise UserError(f"{family}_body_type", wanted=content_type)
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > longest:
            raise UserError(f"{family}_body_long", most=longest)
    return bytes(found)


def read(text: bytes, unreadable: str, **values: Any) -> Any:
    """What a body of JSON holds; UserError `unreadable` with these values."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # a number too long is one too
        raise UserError(unreadable, **values) from error


def asked(
    request: Request, ask: Callable[[Actor], Response], refuse: Callable[[UserError], Response]
) -> Response:
    """What the person who signed in is answered, or why nothing was done."""
    session = session_of(request)
    if session is None:
        raise HTTPException(403)
    try:
        return ask(session.actor)
    except UserError as error:
        return refuse(error)


def refused(
    db: Database,
    request: Request,
    error: UserError,
    statuses: Mapping[str, int],
    named: Sequence[str] = (),
) -> Response:
    """Why nothing was done: the code, what it names, a sentence in the caller's language."""
    status = 403 if isinstance(error, AccessDenied) else statuses.get(error.code, 400)
    values = {name: error.values[name] for name in named if name in error.values}
    told = {"code": error.code, **values, "reason": reason(db, request, error)}
    return JSONResponse(told, status_code=status)


def reason(db: Database, request: Request, error: UserError) -> str:
    """The sentence for an error, its moments by the clock of the place."""
    spoken = language_of(request)
    zone, now = ZoneInfo(units.timezone(db) or "UTC"), clock.now(db)
    values = {
        name: language.moment(one, spoken, zone, now=now) if isinstance(one, datetime) else one
        for name, one in error.values.items()
    }
    known = error.code if language.knows(error.code, spoken) else "error_unworded"
    return language.say(known, spoken, **{"code": error.code, **values})
