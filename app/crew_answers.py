"""How the crew's phone page is answered: objects of JSON, kept by no cache."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from app import json_answers
from app.store.database import Database
from app.use_cases.actors import Actor
from app.use_cases.crew_steps import Answered
from grid_cells.errors import UserError

BYTES_TYPE: Final = "application/octet-stream"
FAMILY: Final = "crew"
_STATUS: Final = {"crew_body_type": 415, "crew_body_long": 413, "crew_other_person": 409}
_NEVER_KEPT: Final = {"Cache-Control": "private, no-store"}


def read(text: bytes) -> dict[str, Any]:
    """An object of JSON; UserError `crew_body`."""
    found = json_answers.read(text, "crew_body")
    if not isinstance(found, dict):
        raise UserError("crew_body")
    return found


def answered(db: Database, request: Request, ask: Callable[[Actor], Any]) -> Response:
    """What the person who signed in is told, as JSON that no cache keeps."""

    def told(actor: Actor) -> Response:
        text = json.dumps(ask(actor), default=_plain, ensure_ascii=False, allow_nan=False)
        return Response(text, media_type=json_answers.JSON_TYPE, headers=_NEVER_KEPT)

    return json_answers.asked(request, told, lambda error: refused(db, request, error))


def refused(db: Database, request: Request, error: UserError) -> Response:
    """Why nothing was done; JSON, by which the page tells it from the gate's own refusal."""
    answer = json_answers.refused(db, request, error, _STATUS)
    answer.headers.update(_NEVER_KEPT)
    return answer


def told(db: Database, request: Request, one: Answered) -> dict[str, Any]:
    """What came of a step, with the reason in the person's language."""
    found: dict[str, Any] = {
        "key": one.key, "fate": one.fate, "state": one.state, "version": one.version,
        "now": one.now, "anyway": one.is_possible,
    }  # fmt: skip
    if one.error is not None:
        reason = json_answers.reason(db, request, one.error)
        found |= {"code": one.error.code, "reason": reason}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value))
