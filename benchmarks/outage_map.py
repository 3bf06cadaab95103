"""Page to drawn, step of the slider and filter of the Outages page, beside folium's own markers.

Ours is the whole page as people use it: served, signed in, its store generated (5,000 outages open
with 100,000 customers out; 54,000 outages in three weeks with a shut-off of a million). The peers
draw the same number of points in st_folium as CircleMarkers (SVG and `prefer_canvas`) and as a
FastMarkerCluster; they have no time, so that a step of theirs is a new drawing like a filter's.
Chromium, no network, no GPU.
`equal`: the page holds as many outages as were made. --input is not used.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from comparison import Row, arguments, chromium, free_port, installed, show
from map import FLAGS, PROJECT, Visit, filter_change, page_to_drawn, peer_drawn
from outage_store import CASES, Case, build
from playwright.sync_api import Browser, sync_playwright

from app.maps.routes import asset_routes

CIRCLES = {
    "circles": "st_folium CircleMarker",
    "canvas": "st_folium CircleMarker, prefer_canvas",
}
CLUSTER = "st_folium FastMarkerCluster"
CLUSTERS = """
(after) => {
  const now = document.getElementsByClassName('marker-cluster').length;
  if (!now) { window.clustersAt = null; return null; }
  window.clustersAt = window.clustersAt || performance.timeOrigin + performance.now();
  return window.clustersAt > after ? window.clustersAt : null;
}
"""
STEP = """
async ([share]) => {
  const film = window.gridCells.parts.outages, range = film.slider.range;
  const begun = performance.timeOrigin + performance.now();
  range.value = Math.round(film.film.length * share / film.film.step) * film.film.step;
  range.dispatchEvent(new Event('input'));
  while (!(film.shown.at > begun) || film.busy) await new Promise(requestAnimationFrame);
  return film.shown.at - begun;
}
"""

TOTALS = """
(() => {
  const film = window.gridCells.parts.outages.film;
  const most = Math.max(...film.profile(400));
  return {most: most, outages: film.outages.count, now: film.at(film.length)};
})()
"""


def serve(port: int) -> None:
    """The server of the peers' page."""
    app = st.App(str(PROJECT / "benchmarks" / "outage_map_page.py"), routes=asset_routes())
    app.run(
        config={
            "server.port": port, "server.address": "127.0.0.1", "server.headless": True,
            "browser.gatherUsageStats": False, "server.fileWatcherType": "none",
        }
    )  # fmt: skip


@contextmanager
def running(command: list[str], address: str, health: str) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}{health}", timeout=1).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def shown(visit: Visit, after_ms: float) -> float | None:
    at = visit.frame().evaluate(
        "(() => { const film = window.gridCells && window.gridCells.parts.outages;"
        " return film && film.shown && !film.busy && film.shown.at; })()"
    )
    return at if at and at > after_ms else None


def filtered(visit: Visit) -> float:
    """Seconds from a click on a kind until the map shows it."""
    before = time.time() * 1000
    visit.page.get_by_role("radiogroup", name="Kind").or_(
        visit.page.locator(".st-key-outages_kind")
    ).get_by_text("urgent", exact=True).click()
    return (visit.until(lambda: shown(visit, before)) - before) / 1000


def measure(browser: Browser, address: str, token: str, case: Case, times: int) -> dict[str, Any]:
    visit = Visit(browser, address, patience_s=90)
    visit.context.add_cookies([{"name": "gridcells_session", "value": token, "url": address}])
    url = f"{address}/outages?period={case.period}&lang=en"
    first = page_to_drawn(visit, url, shown)
    drawn = [page_to_drawn(visit, url, shown) for _ in range(times)]
    visit.page.wait_for_timeout(1500)
    steps = [visit.frame().evaluate(STEP, [(k * 0.37) % 1]) / 1000 for k in range(1, 3 * times + 1)]
    totals = visit.frame().evaluate(TOTALS)
    page_to_drawn(visit, url, shown)
    visit.page.wait_for_timeout(1500)
    changes = []
    for _ in range(times):
        changes.append(filtered(visit))
        visit.page.wait_for_timeout(700)
    visit.context.close()
    return {
        "first": first, "drawn": statistics.median(drawn), "step": statistics.median(steps),
        "slowest step": max(steps), "filter": statistics.median(changes), "totals": totals,
        "outside": len(visit.outside),
    }  # fmt: skip


def measure_peer(
    browser: Browser, address: str, draw: str, count: int, seed: int
) -> dict[str, Any]:
    visit = Visit(browser, address, patience_s=240)
    url = f"{address}/?draw={draw}&count={count}&seed={seed}"

    def seen(one: Visit, after: float, paths: int) -> float | None:
        if draw in CIRCLES:
            return peer_drawn(one, after, paths)
        return one.frame().evaluate(CLUSTERS, after)

    drawn = page_to_drawn(visit, url, lambda one, after: seen(one, after, count))
    change = filter_change(visit, lambda one, after: seen(one, after, -(-count // 2)))
    visit.context.close()
    return {"drawn": drawn, "filter": change}


def rows_of(browser: Browser, case: Case, options: argparse.Namespace, peers: str) -> list[Row]:
    address = f"http://127.0.0.1:{options.port}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.duckdb"
        token = build(case, path, options.seed)
        command = [
            sys.executable,
            "-m",
            "app",
            "serve",
            "--db",
            str(path),
            "--port",
            str(options.port),
        ]
        with running(command, address, "/healthz"):
            ours = measure(browser, address, token, case, 3 if options.quick else 7)
    print(
        f"{case.name}: {ours['totals']}, first visitor {ours['first']:.2f} s, slowest step"
        f" {ours['slowest step']:.3f} s, requests to outside {ours['outside']}"
    )
    equal = ours["totals"]["outages"] == case.outages
    found = []
    for draw, name in (CIRCLES | {"cluster": CLUSTER}).items():
        too_many = options.quick or (draw in CIRCLES and case.outages > options.peer_up_to)
        peer = {} if too_many else measure_peer(browser, peers, draw, case.outages, options.seed)
        times = {"page to drawn": "drawn", "slider step": "step", "filter": "filter"}
        found += [
            Row(
                f"{words}, {case.outages} outages", ours[key],
                peer.get("drawn" if key == "drawn" else "filter"), name, None, equal,
            )
            for words, key in times.items()
        ]  # fmt: skip
    return found


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--case", choices=[*CASES], default=None)
    parser.add_argument("--peer-up-to", type=int, default=5_000, help="most CircleMarkers")
    parser.add_argument("--chromium", default=None)
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--serve", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    cases = (
        [CASES[options.case]] if options.case else [*CASES.values()][: 1 if options.quick else 2]
    )
    rows: list[Row] = []
    options.port, port = options.port or free_port(), free_port()
    peers = f"http://127.0.0.1:{port}"
    command = [sys.executable, __file__, "--serve", str(port)]
    with running(command, peers, "/_stcore/health"), sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(options.chromium), args=FLAGS)
        print(f"Chromium {browser.version}")
        for case in cases:
            rows += rows_of(browser, case, options, peers)
        browser.close()
    versions = installed("streamlit", "folium", "streamlit-folium", "duckdb", "playwright")
    show("outage_map", rows, versions, as_json=options.json)


if __name__ == "__main__":
    main()
