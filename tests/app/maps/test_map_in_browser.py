"""The map in a real Chromium without a network: drawn, picked, filtered, remembered, and silent."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import h3
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from app.maps.service_map import SHARE

pytestmark = pytest.mark.browser

PROJECT = Path(__file__).resolve().parents[3]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

PAGE = """
import streamlit as st
from app.maps.palette import sequential
from app.maps.service_map import build_map, show_map
from app.maps.update import CellFilter, HexLabels, HexUpdate, MapUpdate, Place, Scale

st.set_page_config(layout="wide")

@st.fragment
def shown():
    left, right = st.columns(2)
    low = 3.0 if left.toggle("far only") else None
    hexes = HexUpdate(
        url="/cells/1/city/minutes.bin", scale=Scale(sequential(5), (1, 2, 3, 4)),
        filter=CellFilter(low=low), areas=["<b>West</b>", "East"],
        labels=HexLabels(unit="min"), selected=st.session_state.get("cell"),
        warned=[1] if right.toggle("with care") else [],
    )
    places = {"hall": [Place("H1", 114.3, 30.5, "<img src=x onerror='top.hacked=1'>")]}
    event = show_map(
        build_map((30.5, 114.3), 14, fill_window=True), MapUpdate(hexes=hexes, places=places),
        key="map",
    )
    if event:
        st.session_state["told"] = event.cell or event.place_id
        if event.cell:
            st.session_state["cell"] = event.cell
            st.rerun(scope="fragment")
    st.text("told: " + str(st.session_state.get("told")))

shown()
"""
SERVER = """
import sys
import h3, numpy as np
import streamlit as st
from app.maps.cells_file import encode
from app.maps.routes import asset_routes, cells_route

names = h3.grid_disk(h3.latlng_to_cell(30.5, 114.3, 9), 5)
steps = np.array([h3.grid_distance(names[0], name) for name in names], dtype=float)
west = np.array([h3.cell_to_latlng(name)[1] < 114.3 for name in names])
data = encode([h3.str_to_int(n) for n in names], np.where(west, 0, 1), steps)
app = st.App(sys.argv[1], routes=[*asset_routes(), cells_route(lambda *_: data)])
app.run(config={"server.port": int(sys.argv[2]), "server.address": "127.0.0.1",
    "server.headless": True, "browser.gatherUsageStats": False, "server.fileWatcherType": "none"})
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own with one page that shows 91 cells."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "page.py").write_text(PAGE)
    (folder / "serve.py").write_text(SERVER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(folder / "serve.py"), str(folder / "page.py"), str(port)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


class Tab:
    """A page, its map, and every request that went elsewhere."""

    def __init__(self, browser: Browser, address: str, **options: object) -> None:
        self.context = browser.new_context(**options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda asked: self.note(asked.url, address))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def note(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            self.outside.append(url)

    def open(self, url: str) -> None:
        self.page.goto(url)
        expect(self.map).to_have_attribute("data-drawn-at", re.compile(r"^\d+"), timeout=30_000)

    @property
    def map(self) -> Locator:
        return self.page.frame_locator("iframe[title='streamlit_folium.st_folium']").locator(
            ".grid-cells-map"
        )

    def ask(self, script: str) -> object:
        frame = next(one for one in self.page.frames if "st_folium" in one.url)
        return json.loads(str(frame.evaluate(f"JSON.stringify({script})")))

    def middle(self, right: float = 0, down: float = 0) -> tuple[float, float]:
        box = self.map.bounding_box()
        return box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down


DESK = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "reduced_motion": "reduce",
    "has_touch": True,
    "is_mobile": True,
}
COLOURED = """(() => {
  const canvas = document.querySelector('canvas.grid-cells-fill');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let n = 0;
  for (let k = 3; k < data.length; k += 4) if (data[k]) n++;
  return n;
})()"""


HALVES = """(() => {
  const canvas = document.querySelector('canvas.grid-cells-fill');
  const part = Math.floor(canvas.width / 2) - 60; // cells of one side alone
  return [0, canvas.width - part].map((left) => {
    const data = canvas.getContext('2d').getImageData(left, 0, part, canvas.height).data;
    let sum = 0;
    for (let k = 0; k < data.length; k += 4) sum += data[k] + data[k + 1] + data[k + 2];
    return sum;
  });
})()"""


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Tab]:
    tab = Tab(browser, address, **DESK)
    tab.open(address)
    yield tab
    assert tab.outside == []
    assert tab.errors == []
    tab.context.close()


def test_the_map_fills_the_window_and_has_colour(desk: Tab) -> None:
    assert desk.map.bounding_box()["height"] == round(SHARE["desk"] * 900)
    assert int(str(desk.ask(COLOURED))) > 20_000


def test_a_filter_repaints_without_fetching_or_moving(desk: Tab) -> None:
    before = int(str(desk.ask(COLOURED)))
    view = desk.ask("gridCells.map.getCenter()")
    desk.page.get_by_text("far only").click()
    expect(desk.map).not_to_have_attribute("data-paints", "1")
    desk.page.wait_for_timeout(300)
    assert 0 < int(str(desk.ask(COLOURED))) < before
    assert desk.ask("gridCells.parts.hexes.fetches") == 1
    assert desk.ask("gridCells.map.getCenter()") == view


@pytest.mark.long
def test_areas_to_be_read_with_care_are_striped_over_their_colour(desk: Tab) -> None:
    west, east = desk.ask(HALVES)  # type: ignore[misc]
    coloured = desk.ask(COLOURED)
    desk.page.get_by_text("with care").click()
    expect(desk.map).not_to_have_attribute("data-paints", "1")
    desk.page.wait_for_timeout(300)
    assert desk.ask(HALVES)[0] == west  # type: ignore[index]
    assert 0.7 * east < desk.ask(HALVES)[1] < 0.98 * east  # type: ignore[index]
    assert desk.ask(COLOURED) == coloured
    assert desk.ask("gridCells.parts.hexes.fetches") == 1


@pytest.mark.long
def test_hover_shows_names_as_text(desk: Tab) -> None:
    desk.page.mouse.move(*desk.middle(-60, 40))
    tip = desk.map.locator(".grid-cells-tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("<b>West</b>")
    expect(tip).to_contain_text("min")


def test_a_click_tells_python_the_cell_and_outlines_it(desk: Tab) -> None:
    desk.page.mouse.click(*desk.middle(60, 90))
    told = desk.page.get_by_text("told: 8940")
    expect(told).to_be_visible()
    cell = told.inner_text().removeprefix("told: ")
    assert h3.is_valid_cell(cell)
    assert desk.ask("gridCells.parts.hexes.state.selected") == cell
    assert desk.ask("gridCells.parts.hexes.fetches") == 1


def test_a_sign_tells_its_id_and_its_name_stays_text(desk: Tab) -> None:
    sign = desk.map.locator(".grid-cells-hall")
    sign.hover()
    expect(desk.map.locator(".grid-cells-name")).to_contain_text("<img src=x onerror=")
    sign.click()
    expect(desk.page.get_by_text("told: H1")).to_be_visible()
    assert desk.page.evaluate("window.hacked") is None
    assert desk.map.locator("img[src=x]").count() == 0


@pytest.mark.long
def test_the_view_lives_in_the_address_and_survives_a_reload(desk: Tab) -> None:
    assert "view=" not in desk.page.url
    x, y = desk.middle()
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x - 120, y - 60, steps=5)
    desk.page.mouse.up()
    desk.page.wait_for_url("**view=*")
    view = desk.page.url.split("view=")[1]
    assert view != "30.50000,114.30000,14"
    desk.open(desk.page.url)
    desk.page.wait_for_timeout(500)
    assert desk.page.url.split("view=")[1] == view
    assert desk.ask("gridCells.map.getCenter().lng") == pytest.approx(float(view.split(",")[1]))


@pytest.mark.long
def test_far_out_parents_stand_for_their_cells(desk: Tab, address: str) -> None:
    desk.open(f"{address}/?view=30.5,114.3,9")
    expect(desk.map).to_have_attribute("data-resolution", "7")


@pytest.mark.long
def test_a_tap_on_a_phone_tells_python_the_cell(browser: Browser, address: str) -> None:
    tab = Tab(browser, address, **PHONE)
    tab.open(address)
    assert tab.map.bounding_box()["height"] == round(SHARE["phone"] * 844)
    assert tab.map.locator(".leaflet-control-zoom-in").bounding_box()["width"] >= 48
    tab.page.touchscreen.tap(*tab.middle(30, 80))
    expect(tab.page.get_by_text("told: 8940")).to_be_visible()
    assert tab.outside == []
    tab.context.close()
