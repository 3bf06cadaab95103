"""A crawl of a running server by one person: every page, socket, file, download; what came back.

It speaks the protocol of the pages itself, so that every byte the server sends can be searched.
"""

import re
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

WAIT_S = 60
MEDIA = re.compile(rb"/media/[0-9a-f]{20,}\.?[0-9a-z]*")
LONG_MESSAGE = 64 * 1024 * 1024


@dataclass
class Sight:
    """What one request or one run of a page brought: where, the bytes, the messages."""

    where: str
    data: bytes
    messages: list[ForwardMsg] = field(default_factory=list)
    status: int = 200

    def elements(self, kind: str) -> list[Any]:
        """The elements of one kind that the page drew."""
        return [
            getattr(one.delta.new_element, kind)
            for one in self.messages
            if one.WhichOneof("type") == "delta"
            and one.delta.WhichOneof("type") == "new_element"
            and one.delta.new_element.WhichOneof("type") == kind
        ]


class Visitor:
    """One person at one browser, signed in by the form."""

    def __init__(self, url: str, login: str = "", password: str = "", *, token: str = "") -> None:
        """Signed in by the form, or by the cookie of a session begun already."""
        self.url, self.login = url, login
        self.client = httpx.Client(base_url=url, timeout=WAIT_S)
        self.socket: ClientConnection | None = None
        self._open = ExitStack()
        if token:
            self.client.cookies.set("gridcells_session", token)
        elif login:
            self.sign_in(password)

    def sign_in(self, password: str) -> None:
        answer = self.client.post(
            "/sign-in",
            data={"login": self.login, "password": password},
            headers={"Origin": self.url},
        )
        assert answer.status_code == 303, (self.login, answer.status_code, answer.text[:300])

    def sign_out(self) -> None:
        answer = self.client.post("/sign-out", headers={"Origin": self.url})
        assert answer.status_code == 303

    def get(self, path: str, method: str = "GET", **headers: str) -> Sight:
        """One request, with all that came back: status, headers and body."""
        answer = self.client.request(method, path, headers=headers)
        told = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        return Sight(f"{method} {path}", told.encode() + answer.content, [], answer.status_code)

    def connect(self, existing: str = "") -> ClientConnection:
        """The pages' socket, under this person's cookies; `existing`: a session to take up."""
        parts = urlsplit(self.url)
        cookies = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        headers = {"Cookie": cookies, "Origin": self.url, "User-Agent": "crawl"}
        wished = ["streamlit", "none", existing] if existing else ["streamlit"]
        return self._open.enter_context(
            connect(
                f"ws://{parts.netloc}/_stcore/stream",
                subprotocols=wished,  # type: ignore[arg-type]
                additional_headers=headers,
                max_size=LONG_MESSAGE,
                open_timeout=WAIT_S,
            )
        )

    def run(
        self,
        page: str,
        query: dict[str, str] | None = None,
        widgets: dict[str, Any] | None = None,
    ) -> Sight:
        """One run of a page's script: all frames that it sends until it has finished.

        `widgets` by id: a text, True for a button that is pressed, or a file that was sent.
        """
        if self.socket is None:
            self.socket = self.connect()
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = urlencode(query or {})
        for identity, value in (widgets or {}).items():
            state = asked.rerun_script.widget_states.widgets.add()
            state.id = identity
            if isinstance(value, bool):
                state.trigger_value = value
            elif isinstance(value, UploadedFileInfo):
                state.file_uploader_state_value.uploaded_file_info.append(value)
            else:
                state.string_value = value
        self.socket.send(asked.SerializeToString())
        frames = list(self._frames())
        where = f"page {page} {query or ''} {sorted((widgets or {}).values(), key=str)}"
        return Sight(where, b"\n".join(frames), [ForwardMsg.FromString(one) for one in frames])

    def send_file(self, sight: Sight, file: Path) -> UploadedFileInfo:
        """A file on its way into the session of a page that was run, as the browser sends it."""
        begun = next(one for one in sight.messages if one.WhichOneof("type") == "new_session")
        socket_id, number = begun.new_session.initialize.session_id, f"file-{file.stem}"
        address = f"/_stcore/upload_file/{socket_id}/{number}"
        xsrf = self.client.get("/_stcore/health").cookies["_streamlit_xsrf"]
        headers = {"X-Xsrftoken": xsrf, "Origin": self.url}
        data = file.read_bytes()
        given = {"file": (file.name, data)}
        answer = self.client.put(address, files=given, headers=headers)
        assert answer.status_code == 204, answer.text[:300]
        urls = FileURLs(file_id=number, upload_url=address, delete_url=address)
        return UploadedFileInfo(file_id=number, name=file.name, size=len(data), file_urls=urls)

    def _frames(self) -> Iterator[bytes]:
        assert self.socket is not None
        while True:
            frame = self.socket.recv(timeout=WAIT_S)
            assert isinstance(frame, bytes)
            yield frame
            kind = ForwardMsg.FromString(frame)
            is_end = kind.WhichOneof("type") == "script_finished"
            if is_end and kind.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return

    def close(self) -> None:
        with suppress(ConnectionClosed):
            self._open.close()
        self.client.close()


def downloads(visitor: Visitor, sights: Iterable[Sight]) -> list[Sight]:
    """Every file that the pages offered, fetched."""
    paths = {path.decode() for sight in sights for path in MEDIA.findall(sight.data)}
    return [visitor.get(path) for path in sorted(paths)]


def search(visitor: Visitor, page: str, first: Sight, text: str) -> list[Sight]:
    """Type a text into the search of a page that is open, then open the first find."""
    boxes = [box for box in first.elements("text_input") if "search_text" in box.id]
    if not boxes:
        return []
    found = visitor.run(page, widgets={boxes[0].id: text})
    finds = [button for button in found.elements("button") if "find_0" in button.id]
    if not finds:
        return [found]
    opened = visitor.run(page, widgets={boxes[0].id: text, finds[0].id: True})
    return [found, opened]


def try_file(visitor: Visitor, file: Path) -> Sight:
    """Bring a file of the first kind that the data page offers, and try it: all that came back."""
    first = visitor.run("data")
    uploader = next(u for u in first.elements("file_uploader") if "data_files" in u.id)
    widgets: dict[str, Any] = {uploader.id: visitor.send_file(first, file)}
    for box in first.elements("selectbox"):
        if "data_datum" in box.id:
            widgets[box.id] = next(name for name in box.options if "WGS" in name)
    given = visitor.run("data", widgets=widgets)
    button = next(one for one in given.elements("button") if "do_try" in one.id)
    sights = [given, visitor.run("data", widgets={**widgets, button.id: True})]
    for _ in range(100):
        sights.append(visitor.run("data", widgets=widgets))
        if not sights[-1].elements("progress"):
            break
        time.sleep(0.1)
    data = b"\n".join(sight.data for sight in sights)
    return Sight(f"trying {file.name}", data, sights[-1].messages)


def cells_address(measure: str, scope: str = "all") -> str:
    """The address of a cells file, quoted as the map asks for it: a measure is read twice."""
    twice = quote(quote(measure, safe=""), safe="")
    return f"/cells/1/{quote(scope, safe='')}/{twice}.bin"


def read_cells(data: bytes) -> dict[int, float]:
    """Values by cell of a cells file; the head of an answer may stand before it."""
    start = data.find(b"GCH1")
    if start < 0:
        return {}
    body = data[start:]
    (count,) = struct.unpack_from("<I", body, 4)
    cells = struct.unpack_from(f"<{count}Q", body, 16)
    values = struct.unpack_from(f"<{count}f", body, 16 + 10 * count)
    return dict(zip(cells, values, strict=True))
