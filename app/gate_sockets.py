"""Live sockets and what belongs to them: ended with their session, never handed to another one."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import DecodeError
from starlette.types import Message, Receive, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.media_file_manager import MediaFileManager, _get_session_id
from streamlit.runtime.runtime_util import serialize_forward_msg

from app.gate_identity import SESSION_HEADER
from app.gate_routes import SIGN_IN
from app.use_cases.sessions import Session

CLOSED: Final = 1008
LOOK_EVERY_S: Final = 5.0
LEAVE_S: Final = 2.0
"""How long a browser that signs out has to get to the next page before it is sent there."""
_FILES_KEPT: Final = 20_000


@dataclass(eq=False)
class Live:
    """One open socket and the session it may speak for."""

    session: Session
    send: Send
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    ending: asyncio.Task[None] | None = None

    @property
    def session_id(self) -> str:
        """The session it may speak for."""
        return self.session.session_id

    async def end(self, why: str, after_s: float = 0) -> None:
        """Pass nothing on any more; then tell the browser to sign in again, and hang up."""
        if self.ended.is_set():
            return
        self.ended.set()
        await asyncio.sleep(after_s)
        farewell = ForwardMsg()
        farewell.auth_redirect.url = f"{SIGN_IN}?why={why}"
        with suppress(Exception):  # the line may be down already, or not be up yet
            data = serialize_forward_msg(farewell)
            await self.send({"type": "websocket.send", "bytes": data})
            await self.send({"type": "websocket.close", "code": CLOSED, "reason": why})
        self.gone.set()

    def end_soon(self, why: str, after_s: float) -> None:
        """The same, asked for by any thread."""

        def begin() -> None:
            self.ending = self.loop.create_task(self.end(why, after_s))

        with suppress(RuntimeError):  # the loop is gone, and the socket with it
            self.loop.call_soon_threadsafe(begin)

    async def sent(self, message: Message) -> None:
        """Let a message of the app out, as long as the session lasts."""
        if self.ended.is_set():
            raise OSError(self.session_id)  # what the app takes for a line that is down
        await self.send(message)

    async def received(self, receive: Receive) -> Message:
        """The browser's next message, or the end of the line once the session has ended."""
        while (message := await self._next(receive)) is not None:
            if message["type"] == "websocket.disconnect" or not self.ended.is_set():
                return message
        return {"type": "websocket.disconnect", "code": CLOSED}

    async def _next(self, receive: Receive) -> Message | None:
        """The next message, or None once we have hung up."""
        coming = asyncio.ensure_future(receive())
        going = asyncio.ensure_future(self.gone.wait())
        try:
            await asyncio.wait({coming, going}, return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else None
        finally:
            coming.cancel()
            going.cancel()


class Sockets:
    """The open sockets of the process, by session."""

    def __init__(self) -> None:
        self._live: set[Live] = set()
        self._leaving: set[str] = set()

    def add(self, live: Live) -> None:
        """Keep an eye on the socket."""
        self._live.add(live)

    def remove(self, live: Live) -> None:
        """The socket is closed."""
        self._live.discard(live)

    def of(self, session_ids: Iterable[str]) -> list[Live]:
        """The open sockets of these sessions."""
        wanted = set(session_ids)
        return [live for live in tuple(self._live) if live.session_id in wanted]

    def leave(self, session_id: str) -> None:
        """Its person signs out: the page that does so must not be called back on its way."""
        self._leaving.add(session_id)

    def end(self, session_ids: set[str]) -> None:
        """Close every socket of these sessions; any thread may ask."""
        for live in self.of(session_ids):
            is_leaving = live.session_id in self._leaving
            live.end_soon("session_ended", LEAVE_S if is_leaving else 0)
        self._leaving -= session_ids


class Ownership:
    """Which sign-in session each of Streamlit's sessions and files belongs to."""

    def __init__(self, runtime: Runtime, on_foreign: Callable[[str], None]) -> None:
        self._runtime = runtime
        self._owners: dict[str, str] = {}
        self._files: dict[str, set[str]] = {}
        self._on_foreign = on_foreign
        self._wrap_connect(runtime)
        self._wrap_files(runtime.media_file_mgr)

    def owns_socket(self, session_id: str, socket_id: str) -> bool:
        """Whether that session of Streamlit's was begun by this sign-in session."""
        return bool(session_id) and self._owners.get(socket_id) == session_id

    def owns_file(self, session_id: str, name: str) -> bool:
        """Whether a page shown to this sign-in session offered the file."""
        return session_id in self._files.get(_file_id(name), ())

    def close(self, session_id: str) -> None:
        """Drop what Streamlit keeps for a sign-in session that has ended."""
        for socket_id in [one for one, owner in self._owners.items() if owner == session_id]:
            self._runtime.close_session(socket_id)
            self._owners.pop(socket_id, None)

    def _wrap_connect(self, runtime: Runtime) -> None:
        """Nobody takes over a session of Streamlit's that somebody else has begun."""
        connect = runtime.connect_session

        def connect_session(client: Any, *args: Any, **kwargs: Any) -> str:
            owner = dict(client.client_context.headers).get(SESSION_HEADER, "")
            wished = kwargs.get("existing_session_id")
            if wished and not self.owns_socket(owner, wished):
                if wished in self._owners:
                    self._on_foreign(owner)
                kwargs["existing_session_id"] = None
            socket_id = connect(client, *args, **kwargs)
            self._forget_gone()
            self._owners[socket_id] = owner
            return socket_id

        runtime.connect_session = connect_session  # type: ignore[method-assign]

    def _wrap_files(self, files: MediaFileManager) -> None:
        """A file's name is a hash of its content, so knowing it proves nothing."""
        add, execute = files.add, files.execute_deferred

        def added(*args: Any, **kwargs: Any) -> str:
            url = add(*args, **kwargs)
            self._note(url, _get_session_id())
            return url

        def executed(file_id: str) -> str:
            entry = files._deferred_callables.get(file_id)
            url = execute(file_id)
            self._note(url, entry["session_id"] if entry else "")
            return url

        files.add = added  # type: ignore[method-assign]
        files.execute_deferred = executed  # type: ignore[method-assign]

    def _note(self, url: str, socket_id: str) -> None:
        owner = self._owners.get(socket_id)
        if owner is None:
            return
        self._files.setdefault(_file_id(url.rpartition("/")[2]), set()).add(owner)
        while len(self._files) > _FILES_KEPT:
            self._files.pop(next(iter(self._files)))

    def _forget_gone(self) -> None:
        known = {info.session.id for info in self._runtime._session_mgr.list_sessions()}
        self._owners = {one: owner for one, owner in self._owners.items() if one in known}


def is_of_person(message: Message) -> bool:
    """Whether a person stands behind a message, and not a page that looks after itself."""
    asked = BackMsg()
    try:
        asked.ParseFromString(message.get("bytes") or b"")
    except DecodeError:
        return False
    return asked.WhichOneof("type") == "rerun_script" and not asked.rerun_script.is_auto_rerun


def _file_id(name: str) -> str:
    """A file's name without what says its kind."""
    return name.rpartition(".")[0] or name
