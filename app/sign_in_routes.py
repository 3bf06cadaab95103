"""What the sign-in pages' forms do: come in, go out, change the password."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from app import sign_in_pages as pages
from app.gate_identity import NEXT_COOKIE, agent_of, is_https, peer_of, provider_address
from app.gate_routes import PASSWORD, SIGN_IN, SIGN_OUT, safe_next
from app.settings import Settings
from app.store.database import Database
from app.use_cases import sessions
from app.use_cases.clock import real_now
from app.use_cases.sessions import Session
from grid_cells.errors import UserError

LONGEST_FORM: Final = 8192
AT_ONCE, MOST_WAITING = 4, 100
"""A flood of sign-ins must not take the threads that serve everybody else."""
_NEXT_FOR_S: Final = 600
_PROVIDERS_SIGN_OUT: Final = "/auth/logout"

Work = Callable[[Request, dict[str, str]], Response]


@dataclass(frozen=True)
class SignInRoutes:
    """The routes of the sign-in pages; the gate has checked where their forms come from."""

    database: Callable[[], Database]
    settings: Settings
    places: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))

    def routes(self) -> list[BaseRoute]:
        """Every route of the sign-in pages."""
        return [
            Route(SIGN_IN, self.ask, methods=["GET"]),
            Route(SIGN_IN, self.enter, methods=["POST"]),
            Route(SIGN_OUT, self.leave, methods=["POST"]),
            Route(PASSWORD, self.ask_password, methods=["GET"]),
            Route(PASSWORD, self.change_password, methods=["POST"]),
        ]

    def ask(self, request: Request) -> Response:
        """The sign-in page, or on to the app for whoever is in already."""
        wished = request.query_params.get("next", "/")
        if session_of(request) is not None:
            return _on(safe_next(wished))
        return pages.sign_in(request, self.database(), self.settings, wished=wished)

    async def enter(self, request: Request) -> Response:
        """A session by login and password, or on to the provider."""
        form = await _form(request)
        if form.get("way") == "oidc" and self.settings.oidc is not None:
            return await self._apart(self._to_provider, request, form)
        return await self._apart(self._enter, request, form)

    async def _apart(self, work: Work, request: Request, form: dict[str, str]) -> Response:
        """The work's answer, done on a few threads of its own: passwords take their time."""
        if self.places.statistics().tasks_waiting >= MOST_WAITING:
            raise HTTPException(503)
        return await to_thread.run_sync(work, request, form, limiter=self.places)

    def _enter(self, request: Request, form: dict[str, str]) -> Response:
        wished, login = safe_next(form.get("next", "/")), form.get("login", "")
        try:
            opened = sessions.sign_in_local(
                self.database(), login, form.get("password", ""),
                source=peer_of(request.scope), agent=agent_of(request.scope), at=real_now(),
            )  # fmt: skip
        except UserError as error:
            return pages.sign_in(
                request, self.database(), self.settings,
                error=error.code, values=error.values, wished=wished, login=login[:64],
            )  # fmt: skip
        self._end(session_of(request), why="signed_in_again")
        answer = _on(_spoken(PASSWORD if opened.must_change else wished, request))
        pages.keep_session(answer, opened.token, is_https(request.scope, self.settings))
        return answer

    def _to_provider(self, request: Request, form: dict[str, str]) -> Response:
        self._end(session_of(request), why="signed_in_again")
        answer = _on(provider_address())
        answer.delete_cookie(pages.COOKIE)
        answer.set_cookie(
            NEXT_COOKIE,
            _spoken(safe_next(form.get("next", "/")), request),
            max_age=_NEXT_FOR_S,
            secure=is_https(request.scope, self.settings),
            httponly=True,
            samesite="lax",
        )
        return answer

    def leave(self, request: Request) -> Response:
        """End the session here and, where the provider opened it, there."""
        session = session_of(request)
        self._end(session, why="signed_out")
        is_providers = session is not None and session.way == "oidc"
        goal = f"{SIGN_IN}?lang={pages.language_of(request)}"
        answer = _on(_PROVIDERS_SIGN_OUT if is_providers and self.settings.oidc else goal)
        answer.delete_cookie(pages.COOKIE)
        return answer

    def _end(self, session: Session | None, *, why: str) -> None:
        if session is not None:
            sessions.sign_out(self.database(), session.session_id, at=real_now(), why=why)

    def ask_password(self, request: Request) -> Response:
        """The form for one's own password."""
        return pages.password(request, is_first=_is_first(session_of(request)))

    async def change_password(self, request: Request) -> Response:
        """A new password of one's own."""
        form = await _form(request)
        return await self._apart(self._change_password, request, form)

    def _change_password(self, request: Request, form: dict[str, str]) -> Response:
        session = session_of(request)
        if session is None:
            return _on(SIGN_IN)
        try:
            sessions.change_password(
                self.database(), session.actor,
                form.get("old", ""), _same_twice(form), at=real_now(),
            )  # fmt: skip
        except UserError as error:
            return pages.password(
                request, is_first=_is_first(session), error=error.code, values=error.values
            )
        return _on(_spoken("/", request))


def session_of(request: Request) -> Session | None:
    """The session that the gate found for this request."""
    found: Session | None = getattr(request.state, "session", None)
    return found


def _is_first(session: Session | None) -> bool:
    return session is not None and session.must_change


def _same_twice(form: dict[str, str]) -> str:
    """The new password, written the same way twice."""
    if form.get("new", "") != form.get("again", ""):
        raise UserError("password_two_differ")
    return form.get("new", "")


async def _form(request: Request) -> dict[str, str]:
    """The form's fields; HTTPException 413 where somebody sends more than a form holds."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise HTTPException(413)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _spoken(address: str, request: Request) -> str:
    """The address, and with it the language where the person chose another than the browser's."""
    spoken = pages.language_of(request)
    if spoken == pages.browsers_language(request) or "lang=" in urlsplit(address).query:
        return address
    return f"{address}{'&' if '?' in address else '?'}lang={spoken}"


def _on(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
