"""The map of outages in a real browser: time moved by mouse, key and play, a bolt clicked open."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from app.store.database import Database
from tests.app.test_outage_film import add, ago, outage
from tests.browser.conftest import PHONE
from tests.conftest import LittleTown, copy_of

pytestmark = pytest.mark.browser

MAP = 'iframe[title="streamlit_folium.st_folium"]'
INK = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let i = 3; i < data.length; i += 4) ink += data[i] > 0;
  return ink;
}"""


@pytest.fixture(scope="module")
def town_file(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town after a storm: beside OUT-1 (4 customers since 120 min) two outages that are over.

    12 customers were out from 300 to 200 min ago, 8 from 290 to 40.
    """
    stormy = copy_of(town_file, tmp_path_factory.mktemp("stormy"))
    with Database(stormy) as db:
        add(
            db,
            outage("A", "transformer:T-020;transformer:T-021;transformer:T-022", 300,
                   status="ended", restored_at=ago(200)),
            outage("B", "transformer:T-050;transformer:T-051", 290, status="ended",
                   restored_at=ago(40)),
        )  # fmt: skip
    return stormy


class Desk:
    """The page of outages with its map and slider."""

    def __init__(self, made: Any, query: str = "") -> None:
        self.visit = made
        self.page: Page = made.open(f"outages{query}")
        self.map: FrameLocator = self.page.frame_locator(MAP)
        self.slider: Locator = self.map.get_by_role("slider", name="Moment")
        expect(self.slider).to_be_visible(timeout=30_000)

    def out(self, customers: int) -> None:
        """The slider comes to say so many."""
        expect(self.slider).to_have_attribute("data-customers", str(customers), timeout=15_000)

    def slide(self, minutes_ago: float, *, minutes: float = 360) -> None:
        """Take the knob with the mouse and let it go at that moment."""
        self.slider.scroll_into_view_if_needed()
        box = self.slider.bounding_box()
        knob = 18
        wide = box["width"] - knob

        def x(share: float) -> float:
            return float(box["x"] + knob / 2 + wide * share)

        now = float(self.slider.input_value()) / (60 * minutes)
        y = box["y"] + box["height"] * 0.75
        self.page.mouse.move(x(now), y)
        self.page.mouse.down()
        self.page.mouse.move(x(1 - minutes_ago / minutes), y, steps=8)
        self.page.mouse.up()

    def ink(self, layer: str) -> int:
        return int(self.map.locator(f"canvas.grid-cells-{layer}").evaluate(INK))


def test_time_is_moved_by_mouse_and_keys_and_the_list_follows(visit: Any, picture: Any) -> None:
    desk = Desk(visit())
    desk.out(4)
    assert desk.ink("fill") > 0
    assert desk.ink("outages") > 0

    desk.slide(250)
    desk.out(20)
    expect(desk.page).to_have_url(re.compile(r"when=past"))
    expect(desk.page.get_by_text("2 outages open at")).to_be_visible()
    expect(desk.page.locator(".gc-figure b").first).to_have_text("20")
    picture(desk.page, "outages-past")
    before = desk.ink("fill")

    desk.slide(330)
    desk.out(0)
    assert desk.ink("fill") == 0
    assert desk.ink("outages") == 0
    expect(desk.page.get_by_text("No outage was in force at")).to_be_visible()

    desk.slider.focus()
    desk.page.keyboard.press("End")
    desk.out(4)
    expect(desk.page).not_to_have_url(re.compile(r"at="))
    for _ in range(3):
        desk.page.keyboard.press("ArrowLeft")
    expect(desk.page).to_have_url(re.compile(rf"at={ago(3):%Y%m%dT%H%MZ}"))
    expect(desk.map.locator(".grid-cells-when")).to_contain_text("19:37")
    assert before > 0


@pytest.mark.long
def test_it_plays_to_the_end_and_stays_there(visit: Any) -> None:
    stamp = ago(41).strftime("%Y%m%dT%H%MZ")
    desk = Desk(visit(), f"?when=past&at={stamp}")
    desk.out(12)
    desk.map.get_by_role("button", name="Play").click()
    desk.out(4)
    expect(desk.page).not_to_have_url(re.compile(r"when="), timeout=30_000)
    desk.slide(60)
    desk.out(12)
    desk.map.get_by_role("button", name="Play").click()
    desk.map.get_by_role("button", name="Pause").click()
    expect(desk.page).to_have_url(re.compile(r"when=past"))
    desk.map.get_by_role("button", name="Now").click()
    expect(desk.page).not_to_have_url(re.compile(r"when="))
    desk.out(4)


@pytest.mark.long
def test_a_bolt_opens_the_story_of_its_outage(visit: Any, town: LittleTown, picture: Any) -> None:
    lat, lon = town.places[10]
    desk = Desk(visit(), f"?view={lat:.5f},{lon:.5f},15")
    desk.out(4)
    frame = next(one for one in desk.page.frames if "st_folium" in one.url)
    x, y = frame.evaluate(
        "([lat, lon]) => {const p = gridCells.map.latLngToContainerPoint([lat, lon]);"
        " return [p.x, p.y]}",
        [lat, lon],
    )
    box = desk.page.locator(MAP).bounding_box()
    desk.page.mouse.move(box["x"] + x, box["y"] + y)
    expect(desk.map.locator(".grid-cells-tip:not([hidden])")).to_contain_text("4 customers")
    desk.page.mouse.click(box["x"] + x, box["y"] + y)
    expect(desk.page.locator(".st-key-drawer_open")).to_contain_text("OUT-1")
    expect(desk.page).to_have_url(re.compile(r"outage=OUT-1"))
    picture(desk.page, "outages-story")
    desk.visit.settle()
    desk.page.locator(".st-key-drawer_close button").first.click()
    expect(desk.page.locator(".st-key-drawer_open")).to_have_count(0)


@pytest.mark.long
def test_on_a_phone_the_map_is_on_top_and_time_moves_by_touch(visit: Any, picture: Any) -> None:
    desk = Desk(visit(PHONE))
    desk.out(4)
    map_box = desk.page.locator(MAP).bounding_box()
    assert 0.4 < map_box["height"] / PHONE[1] < 0.5
    assert map_box["width"] == PHONE[0]
    desk.slide(250)
    desk.out(20)
    play = desk.map.get_by_role("button", name="Play").bounding_box()
    assert min(play["width"], play["height"]) >= 48
    picture(desk.page, "outages-phone")


@pytest.mark.long
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_page_is_looked_at(visit: Any, picture: Any, locale: str) -> None:
    made = visit(locale=locale)
    page = made.open("outages?when=planned")
    expect(page.frame_locator(MAP).locator("[data-drawn-at]")).to_be_attached(timeout=30_000)
    picture(page, f"outages-planned-1440-{locale[:2]}")
