"""What every address asks of whoever calls it: one table, and nothing beside it is open."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from app.navigation import ENTRIES

Kind = Literal["open", "provider", "secret", "session", "permission", "page", "refused"]

SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
PASSWORD: Final = "/password"  # noqa: S105 - an address
PROVIDER: Final = "/auth/login"
CALLBACK: Final = "/oauth2callback"
FAULT_REPORTS: Final = "/fault-reports"
HALL_VISITS: Final = "/hall-visits"
HALL_DEVICES: Final = "/hall-devices"
TALLY: Final = "/tally"
DUTY: Final = "/crew/duty"
POSITIONS: Final = "/crew/positions"
POOL: Final = "/crew/pool"
GRAB: Final = "/crew/grab"
STREAM: Final = "/_stcore/stream"
MEDIA: Final = "/media/{file:path}"
UPLOAD: Final = "/_stcore/upload_file/{socket}/{file}"
SOCKET: Final = "WEBSOCKET"
OTHER: Final = "OTHER"
"""Any method that no address has: the word itself is the caller's."""
_UNKNOWN: Final = "unknown address"

_GET: Final = ("GET", "HEAD")
_FILE: Final = ("GET", "HEAD", "OPTIONS")
_ANY: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", SOCKET)


@dataclass(frozen=True)
class Requirement:
    """What an address asks for.

    open: nothing · provider: nothing, where an OpenID provider is set up · secret: the handler's
    own · session: a person who has signed in · permission: one whose role holds it · page: one
    whose role may use the page · refused: nobody gets in.
    """

    kind: Kind
    route: str
    methods: tuple[str, ...] = _GET
    permission: str = ""
    takes_token: bool = False

    @property
    def needs_session(self) -> bool:
        """Whether only people who have signed in get in."""
        return self.kind in {"session", "permission", "page"}


def _own() -> list[Requirement]:
    return [
        Requirement("open", "/healthz"),
        Requirement("open", SIGN_IN, (*_GET, "POST")),
        Requirement("secret", "/command", ("POST",)),
        Requirement("session", SIGN_OUT, ("POST",)),
        Requirement("session", PASSWORD, (*_GET, "POST")),
        Requirement("session", "/cells/{version}/{scope}/{measure}.bin"),
        Requirement(
            "permission",
            "/reliability/cells/{version}/{wish}/{index}.bin",
            permission="see_reliability",
        ),
        Requirement("permission", "/theft/cells/{version}/{wish}.bin", permission="see_suspicion"),
        Requirement(
            "permission", "/quality/cells/{version}/{wish}.bin", permission="review_readings"
        ),
        Requirement(
            "permission", "/coverage/cells/{version}/{wish}/{layer}.bin", permission="see_crews"
        ),
        Requirement(
            "permission", "/reach/cells/{version}/{wish}/{layer}.bin", permission="see_reach"
        ),
        Requirement(
            "permission",
            "/province/cells/{version}/{wish}/{resolution}/{tiles}.bin",
            permission="see_province",
        ),
        Requirement(
            "permission", "/outages/{version}/{sight}/{span}.bin", permission="see_outages"
        ),
        Requirement("permission", "/plans/{plan}/cells/{seq}.bin", permission="see_plans"),
        Requirement(
            "permission", "/plans/{plan}/compared/{other}/{version}.bin", permission="see_plans"
        ),
        Requirement("permission", "/plans/{plan}/strokes", permission="see_plans"),
        Requirement("permission", "/plans/{plan}/strokes", ("POST",), "draw_plans"),
        Requirement("permission", "/plans/{plan}/undo", ("POST",), "draw_plans"),
        Requirement("permission", "/plans/{plan}/redo", ("POST",), "draw_plans"),
        Requirement("permission", FAULT_REPORTS, ("POST",), "report_faults", takes_token=True),
        Requirement("permission", HALL_VISITS, ("POST",), "tell_visits", takes_token=True),
        Requirement("permission", HALL_DEVICES, ("POST",), "tell_devices", takes_token=True),
        *(
            Requirement("permission", f"{TALLY}{path}", permission="tally_visits")
            for path in ("", "/sw.js", "/static/{name}", "/day")
        ),
        Requirement("permission", f"{TALLY}/taps", ("POST",), "tally_visits"),
        Requirement(
            "permission", "/promises/cells/{layer}/{version}.bin", permission="see_promises"
        ),
        *(
            Requirement("permission", f"/crew{path}", permission="do_orders")
            for path in ("", "/sw.js", "/manifest.json", "/static/{name}", "/day")
        ),
        *(
            Requirement("permission", f"/crew/{name}", ("POST",), "do_orders")
            for name in ("whose", "steps", "evidence", "call")
        ),
        Requirement("permission", DUTY, permission="do_orders"),
        Requirement("permission", DUTY, ("POST",), "do_orders"),
        Requirement("permission", POSITIONS, ("POST",), "do_orders"),
        Requirement("permission", POOL, permission="do_orders"),
        Requirement("permission", GRAB, ("POST",), "do_orders"),
        Requirement("session", "/assets/vendor/{name:path}"),
        Requirement("session", "/assets/folium/{name:path}"),
        Requirement("session", "/assets/static/{name:path}"),
        Requirement("session", "/assets/basemap.pmtiles"),
    ]


def _streamlits() -> list[Requirement]:
    """Health and host-config carry no data, yet nobody without a session has a use for them."""
    return [
        Requirement("session", "/_stcore/health", _FILE),
        Requirement("session", "/_stcore/host-config", _FILE),
        # the frontend asks there first when a page's address was opened directly
        Requirement("session", "/{page}/_stcore/health", _FILE),
        Requirement("session", "/{page}/_stcore/host-config", _FILE),
        Requirement("session", STREAM, (SOCKET,)),
        Requirement("session", MEDIA, _FILE),
        Requirement("session", UPLOAD, ("PUT", "DELETE", "OPTIONS")),
        Requirement("session", "/component/{path:path}", _FILE),
        Requirement("session", "/_stcore/bidi-components/{path:path}", _FILE),
        Requirement("session", "/static/{path:path}"),
        Requirement("session", "/index.html"),
        Requirement("session", "/manifest.json"),
        Requirement("session", "/favicon.png"),
        Requirement("permission", "/_stcore/metrics", _FILE, "manage_store"),
        Requirement("refused", "/_stcore/script-health-check", _ANY),
        Requirement("refused", "/_stcore/agent/interact", _ANY),
        Requirement("refused", "/_stcore/agent/openapi.json", _ANY),
        Requirement("refused", "/_stcore/agent/mcp", _ANY),
        Requirement("provider", PROVIDER),
        Requirement("provider", "/auth/logout"),
        Requirement("provider", CALLBACK),
    ]


def _pages() -> list[Requirement]:
    """Every page at its own address; the bare address shows each role its own first page."""
    bare = [Requirement("session", "/"), Requirement("session", "/home")]
    return bare + [
        Requirement("page", f"/{entry.code}{end}", permission=entry.permission)
        for entry in ENTRIES
        for end in ("", "/")  # Streamlit sends the second on to the first
    ]


TABLE: Final = (*_own(), *_streamlits(), *_pages())


def method_of(given: str) -> str:
    """The method as it may be written down: one of those we know, else OTHER."""
    return given if given in _ANY else OTHER


def requirement_of(method: str, path: str) -> Requirement:
    """What that request must bring along; whatever the table does not know is refused."""
    method = method_of(method)
    for row in TABLE:
        if method in row.methods and _pattern(row.route).fullmatch(path):
            return row
    return Requirement("refused", _UNKNOWN, (method,))


@cache
def _pattern(route: str) -> re.Pattern[str]:
    """The route as Starlette reads it: `{name}` is one part of the path, `{name:path}` the rest."""
    parts = re.split(r"\{(\w+(?::path)?)\}", route)
    literal = [re.escape(part) for part in parts[::2]]
    wanted = [".+" if part.endswith(":path") else "[^/]+" for part in parts[1::2]]
    return re.compile("".join(a + b for a, b in zip(literal, [*wanted, ""], strict=True)))


def safe_next(wished: str) -> str:
    """Where to go after signing in: the wish where it is a page of ours, else the first page."""
    path = wished.partition("?")[0]
    if not re.fullmatch(r"/[^\\\s\x00-\x1f]*", wished) or wished.startswith("//"):
        return "/"
    pages = {"/", "/home", "/crew", TALLY} | {f"/{entry.code}" for entry in ENTRIES}
    return wished if path in pages else "/"
