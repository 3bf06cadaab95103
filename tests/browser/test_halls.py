"""Halls in a real browser: ten taps without a line, and a red hall with the way to another."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.store.database import Database
from app.use_cases import clock
from tests.app.hall_town import at, fill
from tests.browser.conftest import PAGE_MS, PHONE, Visit
from tests.conftest import LittleTown, copy_of

pytestmark = pytest.mark.browser

NEW = "营业厅1"


@pytest.fixture(scope="module")
def town_file(town_file: Path, town: LittleTown, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town at 10:20, when whoever waits at H0 has waited forty minutes."""
    working = copy_of(town_file, tmp_path_factory.mktemp("halls"))
    with Database(working) as db:
        fill(db, working.parent, town.frames()["halls"])
        db.write(lambda c: clock.start_clock(c, at=at("16 10:20"), running=False))
    return working


def opened(made: Visit) -> Page:
    made.page.goto(f"{made.server.url}/tally?hall=H1")
    made.page.locator("body[data-ready]").wait_for(timeout=PAGE_MS)
    return made.page


def counted(made: Visit) -> int:
    """Taps of H1 as the server has them."""
    told = made.page.context.request.get(f"{made.server.url}/tally/day").json()
    return sum(one["tallies"] for one in told["counts"] if one["hall"] == "H1")


def unsent(page: Page, count: int) -> None:
    expect(page.locator("#unsent")).to_have_attribute("data-count", str(count), timeout=PAGE_MS)


def test_ten_taps_without_a_line_come_once_each_and_one_can_be_taken_back(
    visit: Callable[..., Visit], picture: Any
) -> None:
    made = visit(PHONE, "zh-CN", "clerk")
    page = opened(made)
    expect(page.locator("#matters button").first).to_contain_text("业务咨询")
    low = page.evaluate("Math.min(...[...document.querySelectorAll('button, select')].map("
                        "one => one.getBoundingClientRect().height))")  # fmt: skip
    assert low >= 48
    made.page.context.set_offline(True)
    for _ in range(6):
        page.locator("[data-matter=enquiry]").click()
    for _ in range(4):
        page.locator("[data-matter=app_help]").click()
    unsent(page, 10)
    expect(page.locator("#notice")).to_contain_text("没有网络")
    expect(page.locator("[data-matter=enquiry] .count")).to_have_text("6")
    picture(page, "tally-offline")
    sent: list[Any] = []
    page.on("request", lambda one: sent.append(one) if one.url.endswith("/tally/taps") else None)
    # the answer to the first sending is lost on its way: everything is sent again
    lost: list[int] = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(1)
        route.fetch()
        route.abort()

    page.context.route("**/tally/taps", lose)
    made.page.context.set_offline(False)
    unsent(page, 0)
    assert counted(made) == 10
    assert len(sent) >= 2
    keys = [{tap["key"] for tap in json.loads(one.post_data)["taps"]} for one in sent]
    assert keys[0] == keys[1]
    assert len(set.union(*keys)) == 10
    page.reload()
    page.locator("body[data-ready]").wait_for(timeout=PAGE_MS)
    expect(page.locator("[data-matter=enquiry] .count")).to_have_text("6")
    page.locator("#back").click()
    unsent(page, 0)
    expect(page.locator("[data-matter=app_help] .count")).to_have_text("3")
    assert counted(made) == 9


@pytest.mark.long
def test_the_page_of_taps_opens_without_a_line_and_keeps_what_is_tapped(
    visit: Callable[..., Visit],
) -> None:
    made = visit(PHONE, "zh-CN", "clerk")
    page = opened(made)
    before = counted(made)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(
        "caches.keys().then((names) => names.some((one) => one.startsWith('grid-cells-tally')))"
    )
    page.context.set_offline(True)
    cold = page.context.new_page()
    page.close()
    cold.goto(f"{made.server.url}/tally?hall=H1")
    cold.locator("body[data-ready]").wait_for(timeout=PAGE_MS)
    expect(cold.locator("#hall")).to_have_value("H1")
    cold.locator("[data-matter=enquiry]").click()
    unsent(cold, 1)
    cold.context.set_offline(False)
    unsent(cold, 0)
    told = cold.context.request.get(f"{made.server.url}/tally/day").json()
    assert sum(one["tallies"] for one in told["counts"] if one["hall"] == "H1") == before + 1


@pytest.mark.long
def test_the_hall_chosen_stays_and_a_refused_tap_does_not_hold_up_the_others(
    visit: Callable[..., Visit],
) -> None:
    made = visit(PHONE, "zh-CN", "clerk")
    page = opened(made)
    page.locator("#hall").select_option("H0")
    with page.expect_response("**/tally/day"):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#hall")).to_have_value("H0")
    page.reload()
    page.locator("body[data-ready]").wait_for(timeout=PAGE_MS)
    expect(page.locator("#hall")).to_have_value("H0")
    # an entry that cannot be read waits before a good one
    page.evaluate(
        "who => localStorage.setItem(`tally.queue.${who}`,"
        " JSON.stringify([{ key: 'k'.repeat(65), hall: 'H0', matter: 'pv', at: 1 }]))",
        page.context.request.get(f"{made.server.url}/tally/day").json()["who"],
    )
    page.locator("[data-matter=enquiry]").click()
    unsent(page, 0)
    expect(page.locator("#notice")).to_contain_text("无法识别")
    # what somebody else tapped on this screen waits for that person, and is told
    page.locator("#notice button").click()
    expect(page.locator("#notice")).to_be_hidden()
    page.evaluate(
        "localStorage.setItem('tally.queue.user:another',"
        " JSON.stringify([1, 2].map((key) => ({ key, hall: 'H0', matter: 'pv', at: 1 }))))"
    )
    with page.expect_response("**/tally/day"):
        page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#notice")).to_contain_text("他人的 2 条")
    unsent(page, 0)


@pytest.mark.long
def test_a_manager_sees_the_hall_turn_red_and_where_its_visitors_could_go(
    visit: Callable[..., Visit], picture: Any
) -> None:
    made = visit(login="manager")
    page = made.open("halls?hall=H0")
    drawer = page.locator(".st-key-drawer_open")
    expect(drawer).to_contain_text("full", timeout=PAGE_MS)
    expect(drawer).to_contain_text("40 min")
    expect(drawer).to_contain_text("Where the visitors could go")
    expect(drawer.locator(".gc-halls-go li").first).to_contain_text(NEW)
    frame = page.frame_locator("iframe[title*='folium']").first
    expect(frame.locator(".grid-cells-hall path[fill='#8b1e1e']").first).to_be_visible(
        timeout=PAGE_MS
    )
    picture(page, "halls-now")
    page.locator("[data-testid=stPageLink] a", has_text="This hall's day").click()
    made.settle()
    expect(page.locator(".gc-strip").first).to_contain_text("tickets", timeout=PAGE_MS)
    picture(page, "halls-day")
