"""Addresses at which a crew's phone sees the pool of orders and asks for one."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app import json_answers, language
from app.gate_routes import GRAB, POOL
from app.sign_in_pages import language_of
from app.store.database import Database
from app.use_cases import clock, grabs, units
from app.use_cases.actors import Actor
from app.use_cases.grab_settling import GrabAnswer
from grid_cells.errors import UserError

LONGEST_BODY: Final = 4096
AT_ONCE: Final = 200
"""Crews wait for each other within a window: none of them may wait for a thread."""
_STATUS: Final = {"grab_body_type": 415, "grab_body_long": 413, "order_step_key_taken": 409}
_ORDER: Final = (
    "order_id", "kind", "task", "priority", "registered_at", "window_from", "window_to",
    "service_min", "skills", "address", "lon", "lat", "area_id", "due_at", "due_of", "calls",
    "may", "why", "place", "travel_min", "arrive_in_min", "spare_min", "rank", "able",
)  # fmt: skip


@dataclass
class GrabRoutes:
    """The routes of the pool; the gate has checked who asks and where the request comes from."""

    database: Callable[[], Database]
    _threads: CapacityLimiter | None = field(default=None, init=False)

    def routes(self) -> list[BaseRoute]:
        """Every route of the pool."""
        return [
            Route(POOL, self.pool, methods=["GET"]),
            Route(GRAB, self.grab, methods=["POST"]),
        ]

    def pool(self, request: Request) -> Response:
        """Orders in the pool that the person sees, with whether the crew may grab each, and why."""

        def ask(actor: Actor) -> Response:
            rows = grabs.pool(self.database(), actor)
            spoken = language_of(request)
            told = [_row(row, spoken) for row in rows.to_dict("records")]
            return JSONResponse({"crew": actor.crew_id, "orders": told})

        return self._answered(request, ask)

    async def grab(self, request: Request) -> Response:
        """Ask for one order: 200 where the crew has it, 409 where it does not."""
        try:
            order, key = _asked(await _body(request))
        except UserError as error:
            return self._refused(request, error)

        def act(actor: Actor) -> Response:
            answer = grabs.grab(self.database(), actor, order, key)
            status = 200 if answer.is_mine else 409
            return JSONResponse(self._told(request, answer), status_code=status)

        if self._threads is None:
            self._threads = CapacityLimiter(AT_ONCE)
        return await to_thread.run_sync(self._answered, request, act, limiter=self._threads)

    def _told(self, request: Request, answer: GrabAnswer) -> dict[str, Any]:
        spoken = language_of(request)
        at = None if answer.at is None else self._moment(answer.at, spoken)
        crew = answer.crew_id or language.NOTHING
        sentence = language.say(answer.code, spoken, order=answer.order_id, crew=crew, at=at or "")
        why = [language.say(f"grab_why_{one}", spoken) for one in answer.why]
        if answer.decided_by is not None:
            why.append(language.say(f"grab_by_{answer.decided_by}", spoken))
        return {
            "order": answer.order_id, "outcome": answer.code, "crew": answer.crew_id,
            "at": None if answer.at is None else answer.at.isoformat(), "why": list(answer.why),
            "decided_by": answer.decided_by, "asked": answer.asked, "figures": answer.figures,
            "state": answer.state, "version": answer.version, "repeated": answer.is_repeated,
            "sentence": " ".join([sentence, *why]),
        }  # fmt: skip

    def _moment(self, at: datetime, spoken: str) -> str:
        db = self.database()
        zone = ZoneInfo(units.timezone(db) or "UTC")
        return language.moment(at, spoken, zone, now=clock.now(db))

    def _answered(self, request: Request, ask: Callable[[Actor], Response]) -> Response:
        return json_answers.asked(request, ask, lambda error: self._refused(request, error))

    def _refused(self, request: Request, error: UserError) -> Response:
        return json_answers.refused(self.database(), request, error, _STATUS)


async def _body(request: Request) -> Any:
    """The request's JSON; UserError `grab_body_type`, `grab_body_long`, `grab_body_unreadable`."""
    body = await json_answers.body(request, LONGEST_BODY, family="grab")
    return json_answers.read(body, "grab_body_unreadable", field="body")


def _asked(given: Any) -> tuple[str, str]:
    """The order asked for, and the device's own number of the step."""
    if not isinstance(given, dict):
        raise UserError("grab_body_unreadable", field="body")
    for name in ("order", "step_key"):
        if not isinstance(given.get(name), str) or not given[name]:
            raise UserError("grab_body_unreadable", field=name)
    return given["order"], given["step_key"]


def _row(row: dict[Any, Any], spoken: str) -> dict[str, Any]:
    """An order of the pool as the phone reads it."""
    told = {name: _plain(row[name]) for name in _ORDER}
    return told | {"sentences": [language.say(f"grab_why_{one}", spoken) for one in row["why"]]}


def _plain(value: Any) -> Any:
    """A value as JSON takes it: no NaN, moments as text."""
    if isinstance(value, list):
        return value
    if isinstance(value, datetime):
        return None if value != value else value.isoformat()  # noqa: PLR0124 - NaT
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value
