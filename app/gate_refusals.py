"""Keeps the audit of refused requests: each one while they are few, counted while they are many."""

import asyncio
import hashlib
import hmac
import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import Any, Final

from app.store import audit
from app.store.database import Connection, Database
from app.use_cases import sign_in_refusals
from app.use_cases.clock import real_now
from app.use_cases.refusal_budgets import NOBODY, Budgets, Refusal, Tally

EVENT: Final = "access_refused"
WAIT_S: Final = 5.0
"""How long an answer waits for its audit row: a long load may hold the only writer for minutes."""
FLUSH_EVERY_S: Final = 60.0
_LOG = logging.getLogger("gridcells")


@dataclass(frozen=True)
class _Row:
    """A refusal on its way into the audit; `written` is done once it is there, or counted."""

    refusal: Refusal
    peer: str
    repeated: int
    at: datetime
    written: Future[None]

    @property
    def detail(self) -> dict[str, Any]:
        """What the audit row tells."""
        one = self.refusal
        told = {"code": one.code, "asked": one.asked, "permission": one.permission,
                "role": one.role, "peer": self.peer}  # fmt: skip
        return told | ({"repeated": str(self.repeated)} if self.repeated else {})


class Refusals:
    """Writes refusals to the audit, from a thread of its own, so that a flood blocks nobody.

    How many rows one may cause is `refusal_budgets`'s to say. What is left out is counted: in the
    next row of its kind, or in a row that is written once a minute and when the server stops.
    """

    WAITING_OF_NOBODY, WAITING_OF_ONE = 500, 100

    def __init__(
        self, database: Callable[[], Database], clock: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._budgets = Budgets(clock)
        self._lock = threading.Lock()
        self._lined_up: Counter[str] = Counter()
        self._waiting: queue.Queue[_Row | None] = queue.Queue()
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
        whose = refusal.actor_id
        most = self.WAITING_OF_NOBODY if whose == NOBODY else self.WAITING_OF_ONE
        with self._lock:
            self._start()
            has_place = self._lined_up[whose] < most
            repeated = self._budgets.take(refusal, peer, may_write=has_place)
            if repeated is None:
                return None
            self._lined_up[whose] += 1
        written: Future[None] = Future()
        written.set_running_or_notify_cancel()  # who tires of waiting does not stop the writing
        self._waiting.put(_Row(refusal, peer, repeated, real_now(), written))
        return written

    def flush(self) -> None:
        """Write what was only counted so far, a row for each person and reason."""
        with self._lock:
            counted = self._budgets.counted()
        self._keep(partial(_insert_counts, counted, real_now()), counted)
        with suppress(Exception):  # counted again where it could not be written
            sign_in_refusals.write_counted(self._database(), real_now())

    def close(self) -> None:
        """Write what is waiting and what was counted; the last thing before the store closes."""
        writer = self._writer
        if writer is not None:
            self._waiting.put(None)
            writer.join(timeout=WAIT_S)
            self._writer = None
        self.flush()

    def _start(self) -> None:
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_all, name="refusals", daemon=True)
            self._writer.start()

    def _write_all(self) -> None:
        flush_at = monotonic() + FLUSH_EVERY_S
        is_open = True
        while is_open:
            taken = self._taken(max(flush_at - monotonic(), 0))
            rows = [row for row in taken if row is not None]
            is_open = len(rows) == len(taken)
            self._write(rows)
            for _ in taken:
                self._waiting.task_done()
            if monotonic() >= flush_at:
                self.flush()
                flush_at = monotonic() + FLUSH_EVERY_S

    def _taken(self, wait_s: float) -> list[_Row | None]:
        """What is waiting, at least one row unless nothing comes for so long."""
        taken: list[_Row | None] = []
        with suppress(queue.Empty):
            taken.append(self._waiting.get(timeout=wait_s))
            while taken[-1] is not None and len(taken) < self.WAITING_OF_NOBODY:
                taken.append(self._waiting.get_nowait())
        return taken

    def _write(self, rows: list[_Row]) -> None:
        self._keep(partial(_insert, rows), [Tally.of(r.refusal, r.peer, r.repeated) for r in rows])
        with self._lock:
            self._lined_up.subtract(row.refusal.actor_id for row in rows)
            self._lined_up += Counter()
        for row in rows:
            row.written.set_result(None)

    def _keep(self, change: Callable[[Connection], None], counts: list[Tally]) -> None:
        """Write, or count what could not be written."""
        if not counts:
            return
        try:
            self._database().write(change)
        except Exception:
            _LOG.exception("refusals could not be written")
            with self._lock:
                self._budgets.put_back(counts)


def _insert(rows: list[_Row], connection: Connection) -> None:
    for row in rows:
        audit.record(connection, row.refusal.actor_id, EVENT, at=row.at, detail=row.detail)


def _insert_counts(counts: list[Tally], at: datetime, connection: Connection) -> None:
    for one in counts:
        audit.record(connection, one.actor_id, EVENT, at=at, detail=one.detail)


def _hashed(db: Database, peer: str) -> str:
    """A name for the place that tells places apart and tells nothing else."""
    return hmac.new(db.keys.derive("peer"), peer.encode(), hashlib.sha256).hexdigest()[:12]
