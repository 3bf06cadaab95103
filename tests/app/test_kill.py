"""A kill -9 in the middle of a load leaves the store as it was before."""

import signal
import subprocess
import sys

from app.store.database import Database

LOADER = """
import os, signal, sys
from pathlib import Path
from app.store import batches
from app.store.database import Database
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load

kept = batches.save_rejects

def and_die(*arguments):
    kept(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

db = Database(sys.argv[1])
if sys.argv[3] == "die":
    batches.save_rejects = and_die
load(db, Actor("t", "t", role="admin"), "customers", [Path(sys.argv[2])], LoadChoice(datum="wgs84"))
db.close()
"""


def run(folder, file, how):
    words = [sys.executable, "-c", LOADER, str(folder / "a.duckdb"), str(file), how]
    return subprocess.run(words, check=False, timeout=60).returncode


def test_a_killed_load_leaves_no_row_and_no_batch(tmp_path):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("customer_no,lon,lat\n1,112.5,30.4\n")
    rows = "".join(f"{n},112.5,30.4\n" for n in range(1, 20_001))
    second.write_text("customer_no,lon,lat\n" + rows)
    assert run(tmp_path, first, "live") == 0
    assert run(tmp_path, second, "die") == -signal.SIGKILL
    with Database(tmp_path / "a.duckdb") as db:
        held = db.query("SELECT customer_no FROM customers")["customer_no"].tolist()
        loads = db.query("SELECT batch_id FROM import_batches")["batch_id"].tolist()
    assert (held, loads) == (["1"], [1])


INTAKE = """
import os, signal, sys, threading
from app.store.database import Database
from app.use_cases import fault_reports
from app.use_cases.actors import Actor
from app.use_cases.fault_wishes import ReportWish

db = Database(sys.argv[1])
actor = Actor("t", "t", role="admin")

def call(k):
    wish = ReportWish(report_id=f"K-{k}", address="somewhere")
    fault_reports.submit(db, actor, [wish]).add_done_callback(
        lambda done, k=k: os.write(1, f"K-{k}\\n".encode()) if not done.exception() else None
    )

for k in range(400):
    call(k)
    if k == 200:
        fault_reports.submit(db, actor, [ReportWish(address="x")]).result()
        threading.Timer(float(sys.argv[2]), lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
threading.Event().wait()
"""


def test_a_killed_intake_keeps_every_call_it_has_acknowledged(tmp_path):
    path = tmp_path / "a.duckdb"
    words = [sys.executable, "-c", INTAKE, str(path), "0.02"]
    done = subprocess.run(words, check=False, timeout=120, stdout=subprocess.PIPE)
    told = set(done.stdout.decode().split())
    assert done.returncode == -signal.SIGKILL
    assert len(told) >= 200
    with Database(path) as db:
        held = db.query("SELECT report_id FROM fault_reports")["report_id"].tolist()
    assert told <= set(held)
    assert len(held) == len(set(held))
