"""The routes of the one process, its note to commands, and its answer to errors."""

import asyncio
import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import Message
from streamlit.testing.v1 import AppTest

from app import note, server
from app.maps.cells_file import decode
from app.settings import Settings
from app.store.database import Database
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.sessions import Session
from app.widgets import session


@dataclass
class Answer:
    status_code: int
    headers: dict[str, str]
    content: bytes


class Client:
    """Asks the routes in this process, without a socket, as somebody whom the gate let in."""

    def __init__(self, actor: Actor | None) -> None:
        self.app = Starlette(routes=server.routes(Settings()))
        self.session = Session("s1", actor, "local", False, real_now()) if actor else None

    def get(self, path: str) -> Answer:
        return asyncio.run(self.ask("GET", path, {}))

    def post(self, path: str, headers: dict[str, str]) -> Answer:
        return asyncio.run(self.ask("POST", path, headers))

    async def ask(self, method: str, path: str, headers: dict[str, str]) -> Answer:
        given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(),
                 "query_string": b"", "root_path": "", "headers": given,
                 "state": {"session": self.session}}  # fmt: skip
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"{}", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], told, b"".join(m.get("body", b"") for m in sent[1:]))


@pytest.fixture
def client(town_database: Database) -> Iterator[Client]:
    session.use_database(town_database)
    yield Client(Actor("user:1", "somebody", "manager"))
    session.use_database(None)


def test_health_says_only_that_all_is_well(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, json.loads(answer.content)) == (200, {"status": "ok"})


def test_cells_are_for_nobody_whom_the_gate_does_not_know(client: Client) -> None:
    assert Client(None).get("/cells/1/all/customers.bin").status_code == 403


def test_cells_of_an_unreadable_scope_are_not_there(client: Client) -> None:
    assert client.get("/cells/1/everything/customers.bin").status_code == 404


def test_cells_come_in_the_maps_own_form(client: Client, town: object) -> None:
    answer = client.get("/cells/1/all/customers.bin")
    cells = decode(answer.content)
    assert answer.headers["cache-control"].startswith("private")
    assert len(cells.cells) == 61
    assert float(cells.values.sum()) == 244


def test_cells_of_an_unknown_measure_are_not_there(client: Client) -> None:
    assert client.get("/cells/1/all/nothing.bin").status_code == 404


def test_a_cells_file_holds_no_customer(client: Client) -> None:
    content = client.get("/cells/1/all/customers.bin").content
    assert b"0000000007" not in content
    assert "王".encode() not in content


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_a_command_without_the_secret_is_refused(client: Client, secret: str) -> None:
    answer = client.post("/command", headers={note.SECRET_HEADER: secret})
    assert answer.status_code == 403


def test_the_note_is_for_its_owner_alone(tmp_path: Path) -> None:
    note.write_note(tmp_path / "a.duckdb", url="http://here", secret="s")  # noqa: S106
    file = note.note_path(tmp_path / "a.duckdb")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()).keys() == {"url", "pid", "secret"}
    assert note.read_note(tmp_path / "a.duckdb") == json.loads(file.read_text())


def test_an_address_to_listen_on_becomes_one_to_call() -> None:
    assert server._url("0.0.0.0", 8501) == "http://127.0.0.1:8501"  # noqa: S104
    assert server._url("10.1.2.3", 80) == "http://10.1.2.3:80"


def test_telemetry_and_the_file_watcher_are_off() -> None:
    assert server.SETTINGS["browser.gatherUsageStats"] is False
    assert server.SETTINGS["server.fileWatcherType"] == "none"
    assert server.SETTINGS["client.showErrorDetails"] == "none"


def test_a_programmers_error_gets_a_reference(town_database: Database) -> None:
    def script() -> None:
        from app.widgets import errors  # noqa: PLC0415

        errors.on_script_error(ZeroDivisionError("secret detail"))

    session.use_database(town_database)
    page = AppTest.from_function(script).run()
    session.use_database(None)
    assert "Something broke, reference" in page.error[0].value
    assert "secret detail" not in page.error[0].value


def test_a_users_error_is_said_in_words_without_markup(town_database: Database) -> None:
    def script() -> None:
        from app.widgets import errors  # noqa: PLC0415
        from grid_cells.errors import UserError  # noqa: PLC0415

        errors.on_script_error(UserError("customer_unknown", customer="<b>![x](http://x)"))

    session.use_database(town_database)
    page = AppTest.from_function(script).run()
    session.use_database(None)
    assert "\\<b\\>\\!\\[x\\]" in page.error[0].value
