"""Redrawing in a real Chromium: what mouse, keys and fingers do, asked of the server afterwards."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h3
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

PROJECT = Path(__file__).resolve().parents[3]
SITE = Path(__file__).with_name("redraw_site")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "reduced_motion": "reduce",
    "has_touch": True,
    "is_mobile": True,
}
MIDDLE = h3.latlng_to_cell(30.5, 114.3, 9)
WEST, EAST, OLD, HARBOUR = 0, 1, 2, 3  # areas of the stub, by index


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server of its own, whose plans are made when first asked for."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(SITE / "serve.py"), str(port)],
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


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> dict[str, BrowserContext]:
    """One of each size, so that Streamlit's own files are read once."""
    return {"desk": browser.new_context(**DESK), "phone": browser.new_context(**PHONE)}


class Desk:
    """A planner before one plan, and what the server says about it."""

    def __init__(self, context: BrowserContext, address: str, plan: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(30_000)
        self.stub = f"{address}/stub/{plan}"
        self.url = f"{address}/?plan={plan}"
        self.errors: list[str] = []
        self.outside: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda asked: self.note(asked.url, address))

    def note(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            self.outside.append(url)

    def open(self, more: str = "") -> None:
        self.page.goto(self.url + more)
        expect(self.map).to_have_attribute("data-drawn-at", re.compile(r"^\d+"), timeout=30_000)
        expect(self.map.locator(".grid-cells-state")).to_have_attribute("data-tone", "saved")

    @property
    def map(self) -> Locator:
        frame = self.page.frame_locator("iframe[title='streamlit_folium.st_folium']")
        return frame.locator(".grid-cells-map")

    @property
    def state(self) -> Locator:
        return self.map.get_by_role("status")

    @property
    def toast(self) -> Locator:
        return self.map.locator(".grid-cells-toast").last

    def tool(self, name: str) -> Locator:
        return self.map.get_by_role("button", name=name, exact=True)

    def ask(self, script: str) -> Any:
        frame = next(one for one in self.page.frames if "st_folium" in one.url)
        return json.loads(str(frame.evaluate(f"JSON.stringify({script})")))

    def told(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.stub) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def arrange(self, **what: Any) -> None:
        data = json.dumps(what).encode()
        urllib.request.urlopen(urllib.request.Request(self.stub, data, method="POST")).close()

    def received(self, wanted: int) -> list[dict[str, Any]]:
        """All strokes that came in, once there are so many."""
        wait_until(lambda: len(self.told()["received"]) >= wanted)
        self.page.wait_for_timeout(150)
        found = self.told()["received"]
        assert len(found) == wanted
        return list(found)

    def at(self, cell: str) -> tuple[float, float]:
        """Where a cell lies in the window."""
        lat, lon = h3.cell_to_latlng(cell)
        point = self.ask(f"gridCells.map.latLngToContainerPoint([{lat}, {lon}])")
        box = self.map.bounding_box()
        assert box is not None
        return box["x"] + point["x"], box["y"] + point["y"]

    def shown(self, cell: str) -> int:
        """The area that the browser shows for a cell."""
        base = "gridCells.parts.hexes.base"
        return int(self.ask(f"{base}.area[{base}.rowOf('{cell}')]"))

    def stroke(self, *cells: str, steps: int = 1) -> None:
        mouse = self.page.mouse
        mouse.move(*self.at(cells[0]))
        mouse.down()
        for cell in cells[1:]:
            mouse.move(*self.at(cell), steps=steps)
        mouse.up()

    def aim(self, name: str) -> None:
        self.map.get_by_role("button", name=re.compile("^Paint as")).click()
        self.map.get_by_role("searchbox").fill(name)
        self.map.get_by_role("option", name=name).click()

    def thin(self) -> None:
        self.tool("Smaller brush").click()


def wait_until(holds: Callable[[], bool], within_s: float = 30) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def step(cell: str, right: int = 0, down: int = 0) -> str:
    """The cell some cells to the right and down on the screen."""
    lat, lon = h3.cell_to_latlng(cell)
    return h3.latlng_to_cell(lat - 0.0028 * down, lon + 0.0036 * right, 9)


def reached(start: str, among: set[str]) -> set[str]:
    """Cells that hang together with the first one."""
    found, edge = {start}, [start]
    while edge:
        fresh = (set(h3.grid_disk(edge.pop(), 1)) & among) - found
        found |= fresh
        edge += fresh
    return found


@pytest.fixture
def sit(
    contexts: dict[str, BrowserContext], address: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Desk]]:
    """Opens the test's own plan; sees to it that nothing broke and nothing went elsewhere."""
    desks: list[Desk] = []

    def open_desk(size: str = "desk", *, arrange: Any = None) -> Desk:
        desk = Desk(contexts[size], address, f"{request.node.name}-12")
        desks.append(desk)
        if arrange:
            desk.arrange(**arrange)
        desk.open()
        return desk

    yield open_desk
    for desk in desks:
        assert desk.errors == []
        assert desk.outside == []
        desk.page.close()


def test_a_quick_stroke_paints_an_unbroken_line_and_is_saved_once(sit: Any) -> None:
    desk = sit()
    desk.aim("East Bank")
    desk.thin()
    left, right = step(MIDDLE, -7, -3), step(MIDDLE, 7, -3)
    desk.stroke(left, right)
    [stroke] = desk.received(1)
    assert (stroke["kind"], stroke["to"], stroke["seen"]) == ("paint", "A1", 0)
    areas = desk.told()["areas"]
    painted = reached(left, {cell for cell, area in areas.items() if area == EAST})
    assert right in painted
    assert set(stroke["cells"]) <= painted
    assert len(stroke["cells"]) == len(set(stroke["cells"]))
    expect(desk.state).to_have_text("Saved")
    expect(desk.page.get_by_text("told: redraw 1")).to_be_visible()
    assert desk.shown(left) == EAST


@pytest.mark.long
def test_a_wide_brush_paints_its_rings_and_leaves_locked_cells(sit: Any) -> None:
    there = step(MIDDLE, -4, -3)
    desk = sit(arrange={"locked": [there]})
    desk.aim("Harbour")
    desk.page.keyboard.press("]")
    desk.page.mouse.click(*desk.at(there))
    [stroke] = desk.received(1)
    assert set(stroke["cells"]) == set(h3.grid_disk(there, 2)) - {there}


@pytest.mark.long
def test_without_an_area_nothing_is_painted_and_the_list_opens(sit: Any) -> None:
    desk = sit()
    desk.page.keyboard.press("b")
    desk.page.mouse.click(*desk.at(MIDDLE))
    expect(desk.toast).to_contain_text("Choose first")
    expect(desk.map.get_by_role("option", name="<b>West</b>")).to_be_visible()
    expect(desk.map.get_by_role("option", name="Next County")).to_be_disabled()
    assert desk.map.get_by_role("option").last.inner_text() == "No area"
    assert desk.told()["received"] == []


@pytest.mark.long
def test_the_lasso_takes_the_cells_whose_centre_lies_inside(sit: Any) -> None:
    desk = sit()
    desk.page.keyboard.press("1")
    desk.page.keyboard.press("l")
    there = step(MIDDLE, -5, -3)
    x, y = desk.at(there)
    corners = [(-90, -90), (90, -90), (90, 90), (-90, 90)]
    desk.page.mouse.move(x - 90, y - 90)
    desk.page.mouse.down()
    for right, down in [*corners[1:], corners[0]]:
        desk.page.mouse.move(x + right, y + down, steps=3)
    expect(desk.map.locator(".grid-cells-rope")).to_be_visible()
    assert desk.told()["received"] == []
    desk.page.mouse.up()
    [stroke] = desk.received(1)
    near = {cell: desk.at(cell) for cell in h3.grid_disk(there, 5)}
    inside = {
        cell for cell, (cx, cy) in near.items() if abs(cx - x) < 90 and abs(cy - y) < 90
    } & set(desk.told()["areas"])
    assert set(stroke["cells"]) == inside
    assert len(inside) > 10


@pytest.mark.long
def test_fill_takes_what_hangs_together(sit: Any) -> None:
    desk = sit()
    whole = {cell for cell, area in desk.told()["areas"].items() if area == OLD}
    desk.aim("No area")
    desk.page.keyboard.press("f")
    desk.page.mouse.click(*desk.at(step(MIDDLE, -5, -3)))
    [stroke] = desk.received(1)
    assert set(stroke["cells"]) == whole
    assert stroke["to"] is None


@pytest.mark.long
def test_the_eyedropper_and_the_right_button_choose_the_area(sit: Any) -> None:
    desk = sit()
    target = desk.map.locator("[data-tool=target]")
    desk.tool("Eyedropper").click()
    desk.page.mouse.click(*desk.at(step(MIDDLE, -5, -3)))
    expect(target).to_contain_text("Old Town")
    expect(desk.tool("Brush")).to_have_attribute("aria-pressed", "true")
    desk.page.mouse.click(*desk.at(step(MIDDLE, 5, -2)), button="right")
    expect(target).to_contain_text("<b>West</b>")
    desk.page.mouse.click(*desk.at(step(MIDDLE, 4, 3)), button="right")
    expect(desk.toast).to_have_text("This area is not yours to paint.")
    assert desk.told()["received"] == []


@pytest.mark.long
def test_cells_are_locked_and_unlocked(sit: Any) -> None:
    desk = sit()
    there = step(MIDDLE, -5, -3)
    desk.page.keyboard.press("k")
    desk.page.keyboard.press("[")
    desk.page.mouse.click(*desk.at(there))
    assert desk.received(1)[0]["kind"] == "lock"
    desk.page.keyboard.press("1")
    desk.page.keyboard.press("b")
    desk.page.mouse.click(*desk.at(there))
    expect(desk.toast).to_contain_text("Locked cells stay")
    desk.page.keyboard.press("k")
    desk.page.mouse.click(*desk.at(there))
    assert [one["kind"] for one in desk.received(2)] == ["lock", "unlock"]
    assert desk.told()["locked"] == []


def test_undo_and_redo_by_button_and_by_key(sit: Any) -> None:
    desk = sit()
    there = step(MIDDLE, -5, -3)
    desk.page.keyboard.press("1")
    desk.page.mouse.click(*desk.at(there))
    assert desk.shown(there) == WEST
    desk.received(1)
    desk.tool("Undo").click()
    desk.received(2)
    wait_until(lambda: desk.shown(there) == OLD)
    expect(desk.tool("Undo")).to_be_disabled()
    desk.page.keyboard.press("Control+Shift+Z")
    desk.received(3)
    wait_until(lambda: desk.shown(there) == WEST)
    desk.page.keyboard.press("Control+z")
    desk.page.keyboard.press("Control+y")
    assert [one["kind"] for one in desk.received(5)] == ["paint", "undo", "redo", "undo", "redo"]
    wait_until(lambda: desk.shown(there) == WEST)
    assert desk.told()["areas"][there] == WEST


def test_refused_cells_go_back_with_the_reason(sit: Any) -> None:
    there = step(MIDDLE, -5, -3)
    reason = "<b>Lin</b> changed it first"
    desk = sit(arrange={"refuse": {there: reason}})
    desk.page.keyboard.press("1")
    desk.page.mouse.click(*desk.at(there))
    expect(desk.toast).to_have_text(f"{reason} · Cells: 1")
    assert desk.shown(there) == OLD
    assert desk.shown(step(there, 1)) == WEST
    desk.arrange(broken={"status": 409, "reason": "The plan is published"})
    desk.page.mouse.click(*desk.at(step(MIDDLE, -2, -5)))
    expect(desk.toast).to_contain_text("The plan is published")
    assert desk.shown(step(MIDDLE, -2, -5)) != WEST
    expect(desk.state).to_have_text("Saved")


def test_what_waits_for_the_line_is_sent_once_and_in_order(sit: Any) -> None:
    desk = sit()
    desk.page.keyboard.press("1")
    spots = [step(MIDDLE, right, -3) for right in (-7, -5, -3)]
    desk.context.set_offline(True)
    for spot in spots:
        desk.page.mouse.click(*desk.at(spot))
    desk.page.keyboard.press("Control+z")
    expect(desk.state).to_have_text("Not saved: no connection, 4 waiting")
    assert [desk.shown(spot) for spot in spots] == [WEST, WEST, OLD]
    assert desk.told()["received"] == []
    desk.context.set_offline(False)
    found = desk.received(4)
    assert [one["kind"] for one in found] == ["paint", "paint", "paint", "undo"]
    assert [spot in one["cells"] for spot, one in zip(spots, found, strict=False)] == [True] * 3
    assert len({one["key"] for one in found}) == 4
    expect(desk.state).to_have_text("Saved")
    assert [desk.told()["areas"][spot] for spot in spots] == [WEST, WEST, OLD]


@pytest.mark.long
def test_a_reload_loses_no_waiting_stroke_and_doubles_none(sit: Any) -> None:
    there = step(MIDDLE, -5, -3)
    desk = sit(arrange={"broken": {"status": 503}})
    desk.page.keyboard.press("1")
    desk.page.mouse.click(*desk.at(there))
    expect(desk.state).to_have_text("Not saved: the server does not answer, 1 waiting")
    desk.page.reload()
    expect(desk.state).to_have_text("Not saved: the server does not answer, 1 waiting")
    wait_until(lambda: desk.shown(there) == WEST)
    desk.arrange(broken={"delay": 1})  # answers only after the page has gone
    wait_until(lambda: desk.told()["received"][-1]["status"] is None)
    desk.page.reload()
    expect(desk.state).to_have_text("Saved")
    desk.arrange(broken={})
    desk.page.wait_for_timeout(300)
    received = desk.told()["received"]
    assert len({one["key"] for one in received}) == 1
    again = [one["again"] for one in received if one["status"] is None]
    assert again[0] is False
    assert all(again[1:])
    assert len(again) > 1
    assert desk.told()["areas"][there] == WEST


@pytest.mark.long
def test_a_session_that_ended_keeps_the_stroke(sit: Any) -> None:
    desk = sit(arrange={"broken": {"status": 403}})
    desk.page.keyboard.press("1")
    desk.page.mouse.click(*desk.at(step(MIDDLE, -5, -3)))
    expect(desk.state).to_have_text("Not saved: you are signed out, 1 waiting")
    desk.arrange(broken={})
    expect(desk.state).to_have_text("Saved")


@pytest.mark.long
def test_a_stroke_of_someone_else_shows_by_itself(sit: Any) -> None:
    there = step(MIDDLE, -5, -3)
    desk = sit()
    desk.arrange(stroke={"cells": [there], "to": "A3"}, actor="Lin")
    expect(desk.map.get_by_text("Cells changed by Lin: 1")).to_be_visible()
    wait_until(lambda: desk.shown(there) == HARBOUR)
    expect(desk.page.get_by_text("told: redraw 1")).to_be_visible()


@pytest.mark.long
def test_far_out_the_brush_paints_the_cells_behind_the_hexagons_one_sees(sit: Any) -> None:
    desk = sit()
    desk.open("&view=30.5,114.3,9")
    expect(desk.map).to_have_attribute("data-resolution", "7")
    desk.page.keyboard.press("1")
    desk.thin()
    parent = h3.cell_to_parent(step(MIDDLE, -5, -3), 7)
    desk.page.mouse.click(*desk.at(parent))
    [stroke] = desk.received(1)
    before = {cell for cell in desk.told()["areas"] if h3.cell_to_parent(cell, 7) == parent}
    assert set(stroke["cells"]) == before
    assert len(before) > 40


@pytest.mark.long
def test_space_and_the_middle_button_move_the_map_while_painting(sit: Any) -> None:
    desk = sit()
    desk.page.keyboard.press("1")
    x, y = desk.at(MIDDLE)
    before = desk.ask("gridCells.map.getCenter()")
    desk.page.mouse.move(x, y)
    desk.page.keyboard.down(" ")
    drag(desk.page, x, y)
    desk.page.keyboard.up(" ")
    wait_until(lambda: desk.ask("gridCells.map.getCenter().lng") > before["lng"] + 0.005)
    moved = desk.ask("gridCells.map.getCenter()")
    drag(desk.page, x, y, button="middle")
    wait_until(lambda: desk.ask("gridCells.map.getCenter().lng") > moved["lng"] + 0.005)
    assert desk.told()["received"] == []
    desk.page.mouse.click(*desk.at(step(MIDDLE, -5, -3)))
    desk.received(1)


def drag(page: Page, x: float, y: float, button: Any = "left") -> None:
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.move(x - 120, y, steps=4)
    page.mouse.up(button=button)


@pytest.mark.long
def test_escape_ends_painting_and_a_reader_has_no_tools(sit: Any) -> None:
    desk = sit()
    desk.page.keyboard.press("b")
    desk.page.keyboard.press("Escape")
    expect(desk.tool("Move the map")).to_have_attribute("aria-pressed", "true")
    desk.open("&read_only=1")
    expect(desk.state).to_have_text("Read only")
    expect(desk.tool("Brush")).to_be_hidden()
    desk.page.keyboard.press("b")
    assert desk.ask("gridCells.parts.hexes.mode") == "view"


def test_fingers_paint_and_two_of_them_move_the_map(sit: Any) -> None:
    desk = sit("phone")
    touch = Touch(desk)
    assert all(box["height"] >= 48 for box in boxes(desk.map.locator(".grid-cells-tool")))
    desk.tool("Brush").tap()
    desk.map.get_by_role("button", name=re.compile("^Paint as")).tap()
    desk.map.get_by_role("option", name="Harbour").tap()
    x, y = desk.at(MIDDLE)
    before = desk.ask("gridCells.map.getCenter()")
    touch.draw([(x - 100, y - 60), (x - 40, y - 60), (x + 20, y - 60)])
    [stroke] = desk.received(1)
    assert stroke["to"] == "A3"
    assert len(stroke["cells"]) >= 8
    assert desk.ask("gridCells.map.getCenter()") == before
    touch.pinch((x - 60, y - 40), (x + 60, y + 40), by=(30, 60))
    wait_until(lambda: desk.ask("gridCells.map.getCenter().lat") > before["lat"] + 0.001)
    desk.page.wait_for_timeout(300)
    desk.received(1)


def boxes(parts: Locator) -> list[Any]:
    return [part.bounding_box() for part in parts.all() if part.is_visible()]


class Touch:
    """Fingers of the browser's own protocol."""

    def __init__(self, desk: Desk) -> None:
        self.page = desk.page
        self.wire = desk.context.new_cdp_session(desk.page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)]
        self.wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    def draw(self, points: list[tuple[float, float]]) -> None:
        self.send("touchStart", points[0])
        for point in points[1:]:
            self.send("touchMove", point)
        self.send("touchEnd")

    def pinch(
        self, first: tuple[float, float], second: tuple[float, float], by: tuple[float, float]
    ) -> None:
        """One finger, then a second one, both moving the same way."""
        self.send("touchStart", first)
        self.send("touchMove", (first[0] + 4, first[1]))
        self.send("touchStart", (first[0] + 4, first[1]), second)
        for k in range(1, 6):
            shift = (by[0] * k / 5, by[1] * k / 5)
            self.send("touchMove", *((x + shift[0], y + shift[1]) for x, y in (first, second)))
            self.page.wait_for_timeout(20)
        self.send("touchEnd")


@pytest.mark.long
def test_selected_cells_are_told_to_the_page_and_nothing_is_painted(sit: Any) -> None:
    desk = sit()
    desk.page.keyboard.press("s")
    x, y = desk.at(step(MIDDLE, -5, -3))
    desk.page.mouse.move(x - 90, y - 90)
    desk.page.mouse.down()
    for right, down in [(90, -90), (90, 90), (-90, 90), (-90, -90)]:
        desk.page.mouse.move(x + right, y + down, steps=3)
    desk.page.mouse.up()
    expect(desk.page.get_by_text("selected: ")).not_to_have_text("selected: 0")
    outline = desk.map.locator("path[stroke-dasharray]")
    expect(outline).to_have_count(1)
    assert desk.told()["received"] == []
    desk.page.keyboard.press("Escape")
    expect(outline).to_have_count(0)
