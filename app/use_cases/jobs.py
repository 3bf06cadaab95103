"""Long work in the background, with progress, a result and a way to stop it.

One job at a time in each of three lanes: what a person waits for at the board is not to stand
behind what takes minutes, and nothing behind what waits for somebody else's machine.
"""

import json
import logging
import queue
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from app.store import jobs
from app.store.database import Database
from app.use_cases.access import may, needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.roles import EVERYBODY
from grid_cells.errors import UserError

_LOG = logging.getLogger("gridcells")

Work = Callable[[Callable[[float], None]], dict[str, Any]]
QUICK: Final = frozenset({"dispatch_plan"})
"""Kinds of work that have the quick lane to themselves: seconds, while somebody waits."""

ASKING: Final = frozenset({"remote_check"})
"""Kinds of work that only wait for an answer from outside."""


class StoppedError(Exception):
    """The person asked for the work to stop; nothing of it is kept."""


@dataclass(frozen=True)
class Job:
    """Where a piece of long work stands: waiting, running, done, failed or stopped."""

    job_id: str
    kind: str
    state: str
    progress: float
    message: str | None
    result: dict[str, Any] | None


class _Worker:
    """The thread of a lane that does its long work, started with its first job."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.waiting: queue.Queue[tuple[Database, str, Work]] = queue.Queue()
        self.progress: dict[str, float] = {}
        self.to_stop: set[str] = set()
        self.outcomes: dict[str, Any] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, db: Database, job_id: str, work: Work) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        self.waiting.put((db, job_id, work))

    def _run(self) -> None:
        while True:
            db, job_id, work = self.waiting.get()
            self._do(db, job_id, work)

    def _do(self, db: Database, job_id: str, work: Work) -> None:
        def tell(done: float) -> None:
            if job_id in self.to_stop:
                raise StoppedError
            self.progress[job_id] = done

        db.write(lambda c: jobs.set_state(c, job_id, "running"))
        try:
            tell(0.0)
            result = work(tell)
        except StoppedError:
            state, message, result = "stopped", None, {}
        except UserError as error:
            state, result = "failed", {}
            message = json.dumps({"code": error.code, **error.values}, default=str)
        except Exception as error:  # the page tells it, the log has the trace
            _LOG.exception("job %s broke", job_id)
            state, message, result = (
                "failed",
                json.dumps({"code": "job_broke", "why": str(error)}),
                {},
            )
        else:
            state, message = "done", None
        text = json.dumps(result, default=str)
        db.write(lambda c: jobs.end(c, job_id, state, message=message, result=text, at=real_now()))


_LONG, _SHORT, _OUTSIDE = _Worker("jobs"), _Worker("jobs-quick"), _Worker("jobs-asking")


def _lane(kind: str) -> _Worker:
    if kind in QUICK:
        return _SHORT
    return _OUTSIDE if kind in ASKING else _LONG


@needs(EVERYBODY)
def start(db: Database, actor: Actor, kind: str, work: Work) -> str:
    """The new job's id; `work` tells its progress (0 to 1) and gives a small dict."""
    job_id = uuid.uuid4().hex[:12]
    db.write(lambda c: jobs.add(c, job_id, kind, actor.id, at=real_now()))
    _lane(kind).put(db, job_id, work)
    return job_id


@needs(EVERYBODY)
def poll(db: Database, actor: Actor, job_id: str) -> Job:
    """Where the job stands now; only its own person and whoever keeps the store may ask."""
    row = _own(db, actor, job_id)
    if row is None:
        raise UserError("job_unknown", job=job_id)
    progress = 1.0 if row["state"] == "done" else _lane(row["kind"]).progress.get(job_id, 0.0)
    result = json.loads(row["result"]) if row["result"] else None
    return Job(job_id, row["kind"], row["state"], progress, row["message"], result)


@needs(EVERYBODY)
def ask_to_stop(db: Database, actor: Actor, job_id: str) -> None:
    """Ask a job to stop at its next step; what it had not committed is dropped."""
    row = _own(db, actor, job_id)
    if row is None:
        raise UserError("job_unknown", job=job_id)
    _lane(row["kind"]).to_stop.add(job_id)
    db.write(lambda c: jobs.ask_to_stop(c, job_id))


def _own(db: Database, actor: Actor, job_id: str) -> dict[str, Any] | None:
    row = jobs.one(db, job_id)
    if row is None or row["actor"] == actor.id or may(actor, "manage_store"):
        return row
    return None
