"""The one process that serves pages, cells, assets and commands, and owns the database file."""

import hmac
import importlib
import json
import os
import re
import secrets
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import config

from app import theme
from app.maps import cells_file
from app.maps import routes as map_routes
from app.navigation import PROJECT
from app.store.database import Database
from app.use_cases import service_map
from app.widgets import errors, session
from grid_cells.errors import UserError

MAIN: Final = Path(__file__).with_name("main.py")
SECRET_HEADER: Final = "X-Gridcells-Secret"  # noqa: S105 - a header's name
DEFAULT_DB: Final = PROJECT / "data" / "local" / "gridcells.duckdb"
MAX_UPLOAD_MB: Final = 4096

# streamlit_folium is not among them: its component registers only where a page's script runs
_PAGE_PARTS: Final = ("app.maps.hex_layer", "app.maps.legend", "app.use_cases.sample")
_WORD = re.compile(r"[^/\\\s]{1,2000}")

SETTINGS: Final[dict[str, Any]] = {
    **theme.SETTINGS,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.hideWelcomeMessage": True,
    "runner.magicEnabled": False,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.showEmailPrompt": False,
    "server.maxUploadSize": MAX_UPLOAD_MB,
    "server.enableWebsocketCompression": False,
}


class _Serving:
    """What the process serves: set before the server starts, read when it does."""

    path: Path = Path(os.environ.get("GRIDCELLS_DB", str(DEFAULT_DB)))
    url: str = ""
    secret: str = ""


def note_path(db_path: Path) -> Path:
    """The file beside the database that tells commands where its server is."""
    return db_path.with_name(f"{db_path.name}.server.json")


def health(_request: Request) -> Response:
    """Whether the process answers and holds its database."""
    version = service_map.facts_version(session.database())
    return JSONResponse({"status": "ok", "facts": str(version)})


def cells(version: str, scope: str, measure: str, _request: Request) -> bytes | None:
    """Aggregates of every cell for one measure, in the map's own binary form."""
    if not all(_WORD.fullmatch(word) for word in (version, scope, measure)):
        return None
    db, actor, now = session.database(), session.actor(), session.now()
    try:
        frame = service_map.cells_in_scope(
            db, actor, scope=scope, measure=unquote(measure), now=now
        )
    except UserError:
        return None
    return cells_file.encode(frame["cell_id"], frame["area_index"], frame["value"])


async def command(request: Request) -> Response:
    """A command of the same machine, sent here because this process owns the file."""
    given = request.headers.get(SECRET_HEADER, "")
    if not _Serving.secret or not hmac.compare_digest(given.encode(), _Serving.secret.encode()):
        return PlainTextResponse("", status_code=403)
    # by name and late: commands start the server, the server runs commands
    handle: Callable[[Request], Awaitable[Response]]
    handle = importlib.import_module("app.cli").handle_remote
    return await handle(request)


def routes() -> list[BaseRoute]:
    """Every route of ours beside Streamlit's own."""
    return [
        Route("/healthz", health),
        Route("/command", command, methods=["POST"]),
        map_routes.cells_route(cells),
        *map_routes.asset_routes(basemap_path=session.basemap_path),
    ]


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Hold the database while the server runs, and tell commands where to find it."""
    _settle()
    opened = session.has_database()
    if not opened:
        session.use_database(Database(_Serving.path))
    _write_note()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    sys.stdout.write(f"Grid Cells: {_Serving.url}\n")
    sys.stdout.flush()
    try:
        yield {}
    finally:
        note_path(_Serving.path).unlink(missing_ok=True)
        if not opened:
            session.close_database()


def _settle() -> None:
    """Our settings also where `streamlit run` started the server, which knows none of them."""
    for name, value in SETTINGS.items():
        if not config.is_manually_set(name):
            config.set_option(name, value)


def _warm_up() -> None:
    """Import what the pages need and derive what they show, so that nobody waits for it."""
    for part in _PAGE_PARTS:
        importlib.import_module(part)
    db, actor, now = session.database(), session.actor(), session.now()
    service_map.cells(db, actor, measure="customers", now=now)


def _write_note() -> None:
    _Serving.secret = secrets.token_urlsafe(32)
    _Serving.url = _Serving.url or _url(
        str(config.get_option("server.address") or "127.0.0.1"), config.get_option("server.port")
    )
    note = {"url": _Serving.url, "pid": os.getpid(), "secret": _Serving.secret}
    path = note_path(_Serving.path)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(note, file)


def _url(host: str, port: int) -> str:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared
    return f"http://{reachable}:{port}"


app = st.App(MAIN, routes=routes(), lifespan=lifespan, on_script_error=errors.on_script_error)


def build_app(db_path: Path | str) -> st.App:
    """The app over one database file, which is opened when the server starts."""
    _Serving.path = Path(db_path).resolve()
    return app


def serve(db_path: Path | str, host: str = "127.0.0.1", port: int = 8501) -> None:
    """Serve the database at that address until stopped."""
    served = build_app(db_path)
    _Serving.url = _url(host, port)
    served.run(config={**SETTINGS, "server.address": host, "server.port": port})
