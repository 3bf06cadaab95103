"""A real server over the little town, and a real Chromium that can reach nothing else."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    Request,
    sync_playwright,
)

from app.store.database import Database
from app.use_cases.privacy import customer_ref
from tests.conftest import PASSWORD, TRAP_NO, copy_of

SCREENSHOTS = Path(__file__).parents[1] / "screenshots"
DESK, PHONE = (1440, 900), (390, 844)
START_S, PAGE_MS = 90, 30_000
FLAGS = [
    "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
"""Nothing but this machine has an address: far cheaper than to hand each request to the test."""
HOW_TO_GET_ONE = "no Chromium starts here; run: make browser"


@dataclass
class Server:
    """A running server: its address and its database file."""

    url: str
    db: Path
    process: "subprocess.Popen[bytes]"


@dataclass
class Visit:
    """A page in the browser with what it asked for outside the server, and its errors."""

    page: Page
    server: Server
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go there and wait until the page stands still."""
        self.page.goto(f"{self.server.url}/{path}")
        self.page.locator(".st-key-topbar").wait_for(timeout=PAGE_MS)
        self.settle()
        return self.page

    def sign_in(self, login: str) -> Page:
        """Come in by the form, as people do; stays in the browser's context."""
        self.page.goto(f"{self.server.url}/sign-in")
        form = self.page.locator("form:has(input[type=password])").first
        form.locator("input[name=login]").fill(login)
        form.locator("input[name=password]").fill(PASSWORD)
        form.locator("button").first.click()
        self.page.locator(".st-key-topbar").wait_for(timeout=PAGE_MS)
        return self.page

    def enter(self, login: str) -> None:
        """Come in without looking at the form: its answer's cookie is the browser's from now on."""
        answer = self.page.context.request.post(
            f"{self.server.url}/sign-in",
            form={"login": login, "password": PASSWORD},
            headers={"Origin": self.server.url},
            max_redirects=0,
        )
        assert answer.status == 303

    def settle(self) -> None:
        """Wait until the script has run to its end."""
        still = '[data-testid="stApp"][data-test-script-state="notRunning"]'
        self.page.wait_for_timeout(400)
        self.page.locator(still).wait_for(timeout=PAGE_MS)
        self.page.wait_for_timeout(300)

    def choose(self, field: str, option: str) -> None:
        """Pick an option of a list; opened again where a rerun of the page shut the list."""
        wanted = self.page.get_by_role("option", name=option, exact=True)
        for _ in range(6):
            self.settle()
            self.page.locator(f"{field} input").click()
            try:
                wanted.click(timeout=PAGE_MS / 6)
            except Error:
                continue
            return self.settle()
        pytest.fail(f"no option {option!r} at {field}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app as people start it, on a free port, over a copy of the town."""
    db = copy_of(town_file, tmp_path_factory.mktemp("served"))
    port = free_port()
    command = [sys.executable, "-m", "app", "serve", "--db", str(db), "--port", str(port)]
    log = (db.parent / "server.log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ.copy())
    running = Server(f"http://127.0.0.1:{port}", db, process)
    try:
        _wait_until_healthy(running)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()
    said = (db.parent / "server.log").read_text(encoding="utf-8", errors="replace")
    assert re.findall(r"(?<!\d)0{7}\d{3}(?!\d)|码头路|王\d", said) == []


def _wait_until_healthy(server: Server) -> None:
    for _ in range(START_S * 2):
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=2) as answer:
                assert json.load(answer)["status"] == "ok"
                return
        except OSError:
            assert server.process.poll() is None, (server.db.parent / "server.log").read_text()
            time.sleep(0.5)
    pytest.fail("the server did not get healthy")


@pytest.fixture(scope="session")
def trap_ref(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What stands in addresses for the customer with markup in the name."""
    with Database(copy_of(town_file, tmp_path_factory.mktemp("named"))) as db:
        return customer_ref(db, TRAP_NO)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, else Playwright's; fails with the command to run without one."""
    with sync_playwright() as playwright:
        own = shutil.which("chromium") or shutil.which("chromium-browser")
        try:
            started = playwright.chromium.launch(executable_path=own, args=FLAGS)
        except Error as error:
            pytest.fail(f"{HOW_TO_GET_ONE} ({str(error).splitlines()[0]})")
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Callable[..., Visit]]:
    """Opens pages in a window of a size and a language, signed in; nothing is asked for outside."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def begin(
        size: tuple[int, int] = DESK, locale: str = "en-US", login: str | None = "dispatcher"
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=locale,
            timezone_id="Asia/Shanghai",
            accept_downloads=True,
            reduced_motion="reduce",  # drawing what moves takes a third of the time
        )
        contexts.append(context)
        made = Visit(context.new_page(), server)
        visits.append(made)
        own = urlsplit(server.url).netloc

        def note(request: Request) -> None:
            asked = urlsplit(request.url)
            if asked.scheme.startswith("http") and asked.netloc != own:
                made.outside.append(request.url)

        context.on("request", note)
        made.page.on("pageerror", lambda error: made.errors.append(str(error)))
        made.page.on("dialog", lambda dialog: made.errors.append(f"dialog {dialog.message}"))
        if login is not None:
            made.enter(login)
        return made

    yield begin
    for context in contexts:
        context.close()
    assert [address for made in visits for address in made.outside] == []
    assert [error for made in visits for error in made.errors] == []


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the page for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Takes a picture of a page into tests/screenshots."""
    return screenshot
