"""How fast a stroke of the brush shows with 20,000 cells in the window, beside painting all anew.

Drags the real mouse across the map in Chromium without GPU. `handler` is the script's own time a
pointer move, `shown` the time from the move to the end of the frame that shows it, `frame` the gap
between frames during the drag. The peer is the same layer told to paint everything after each move;
the ceiling is a frame at 60 Hz. `equal`: all but the rims of a few hexagons is the same picture.
--input and --seed are not used.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from comparison import Row, arguments, chromium, free_port, installed, show
from playwright.sync_api import Browser, Frame, Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
SITE = PROJECT / "tests" / "app" / "maps" / "redraw_site"
WINDOW = {"width": 1440, "height": 900}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
RINGS, ZOOM = 81, 11  # 19,927 cells, all of them in the window
BRUSHES = {"1 cell": 0, "19 cells": 2, "91 cells": 5}
MOVES = 60
MOST_DIFFERING = 100  # of some four million pixels: rims of hexagons in another order of painting

WATCH = """
() => {
  window.watched = {handler: [], shown: [], frame: []};
  let began = 0;
  window.addEventListener("pointermove", () => (began = performance.now()), true);
  window.addEventListener("pointermove", () => {
    const at = began;
    window.watched.handler.push(performance.now() - at);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.watched.shown.push(performance.now() - at);
      channel.port2.postMessage(0);
    });
  });
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    window.watched.frame.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}
"""
ALL_ANEW = """
() => {
  const layer = gridCells.parts.hexes;
  layer.patch = function (level) {
    this.paint(level, level.visible(this.windowBox(0.2).box), 0.2);
  };
}
"""
# Pixels that differ between the picture as patched and the picture painted anew.
DIFFERING = """
() => {
  const layer = gridCells.parts.hexes;
  const read = () => [layer.fill, layer.ink].map((canvas) =>
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.slice());
  const patched = read();
  layer.paint(layer.view.level, layer.shown.groups, 0.2);
  const anew = read();
  let differ = 0;
  for (let part = 0; part < 2; part++) {
    for (let k = 0; k < anew[part].length; k += 4) {
      const away = Math.max(...[0, 1, 2, 3].map((c) => Math.abs(anew[part][k + c] - patched[part][k + c])));
      if (away > 64) differ++;
    }
  }
  return differ;
}
"""  # noqa: E501


@contextmanager
def running(port: int) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, str(SITE / "serve.py"), str(port)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
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


def opened(page: Page, url: str) -> Frame:
    page.goto(url)
    selector = ".grid-cells-map[data-drawn-at]"
    page.frame_locator("iframe[title='streamlit_folium.st_folium']").locator(selector).wait_for()
    page.wait_for_timeout(1500)
    return next(one for one in page.frames if "st_folium" in one.url)


def drag(page: Page) -> None:
    """A zigzag across the whole map, one move a frame."""
    box = page.locator("iframe").first.bounding_box()
    assert box
    left, top = box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"]
    page.mouse.move(left, top)
    page.mouse.down()
    for k in range(MOVES):
        across = 0.4 * box["width"] * k / MOVES
        page.mouse.move(left + across, top + 0.3 * box["height"] * abs((k / 10) % 2 - 1))
        page.wait_for_timeout(16)
    page.mouse.up()


def measure(
    browser: Browser, address: str, rings: int, *, anew: bool, times: int
) -> dict[str, Any]:
    """Medians and worst cases in ms: of the handler, until shown, and between frames."""
    found: dict[str, list[float]] = {"handler": [], "shown": [], "frame": []}
    differing = 0
    for turn in range(times):
        context = browser.new_context(viewport=WINDOW)
        page = context.new_page()
        name = f"{'anew' if anew else 'patched'}-{rings}-{turn}-{RINGS}"
        frame = opened(page, f"{address}/?plan={name}&zoom={ZOOM}")
        assert frame.evaluate("gridCells.parts.hexes.view.level === gridCells.parts.hexes.base")
        if anew:
            frame.evaluate(ALL_ANEW)
        page.keyboard.press("1")
        for _ in range(5):
            page.keyboard.press("[")
        for _ in range(rings):
            page.keyboard.press("]")
        frame.evaluate(WATCH)
        drag(page)
        watched = frame.evaluate("window.watched")
        for part, values in watched.items():
            found[part] += values[2:]
        differing = max(differing, 0 if anew else frame.evaluate(DIFFERING))
        context.close()
    return {
        **{part: statistics.median(values) for part, values in found.items()},
        **{f"{part} p95": statistics.quantiles(values, n=20)[18] for part, values in found.items()},
        "differing": differing,
    }


def rows_of(browser: Browser, address: str, options: argparse.Namespace) -> Iterator[Row]:
    times = 1 if options.quick else 3
    for words, rings in BRUSHES.items():
        ours = measure(browser, address, rings, anew=False, times=times)
        peer = measure(browser, address, rings, anew=True, times=times)
        for part in ("handler", "shown", "frame"):
            more = {
                f"{part} p95, ms": [round(ours[f"{part} p95"], 1), round(peer[f"{part} p95"], 1)]
            }
            if part == "handler":
                more["differing pixels"] = ours["differing"]
            yield Row(
                f"{part}, brush of {words}, {1 + 3 * RINGS * (RINGS + 1)} cells",
                ours[part] / 1000, peer[part] / 1000, "all anew", 0.016,
                ours["differing"] < MOST_DIFFERING, more,
            )  # fmt: skip


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--chromium", default=None)
    parser.add_argument("--port", type=int, default=None)
    options = parser.parse_args()
    with running(options.port or free_port()) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(options.chromium), args=FLAGS)
        print(f"Chromium {browser.version}")
        rows = list(rows_of(browser, address, options))
        browser.close()
    versions = installed("streamlit", "streamlit-folium", "h3", "playwright")
    show("brush", rows, versions, as_json=options.json)


if __name__ == "__main__":
    main()
