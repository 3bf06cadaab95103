"""What the gate answers itself: refusals, the way on from the provider, headers for all."""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Message, Scope, Send

from app import gate_routes as routes
from app import language as words
from app import sign_in_pages as pages
from app.gate_identity import (
    NEXT_COOKIE,
    PROVIDER_COOKIES,
    Who,
    cookie_of,
    cookies_of,
    is_https,
    is_navigation,
)
from app.gate_routes import Requirement
from app.settings import Settings
from app.store.database import Database
from app.use_cases import roles
from app.use_cases.sessions import SignIn


def refused(  # noqa: PLR0913
    scope: Scope,
    asked: Requirement,
    who: Who,
    code: str,
    *,
    database: Callable[[], Database],
    settings: Settings,
) -> Response:
    """A page for people, the sign-in page for those not known yet, one sentence for programs."""
    request = Request(scope)
    values = _values(who, asked, pages.language_of(request))
    is_sign_in = code == "sign_in_cross_site" and asked.route == routes.SIGN_IN
    if not is_navigation(scope) and not is_sign_in:
        return PlainTextResponse(_sentence(code, pages.language_of(request), values), 403)
    if who.session is not None and not is_sign_in:
        return pages.refused(request, code, values)
    error = "" if code == "session_none" else code
    answer = pages.sign_in(request, database(), settings, error=error, wished=_address(request))
    if is_navigation(scope):
        _forget(answer, scope)
    return answer


def _sentence(code: str, spoken: str, values: dict[str, str]) -> str:
    known = code if words.knows(code, spoken) else "error_unworded"
    return words.say(known, spoken, **{"code": code, **values})


def _address(request: Request) -> str:
    """The address asked for, without the host."""
    return f"{request.url.path}?{request.url.query}".rstrip("?")


def _values(who: Who, asked: Requirement, spoken: str) -> dict[str, str]:
    role = who.session.actor.role if who.session is not None else "unknown"
    permission = asked.permission or roles.EVERYBODY
    return {
        "role": words.say(f"role_{role}", spoken),
        "permission": words.say(f"permission_{permission}", spoken),
    }


def _forget(answer: Response, scope: Scope) -> None:
    """Drop what did not open the door: it would be shown again at every step."""
    for name in cookies_of(scope):
        if name == pages.COOKIE or name.startswith(PROVIDER_COOKIES):
            answer.delete_cookie(name)


def welcome(scope: Scope, who: Who, settings: Settings) -> Response:
    """On to where the person wanted to go before the provider asked who it was."""
    wished = routes.safe_next(cookie_of(scope, NEXT_COOKIE) or _address(Request(scope)))
    answer = RedirectResponse(wished, status_code=303, headers={"Cache-Control": "no-store"})
    answer.delete_cookie(NEXT_COOKIE)
    if who.begun is not None:
        pages.keep_session(answer, who.begun.token, is_https(scope, settings))
    return answer


def provider_is_down(message: Message) -> None:
    """Back to the sign-in page, with a word why, instead of Streamlit's bare error."""
    message["status"] = 303
    headers = MutableHeaders(scope=message)
    headers["location"] = f"{routes.SIGN_IN}?why=sign_in_provider_down"


def keep(message: Message, begun: SignIn, is_secure: bool) -> None:
    """Let an answer of the app's bring the cookie of the session just begun."""
    kept = Response()
    pages.keep_session(kept, begun.token, is_secure)
    MutableHeaders(scope=message).append("set-cookie", kept.headers["set-cookie"])


def has_come_in(message: Message) -> bool:
    """Whether Streamlit found the provider's answer good, and lets the browser keep it."""
    given = MutableHeaders(scope=message).getlist("set-cookie")
    return any(
        cookie.startswith(f"{PROVIDER_COOKIES[0]}=") and "max-age=0" not in cookie.lower()
        for cookie in given
    )


def dressed(send: Send, asked: Requirement) -> Send:
    """Answers with the headers that keep pages out of other sites and files out of caches."""

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            _dress(MutableHeaders(scope=message), asked)
        await send(message)

    return with_headers


def _dress(headers: MutableHeaders, asked: Requirement) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", "frame-ancestors 'self'")
        headers.setdefault("Referrer-Policy", "same-origin")
    if asked.route == routes.MEDIA:
        headers["Cache-Control"] = "private, no-store"
