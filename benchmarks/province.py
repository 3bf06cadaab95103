"""The map of a province of 2 million cells: page to drawn, steps of panning and zooming, sums.

Ours is the whole page as people use it: facts of some days made up from the seed, loaded by the
app's own load, served, signed in. The peer draws the last day of the same cells by the hexagon
layer of the other maps: one binary file with every cell, coarser cells summed in the browser, on a
page of its own. Chromium, no network, no GPU, 1440 × 900; a step begins with the map's move and
ends with the painted picture of its whole window.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import province_facts
import streamlit as st
from comparison import Row, arguments, installed, show, timed
from map import FLAGS, PROJECT, Visit, page_to_drawn
from outage_map import running
from playwright.sync_api import Browser, sync_playwright

from app.maps import cells_file
from app.maps.routes import asset_routes, cells_route
from app.store import province as province_store
from app.store import users
from app.store.database import Connection, Database
from app.store.province import Span
from app.use_cases import clock, live_sessions, province_load
from app.use_cases.actors import ADMIN, Actor
from grid_cells.province import levels

PEER = "one whole binary file"
LAST = date(2026, 7, 15)
OPEN_GOAL_S, STEP_GOAL_S = 3.0, 0.150
PAUSE_MS = 900
"""Between steps, as a person looks at a picture before the next move."""

# moves the map and waits for the first picture painted after it: it covers the whole window
STEP = """
async ([dx, dy, zoom]) => {
  const host = window.gridCells, map = host.map;
  const begun = performance.timeOrigin + performance.now();
  if (zoom !== null) map.setZoom(zoom, {animate: false});
  else map.panBy([dx, dy], {animate: false});
  while (!(host.drawnAt > begun)) await new Promise((go) => setTimeout(go, 4));
  return (host.drawnAt - begun) / 1000;
}
"""
GO = "([lat, lng, zoom]) => window.gridCells.map.setView([lat, lng], zoom, {animate: false})"
SUM = """
() => {
  const {value, count} = window.gridCells.parts.hexes.base;
  let sum = 0;
  for (let i = 0; i < count; i++) if (value[i] === value[i]) sum += value[i];
  return sum;
}
"""


def build(path: Path, facts: Path) -> tuple[str, float]:
    """A store with the facts; the cookie of a manager who has signed in, and the load's seconds."""

    def manager(connection: Connection) -> str:
        user = users.User("b", "bench", "Bench", "manager", None, None, None, True, False)
        users.insert(connection, user, by="bench", at=clock.real_now())
        return live_sessions.begin(connection, user, "local", agent="", at=clock.real_now()).token

    with Database(path) as db:
        bench = Actor("bench", "bench", role=ADMIN)
        _, seconds = timed(lambda: province_load.load(db, bench, facts))
        return db.write(manager), seconds


def sums(path: Path, days: int) -> tuple[list[float], float, int]:
    """Energy of the last day summed over the cells of each size, its largest difference, cells."""
    with Database(path) as db:
        first = db.query("SELECT min(day) AS day, max(cells) AS cells FROM province_days")
        span = Span(first["day"].iloc[0], LAST, days, province_facts.RESOLUTION, days)
        found = []
        for size in levels(span.resolution):
            parts = ("energy_kwh", "energy_known")
            table = province_store.sums(db, span, size, parts)
            watt_hours = np.nan_to_num(table["energy_kwh"].to_numpy()) * 1000
            found.append(float(np.rint(watt_hours).astype(np.int64).sum()) / 1000)
        return found, max(found) - min(found), int(first["cells"].iloc[0])


def whole_file(path: Path) -> bytes:
    """The last day's energy of every cell as the other maps send it."""
    with Database(path) as db:
        span = Span(LAST, LAST, 1, province_facts.RESOLUTION, 1)
        table = province_store.sums(db, span, span.resolution, ("energy_kwh",))
        cells = table["cell_id"].to_numpy()
        return cells_file.encode(cells, np.full(len(cells), -1), table["energy_kwh"].to_numpy())


def serve(port: int, file: Path) -> None:
    """The server of the peer's page."""
    data = file.read_bytes()
    app = st.App(
        str(PROJECT / "benchmarks" / "province_page.py"),
        routes=[*asset_routes(), cells_route(lambda *_: data)],
    )
    app.run(
        config={
            "server.port": port, "server.address": "127.0.0.1", "server.headless": True,
            "browser.gatherUsageStats": False, "server.fileWatcherType": "none",
        }
    )  # fmt: skip


def drawn(visit: Visit, after_ms: float) -> float | None:
    at = visit.frame().evaluate("window.gridCells && window.gridCells.drawnAt")
    return at if at and at > after_ms else None


def measure(
    browser: Browser, url: str, token: str, times: int, patience_s: float
) -> dict[str, Any]:
    """Page to drawn, steps over ground never seen, the same steps once more; seconds."""
    address = url.split("/", 3)
    visit = Visit(browser, "/".join(address[:3]), patience_s=patience_s)
    if token:
        visit.context.add_cookies(
            [{"name": "gridcells_session", "value": token, "url": "/".join(address[:3])}]
        )
    first = page_to_drawn(visit, url, drawn)
    opened = [page_to_drawn(visit, url, drawn) for _ in range(times)]
    visit.page.wait_for_timeout(2 * PAUSE_MS)
    total = visit.frame().evaluate(SUM) if token else None
    found: dict[str, Any] = {"first": first, "open": statistics.median(opened), "total": total}
    for kind, moves in _walk(times).items():
        steps = []
        for go, move in moves:
            if go is not None:
                visit.frame().evaluate(GO, go)
                visit.page.wait_for_timeout(2 * PAUSE_MS)
            steps.append(visit.frame().evaluate(STEP, move))
            visit.page.wait_for_timeout(PAUSE_MS)
        found[kind] = statistics.median(steps)
        found[f"{kind}, slowest"] = max(steps)
    found["outside"] = len(visit.outside)
    visit.context.close()
    return found


def _walk(times: int) -> dict[str, list[tuple[list[float] | None, list[float | None]]]]:
    """Steps by kind: where to go before (not timed), and the move."""
    lat, lng = province_facts.CENTRE
    pans = [[380.0, 0.0], [0.0, 320.0], [380.0, 320.0]]
    pan = [
        (None if k else [lat, lng, zoom], [*pans[k % 3], None])
        for zoom in (8, 11, 13)
        for k in range(times)
    ]
    closer = [
        ([lat + 0.2 * k, lng + 0.15 * k, z] if z == 8 else None, [0.0, 0.0, z + 1])
        for k in range(-(-times // 3))
        for z in range(8, 13)
    ]
    further = [
        ([lat - 0.2 * k, lng - 0.15 * k, z] if z == 13 else None, [0.0, 0.0, z - 1])
        for k in range(-(-times // 3))
        for z in range(13, 7, -1)
    ]
    return {"pan": pan, "zoom closer": closer, "zoom further": further}  # type: ignore[dict-item]


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--cells", type=int, default=None, help="cells at resolution 9")
    parser.add_argument("--days", type=int, default=None)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--port", type=int, default=8627)
    parser.add_argument("--peer-port", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer_port:
        serve(options.peer_port, Path(options.input))
        return
    cells = options.cells or (100_000 if options.quick else 2_000_000)
    days = options.days or (2 if options.quick else 7)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        facts = Path(options.input) if options.input else folder / "facts"
        if not options.input:
            _, spent = timed(lambda: province_facts.write(facts, cells, days, options.seed, LAST))
            print(f"facts of {days} days made up in {spent:.1f} s")
        rows = compare(folder, facts, days, options)
    versions = installed("streamlit", "folium", "streamlit-folium", "duckdb", "playwright")
    show("province", rows, versions, as_json=options.json)


def compare(folder: Path, facts: Path, days: int, options: argparse.Namespace) -> list[Row]:
    """Ours and the peer on the same cells in one run."""
    path = folder / "made.duckdb"
    token, loaded = build(path, facts)
    totals, apart, count = sums(path, days)
    print(f"{count} cells, {days} days loaded in {loaded:.1f} s; kWh at each size: {totals}")
    file = folder / "whole.bin"
    file.write_bytes(whole_file(path))
    times = 3 if options.quick else 7
    address, peers = (f"http://127.0.0.1:{options.port + k}" for k in (0, 1))
    served = [sys.executable, "-m", "app", "serve", "--db", str(path), "--port", str(options.port)]
    peer_served = [sys.executable, __file__, "--peer-port", str(options.port + 1),
                   "--input", str(file)]  # fmt: skip
    period = f"figure=energy_kwh&period={'last' if days == 1 else 'week'}&lang=en"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=options.chromium, args=FLAGS)
        print(f"Chromium {browser.version}")
        with running(served, address, "/healthz"):
            ours = measure(browser, f"{address}/province?{period}", token, times, 120)
        print(f"ours {ours}", flush=True)
        with running(peer_served, peers, "/_stcore/health"):
            peer = attempt(browser, f"{peers}/?cells={count}", 3 if options.quick else 1)
        browser.close()
    print(f"peer {peer}")
    equal = apart == 0 and abs(ours["total"] - totals[0]) < 1e-6 * totals[0]
    found = [
        Row(f"load a day, {count} cells", loaded / days, None, PEER, None, None),
        Row("kWh between sizes, largest difference", apart, None, PEER, 0.0, apart == 0),
        Row(f"page to drawn, {count} cells", ours["open"], peer.get("open"), PEER, None, equal),
    ]
    found += [
        Row(
            f"step: {kind}", ours[kind], peer.get(kind), PEER, None, equal,
            {"slowest": ours[f"{kind}, slowest"]},
        )
        for kind in ("pan", "zoom closer", "zoom further")
    ]  # fmt: skip
    return found


def attempt(browser: Browser, url: str, times: int) -> dict[str, Any]:
    """The peer's times; none where its picture never came."""
    begun = time.monotonic()
    try:
        return measure(browser, url, "", times, 240)
    except Exception as error:
        print(f"peer gave up after {time.monotonic() - begun:.0f} s: {str(error)[:200]}")
        return {}


if __name__ == "__main__":
    main()
