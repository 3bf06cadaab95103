"""Page to drawn, filter change and frames of the hexagon layer, beside st_folium with GeoJSON.

All draw the same cells in the same run, in Chromium without network and without GPU. The peers are
folium's GeoJson as it stands (SVG) and with `prefer_canvas=True`, as its documentation advises for
many shapes. They get their browser files from this server too; without that they would draw nothing
at all offline. `equal`: as many cells of each colour. --input is not used.
"""

import argparse
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from comparison import Row, arguments, chromium, free_port, installed, show
from map_cells import FILTER_LOW, cells_file, made
from playwright.sync_api import Browser, Frame, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from app.maps.routes import asset_routes, cells_route

PROJECT = Path(__file__).resolve().parent.parent


SIZES = (5_000, 20_000, 100_000)
WINDOW = {"width": 1440, "height": 900}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
PEERS = {"geojson": "st_folium GeoJson", "canvas": "st_folium GeoJson, prefer_canvas"}
FIGURES = {
    "drawn": "page to drawn", "filter": "filter change", "frame": "longest frame of zoom and pan",
}  # fmt: skip
FRAME = "st_folium"

# Leaflet's paths: those in the document, or those that its canvas has to draw.
PATHS = """
() => {
  const canvas = window.map && window.map._renderer && window.map._renderer._ctx;
  const drawn = canvas ? Object.values(window.map._renderer._layers) : [];
  const seen = drawn.filter((path) => path.options && path.options.interactive);
  const paths = [...document.getElementsByClassName('leaflet-interactive')];
  return seen.length ? seen.map((path) => path.options.fillColor)
    : paths.map((path) => path.getAttribute('fill'));
}
"""
# Stamps the clock at the first frame after which so many paths stand there, drawn.
WATCH = """
(wanted) => {
  if (!window.pathsAt) {
    window.pathsAt = {};
    let last = -1;
    const look = () => {
      const canvas = window.map && window.map._renderer && window.map._renderer._ctx;
      const n = canvas ? Object.keys(window.map._renderer._layers).length
        : document.getElementsByClassName('leaflet-interactive').length;
      if (n > 0 && n === last && !(n in window.pathsAt)) {
        window.pathsAt[n] = performance.timeOrigin + performance.now();
      }
      last = n;
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }
  return window.pathsAt[wanted];
}
"""
GAPS = """
() => {
  window.gaps = [];
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    window.gaps.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}
"""


def serve(port: int) -> None:
    def provider(_version: str, scope: str, _measure: str, _request: object) -> bytes:
        count, seed = scope.split("-")
        return cells_file(int(count), int(seed))

    app = st.App(
        str(PROJECT / "benchmarks" / "map_page.py"),
        routes=[*asset_routes(), cells_route(provider)],
    )
    settings = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": True,
        "browser.gatherUsageStats": False,
        "server.fileWatcherType": "none",
    }
    app.run(config=settings)


@contextmanager
def running(port: int) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, __file__, "--serve", str(port)]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(900):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


class Visit:
    """One browser tab on the page, with the means to tell when something is drawn."""

    def __init__(self, browser: Browser, address: str, *, patience_s: float) -> None:
        self.context = browser.new_context(viewport=WINDOW)
        self.outside: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(patience_s * 1000)
        self.patience_s = patience_s
        self.page.on("request", lambda asked: self._note(asked.url, address))

    def _note(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:", address.replace("http", "ws"))):
            self.outside.append(url)

    def frame(self) -> Frame:
        return next(one for one in self.page.frames if FRAME in one.url)

    def until(self, ask: Callable[[], float | None]) -> float:
        end = time.monotonic() + self.patience_s
        while time.monotonic() < end:
            try:
                at = ask()
            except (PlaywrightError, StopIteration):  # the frame comes and goes while mounted
                at = None
            if at:
                return at
            self.page.wait_for_timeout(20)  # also lets the frames of the page come in
        raise TimeoutError("nothing was drawn")


def ours_drawn(visit: Visit, after_ms: float) -> float | None:
    at = visit.frame().evaluate("window.gridCells && window.gridCells.drawnAt")
    return at if at and at > after_ms else None


def peer_drawn(visit: Visit, after_ms: float, paths: int) -> float | None:
    at = visit.frame().evaluate(WATCH, paths)
    return at if at and at > after_ms else None


def page_to_drawn(visit: Visit, url: str, drawn: Callable[[Visit, float], float | None]) -> float:
    visit.page.goto("about:blank")
    before = time.time() * 1000
    visit.page.goto(url, wait_until="commit")
    return (visit.until(lambda: drawn(visit, before)) - before) / 1000


def filter_change(visit: Visit, drawn: Callable[[Visit, float], float | None]) -> float:
    toggle = visit.page.get_by_text("filter", exact=True)
    toggle.wait_for()
    before = time.time() * 1000
    toggle.click()
    return (visit.until(lambda: drawn(visit, before)) - before) / 1000


def longest_frame(visit: Visit) -> float:
    """Seconds of the longest frame while zooming in twice and dragging after each."""
    box = visit.page.locator("iframe").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    frame = visit.frame()
    visit.page.wait_for_timeout(600)
    frame.evaluate(GAPS)
    visit.page.mouse.move(x, y)
    for _ in range(2):
        visit.page.mouse.wheel(0, -100)
        visit.page.wait_for_timeout(900)
        visit.page.mouse.down()
        for step in range(20):
            visit.page.mouse.move(x - 14 * step, y - 7 * step)
            visit.page.wait_for_timeout(16)
        visit.page.mouse.up()
        visit.page.wait_for_timeout(400)
    return float(frame.evaluate("Math.max(...window.gaps.slice(2))")) / 1000


def shown_by_ours(visit: Visit) -> dict[str, int]:
    """Cells by colour, as the layer classed them."""
    return visit.frame().evaluate(
        """() => {
          const layer = window.gridCells.parts.hexes, found = {};
          layer.classify(layer.base);
          for (const code of layer.base.classes) {
            if (code < 254) found[layer.colourOf(code)] = (found[layer.colourOf(code)] || 0) + 1;
          }
          return found;
        }"""
    )


def shown_by_peer(visit: Visit) -> dict[str, int]:
    return dict(Counter(visit.frame().evaluate(PATHS)))


def measure_ours(browser: Browser, address: str, query: str, times: int) -> dict[str, Any]:
    visit = Visit(browser, address, patience_s=60)
    url = f"{address}/?draw=ours&{query}"
    page_to_drawn(visit, url, ours_drawn)  # warms the cache
    drawn = [page_to_drawn(visit, url, ours_drawn) for _ in range(times)]
    shown = shown_by_ours(visit)
    visit.page.wait_for_timeout(500)
    changes = []
    for _ in range(times):
        changes.append(filter_change(visit, ours_drawn))
        visit.page.wait_for_timeout(300)
    page_to_drawn(visit, url, ours_drawn)
    frame = longest_frame(visit)
    outside = len(visit.outside)
    visit.context.close()
    return {
        "drawn": statistics.median(drawn),
        "filter": statistics.median(changes),
        "frame": frame,
        "shown": shown,
        "outside": outside,
    }


def measure_peer(
    browser: Browser, url: str, *, times: int, paths: tuple[int, int]
) -> dict[str, Any]:
    visit = Visit(browser, url.partition("/?")[0], patience_s=240)
    whole, rest = paths

    def drawn_whole(one: Visit, after: float) -> float | None:
        return peer_drawn(one, after, whole)

    if times > 1:
        page_to_drawn(visit, url, drawn_whole)  # warms the cache
    drawn = [page_to_drawn(visit, url, drawn_whole) for _ in range(times)]
    shown = shown_by_peer(visit)
    frame = longest_frame(visit) if whole <= SIZES[1] else None
    changes = []
    for turn in range(times):
        seen = rest if turn % 2 == 0 else whole
        changes.append(filter_change(visit, lambda one, after, n=seen: peer_drawn(one, after, n)))
        visit.page.wait_for_timeout(300)
    visit.context.close()
    change = statistics.median(changes)
    return {"drawn": statistics.median(drawn), "filter": change, "frame": frame, "shown": shown}


def compare(ours: dict[str, int], peer: dict[str, int] | None, count: int) -> bool | None:
    if peer is None:
        return None
    apart = [abs(ours.get(colour, 0) - peer.get(colour, 0)) for colour in {*ours, *peer}]
    print(
        f"  cells by colour: ours {sum(ours.values())}, peer {sum(peer.values())} of {count}, "
        f"largest difference {max(apart)}"
    )
    return max(apart) == 0 and sum(ours.values()) == count


def run(options: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    with running(options.port or free_port()) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(options.chromium), args=FLAGS)
        print(f"Chromium {browser.version}")
        for count in SIZES[:: len(SIZES) - 1] if options.quick else SIZES:
            rows += rows_of(browser, address, count, options)
        browser.close()
    return rows


def rows_of(browser: Browser, address: str, count: int, options: argparse.Namespace) -> list[Row]:
    query = f"cells={count}&seed={options.seed}"
    ours = measure_ours(browser, address, query, 3 if options.quick else 7)
    print(f"{count} cells, requests to outside: {ours['outside']}")
    rest = int((made(count, options.seed)[2] >= FILTER_LOW).sum())
    times = 1 if options.quick or count > SIZES[0] else 3
    rows = []
    for draw, name in PEERS.items():
        peer: dict[str, Any] = {}
        if count <= options.peer_up_to:
            url = f"{address}/?draw={draw}&{query}"
            peer = measure_peer(browser, url, times=times, paths=(count, rest))
        same = compare(ours["shown"], peer.get("shown"), count)
        rows += [
            Row(f"{words}, {count} cells", ours[key], peer.get(key), name, None, same,
                {"peer_rounds": times if peer else 0})
            for key, words in FIGURES.items()
        ]  # fmt: skip
    return rows


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--peer-up-to", type=int, default=None, help="most cells the peer draws")
    parser.add_argument("--chromium", default=None)
    parser.add_argument("--port", type=int, default=None)
    parser.add_argument("--serve", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    if options.peer_up_to is None:
        options.peer_up_to = SIZES[0] if options.quick else SIZES[-1]
    rows = run(options)
    versions = installed("streamlit", "folium", "streamlit-folium", "h3", "playwright")
    show("map", rows, versions, as_json=options.json)


if __name__ == "__main__":
    main()
