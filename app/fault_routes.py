"""The address at which the hotline's system hands over its calls, each acknowledged once stored."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, request_response
from starlette.types import ASGIApp

from app import json_answers, language
from app.gate_routes import FAULT_REPORTS
from app.sign_in_pages import language_of
from app.sign_in_routes import session_of
from app.store.database import Database
from app.use_cases import fault_reports, fault_wishes
from app.use_cases.fault_intake import Stored
from app.use_cases.fault_reports import Taken
from app.use_cases.fault_wishes import ReportWish
from app.use_cases.sessions import Session
from grid_cells.errors import AccessDenied, UserError

LONGEST_BODY: Final = 2 * 1024 * 1024
WAIT_S: Final = 30.0
_BUSY: Final = "fault_busy"
_STATUS: Final = {_BUSY: 429, "fault_body_type": 415, "fault_body_long": 413,
                  "fault_not_stored": 503, "fault_report_id_taken": 409}  # fmt: skip
_LOG = logging.getLogger("gridcells")


@dataclass(frozen=True)
class FaultRoutes:
    """The route of calls; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """The one route."""
        return [Route(FAULT_REPORTS, self.take, methods=["POST"])]

    @property
    def answer(self) -> ASGIApp:
        """The route alone, for whoever has found out already that a request is for it."""
        return request_response(self.take)

    async def take(self, request: Request) -> Response:
        """Store one report or a list of them, and tell what came of each."""
        session = session_of(request)
        if session is None:
            raise HTTPException(403)
        try:
            given = await _body(request)
            is_list = isinstance(given, list)
            stored = await self._stored(session, _wishes(given if is_list else [given]))
        except AccessDenied as denied:
            return _refused(request, denied, 403)
        except UserError as error:
            return _refused(request, error, _STATUS.get(error.code, 400))
        told = [_told(fault_reports.taken(one)) for one in stored]
        status = 200 if all(one.is_repeated for one in stored) else 201
        return JSONResponse({"reports": told} if is_list else told[0], status_code=status)

    async def _stored(self, session: Session, wishes: Sequence[ReportWish]) -> list[Stored]:
        """The reports once they are committed; what is sent again is found there by its number."""
        writing = fault_reports.submit(self.database(), session.actor, wishes)
        try:
            # whoever tires of waiting does not stop the writing
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(writing)), WAIT_S)
        except UserError:
            raise
        except Exception as error:
            _LOG.exception("calls were not acknowledged")
            raise UserError("fault_not_stored") from error


async def _body(request: Request) -> Any:
    """The request's JSON; raises UserError `fault_body_type`, `_long`, `_unreadable`."""
    body = await json_answers.body(request, LONGEST_BODY, family="fault")
    return json_answers.read(body, "fault_body_unreadable")


def _wishes(given: Sequence[Any]) -> list[ReportWish]:
    if len(given) > fault_reports.MOST_IN_ONE:
        raise UserError("fault_too_many", most=fault_reports.MOST_IN_ONE, count=len(given))
    wishes = []
    for item, one in enumerate(given):
        try:
            wishes.append(fault_wishes.read(one))
        except UserError as error:
            raise UserError(error.code, **{**error.values, "item": item}) from error
    return wishes


def _told(one: Taken) -> dict[str, Any]:
    """A report as the hotline reads it: ids, codes and moments."""
    return {
        "report_id": one.report_id, "registered_at": one.registered_at.isoformat(),
        "verdict": one.verdict, "outage_id": one.outage_id, "area": one.area_id,
        "crew": one.crew_id, "promise_class": one.promise_class,
        "arrive_by": None if one.arrive_by is None else one.arrive_by.isoformat(),
        "repeated": one.is_repeated,
    }  # fmt: skip


def _refused(request: Request, error: UserError, status: int) -> Response:
    """Why nothing was stored: the code, the field and value meant, a sentence."""
    reason = language.say(error.code, language_of(request), **error.values)
    named = {
        name: error.values[name] for name in ("item", "field", "value") if name in error.values
    }
    headers = {"Retry-After": "1"} if status in (429, 503) else {}
    return JSONResponse(
        {"code": error.code, **named, "reason": reason}, status_code=status, headers=headers
    )
