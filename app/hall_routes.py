"""Addresses of halls: what queue machines tell, and the page of one tap for each visit."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app import json_answers, language, tally_shell
from app.assets import STATIC
from app.gate_routes import HALL_VISITS, TALLY
from app.store.database import Database
from app.use_cases import hall_events, hall_tallies
from app.use_cases.actors import Actor
from grid_cells.errors import UserError

LONGEST_BODY: Final = 2 * 1024 * 1024
TYPES: Final = {".js": "text/javascript", ".css": "text/css"}
_ASK_AGAIN: Final = {"Cache-Control": "private, no-cache"}
_NEVER_KEPT: Final = {"Cache-Control": "private, no-store"}
_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'self';"
    " form-action 'self'; base-uri 'none'; object-src 'none'"
)
_STATUS: Final = {
    "hall_event_body_type": 415, "hall_event_body_long": 413, "tally_body_type": 415,
    "tally_body_long": 413, "crew_other_person": 409,
}  # fmt: skip
_NAMED: Final = ("item", "field", "value")


@dataclass(frozen=True)
class HallRoutes:
    """The routes of halls; the gate has checked who asks and where the request comes from."""

    database: Callable[[], Database]

    def routes(self) -> list[BaseRoute]:
        """Every route of halls."""
        return [
            Route(HALL_VISITS, self.visits, methods=["POST"]),
            Route(TALLY, self.page, methods=["GET"]),
            Route(f"{TALLY}/static/{{name}}", self.file, methods=["GET"]),
            Route(f"{TALLY}/sw.js", self.worker, methods=["GET"]),
            Route(f"{TALLY}/day", self.day, methods=["GET"]),
            Route(f"{TALLY}/taps", self.taps, methods=["POST"]),
        ]

    async def visits(self, request: Request) -> Response:
        """Store one event or a list of them, all or none, and tell what came of them."""

        def ask(actor: Actor, given: Any) -> Any:
            events = given if isinstance(given, list) else [given]
            if len(events) > hall_events.MOST_AT_ONCE:
                raise UserError("hall_event_many", most=hall_events.MOST_AT_ONCE, count=len(events))
            return hall_events.take(
                self.database(), actor, [_event(n, e) for n, e in enumerate(events)]
            )

        return await self._posted(request, "hall_event", ask)

    def page(self, _request: Request) -> Response:
        """The page of taps: the same bytes for everybody."""
        return HTMLResponse(
            tally_shell.page(), headers={**_ASK_AGAIN, "Content-Security-Policy": _POLICY}
        )

    def worker(self, _request: Request) -> Response:
        """The service worker, allowed for the page's own address."""
        headers = {**_ASK_AGAIN, "Service-Worker-Allowed": TALLY}
        return Response(tally_shell.worker(), media_type="text/javascript", headers=headers)

    def file(self, request: Request) -> Response:
        """One of the page's own files, or its words in a language."""
        name = str(request.path_params["name"])
        spoken = name.removeprefix("words-").removesuffix(".json")
        if name == f"words-{spoken}.json" and spoken in language.LANGUAGES:
            return JSONResponse(tally_shell.words(spoken), headers=_ASK_AGAIN)
        if name not in tally_shell.FILES:
            raise HTTPException(404)
        file = STATIC / name
        return FileResponse(file, media_type=TYPES[file.suffix], headers=_ASK_AGAIN)

    def day(self, request: Request) -> Response:
        """Halls, matters, and what was counted today."""
        return self._answered(request, lambda actor: hall_tallies.day(self.database(), actor))

    async def taps(self, request: Request) -> Response:
        """Taps of a person's queue, each answered by its key."""

        def ask(actor: Actor, given: Any) -> Any:
            _check_person(actor, given)
            taken = hall_tallies.take(self.database(), actor, hall_tallies.read(given))
            return {
                "answers": [{"key": one.key, "fate": one.fate, "code": one.code} for one in taken]
            }

        return await self._posted(request, "tally", ask)

    async def _posted(
        self, request: Request, family: str, ask: Callable[[Actor, Any], Any]
    ) -> Response:
        try:
            body = await json_answers.body(request, LONGEST_BODY, family=family)
            given = json_answers.read(body, f"{family}_body")
        except UserError as error:
            return self._refused(request, error)
        return await run_in_threadpool(self._answered, request, lambda actor: ask(actor, given))

    def _answered(self, request: Request, ask: Callable[[Actor], Any]) -> Response:
        def told(actor: Actor) -> Response:
            text = json.dumps(ask(actor), ensure_ascii=False, allow_nan=False)
            return Response(text, media_type=json_answers.JSON_TYPE, headers=_NEVER_KEPT)

        return json_answers.asked(request, told, lambda error: self._refused(request, error))

    def _refused(self, request: Request, error: UserError) -> Response:
        return json_answers.refused(self.database(), request, error, _STATUS, _NAMED)


def _event(item: int, given: Any) -> hall_events.VisitEvent:
    try:
        return hall_events.read(given)
    except UserError as error:
        raise UserError(error.code, **{**error.values, "item": item}) from error


def _check_person(actor: Actor, given: Any) -> None:
    """A queue is its person's: somebody else who signed in at the same phone does not send it."""
    if not isinstance(given, dict):
        raise UserError("tally_field", field="", value=str(given)[:60])
    if given.get("who") != actor.id:
        raise UserError("crew_other_person")
