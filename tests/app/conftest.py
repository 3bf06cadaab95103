"""The real server in a thread of the test's own process, and people who call it."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import streamlit as st
import uvicorn
from streamlit import config
from streamlit.runtime import Runtime
from websockets.sync.client import ClientConnection, connect

from app import server
from app.gate import Gate
from app.settings import Settings
from app.store import users as user_store
from app.store.database import Connection, Database
from app.use_cases import live_sessions, sessions
from app.use_cases.clock import real_now
from app.widgets import session as page_session


@dataclass
class Served:
    """A running server: its address, its database and the app itself."""

    url: str
    db: Database
    app: st.App
    clients: list[httpx.Client] = field(default_factory=list)
    stop: Callable[[], None] = lambda: None

    @property
    def gate(self) -> Gate:
        """The gate that stands before everything."""
        layer: Any = self.app._starlette_app.middleware_stack
        while not isinstance(layer, Gate):
            layer = layer.app
        return layer

    def visitor(self, **headers: str) -> httpx.Client:
        """Somebody who has not signed in."""
        client = httpx.Client(base_url=self.url, headers=headers, timeout=20)
        self.clients.append(client)
        return client

    def person(self, login: str, **headers: str) -> httpx.Client:
        """Somebody who has signed in; without the form, whose password takes its time."""
        client = self.visitor(**headers)
        client.cookies.set("gridcells_session", self.begin(login))
        return client

    def begin(self, login: str) -> str:
        """The cookie of a new session."""

        def change(connection: Connection) -> str:
            user = user_store.by_login(connection, login)
            assert user is not None
            return live_sessions.begin(connection, user, "local", agent="", at=real_now()).token

        return self.db.write(change)

    def session_id(self, client: httpx.Client) -> str:
        """The id of the session in a person's cookie."""
        token = client.cookies["gridcells_session"]
        return sessions.resolve(self.db, token, at=real_now()).session_id

    def socket(
        self, client: httpx.Client | None, *, existing: str = "", **headers: str
    ) -> ClientConnection:
        """A person's open socket, as the browser opens it."""
        if client is not None:
            headers["Cookie"] = f"gridcells_session={client.cookies['gridcells_session']}"
        wished: list[Any] = ["streamlit", "none", existing] if existing else ["streamlit"]
        address = self.url.replace("http", "ws") + "/_stcore/stream"
        return connect(address, additional_headers=headers, subprotocols=wished, max_size=None)

    def refusals(self) -> list[dict[str, Any]]:
        """Refused requests as the audit has them, oldest first."""
        self.gate.refusals._waiting.join()
        frame = self.db.query(
            "SELECT actor, detail->>'code' AS code, detail->>'asked' AS asked FROM audit_log"
            " WHERE event = 'access_refused' ORDER BY event_id"
        )
        return frame.to_dict("records")


@contextmanager
def _serving(db: Database, settings: Settings | None = None) -> Iterator[Served]:
    """The app over that database on a free port of the loopback."""
    page_session.use_database(db)
    before = Runtime._instance
    Runtime._instance = None  # Streamlit allows one a process, and other tests had theirs
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config.set_option("server.port", port)
    app = st.App(server.MAIN, **server.parts_of(settings or Settings(), db.path))
    server._Serving.path = db.path
    running = uvicorn.Server(
        uvicorn.Config(
            app, port=port, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=2
        )
    )
    thread = threading.Thread(target=running.run, daemon=True)
    served = Served(f"http://127.0.0.1:{port}", db, app)
    served.stop = lambda: setattr(running, "should_exit", True)
    thread.start()
    try:
        _wait_for(running, thread)
        yield served
    finally:
        for client in served.clients:
            client.close()
        running.should_exit = True
        for one in (thread, *(t for t in threading.enumerate() if t.name == "warm-up")):
            one.join(timeout=30)
        Runtime._instance = before
        page_session.use_database(None)


@pytest.fixture(scope="module")
def serving(
    town_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Served]]:
    """Serves a copy of the town with the settings asked for."""

    @contextmanager
    def begin(settings: Settings | None = None) -> Iterator[Served]:
        copy = tmp_path_factory.mktemp("served") / "town.duckdb"
        shutil.copy(town_file, copy)
        with Database(copy) as db, _serving(db, settings) as served:
            yield served

    return begin


@pytest.fixture(scope="module")
def served(serving: Callable[..., AbstractContextManager[Served]]) -> Iterator[Served]:
    """The town behind its gate, with local accounts only."""
    with serving() as running:
        yield running


def _wait_for(running: uvicorn.Server, thread: threading.Thread) -> None:
    for _ in range(400):
        if running.started:
            return
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.05)
    raise AssertionError("the server did not start")
