"""Who sends a request: by our cookie, by the provider's, or by the trusted proxy's header."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Final

from starlette.requests import HTTPConnection, cookie_parser
from starlette.types import Scope
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.starlette.starlette_server_config import (
    TOKENS_COOKIE_NAME,
    USER_COOKIE_NAME,
)
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from app.settings import Oidc, Settings, is_among
from app.sign_in_pages import COOKIE
from app.store import users
from app.store.database import Database
from app.use_cases import sessions
from app.use_cases.live_sessions import TOKEN
from app.use_cases.sessions import Session, SignIn
from grid_cells.errors import AccessDenied, UserError
from grid_cells.sign_in import login_of
from grid_cells.sign_in import source_of as place_of

NEXT_COOKIE: Final = "gridcells_next"
SESSION_HEADER: Final = "x-gridcells-session"
PROVIDER_COOKIES: Final = (USER_COOKIE_NAME, TOKENS_COOKIE_NAME)
AGENT_LENGTH: Final = 200

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Who:
    """Whom a request comes from; without a session, why there is none."""

    session: Session | None = None
    why: str = "session_none"
    login: str = ""
    begun: SignIn | None = None


@dataclass(frozen=True)
class Identity:
    """Resolves whatever a request brings along to a row in `sessions`."""

    database: Callable[[], Database]
    settings: Settings

    def known(self, scope: Scope, at: datetime, *, takes_token: bool = False) -> Who:
        """Who is there by the session begun earlier; asks the store whenever it changed.

        `takes_token`: whether the address is for programs, which show theirs in a header; where
        one is shown the cookie is not looked at.
        """
        login = self._proxied(scope)
        if takes_token and (shown := _values(scope["headers"], b"authorization")):
            return self._program(shown, at)
        try:
            tokens = cookies_of(scope).get(COOKIE, [])
            if len(set(tokens)) != 1:
                # two different ones: somebody else set one of them
                return Who(why="session_unknown" if tokens else "session_none", login=login)
            session = sessions.resolve(self.database(), tokens[0], at=at)
        except AccessDenied as denied:
            return Who(why=denied.code, login=login)
        if session.way == TOKEN:
            return Who(why="token_not_here", login=login)
        if not self._fits(session, login):
            return Who(why="sign_in_proxy_differs", login=login)
        return Who(session, why="", login=login)

    def _program(self, shown: list[str], at: datetime) -> Who:
        """The program whose token it is; a person's session is no token."""
        scheme, _, token = shown[0].strip().partition(" ")
        if len(shown) != 1 or scheme.lower() != "bearer":
            return Who(why="session_unknown")
        try:
            session = sessions.resolve(self.database(), token.strip(), at=at)
        except AccessDenied as denied:
            return Who(why=denied.code)
        return Who(session, why="") if session.way == TOKEN else Who(why="session_unknown")

    def begin(self, scope: Scope, who: Who, at: datetime) -> Who:
        """Who is there by what the proxy or the provider says, with a new session."""
        try:
            opened = self._by_proxy(scope, who, at) or self._by_provider(scope, at)
            if opened is None:
                return who
            session = sessions.of_id(self.database(), opened.session_id, at=at)
        except UserError as error:
            return Who(why=error.code, login=who.login)
        return Who(session, why="", login=who.login, begun=opened)

    def _by_proxy(self, scope: Scope, who: Who, at: datetime) -> SignIn | None:
        if not who.login:
            return None
        return sessions.sign_in_proxy(self.database(), who.login, agent=agent_of(scope), at=at)

    def _by_provider(self, scope: Scope, at: datetime) -> SignIn | None:
        oidc = self.settings.oidc
        if oidc is None:
            return None
        cookies = {name: given[0] for name, given in cookies_of(scope).items()}
        proof = _get_signed_cookie_with_chunks(cookies, USER_COOKIE_NAME)
        if proof is None:
            return None
        subject = subject_of(json.loads(proof), oidc, at)
        # what was signed, not the cookie around it: that can be written in several ways
        return sessions.sign_in_oidc(
            self.database(), subject, proof=proof.decode(), agent=agent_of(scope), at=at
        )

    def _proxied(self, scope: Scope) -> str:
        """The login that the trusted proxy names; nothing where it names two."""
        proxy = self.settings.proxy
        if proxy is None or not proxy.is_peer(peer_of(scope)):
            return ""
        wanted = proxy.header.encode("latin-1")
        named = [value for name, value in scope["headers"] if _plain(name) == _plain(wanted)]
        exact = [value for name, value in scope["headers"] if name.lower() == wanted]
        return exact[0].decode("utf-8", "replace").strip() if len(named) == len(exact) == 1 else ""

    def _fits(self, session: Session, login: str) -> bool:
        """Whether the proxy, where it speaks, names the session's own person."""
        if not login:
            return session.way != "proxy"
        user = users.by_login(self.database().read(), login_of(login))
        return user is not None and session.actor.id == f"user:{user.user_id}"

    def cleaned(self, scope: Scope, session: Session | None) -> Scope:
        """The request as the app may see it: identity headers are the gate's alone to set."""
        ours = {_plain(SESSION_HEADER.encode())}
        if self.settings.proxy is not None:
            ours.add(_plain(self.settings.proxy.header.encode("latin-1")))
        headers: Headers = [pair for pair in scope["headers"] if _plain(pair[0]) not in ours]
        if session is not None:
            headers.append((SESSION_HEADER.encode(), session.session_id.encode()))
        state = {**scope.get("state", {}), "session": session}
        return {**scope, "headers": headers, "state": state}


def subject_of(claims: Mapping[str, Any], oidc: Oidc, at: datetime) -> str:
    """The subject that the provider vouches for, to us and now; UserError where it does not."""
    audience = claims.get("aud")
    members = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    is_ours = oidc.client_id in members and party in (
        (oidc.client_id,) if len(members) > 1 else (None, oidc.client_id)
    )
    if not is_ours:
        raise UserError("sign_in_wrong_client")
    is_from_there = str(claims.get("iss", "")).rstrip("/") == oidc.issuer.rstrip("/")
    if not is_from_there or claims.get("origin") != oidc.origin:
        raise UserError("sign_in_wrong_issuer")
    expires, subject = claims.get("exp"), claims.get(oidc.claim)
    if oidc.claim == "email" and claims.get("email_verified") is False:
        subject = None
    is_now = isinstance(expires, int | float) and expires > at.timestamp()
    if not is_now or claims.get("is_logged_in") is not True:
        raise UserError("sign_in_stale")
    if not isinstance(subject, str) or not subject:
        raise UserError("sign_in_no_account")
    return subject


def provider_address() -> str:
    """Where `st.login` sends people: Streamlit's own route, which goes on to the provider."""
    return generate_login_redirect_url("default")


def peer_of(scope: Scope) -> str:
    """The address at the other end of the socket."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def source_of(scope: Scope, settings: Settings) -> str:
    """The place a request is counted for: the socket's peer, or whom trusted proxies name.

    Of `X-Forwarded-For` the rightmost address counts that is no trusted proxy's: what stands left
    of it is the sender's own word. It names a place and never a person.
    """
    peer = peer_of(scope)
    hops = ",".join(_values(scope.get("headers", ()), b"x-forwarded-for")).split(",")
    while hops and is_among(peer, settings.forwarders):
        hop = hops.pop().strip()
        if not _is_address(hop):
            break
        peer = hop
    return place_of(peer)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def agent_of(scope: Scope) -> str:
    """What the browser calls itself."""
    return HTTPConnection(scope).headers.get("user-agent", "")[:AGENT_LENGTH]


def is_same_site(scope: Scope) -> bool:
    """Whether the request was sent by a page of our own, or by no page at all."""
    headers = HTTPConnection(scope).headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    if site == "same-origin" or origin is None:
        return True
    return origin.partition("://")[2].lower() == headers.get("host", "").lower()


def is_navigation(scope: Scope) -> bool:
    """Whether a person opens an address in a browser."""
    accepted = HTTPConnection(scope).headers.get("accept", "")
    return scope["method"] == "GET" and "text/html" in accepted


def is_https(scope: Scope, settings: Settings) -> bool:
    """Whether the browser reaches us by https, perhaps through a proxy that ends it."""
    headers = HTTPConnection(scope).headers
    told = [headers.get("origin", ""), headers.get("referer", "")]
    if settings.proxy is not None and settings.proxy.is_peer(peer_of(scope)):
        told.append(headers.get("x-forwarded-proto", ""))
    return scope["scheme"] in {"https", "wss"} or any(word.startswith("https") for word in told)


def cookies_of(scope: Scope) -> dict[str, list[str]]:
    """Every value of every cookie, in the order sent."""
    found: dict[str, list[str]] = {}
    for part in _values(scope["headers"], b"cookie"):
        for pair in part.split(";"):
            for name, value in cookie_parser(pair).items():
                found.setdefault(name, []).append(value)
    return found


def cookie_of(scope: Scope, name: str) -> str:
    """The cookie's value, empty where there is none."""
    return next(iter(cookies_of(scope).get(name, [])), "")


def _values(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in headers if name.lower() == wanted]


def _plain(name: bytes) -> bytes:
    """A header's name as a careless reader might compare it."""
    return name.lower().replace(b"_", b"-").strip()
