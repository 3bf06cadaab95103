"""The address at which devices of halls tell of heartbeats, faults, sessions and content."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app import json_answers
from app.gate_routes import HALL_DEVICES
from app.store.database import Database
from app.use_cases import hall_device_events
from app.use_cases.actors import Actor
from app.use_cases.hall_device_events import MOST_AT_ONCE, DeviceEvent
from grid_cells.errors import UserError

LONGEST_BODY: Final = 2 * 1024 * 1024
_STATUS: Final = {
    "device_event_body_type": 415, "device_event_body_long": 413, "device_event_key_taken": 409,
}  # fmt: skip
_NAMED: Final = ("item", "field", "value")


@dataclass(frozen=True)
class HallDeviceRoutes:
    """The route of devices; the gate has checked who asks."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """The one route."""
        return [Route(HALL_DEVICES, self.take, methods=["POST"])]

    async def take(self, request: Request) -> Response:
        """Store one event or a list of them, all or none, and tell how many were new."""
        try:
            body = await json_answers.body(request, LONGEST_BODY, family="device_event")
            given = json_answers.read(body, "device_event_body")
        except UserError as error:
            return self._refused(request, error)

        def told(actor: Actor) -> Response:
            return JSONResponse(hall_device_events.take(self.database(), actor, _events(given)))

        return await run_in_threadpool(
            json_answers.asked, request, told, lambda error: self._refused(request, error)
        )

    def _refused(self, request: Request, error: UserError) -> Response:
        return json_answers.refused(self.database(), request, error, _STATUS, _NAMED)


def _events(given: Any) -> list[DeviceEvent]:
    items = given if isinstance(given, list) else [given]
    if len(items) > MOST_AT_ONCE:
        raise UserError("device_event_many", most=MOST_AT_ONCE, count=len(items))
    return [_event(item, one) for item, one in enumerate(items)]


def _event(item: int, given: Any) -> DeviceEvent:
    try:
        return hall_device_events.read(given)
    except UserError as error:
        raise UserError(error.code, **{**error.values, "item": item}) from error
