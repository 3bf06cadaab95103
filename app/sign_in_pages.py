"""The pages before the app: signing in, one's own password, a refusal. HTML without any script."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app import language as words
from app import theme
from app.gate_routes import PASSWORD, SIGN_IN, SIGN_OUT, safe_next
from app.settings import Settings
from app.store import meta
from app.store.database import Database
from app.use_cases import sessions
from app.use_cases.sessions import SampleAccount

COOKIE: Final = "gridcells_session"
FIRST_COMMAND: Final = "gridcells users add LOGIN --role admin"
_STYLE: Final = Path(__file__).with_name("sign_in.css")
_WAIT: Final = 429
_WAITING: Final = frozenset({"sign_in_wait", "sign_in_locked", "sign_in_busy"})
_TOLD: Final = frozenset(
    {
        "session_ended",
        "session_expired",
        "session_unknown",
        "user_disabled",
        "sign_in_provider_refused",
        "sign_in_provider_down",
    }
)
"""Why one is asked to sign in again, as the address may say it."""


def sign_in(  # noqa: PLR0913
    request: Request,
    db: Database,
    settings: Settings,
    *,
    error: str = "",
    values: Mapping[str, Any] | None = None,
    wished: str = "/",
    login: str = "",
) -> Response:
    """The sign-in page; with an error it answers 403, or 429 where one has to wait."""
    spoken = language_of(request)
    wished = safe_next(wished)
    notice = request.query_params.get("why", "")
    parts = [
        _alert(error, spoken, values or {}) if error else _notice(notice, spoken),
        _first_steps(db, spoken),
        _login_form(spoken, wished, login),
        _provider_form(spoken, wished) if settings.oidc is not None else "",
    ]
    body = f"<h1>{_say('sign_in_title', spoken)}</h1>{''.join(parts)}"
    body = f'<section class="narrow">{body}</section>'
    body += _sample(sessions.sample_accounts(db), spoken, wished)
    body += f'<p class="foot">{_say("sign_in_foot", spoken)}</p>'
    status = _WAIT if error in _WAITING else 403 if error or not _is_sign_in(request) else 200
    answer = _page(request, "sign_in_title", body, status=status, wished=wished)
    return _waiting(answer, values or {})


def password(
    request: Request, *, is_first: bool, error: str = "", values: Mapping[str, Any] | None = None
) -> Response:
    """The page for one's own password: forced for the first one, else as one likes."""
    spoken = language_of(request)
    title = "password_first_title" if is_first else "password_title"
    hint = f"<p>{_say('password_first_text', spoken)}</p>" if is_first else ""
    fields = "".join(
        _field(name, f"password_{name}", spoken, complete=complete, is_focused=name == "old")
        for name, complete in (
            ("old", "current-password"), ("new", "new-password"), ("again", "new-password"),
        )
    )  # fmt: skip
    body = f"""<section class="narrow"><h1>{_say(title, spoken)}</h1>
      {_alert(error, spoken, values or {}) if error else hint}
      <form method="post" action="{PASSWORD}?lang={spoken}">{fields}
      <button>{_say("password_submit", spoken)}</button></form>
      <div class="row">{"" if is_first else _link(f"/?lang={spoken}", "password_back", spoken)}
      {_sign_out(spoken)}</div></section>"""
    status = _WAIT if error in _WAITING else 403 if error else 200
    return _waiting(_page(request, title, body, status=status, at=PASSWORD), values or {})


def _waiting(answer: Response, values: Mapping[str, Any]) -> Response:
    """The answer with the seconds until another try is let in, where one has to wait."""
    if answer.status_code == _WAIT:
        answer.headers["Retry-After"] = str(values.get("seconds", 1))  # busy for a moment
    return answer


def refused(request: Request, code: str, values: Mapping[str, Any]) -> Response:
    """Why a person who has signed in may not come in here."""
    spoken = language_of(request)
    kept = f"<p>{_say('access_refused_kept', spoken)}</p>"
    title = "access_refused_title" if code == "access_no_permission" else code
    reason = f"<p>{_say(code, spoken, **values)}</p>" if title != code else ""
    body = f"""<section class="narrow"><h1>{_say(title, spoken)}</h1>{reason}{kept}
      {_link(f"/?lang={spoken}", "access_back", spoken, is_main=True)}
      <div class="row">{_sign_out(spoken)}</div></section>"""
    return _page(request, title, body, status=403, at=_here(request))


def keep_session(answer: Response, token: str, is_https: bool) -> None:
    """Let the browser keep the session, out of reach of any script and of other sites' forms."""
    answer.set_cookie(COOKIE, token, path="/", secure=is_https, httponly=True, samesite="lax")


def language_of(request: Request) -> str:
    """The language the address asks for, else the browser's."""
    wished = request.query_params.get("lang")
    return str(wished) if wished in words.LANGUAGES else browsers_language(request)


def browsers_language(request: Request) -> str:
    """The first language of the browser's that we speak."""
    ranked = sorted(_accepted(request.headers.get("accept-language", "")), reverse=True)
    return next((code for _, _, code in ranked if code in words.LANGUAGES), "en")


def _accepted(header: str) -> Iterable[tuple[float, int, str]]:
    """Weight, place from the end, and language of each entry."""
    for place, entry in enumerate(header.split(",")[:20]):
        match = re.fullmatch(r"\s*([a-zA-Z]{2,3})[\w-]*\s*(?:;\s*q=([01](?:\.\d+)?))?\s*", entry)
        if match:
            yield float(match[2] or 1), -place, match[1].lower()


def _is_sign_in(request: Request) -> bool:
    return request.url.path == SIGN_IN


def _say(code: str, spoken: str, /, **values: Any) -> str:
    """The sentence as it may stand in HTML."""
    return escape(words.say(code, spoken, **values))


def _alert(code: str, spoken: str, values: Mapping[str, Any]) -> str:
    known = code if words.knows(code, spoken) else "error_unworded"
    said = _say(known, spoken, **{"code": code, **values})
    return f'<div class="alert" role="alert">{said}</div>'


def _notice(code: str, spoken: str) -> str:
    if code not in _TOLD or not words.knows(code, spoken):
        return ""
    return f'<div class="notice" role="status">{_say(code, spoken)}</div>'


def _first_steps(db: Database, spoken: str) -> str:
    """How the first account is made, where there is none that could sign in."""
    if sessions.has_accounts(db) or sessions.sample_accounts(db):
        return ""
    origin = meta.read_value(db.whole.read(), "origin")
    ended = _say("sign_in_first_sample", spoken) if origin and origin != "sample" else ""
    return f"""<div class="notice"><strong>{_say("sign_in_first_title", spoken)}.</strong> {ended}
      {_say("sign_in_first_text", spoken)}</div><pre><code>{escape(FIRST_COMMAND)}</code></pre>"""


def _login_form(spoken: str, wished: str, login: str) -> str:
    name = _field(
        "login", "sign_in_login", spoken, value=login, complete="username", is_focused=not login
    )
    secret = _field(
        "password", "sign_in_password", spoken, complete="current-password", is_focused=bool(login)
    )
    return f"""<form method="post" action="{SIGN_IN}?lang={spoken}">{_hidden(next=wished)}
      {name}{secret}<button>{_say("sign_in_submit", spoken)}</button></form>"""


def _provider_form(spoken: str, wished: str) -> str:
    hidden = _hidden(way="oidc", next=wished)
    return f"""<div class="or">{_say("sign_in_or", spoken)}</div>
      <form method="post" action="{SIGN_IN}?lang={spoken}">{hidden}
      <button class="second">{_say("sign_in_oidc", spoken)}</button></form>"""


def _sample(accounts: list[SampleAccount], spoken: str, wished: str) -> str:
    """The sample's accounts, open to everybody while it runs."""
    if not accounts:
        return ""
    heads = ("sign_in_sample_role", "sign_in_login", "sign_in_password")
    head = "".join(f'<th scope="col">{_say(code, spoken)}</th>' for code in heads)
    rows = "".join(_sample_row(account, spoken, wished) for account in accounts)
    return f"""<section class="wide"><h2>{_say("sign_in_sample_title", spoken)}</h2>
      <p>{_say("sign_in_sample_text", spoken)}</p>
      <table><thead><tr>{head}<th></th></tr></thead><tbody>{rows}</tbody></table></section>"""


def _sample_row(account: SampleAccount, spoken: str, wished: str) -> str:
    role = words.say(f"role_{account.role}", spoken)
    hidden = _hidden(login=account.login, password=account.password, next=wished)
    enter = _say("sign_in_sample_enter", spoken, name=role)
    return f"""<tr><td class="role">{escape(role)}</td><td><code>{escape(account.login)}</code></td>
      <td class="word"><code>{escape(account.password)}</code></td>
      <td><form method="post" action="{SIGN_IN}?lang={spoken}">{hidden}
      <button class="second">{enter}</button></form></td></tr>"""


def _field(  # noqa: PLR0913
    name: str,
    label: str,
    spoken: str,
    *,
    value: str = "",
    complete: str,
    is_focused: bool = False,
) -> str:
    focus = " autofocus" if is_focused else ""
    kind = "text" if complete == "username" else "password"
    return f"""<label for="{name}">{_say(label, spoken)}</label>
      <input id="{name}" name="{name}" type="{kind}" value="{escape(value)}" required
      autocomplete="{complete}" autocapitalize="none" spellcheck="false" maxlength="256"{focus}>"""


def _hidden(**values: str) -> str:
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in values.items()
    )


def _here(request: Request) -> str:
    """The page asked for, where it is one of ours that can be asked for again."""
    path = safe_next(request.url.path)
    return path if request.method == "GET" and path == request.url.path else ""


def _link(address: str, code: str, spoken: str, *, is_main: bool = False) -> str:
    kind = "button" if is_main else "button second"
    return f'<a class="{kind}" href="{escape(address)}">{_say(code, spoken)}</a>'


def _sign_out(spoken: str) -> str:
    return f"""<form method="post" action="{SIGN_OUT}?lang={spoken}">
      <button class="second">{_say("password_sign_out", spoken)}</button></form>"""


def _page(  # noqa: PLR0913
    request: Request, title: str, body: str, *, status: int, wished: str = "/", at: str = SIGN_IN
) -> Response:
    spoken = language_of(request)
    other = next(code for code in words.LANGUAGES if code != spoken)
    asked = {} if at in (SIGN_IN, PASSWORD) else dict(request.query_params)
    query = asked | {"lang": other} | ({"next": wished} if at == SIGN_IN and wished != "/" else {})
    switch = (
        f'<a href="{escape(f"{at}?{urlencode(query)}")}" lang="{other}">'
        f"{_say('sign_in_other_language', spoken)}</a>"
        if at
        else ""
    )
    page = f"""<!doctype html>
<html lang="{"zh-CN" if spoken == "zh" else spoken}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_say(title, spoken)} · {_say("product", spoken)}</title>
<link rel="icon" href="{_icon_address()}"><style>{_style()}</style></head>
<body><header><span class="product">{_icon()}{_say("product", spoken)}</span>{switch}</header>
<main>{body}</main></body></html>"""
    return HTMLResponse(page, status_code=status, headers=_headers())


def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
            "frame-ancestors 'self'"
        ),
    }


@cache
def _icon() -> str:
    """The product's sign, light enough for the bar."""
    drawn = theme.ICON.read_text(encoding="utf-8").replace(theme.BAR, "#ffffff")
    return drawn.replace("<svg ", '<svg width="26" height="26" aria-hidden="true" ', 1)


@cache
def _icon_address() -> str:
    return "data:image/svg+xml," + quote(theme.ICON.read_text(encoding="utf-8").strip())


@cache
def _style() -> str:
    """The style sheet with the ground of cells drawn into it."""
    lines = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='56' height='97' viewBox='0 0 56 97'>"
        "<path d='M28 0v16M28 16L0 32.5v32L28 81l28-16.5v-32zM28 81v16' fill='none' "
        "stroke='#d5ddd2' stroke-width='1.2'/></svg>"
    )
    cells = f'url("data:image/svg+xml,{quote(lines)}")'
    style = _STYLE.read_text(encoding="utf-8")
    return style.replace("var(--cells)", cells)
