"""Commands while a server owns the file: sent to it, run there, said here."""

import http.client
import io
import json
import queue
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from app.cli.arguments import parse
from app.cli.commands import run
from app.cli.terminal import Terminal
from app.note import SECRET_HEADER, read_note

_END = object()


def living_server(db: Path) -> dict[str, Any] | None:
    """The note of the server that owns this database, None where none lives."""
    note = read_note(db)
    return note if note is not None and _answers(note) else None


def _answers(note: dict[str, Any]) -> bool:
    connection = _connect(note, timeout=3)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _connect(note: dict[str, Any], timeout: float | None) -> http.client.HTTPConnection:
    address = urlsplit(str(note["url"]))
    return http.client.HTTPConnection(
        address.hostname or "127.0.0.1", address.port, timeout=timeout
    )


def send(
    note: dict[str, Any], argv: list[str], cwd: Path, terminal: Terminal, *, user: str | None
) -> int:
    """Exit code of the command as the server ran it; what it says comes line by line."""
    connection = _connect(note, timeout=None)
    body = json.dumps({"argv": argv, "cwd": str(cwd), "user": user})
    headers = {"Content-Type": "application/json", SECRET_HEADER: str(note["secret"])}
    connection.request("POST", "/command", body, headers)
    answer = connection.getresponse()
    if answer.status != http.client.OK:
        terminal.note("server_refused", status=answer.status)
        return 1
    code = 1
    for line in answer:
        said = json.loads(line)
        if "exit" in said:
            code = int(said["exit"])
        else:
            stream = terminal.out if said["to"] == "out" else terminal.err
            stream.write(said["text"])
            stream.flush()
    connection.close()
    return code


async def handle_remote(request: Request) -> StreamingResponse:
    """Run a command for another process of this machine, streaming what it says as JSON lines."""
    asked = json.loads(await request.body())
    said: queue.Queue[Any] = queue.Queue()

    def work() -> None:
        code = 1
        try:
            code = _run(asked, said)
        finally:
            said.put({"exit": code})
            said.put(_END)

    threading.Thread(target=work, name="command", daemon=True).start()

    async def lines() -> Any:
        while (item := await run_in_threadpool(said.get)) is not _END:
            yield json.dumps(item) + "\n"

    return StreamingResponse(lines(), media_type="application/x-ndjson")


class _Stream(io.TextIOBase):
    """A stream whose writes go into the answer."""

    def __init__(self, said: "queue.Queue[Any]", to: str) -> None:
        self._said, self._to = said, to

    def write(self, text: str) -> int:
        self._said.put({"to": self._to, "text": text})
        return len(text)


def _run(asked: dict[str, Any], said: "queue.Queue[Any]") -> int:
    from app.widgets.session import database  # only a server has one

    arguments = parse(list(asked["argv"]))
    terminal = Terminal(_Stream(said, "out"), _Stream(said, "err"), as_json=arguments.json)  # type: ignore[arg-type]
    return run(
        arguments, terminal, cwd=Path(asked["cwd"]), db=database(), os_user=asked.get("user")
    )
