"""What the server hands to the browser, and what it does not."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from app.maps import links
from app.maps.routes import asset_routes, basemap_url, cells_route


@dataclass
class Answer:
    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


class Client:
    """Asks an app in this process, without a socket."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def get(self, address: str, headers: dict[str, str] | None = None) -> Answer:
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return await asyncio.Future()  # the client stays until the answer is whole

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        found = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(m.get("body", b"") for m in sent[1:]))


@pytest.fixture
def basemap(tmp_path: Path) -> Path:
    file = tmp_path / "city.pmtiles"
    file.write_bytes(bytes(range(100)))
    return file


@pytest.fixture
def client(basemap: Path, tmp_path: Path) -> Client:
    vendor = tmp_path / "vendor"
    (vendor / "thing").mkdir(parents=True)
    (vendor / "thing" / "a.js").write_text("1")
    (vendor / "thing" / "secret.txt").write_text("2")
    (tmp_path / "outside.js").write_text("3")

    def provider(version: str, scope: str, measure: str, request: Request) -> bytes | None:
        return f"{version} {measure}".encode() if scope == "city" else None

    routes = [*asset_routes(vendor, basemap), cells_route(provider)]
    return Client(Starlette(routes=routes))


def test_a_file_with_its_version_may_be_kept_for_good(client: Client) -> None:
    answer = client.get("/assets/vendor/thing/a.js?v=1")
    assert answer.text == "1"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "no-cache" in client.get("/assets/vendor/thing/a.js").headers["cache-control"]


def test_our_own_files_are_served_under_their_versioned_address(client: Client) -> None:
    address = links.own("hex_layer.js")
    assert "?v=" in address
    assert "HexLayer" in client.get(address).text


@pytest.mark.parametrize(
    "path",
    [
        "/assets/vendor/thing/secret.txt",
        "/assets/vendor/thing",
        "/assets/vendor/..%2foutside.js",
        "/assets/vendor/thing/gone.js",
        "/assets/static/package-lock.json",
        "/assets/static/..%2fassets.py",
        "/assets/folium/..%2ffolium.py",
    ],
)
def test_nothing_else_is_handed_out(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_basemap_answers_ranges(client: Client) -> None:
    answer = client.get("/assets/basemap.pmtiles", headers={"Range": "bytes=10-13"})
    assert answer.status_code == 206
    assert answer.content == bytes([10, 11, 12, 13])


def test_a_new_basemap_has_a_new_address(basemap: Path) -> None:
    before = basemap_url(basemap)
    basemap.write_bytes(b"other")
    assert before != basemap_url(basemap)
    basemap.unlink()
    assert basemap_url(basemap) is None


def test_a_missing_basemap_is_not_found(client: Client, basemap: Path) -> None:
    basemap.unlink()
    assert client.get("/assets/basemap.pmtiles").status_code == 404


def test_cells_are_private_and_asked_for_again(client: Client) -> None:
    answer = client.get("/cells/7/city/crew_min.bin")
    assert answer.content == b"7 crew_min"
    assert answer.headers["cache-control"] == "private, no-cache"
    again = client.get(
        "/cells/7/city/crew_min.bin", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.content == b""


def test_cells_of_a_scope_one_may_not_see_are_not_found(client: Client) -> None:
    assert client.get("/cells/7/province/crew_min.bin").status_code == 404
