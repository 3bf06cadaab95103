"""200 calls a second through the hotline's route, each acknowledged once stored; none lost by kill.

A real server over the sample city, N clients with a token, calls sent on time whether or not
earlier ones were answered. Latency counts from the moment a call was due. The peer stores the same
calls by the same code, one transaction a call. `equal`: no call failed, none that was acknowledged
is lost, and both ways filled in the same. `--input` names a sample database built before.
"""

import argparse
import asyncio
import json
import random
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from comparison import Row, arguments, free_port, installed, show, timed

from app.store.database import Database
from app.use_cases import fault_reports
from app.use_cases.actors import Actor
from app.use_cases.fault_wishes import ReportWish

PROJECT = Path(__file__).resolve().parent.parent
CUSTOMERS, FEW, RATE, CLIENTS, PORT = 60_000, 10_000, 200, 256, free_port()
URL = f"http://127.0.0.1:{PORT}"
TRUST = ssl.create_default_context()
"""Made once: a context for each client would take seconds of the run."""
HOTLINE = Actor("bench:hotline", "Hotline", "hotline")


@dataclass
class Sent:
    """What became of the calls of one run."""

    latency_s: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0


def command(*words: str) -> dict[str, Any]:
    """What a command of ours answers."""
    told = subprocess.run(
        [sys.executable, "-m", "app", *words, "--json"], check=True, capture_output=True, text=True,
        cwd=PROJECT,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def city(folder: Path, options: argparse.Namespace) -> Path:
    """A copy of a sample city to write into."""
    path = folder / "city.duckdb"
    if options.input is None:
        count = str(FEW if options.quick else CUSTOMERS)
        command("sample", "--customers", count, "--seed", str(options.seed), "--db", str(path))
        return path
    given = Path(options.input)
    for file in given.parent.glob(f"{given.name}*"):
        if file.is_file():
            shutil.copy(file, folder / file.name.replace(given.name, path.name))
    return path


def serve(path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--db", str(path), "--port", str(PORT)],
        cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(600):
        with suppress(OSError):
            urllib.request.urlopen(f"{URL}/healthz", timeout=1).close()  # noqa: S310
            break
        time.sleep(0.1)
    time.sleep(3)  # what the server works out as it starts
    return process


async def send(token: str, numbers: list[str], *, seconds: float, name: str) -> Sent:
    """Calls on time from many clients; ends early when the server is gone."""
    sent, begun = Sent(), time.perf_counter()
    headers = {"Authorization": f"Bearer {token}"}
    due_calls: asyncio.Queue[tuple[int, float]] = asyncio.Queue()

    async def client() -> None:
        """One line to the server: a pool with hundreds of waiting calls would be the bottleneck."""
        async with httpx.AsyncClient(
            base_url=URL, headers=headers, timeout=30, verify=TRUST
        ) as line:
            while True:
                k, due = await due_calls.get()
                await one(line, k, due)
                due_calls.task_done()

    async def one(line: httpx.AsyncClient, k: int, due: float) -> None:
        call = {"report_id": f"{name}-{k}", "channel": "95598", "fault_class": "lv",
                "customer_no": numbers[k % len(numbers)], "caller": "bench"}  # fmt: skip
        try:
            answer = await line.post("/fault-reports", json=call)
        except httpx.HTTPError:
            sent.failed += 1
            return
        if answer.status_code == 201:
            sent.latency_s.append(time.perf_counter() - due)
            sent.acknowledged.append(answer.json()["report_id"])
        else:
            sent.failed += 1

    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    for k in range(round(seconds * RATE)):
        due = begun + k / RATE
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        due_calls.put_nowait((k, due))
    await due_calls.join()
    for line in clients:
        line.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    sent.seconds = time.perf_counter() - begun
    return sent


def through_the_route(token: str, numbers: list[str], seconds: float) -> Row:
    asyncio.run(send(token, numbers, seconds=2, name="warm"))
    sent = asyncio.run(send(token, numbers, seconds=seconds, name="run"))
    cut = statistics.quantiles(sent.latency_s, n=100)
    more = {
        "calls a second acknowledged": round(len(sent.acknowledged) / sent.seconds, 1),
        "acknowledged": len(sent.acknowledged), "failed": sent.failed,
        "latency p50, p95, p99 in ms": [round(1000 * cut[k]) for k in (49, 94, 98)],
    }  # fmt: skip
    case = f"{RATE} calls/s for {seconds:g} s, {CLIENTS} clients: median latency"
    return Row(case, statistics.median(sent.latency_s), None, "-", None, sent.failed == 0, more)


async def killed_while_sending(
    process: subprocess.Popen[bytes], token: str, numbers: list[str]
) -> Sent:
    sending = asyncio.create_task(send(token, numbers, seconds=6, name="kill"))
    await asyncio.sleep(3)
    process.send_signal(signal.SIGKILL)
    return await sending


def after_the_kill(path: Path, sent: Sent) -> Row:
    """Acknowledged calls that the store does not have."""
    with Database(path) as db:
        held = set(db.query("SELECT report_id FROM fault_reports")["report_id"])
    lost = [one for one in sent.acknowledged if one not in held]
    more = {"acknowledged before the kill": len(sent.acknowledged), "lost": len(lost)}
    return Row(
        "kill -9 while 200 calls/s come in: calls lost",
        len(lost),
        None,
        "-",
        None,
        bool(sent.acknowledged) and not lost,
        more,
        "calls",
    )


def one_by_one(path: Path, numbers: list[str], count: int) -> Row:
    """The same calls written in groups, and one transaction each."""
    with Database(path) as db:
        fault_reports.register(db, HOTLINE, ReportWish(customer_no=numbers[0]))
        wishes = [ReportWish(customer_no=numbers[k], fault_class="lv") for k in range(count)]

        def grouped() -> list[Any]:
            waiting = [fault_reports.submit(db, HOTLINE, [wish]) for wish in wishes]
            return [fault_reports.taken(one.result()[0]) for one in waiting]

        ours, seconds = timed(grouped)
        theirs, peer = timed(lambda: [fault_reports.register(db, HOTLINE, one) for one in wishes])
    differ = sum(
        (a.verdict, a.area_id, a.crew_id) != (b.verdict, b.area_id, b.crew_id)
        for a, b in zip(ours, theirs, strict=True)
    )
    more = {
        "calls that differ": differ,
        "calls a second": [round(count / s) for s in (seconds, peer)],
    }
    case = f"{count} calls filled in, triaged and stored"
    return Row(case, seconds, peer, "one transaction a call", None, differ == 0, more)


def main() -> None:
    options = arguments(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = city(Path(name), options)
        command("users", "add", "bench", "--role", "hotline", "--db", str(path))
        token = command("users", "token", "bench", "--db", str(path))["token"]
        with Database(path) as db:
            numbers = db.query("SELECT customer_no FROM customers ORDER BY 1")[
                "customer_no"
            ].tolist()
        random.Random(options.seed).shuffle(numbers)  # noqa: S311
        process = serve(path)
        try:
            rows = [through_the_route(token, numbers, 8 if options.quick else 30)]
            sent = asyncio.run(killed_while_sending(process, token, numbers))
        finally:
            process.kill()
            process.wait()
        rows.append(after_the_kill(path, sent))
        rows.append(one_by_one(path, numbers, 100 if options.quick else 400))
    show("intake", rows, installed("duckdb", "streamlit", "httpx"), as_json=options.json)


if __name__ == "__main__":
    main()
