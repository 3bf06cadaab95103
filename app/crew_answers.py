"""How the crew's phone page is answered: bodies within limits, errors worded, values as JSON."""

import json
from collections.abc import Callable
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
from app.use_cases.crew_steps import Answered
from grid_cells.errors import AccessDenied, UserError

JSON_TYPE: Final = "application/json"
BYTES_TYPE: Final = "application/octet-stream"
_STATUS: Final = {"crew_body_type": 415, "crew_body_long": 413, "crew_other_person": 409}
_NEVER_KEPT: Final = {"Cache-Control": "private, no-store"}


async def body(request: Request, content_type: str, longest: int) -> bytes:
    """The request's body; UserError `crew_body_type`, `crew_body_long`."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != content_type:
        raise UserError("crew_body_type", wanted=content_type)
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > longest:
            raise UserError("crew_body_long", most=longest)
    return bytes(found)


def read(text: bytes) -> dict[str, Any]:
    """An object of JSON; UserError `crew_body`."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError("crew_body") from error
    if not isinstance(found, dict):
        raise UserError("crew_body")
    return found


def answered(db: Database, request: Request, ask: Callable[[Actor], Any]) -> Response:
    """What the person who signed in is told, as JSON that no cache keeps."""
    session = session_of(request)
    if session is None:
        raise HTTPException(403)
    try:
        found = ask(session.actor)
    except UserError as error:
        return refused(db, request, error)
    text = json.dumps(found, default=_plain, ensure_ascii=False, allow_nan=False)
    return Response(text, media_type=JSON_TYPE, headers=_NEVER_KEPT)


def refused(db: Database, request: Request, error: UserError) -> Response:
    """Why nothing was done; JSON, by which the page tells it from the gate's own refusal."""
    status = 403 if isinstance(error, AccessDenied) else _STATUS.get(error.code, 400)
    said = {"code": error.code, "reason": _reason(db, request, error)}
    return JSONResponse(said, status_code=status, headers=_NEVER_KEPT)


def told(db: Database, request: Request, one: Answered) -> dict[str, Any]:
    """What came of a step, with the reason in the person's language."""
    found: dict[str, Any] = {
        "key": one.key, "fate": one.fate, "state": one.state, "version": one.version,
        "now": one.now, "anyway": one.is_possible,
    }  # fmt: skip
    if one.error is not None:
        found |= {"code": one.error.code, "reason": _reason(db, request, one.error)}
    return found


def _reason(db: Database, request: Request, error: UserError) -> str:
    """The sentence for an error, its moments by the clock of the place."""
    spoken = language_of(request)
    zone, now = ZoneInfo(units.timezone(db) or "UTC"), clock.now(db)
    values = {
        name: language.moment(one, spoken, zone, now=now) if isinstance(one, datetime) else one
        for name, one in error.values.items()
    }
    known = error.code if language.knows(error.code, spoken) else "error_unworded"
    return language.say(known, spoken, **{"code": error.code, **values})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value))
