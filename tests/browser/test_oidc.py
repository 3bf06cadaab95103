"""Signing in by an OpenID provider: a real provider, a real browser, a real server."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from app.store.database import Database
from app.use_cases import users
from app.use_cases.actors import Actor
from app.use_cases.users import UserWish

pytestmark = pytest.mark.browser
CLIENT = "grid-cells"
START_S, PAGE_MS = 90, 30_000
BAR = ".st-key-topbar"
NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass
class World:
    """Our server, the provider, and what anybody asked for outside of both."""

    url: str
    provider: str
    db: Path
    outside: list[str] = field(default_factory=list)

    def knows(self, subject: str, **claims: object) -> None:
        """Let the provider put these claims into the person's tokens."""
        httpx.put(f"{self.provider}/users/{subject}", json=claims).raise_for_status()

    def visit(self, browser: Browser) -> BrowserContext:
        """A browser of somebody's own, which reaches only the two servers."""
        context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
        own, theirs = urlsplit(self.url).netloc, urlsplit(self.provider).netloc

        def gate(route: Route, request: Request) -> None:
            if urlsplit(request.url).netloc in {own, theirs}:
                route.continue_()
                return
            # the provider's own page asks for a style sheet from outside
            if urlsplit(request.frame.url).netloc != theirs:
                self.outside.append(request.url)
            route.abort()

        context.route(lambda url: url.startswith("http"), gate)
        return context


@pytest.fixture(scope="module")
def world(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The town served with a provider on the loopback; one of its people has an account there."""
    db = tmp_path_factory.mktemp("oidc") / "town.duckdb"
    shutil.copy(town_file, db)
    with Database(db) as opened:
        wish = UserWish("lin", "林薇", "dispatcher", oidc_subject="sub-lin")
        users.add_user(opened, Actor("cli:test", "test", role="admin"), wish)
    mine, theirs = _free_port(), _free_port()
    made = World(f"http://127.0.0.1:{mine}", f"http://localhost:{theirs}", db)
    settings = {
        "GRIDCELLS_OIDC_METADATA_URL": f"{made.provider}/.well-known/openid-configuration",
        "GRIDCELLS_OIDC_CLIENT_ID": CLIENT,
        "GRIDCELLS_OIDC_CLIENT_SECRET": "a secret between the two",
        "GRIDCELLS_OIDC_REDIRECT_URI": f"{made.url}/oauth2callback",
    }
    provide = ["-m", "oidc_provider_mock", "--port", str(theirs), "--host", "localhost"]
    serve = ["-m", "app", "serve", "--db", str(db), "--port", str(mine)]
    with (
        _running(provide, db.with_name("provider.log"), {}, f"{made.provider}/jwks"),
        _running(serve, db.with_name("server.log"), settings, f"{made.url}/healthz"),
    ):
        yield made
    assert made.outside == []


@contextmanager
def _running(
    arguments: list[str], log: Path, environment: dict[str, str], address: str
) -> Iterator[None]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=file, stderr=file, env=os.environ | environment
        )
        try:
            _wait_for(address, process, log)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(START_S * 2):
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                json.load(answer)
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.5)
    pytest.fail(f"nobody answers at {address}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def visit(world: World, browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Opens browsers and closes them after the test."""
    opened: list[BrowserContext] = []

    def begin() -> BrowserContext:
        opened.append(world.visit(browser))
        return opened[-1]

    yield begin
    for context in opened:
        context.close()


def _sign_in(page: Page, world: World, subject: str, path: str = "/") -> None:
    page.goto(f"{world.url}{path}")
    page.get_by_role("button", name="Use the organisation's account").click()
    page.get_by_placeholder("sub").fill(subject)
    page.get_by_role("button", name="Authorize").click()


def _kept(context: BrowserContext, name: str) -> str:
    return next((c["value"] for c in context.cookies() if c["name"] == name), "")


@pytest.mark.long
def test_a_person_comes_in_by_the_provider_and_goes_out_everywhere(
    world: World, visit: Callable[[], BrowserContext]
) -> None:
    context = visit()
    page, second = context.new_page(), context.new_page()
    _sign_in(page, world, "sub-lin", "/customers")
    page.locator(BAR).wait_for(timeout=PAGE_MS)
    assert urlsplit(page.url).path == "/customers"
    expect(page.get_by_text("林薇").first).to_be_visible()
    second.goto(f"{world.url}/service_map")
    second.locator(BAR).wait_for(timeout=PAGE_MS)
    ours, theirs = _kept(context, "gridcells_session"), _kept(context, "_streamlit_user")
    assert ours
    assert theirs

    answered: list[str] = []
    page.on("request", lambda request: answered.append(urlsplit(request.url).path))
    page.get_by_role("button", name="林薇").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    page.get_by_label("User name").wait_for(timeout=PAGE_MS)
    assert {"/sign-out", "/auth/logout", "/oauth2/end_session"} <= set(answered)

    second.wait_for_url("**/sign-in?why=session_ended", timeout=PAGE_MS)
    expect(second.get_by_role("status")).to_be_visible()
    assert _kept(context, "gridcells_session") == _kept(context, "_streamlit_user") == ""
    for cookie in (f"gridcells_session={ours}", f"_streamlit_user={theirs}"):
        replayed = httpx.get(f"{world.url}/customers", headers={"Cookie": cookie, **NAVIGATION})
        assert replayed.status_code == 403
        assert "gridcells_session" not in replayed.cookies


@pytest.mark.long
@pytest.mark.parametrize(
    ("subject", "claims"),
    [
        ("sub-lin", {"aud": ["other"], "azp": CLIENT}),
        ("sub-lin", {"aud": [CLIENT, "other"], "azp": "other"}),
        ("sub-lin", {"aud": [CLIENT], "azp": "other"}),
        ("sub-lin", {"aud": "other"}),
        ("sub-lin", {"iss": "http://somewhere.else"}),
        ("sub-stranger", {}),
    ],
)
def test_a_token_for_somebody_else_opens_nothing(
    world: World, visit: Callable[[], BrowserContext], subject: str, claims: dict[str, object]
) -> None:
    world.knows(subject, **claims)
    context = visit()
    page = context.new_page()
    try:
        _sign_in(page, world, subject)
        page.get_by_label("User name").wait_for(timeout=PAGE_MS)
        expect(page.locator(".alert, .notice")).to_be_visible()
        assert _kept(context, "gridcells_session") == ""
        assert httpx.get(f"{world.url}/cells/1/all/customers.bin").status_code == 403
    finally:
        world.knows(subject)
