"""Routes that serve the maps: browser files, the basemap, and the cells of a measure."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import folium
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from app.assets import STATIC, VENDOR
from app.maps import links

CellsProvider = Callable[[str, str, str, Request], bytes | None]

_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, no-cache"
_SHOWN = {".js", ".css", ".png", ".svg", ".woff2", ".ttf"}


def asset_routes(
    vendor_dir: Path = VENDOR, basemap_path: Path | Callable[[], Path] | None = None
) -> list[BaseRoute]:
    """Routes under /assets: our own browser files, the vendored ones, folium's, the basemap.

    Files asked for with their version (`?v=`) may be kept for good, others are asked for again.
    The basemap answers range requests, as PMTiles needs.
    """
    templates = Path(folium.__file__).parent / "templates"
    routes: list[BaseRoute] = [
        Route(f"{links.PREFIX}/vendor/{{name:path}}", _folder(vendor_dir), methods=["GET"]),
        Route(f"{links.PREFIX}/folium/{{name:path}}", _folder(templates), methods=["GET"]),
        Route(f"{links.PREFIX}/static/{{name:path}}", _folder(STATIC), methods=["GET"]),
    ]
    if basemap_path is not None:
        place = basemap_path if callable(basemap_path) else lambda: basemap_path
        routes.append(Route(f"{links.PREFIX}/basemap.pmtiles", _basemap(place), methods=["GET"]))
    return routes


def _folder(folder: Path) -> Callable[[Request], Response]:
    root = folder.resolve()

    def serve(request: Request) -> Response:
        file = (root / request.path_params["name"]).resolve()
        if not file.is_relative_to(root) or file.suffix not in _SHOWN or not file.is_file():
            raise HTTPException(404)
        keep = _FOR_GOOD if "v" in request.query_params else _ASK_AGAIN
        return FileResponse(file, headers={"Cache-Control": keep})

    return serve


def _basemap(place: Callable[[], Path]) -> Callable[[Request], Response]:
    def serve(request: Request) -> Response:
        file = place()
        if not file.is_file():
            raise HTTPException(404)
        keep = _FOR_GOOD if "v" in request.query_params else _ASK_AGAIN
        return FileResponse(
            file, media_type="application/octet-stream", headers={"Cache-Control": keep}
        )

    return serve


def basemap_url(file: Path) -> str | None:
    """Address of the basemap, new for every build of it; None when there is none."""
    if not file.is_file():
        return None
    state = file.stat()
    return f"{links.PREFIX}/basemap.pmtiles?v={state.st_mtime_ns:x}-{state.st_size:x}"


def cells_route(provider: CellsProvider) -> Route:
    """Route `/cells/{version}/{scope}/{measure}.bin`.

    provider(version, scope, measure, request) gives the bytes of a cells file or None (404); it
    decides who may see the scope. The browser keeps the file but asks every time whether it still
    may (304), so that a right taken away holds at once.
    """

    async def serve(request: Request) -> Response:
        named = request.path_params
        data = await run_in_threadpool(
            provider, named["version"], named["scope"], named["measure"], request
        )
        return cells_answer(data, request)

    return Route("/cells/{version}/{scope}/{measure}.bin", serve, methods=["GET"])


def cells_answer(data: bytes | None, request: Request) -> Response:
    """A cells file for one person's browser, which keeps it and asks each time (304); else 404."""
    if data is None:
        raise HTTPException(404)
    tag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "Vary": "Cookie"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/octet-stream", headers=headers)
