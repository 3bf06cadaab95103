"""Keeps the audit of refused requests: each one while they are few, counted while they are many."""

import asyncio
import hashlib
import hmac
import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Final

from app.store import audit
from app.store.database import Connection, Database
from app.use_cases.clock import real_now

EVENT: Final = "access_refused"
WAIT_S: Final = 5.0
"""How long an answer waits for its audit row: a long load may hold the only writer for minutes."""
_LOG = logging.getLogger("gridcells")


@dataclass(frozen=True)
class Refusal:
    """A request that was not let through: why, what was asked, by whom, from where."""

    code: str
    asked: str
    actor_id: str = "nobody"
    role: str = ""
    permission: str = ""
    peer: str = ""


@dataclass
class Allowance:
    """Rows still free to write: `most` at once, one more every `every_s` seconds."""

    most: int
    every_s: float
    left: float = field(init=False)
    at: float = field(init=False)
    skipped: int = 0

    def __post_init__(self) -> None:
        self.left, self.at = float(self.most), 0.0

    def take(self, now: float) -> bool:
        """Whether one may be written now."""
        if self.at:
            self.left = min(self.most, self.left + (now - self.at) / self.every_s)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Refusals:
    """Writes refusals to the audit, from a thread of its own, so that a flood blocks nobody.

    The same refusal from the same place is written twenty times, then at most once in five
    seconds; all together at most two thousand times at once, then once a second. What was left
    out is counted in the next row of its kind.
    """

    PER_KIND, KIND_EVERY_S = 20, 5.0
    TOGETHER, TOGETHER_EVERY_S = 2000, 1.0
    KINDS, WAITING = 4096, 1000

    def __init__(
        self, database: Callable[[], Database], clock: Callable[[], float] = monotonic
    ) -> None:
        self._database, self._clock = database, clock
        self._kinds: OrderedDict[tuple[str, str, str, str], Allowance] = OrderedDict()
        self._all = Allowance(self.TOGETHER, self.TOGETHER_EVERY_S)
        self._waiting: queue.Queue[tuple[Refusal, dict[str, Any], datetime, Future[None]]]
        self._waiting = queue.Queue(self.WAITING)
        self._writer: threading.Thread | None = None

    async def record(self, refusal: Refusal) -> None:
        """Note the refusal; returns once it is written, or after five seconds at most."""
        written = self._offer(refusal)
        if written is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(written)), WAIT_S)

    def _offer(self, refusal: Refusal) -> Future[None] | None:
        """The row's writing, or None where this one is only counted."""
        peer = _hashed(self._database(), refusal.peer)
        allowance = self._allowance((refusal.code, refusal.asked, refusal.actor_id, peer))
        now = self._clock()
        if not (allowance.take(now) and self._all.take(now)):
            allowance.skipped += 1
            return None
        detail = {"code": refusal.code, "asked": refusal.asked, "permission": refusal.permission,
                  "role": refusal.role, "peer": peer}  # fmt: skip
        if allowance.skipped:
            detail["repeated"] = str(allowance.skipped)
        written: Future[None] = Future()
        written.set_running_or_notify_cancel()  # who tires of waiting does not stop the writing
        try:
            self._waiting.put_nowait((refusal, detail, real_now(), written))
        except queue.Full:
            allowance.skipped += 1
            return None
        allowance.skipped = 0
        self._start()
        return written

    def _allowance(self, kind: tuple[str, str, str, str]) -> Allowance:
        found = self._kinds.setdefault(kind, Allowance(self.PER_KIND, self.KIND_EVERY_S))
        self._kinds.move_to_end(kind)
        while len(self._kinds) > self.KINDS:
            self._kinds.popitem(last=False)
        return found

    def _start(self) -> None:
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_all, name="refusals", daemon=True)
            self._writer.start()

    def _write_all(self) -> None:
        while True:
            rows = [self._waiting.get()]
            with suppress(queue.Empty):
                while len(rows) < self.WAITING:
                    rows.append(self._waiting.get_nowait())
            try:
                self._database().write(partial(_insert, rows))
            except Exception:
                _LOG.exception("refusals could not be written")
            for *_, written in rows:
                written.set_result(None)
                self._waiting.task_done()


def _insert(
    rows: list[tuple[Refusal, dict[str, Any], datetime, Future[None]]], connection: Connection
) -> None:
    for refusal, detail, at, _ in rows:
        audit.record(connection, refusal.actor_id, EVENT, at=at, detail=detail)


def _hashed(db: Database, peer: str) -> str:
    """A name for the place that tells places apart and tells nothing else."""
    return hmac.new(db.keys.derive("peer"), peer.encode(), hashlib.sha256).hexdigest()[:12]
