"""Addresses of the crew's phone page: its files, its day, its questions, the steps of its queue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app import crew_answers as answers
from app import crew_shell, json_answers, language
from app.assets import STATIC
from app.maps.routes import basemap_url
from app.sign_in_pages import language_of
from app.store.database import Database
from app.use_cases import crew_calls, crew_day, crew_steps, crew_whose, crew_wishes
from app.use_cases.actors import Actor
from grid_cells.errors import UserError

LONGEST_BODY: Final = 1024 * 1024
LONGEST_FILE: Final = 42 * 1024 * 1024
_ASK_AGAIN: Final = {"Cache-Control": "private, no-cache"}
_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:;"
    " style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; form-action 'self';"
    " base-uri 'none'; object-src 'none'"
)


@dataclass(frozen=True)
class CrewRoutes:
    """The routes of the page; the gate has checked who asks and where the request comes from."""

    database: Callable[[], Database]
    basemap: Callable[[], Path]

    def routes(self) -> list[BaseRoute]:
        """Every route of the page."""
        return [
            Route("/crew", self.page, methods=["GET"]),
            Route("/crew/sw.js", self.worker, methods=["GET"]),
            Route("/crew/manifest.json", self.manifest, methods=["GET"]),
            Route("/crew/static/{name}", self.file, methods=["GET"]),
            Route("/crew/day", self.day, methods=["GET"]),
            Route("/crew/whose", self.whose, methods=["POST"]),
            Route("/crew/steps", self.steps, methods=["POST"]),
            Route("/crew/evidence", self.evidence, methods=["POST"]),
            Route("/crew/call", self.call, methods=["POST"]),
        ]

    def page(self, _request: Request) -> Response:
        """The shell: the same bytes for everybody, without anybody's data."""
        shell = (STATIC / "crew.html").read_text(encoding="utf-8")
        return HTMLResponse(shell, headers={**_ASK_AGAIN, "Content-Security-Policy": _POLICY})

    def worker(self, _request: Request) -> Response:
        """The service worker, allowed for the page's own address."""
        headers = {**_ASK_AGAIN, "Service-Worker-Allowed": crew_shell.SHELL}
        return Response(crew_shell.worker(), media_type="text/javascript", headers=headers)

    def manifest(self, request: Request) -> Response:
        """What a phone asks for to install the page."""
        told = crew_shell.manifest(language_of(request))
        return JSONResponse(told, headers=_ASK_AGAIN, media_type="application/manifest+json")

    def file(self, request: Request) -> Response:
        """One of the page's own files, or its words in a language."""
        name = str(request.path_params["name"])
        spoken = name.removeprefix("words-").removesuffix(".json")
        if name == f"words-{spoken}.json" and spoken in language.LANGUAGES:
            return JSONResponse(dict(crew_shell.words(spoken)), headers=_ASK_AGAIN)
        file = crew_shell.files().get(name)
        if file is None:
            raise HTTPException(404)
        return FileResponse(file, media_type=crew_shell.TYPES[file.suffix], headers=_ASK_AGAIN)

    def day(self, request: Request) -> Response:
        """Today, of the person's own crew and area."""

        def ask(actor: Actor) -> Any:
            told = crew_day.day(self.database(), actor)
            return {**told, "basemap": basemap_url(self.basemap())}

        return answers.answered(self.database(), request, ask)

    async def whose(self, request: Request) -> Response:
        """Whose a place, a customer or an address is; asked in a body, for it may be a home."""
        return await self._posted(
            request, lambda actor, body: crew_whose.ask(self.database(), actor, body),
            is_personal=False,
        )  # fmt: skip

    async def steps(self, request: Request) -> Response:
        """Steps of the queue, in order; each is answered by itself."""

        def ask(actor: Actor, body: dict[str, Any]) -> Any:
            taken = crew_steps.take(self.database(), actor, crew_wishes.steps(body))
            return {"answers": [answers.told(self.database(), request, one) for one in taken]}

        return await self._posted(request, ask)

    async def call(self, request: Request) -> Response:
        """The number of whoever has to be met on an order."""

        def ask(actor: Actor, body: dict[str, Any]) -> Any:
            order = crew_wishes.named(body, "order")
            return {"phone": crew_calls.number(self.database(), actor, order)}

        return await self._posted(request, ask)

    async def evidence(self, request: Request) -> Response:
        """A photo, recording or note: its words on the first line, the file after it."""

        def ask(actor: Actor, body: bytes) -> Any:
            line, _, content = body.partition(b"\n")
            given = answers.read(line)
            _check_person(actor, given)
            device_at = crew_wishes.moment(given, "device_at")
            taken = crew_steps.add_evidence(self.database(), actor, given, content, device_at)
            return {"evidence_id": taken.evidence_id, "repeated": taken.is_repeated}

        return await self._bodied(request, answers.BYTES_TYPE, LONGEST_FILE, ask)

    async def _posted(
        self, request: Request, ask: Callable[[Actor, dict[str, Any]], Any], *,
        is_personal: bool = True,
    ) -> Response:  # fmt: skip
        """The answer to JSON; what belongs to a queue is taken from its own person alone."""

        def read(actor: Actor, body: bytes) -> Any:
            given = answers.read(body)
            if is_personal:
                _check_person(actor, given)
            return ask(actor, given)

        return await self._bodied(request, json_answers.JSON_TYPE, LONGEST_BODY, read)

    async def _bodied(
        self, request: Request, content_type: str, longest: int, ask: Callable[[Actor, bytes], Any]
    ) -> Response:
        try:
            body = await json_answers.body(
                request, longest, family=answers.FAMILY, content_type=content_type
            )
        except UserError as error:
            return answers.refused(self.database(), request, error)
        return await run_in_threadpool(
            answers.answered, self.database(), request, lambda actor: ask(actor, body)
        )


def _check_person(actor: Actor, given: Mapping[str, Any]) -> None:
    """A queue is its person's: somebody else who signed in at the same phone does not send it."""
    if given.get("who") != actor.id:
        raise UserError("crew_other_person")
