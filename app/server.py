"""The one process that serves pages, cells, assets and commands, and owns the database file."""

import hmac
import importlib
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
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from streamlit import config

from app import logs, theme
from app.coverage_routes import CoverageRoutes
from app.crew_routes import CrewRoutes
from app.duty_routes import DutyRoutes
from app.fault_routes import FaultRoutes
from app.gate import Gate, keep_peers
from app.gate_routes import FAULT_REPORTS
from app.grab_routes import GrabRoutes
from app.hall_device_routes import HallDeviceRoutes
from app.hall_routes import HallRoutes
from app.maps import cells_file
from app.maps import routes as map_routes
from app.navigation import PROJECT
from app.note import SECRET_HEADER, note_path, write_note
from app.outage_routes import OutageRoutes
from app.plan_routes import PlanRoutes
from app.promise_routes import PromiseRoutes
from app.province_routes import ProvinceRoutes
from app.quality_routes import QualityRoutes
from app.reach_routes import ReachRoutes
from app.reliability_routes import ReliabilityRoutes
from app.settings import Settings, read_settings
from app.sign_in_routes import SignInRoutes, session_of
from app.store.database import Database
from app.store.keys import key_path, read_or_make
from app.theft_routes import TheftRoutes
from app.use_cases import crew_duties, fault_groups, outage_film, retention, service_map
from app.use_cases.actors import ADMIN, Actor
from app.widgets import errors, session
from grid_cells.errors import AccessDenied, UserError

MAIN: Final = Path(__file__).with_name("main.py")
DEFAULT_DB: Final = PROJECT / "data" / "local" / "gridcells.duckdb"
MAX_UPLOAD_MB: Final = 4096

# streamlit_folium is not among them: its component registers only where a page's script runs
_PAGE_PARTS: Final = ("app.maps.hex_layer", "app.maps.legend", "app.use_cases.sample")
_SYSTEM: Final = Actor("system", "system", role=ADMIN)
"""Who derives before anybody has come."""
_WORD = re.compile(r"[^/\\\s]{1,2000}")
_SCOPE = re.compile(r"all|(?:unit|areas):.+")

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


def health(_request: Request) -> Response:
    """Whether the process answers and holds its database; no more, for anybody may ask."""
    session.database()
    return JSONResponse({"status": "ok"})


def cells(version: str, scope: str, measure: str, request: Request) -> bytes | None:
    """Aggregates of every cell that the person may see, in the map's own binary form."""
    asking = session_of(request)
    if asking is None:
        raise HTTPException(403)
    is_read = all(_WORD.fullmatch(word) for word in (version, scope, measure))
    if not is_read or not _SCOPE.fullmatch(scope):
        return None
    db, now = session.database(), session.now()
    try:
        frame = service_map.cells_in_scope(
            db, asking.actor, scope=scope, measure=unquote(measure), now=now
        )
    except AccessDenied as denied:
        raise HTTPException(403) from denied
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
    handle = importlib.import_module("app.cli.remote").handle_remote
    return await handle(request)


def routes(settings: Settings) -> list[BaseRoute]:
    """Every route of ours beside Streamlit's own."""
    return [
        Route("/healthz", health),
        Route("/command", command, methods=["POST"]),
        *SignInRoutes(session.database, settings).routes(),
        map_routes.cells_route(cells),
        *PlanRoutes(session.database).routes(),
        *ReliabilityRoutes(session.database).routes(),
        *ReachRoutes(session.database).routes(),
        *TheftRoutes(session.database).routes(),
        *ProvinceRoutes(session.database).routes(),
        *QualityRoutes(session.database).routes(),
        *FaultRoutes(session.database).routes(),
        *HallRoutes(session.database).routes(),
        *HallDeviceRoutes(session.database).routes(),
        *DutyRoutes(session.database).routes(),
        *GrabRoutes(session.database).routes(),
        *OutageRoutes(session.database).routes(),
        *PromiseRoutes(session.database).routes(),
        *CoverageRoutes(session.database).routes(),
        *CrewRoutes(session.database, session.basemap_path).routes(),
        *map_routes.asset_routes(basemap_path=session.basemap_path),
    ]


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Hold the database while the server runs, and tell commands where to find it."""
    _settle()
    opened = session.has_database()
    if not opened:  # not `serve` but `streamlit run` or another ASGI server began the process
        logs.install()
        session.use_database(Database(_Serving.path))
    _write_note()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    stop_retention = retention.start_daily(session.database())
    stop_grouping = fault_groups.start(session.database())
    stop_duties = crew_duties.start(session.database())
    sys.stdout.write(f"Grid Cells: {_Serving.url}\n")
    sys.stdout.flush()
    try:
        yield {}
    finally:
        stop_duties()
        stop_grouping()
        stop_retention()
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
    now = session.now()
    service_map.cells(session.database(), _SYSTEM, measure="customers", now=now)
    outage_film.film(session.database(), _SYSTEM, outage_film.until_now(now, outage_film.USUAL))


def _write_note() -> None:
    _Serving.secret = secrets.token_urlsafe(32)
    _Serving.url = _Serving.url or _url(
        str(config.get_option("server.address") or "127.0.0.1"), config.get_option("server.port")
    )
    write_note(_Serving.path, url=_Serving.url, secret=_Serving.secret)


def _url(host: str, port: int) -> str:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - compared
    return f"http://{reachable}:{port}"


def parts_of(settings: Settings, db_path: Path) -> dict[str, Any]:
    """What the app is made of: our routes, the gate before everything, what `st.login` needs."""
    keep_peers()
    given = {}
    if settings.oidc is not None:
        key = read_or_make(key_path(db_path)).derive("cookie")
        given = {"auth": settings.oidc.secrets(key.hex())}
    return {
        "routes": routes(settings),
        "middleware": [
            Middleware(
                Gate,
                database=session.database,
                settings=settings,
                direct={FAULT_REPORTS: FaultRoutes(session.database).answer},
            )
        ],
        "secrets": given,
        "lifespan": lifespan,
        "on_script_error": errors.on_script_error,
    }


def build_app(db_path: Path | str) -> st.App:
    """The app over one database file, which is opened when the server starts."""
    _Serving.path = Path(db_path).resolve()
    return st.App(MAIN, **parts_of(read_settings(), _Serving.path))


def serve(db_path: Path | str, host: str = "127.0.0.1", port: int = 8501) -> None:
    """Serve the database at that address until stopped."""
    logs.install()
    served = build_app(db_path)
    _Serving.url = _url(host, port)
    served.run(config={**SETTINGS, "server.address": host, "server.port": port})


# written out, for `streamlit run app/server.py` looks for these very words
app = st.App(MAIN, **parts_of(read_settings(), _Serving.path))
