"""The one way in: every request and every message is let through here, or refused and recorded."""

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Final

import uvicorn.config
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime

from app import gate_answers as answers
from app import gate_routes as routes
from app.gate_identity import (
    Identity,
    Who,
    is_https,
    is_navigation,
    is_same_site,
    source_of,
)
from app.gate_refusals import Refusals
from app.gate_routes import Requirement, requirement_of
from app.gate_sockets import CLOSED, LOOK_EVERY_S, Live, Ownership, Sockets, is_of_person
from app.settings import Settings
from app.store.database import Database
from app.use_cases import roles, sessions
from app.use_cases.clock import real_now
from app.use_cases.refusal_budgets import Refusal
from app.use_cases.sessions import Session
from grid_cells.errors import AccessDenied

FIRST_STEPS: Final = frozenset({routes.PASSWORD, routes.SIGN_OUT})
"""All that an account with its first password may do."""
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def keep_peers() -> None:
    """Let no `X-Forwarded-For` pass for the address at the other end of the socket."""
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    # `streamlit run` makes uvicorn read the environment before it imports the app
    uvicorn.config.ProxyHeadersMiddleware = _as_it_came  # type: ignore[attr-defined, assignment]


def _as_it_came(app: ASGIApp, **_: object) -> ASGIApp:
    return app


class Gate:
    """Stands before pages, sockets, files and routes; knows who is there, and asks every time.

    `direct`: by route, what answers without Streamlit's layers in between: they serve pages and
    would take a third of the time of a call of the hotline.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        database: Callable[[], Database],
        settings: Settings,
        direct: Mapping[str, ASGIApp],
    ) -> None:
        self.app = app
        self.direct = direct
        self.settings = settings
        self.database = database
        self.identity = Identity(database, settings)
        self.refusals = Refusals(database)
        self.sockets = Sockets()
        self.ownership = Ownership(Runtime.instance(), self._foreign) if Runtime.exists() else None
        self._tasks: set[asyncio.Task[None]] = set()
        sessions.watch_ended(self.sockets.end)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, self._until_shutdown(receive), send)

    def _until_shutdown(self, receive: Receive) -> Receive:
        """The life of the app, with what is still uncounted written before it ends."""

        async def watched() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await run_in_threadpool(self.refusals.close)
            return message

        return watched

    # --- requests ------------------------------------------------------------------------------

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = requirement_of(scope["method"], scope["path"])
        who = await self._who(scope, asked)
        code = self._refusal_of(scope, asked, who)
        if code:
            answer = await self._refuse(scope, asked, who, code)
            await answer(scope, receive, answers.dressed(send, asked))
        elif who.begun is not None and who.session is not None and who.session.way == "oidc":
            await answers.welcome(scope, who, self.settings)(scope, receive, send)
        else:
            if asked.route == routes.SIGN_OUT and who.session is not None:
                self.sockets.leave(who.session.session_id)
            cleaned = self.identity.cleaned(scope, who.session)
            answering = self.direct.get(asked.route, self.app)
            await answering(cleaned, receive, self._watched(scope, asked, who, send))

    async def _who(self, scope: Scope, asked: Requirement) -> Who:
        who = self.identity.known(scope, real_now(), takes_token=asked.takes_token)
        may_begin = asked.needs_session and not self.settings.is_local_only
        if who.session is None and may_begin and is_navigation(scope):
            return await run_in_threadpool(self.identity.begin, scope, who, real_now())
        return who

    def _refusal_of(self, scope: Scope, asked: Requirement, who: Who) -> str:
        """Why the request is refused; empty where it may pass."""
        if asked.kind == "secret":
            return ""
        is_reading = scope["type"] == "http" and scope["method"] in _READING
        if not is_reading and not is_same_site(scope):
            return "sign_in_cross_site"
        if asked.kind == "open" or (asked.kind == "provider" and self.settings.oidc):
            return ""
        if who.session is None:
            return who.why
        return self._refusal_of_session(scope, asked, who.session)

    def _refusal_of_session(self, scope: Scope, asked: Requirement, session: Session) -> str:
        if not asked.needs_session:
            return "route_refused"
        is_first = session.must_change and session.way == "local"
        if is_first and asked.route not in FIRST_STEPS:
            return "password_must_change"
        if asked.permission and not roles.permits(session.actor.role, asked.permission):
            return "access_no_permission"
        return "" if self._is_own(scope, asked, session) else "file_not_yours"

    def _is_own(self, scope: Scope, asked: Requirement, session: Session) -> bool:
        """Whether a file, offered or to be taken in, belongs to this very session."""
        if asked.route not in {routes.MEDIA, routes.UPLOAD}:
            return True
        if self.ownership is None:
            return False
        if asked.route == routes.MEDIA:
            name = scope["path"].removeprefix(routes.MEDIA.partition("{")[0])
            return self.ownership.owns_file(session.session_id, name)
        return self.ownership.owns_socket(session.session_id, scope["path"].split("/")[-2])

    async def _refuse(self, scope: Scope, asked: Requirement, who: Who, code: str) -> Response:
        first_password = code == "password_must_change" and is_navigation(scope)
        if first_password:
            return RedirectResponse(routes.PASSWORD, status_code=303)
        await self._record(scope, asked, who.session, code)
        return await run_in_threadpool(
            answers.refused, scope, asked, who, code, database=self.database, settings=self.settings
        )

    def _watched(self, scope: Scope, asked: Requirement, who: Who, send: Send) -> Send:
        """What the app answers, with our headers, and with the cookie of a session just begun."""
        dressed = answers.dressed(send, asked)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                if asked.route == routes.CALLBACK and not answers.has_come_in(message):
                    await self._came_back_without(scope, asked, message)
                if asked.route == routes.PROVIDER and message["status"] >= 400:  # noqa: PLR2004
                    answers.provider_is_down(message)
                if asked.kind == "secret" and message["status"] == 403:  # noqa: PLR2004
                    await self._record(scope, asked, None, "secret_wrong")
                if who.begun is not None:
                    answers.keep(message, who.begun, is_https(scope, self.settings))
            await dressed(message)

        return watched

    async def _came_back_without(self, scope: Scope, asked: Requirement, message: Message) -> None:
        """Back from the provider: after signing out there, or without its word."""
        headers = MutableHeaders(scope=message)
        headers["location"] = routes.SIGN_IN
        asked_for = Request(scope).query_params
        if "code" in asked_for or "error" in asked_for:
            await self._record(scope, asked, None, "sign_in_provider_refused")
            headers["location"] += "?why=sign_in_provider_refused"

    # --- sockets -------------------------------------------------------------------------------

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = requirement_of(routes.SOCKET, scope["path"])
        who = self.identity.known(scope, real_now())
        code = self._refusal_of(scope, asked, who)
        if code or who.session is None:
            await self._record(scope, asked, who.session, code)
            await receive()
            await send({"type": "websocket.close", "code": CLOSED, "reason": code})
            return
        live = Live(who.session, send)
        self.sockets.add(live)
        looking = asyncio.create_task(self._look_after(live))

        async def checked() -> Message:
            return await self._message(scope, asked, live, receive)

        try:
            await self.app(self.identity.cleaned(scope, who.session), checked, live.sent)
        finally:
            looking.cancel()
            self.sockets.remove(live)
            if live.ended.is_set() and self.ownership is not None:
                self.ownership.close(live.session_id)

    async def _message(
        self, scope: Scope, asked: Requirement, live: Live, receive: Receive
    ) -> Message:
        """The next message of the browser, if its session still holds."""
        message = await live.received(receive)
        if message["type"] == "websocket.disconnect":
            return message
        code = self._lapsed(live, is_use=is_of_person(message))
        if not code:
            return message
        await self._record(scope, asked, None, code)
        await live.end(code)
        return {"type": "websocket.disconnect", "code": CLOSED}

    def _lapsed(self, live: Live, *, is_use: bool) -> str:
        """Why the socket's session no longer holds; empty where it does."""
        try:
            live.session = sessions.of_id(
                self.database(), live.session_id, at=real_now(), is_use=is_use
            )
        except AccessDenied as denied:
            return denied.code
        return ""

    async def _look_after(self, live: Live) -> None:
        """End the socket when its session runs out while nobody says anything."""
        while not live.ended.is_set():
            await asyncio.sleep(LOOK_EVERY_S)
            is_late = real_now() >= live.session.expires_at
            if is_late and (code := self._lapsed(live, is_use=False)):
                await live.end(code)

    def _foreign(self, session_id: str) -> None:
        """A browser asked for a session of Streamlit's that somebody else has begun."""
        asked = requirement_of(routes.SOCKET, routes.STREAM)
        whose = next((live.session for live in self.sockets.of([session_id])), None)
        recording = self._record({"type": "websocket"}, asked, whose, "socket_foreign")
        task = asyncio.get_running_loop().create_task(recording)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _record(
        self, scope: Scope, asked: Requirement, session: Session | None, code: str
    ) -> None:
        actor = session.actor if session is not None else None
        method = routes.method_of(scope.get("method", routes.SOCKET))
        refusal = Refusal(
            code=code,
            asked=f"{method} {asked.route}",
            actor_id=actor.id if actor else "nobody",
            role=actor.role if actor else "",
            permission=asked.permission,
            peer=source_of(scope, self.settings),
        )
        await self.refusals.record(refusal)
