"""Long work: it ends, fails with words, or stops when asked."""

import threading
import time

import pytest

from app.store.database import Database
from app.use_cases import jobs
from app.use_cases.actors import Actor
from grid_cells.errors import UserError

ACTOR = Actor("test:anna", "Anna", role="admin")


@pytest.fixture
def db(tmp_path):
    with Database(tmp_path / "a.duckdb") as opened:
        yield opened


def ended(db, job_id):
    for _ in range(400):
        job = jobs.poll(db, ACTOR, job_id)
        if job.state in ("done", "failed", "stopped"):
            return job
        time.sleep(0.02)
    raise AssertionError(job)


def test_work_that_ends_gives_its_result(db):
    job = ended(db, jobs.start(db, ACTOR, "count", lambda tell: {"n": 3}))
    assert (job.state, job.result, job.progress) == ("done", {"n": 3}, 1.0)


def test_a_users_error_is_kept_with_its_code(db):
    def work(tell):
        raise UserError("file_missing", file="a.csv")

    job = ended(db, jobs.start(db, ACTOR, "load", work))
    assert job.state == "failed"
    assert "file_missing" in job.message


def test_work_asked_to_stop_stops_at_its_next_step(db):
    begun, go = threading.Event(), threading.Event()

    def work(tell):
        begun.set()
        go.wait(5)
        tell(0.5)
        return {"never": True}

    job_id = jobs.start(db, ACTOR, "load", work)
    assert begun.wait(5)
    jobs.ask_to_stop(db, ACTOR, job_id)
    go.set()
    job = ended(db, job_id)
    assert (job.state, job.result) == ("stopped", {})


def test_a_plan_for_the_board_does_not_stand_behind_long_work(db):
    begun, go = threading.Event(), threading.Event()

    def long(tell):
        begun.set()
        go.wait(20)
        tell(0.5)
        return {}

    first = jobs.start(db, ACTOR, "dispatch_simulation", long)
    behind = jobs.start(db, ACTOR, "load", lambda tell: {"n": 1})
    assert begun.wait(5)
    try:
        quick = ended(db, jobs.start(db, ACTOR, "dispatch_plan", lambda tell: {"n": 2}))
        assert (quick.state, quick.result) == ("done", {"n": 2})
        assert jobs.poll(db, ACTOR, behind).state == "waiting"
        jobs.ask_to_stop(db, ACTOR, first)
    finally:
        go.set()
    assert ended(db, first).state == "stopped"
    assert ended(db, behind).state == "done"


def test_an_unknown_job_is_a_users_error(db):
    with pytest.raises(UserError, match="job_unknown"):
        jobs.poll(db, ACTOR, "nothing")
