"""The pages as people meet them: sizes, languages, the map, links, files."""

import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.navigation import ENTRIES

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)  # the machine may be busy
ADMINS = ("data", "users", "audit")
DESK, PHONE = (1440, 900), (390, 844)
TRAP_NO, TRAP = "0000000007", "<img src=x onerror=alert(1)>"
# codes, units and names of formats that people of either language write alike
ALLOWED = {
    "EN", "WGS", "GPS", "CGCS", "GCJ", "BD", "CSV", "GeoPackage", "GeoJSON", "GeoParquet", "Excel",
    "xlsx", "Parquet", "Shapefile", "OpenStreetMap", "PNG", "TOML", "EPSG", "UTF", "kWh", "MWh",
    "HTTPS", "kVA", "min", "OUT", "img", "src", "onerror", "alert", "km", "web", "local",
    "dispatcher", "Chrome", "Linux", "IEEE", "SAIDI", "SAIFI", "CAIDI", "ASAI", "MAIFI",
}  # fmt: skip


def seen_text(page: Page) -> str:
    """The words on the page that a person can read."""
    return str(
        page.evaluate(
            """() => {
              const shown = [];
              const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (walk.nextNode()) {
                const holder = walk.currentNode.parentElement;
                if (holder.closest('[translate=no], script, style, noscript')) continue;
                if (getComputedStyle(holder).fontSize === '0px') continue;
                if (holder.checkVisibility({checkOpacity: true})) shown.push(walk.currentNode.data);
              }
              return shown.join('\\n');
            }"""
        )
    )


def foreign_words(page: Page) -> set[str]:
    """English words on a Chinese page; a page whose styles still come in is looked at again."""
    for _ in range(20):
        words = set(re.findall(r"[A-Za-z]{2,}", seen_text(page))) - ALLOWED
        if not words:
            break
        page.wait_for_timeout(250)
    return words


def hexes_drawn(page: Page) -> int:
    """Coloured points of the map's canvas."""
    frame = page.frame_locator('iframe[title="streamlit_folium.st_folium"]')
    canvas = frame.locator("canvas.grid-cells-fill")
    canvas.wait_for(state="attached", timeout=30_000)
    expect(frame.locator("[data-drawn-at]")).to_be_attached()
    return int(
        canvas.evaluate(
            """(c) => {
              const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
              let n = 0;
              for (let k = 3; k < data.length; k += 4) if (data[k]) n++;
              return n;
            }"""
        )
    )


LOGINS = {"theft_hotspots": "manager", "data_quality": "manager", "province": "manager"}
SIZES = {"desk": DESK, "phone": PHONE}
# pages of each make (lines, map, list, form), each size and each language; all of them by `long`
QUICK = {
    ("today", "phone", "zh-CN"), ("service_map", "desk", "en-US"), ("outages", "phone", "zh-CN"),
    ("orders", "desk", "en-US"), ("customers", "phone", "zh-CN"), ("dispatch", "desk", "en-US"),
}  # fmt: skip
ALL = list(product([entry.code for entry in ENTRIES], SIZES, ("en-US", "zh-CN")))
assert set(ALL) >= QUICK, "a page that was renamed would drop out of the quick looks unseen"
LOOKS = [
    pytest.param(
        code, SIZES[size], locale, id=f"{code}-{size}-{locale}",
        marks=() if (code, size, locale) in QUICK else pytest.mark.long,
    )
    for code, size, locale in ALL
]  # fmt: skip


@pytest.mark.parametrize(("code", "size", "locale"), LOOKS)
def test_every_page_fits_its_window(
    visit: Any, picture: Any, trap_ref: str, code: str, size: tuple[int, int], locale: str
) -> None:
    query = f"?customer={trap_ref}" if code == "customers" else ""
    login = "admin" if code in ADMINS else LOGINS.get(code, "dispatcher")
    page = visit(size, locale, login).open(code + query)
    if code == "service_map":
        assert hexes_drawn(page) > 1000
    wide = page.evaluate("document.documentElement.scrollWidth")
    picture(page, f"{code}-{size[0]}-{locale[:2]}")
    assert wide <= size[0]
    assert page.get_by_test_id("stException").count() == 0
    if locale == "zh-CN":
        if code in ("dictionary", "province"):
            return  # names of columns, and of the commands that bring facts, are what they tell
        assert foreign_words(page) == set()


@pytest.mark.long
def test_no_streamlit_chrome_is_left(visit: Any) -> None:
    page = visit().open("today")
    expect(page.get_by_text("Deploy")).to_have_count(0)
    expect(page.locator("footer")).to_have_count(0)


@pytest.mark.long
def test_the_map_fills_most_of_the_window(visit: Any) -> None:
    page = visit().open("service_map")
    assert hexes_drawn(page) > 1000
    box = page.locator('iframe[title="streamlit_folium.st_folium"]').bounding_box()
    assert box is not None
    assert box["height"] >= 0.7 * 900


def test_on_a_phone_the_map_comes_first_and_buttons_are_thick(visit: Any) -> None:
    page = visit(PHONE).open("service_map")
    assert hexes_drawn(page) > 1000
    map_box = page.locator('iframe[title="streamlit_folium.st_folium"]').bounding_box()
    rail_box = page.locator(".st-key-rail").bounding_box()
    assert map_box is not None
    assert rail_box is not None
    assert 0.40 * 844 <= map_box["height"] <= 0.5 * 844
    assert map_box["y"] < rail_box["y"]
    for pill in page.locator(".st-key-rail [data-testid=stButtonGroup] button").all():
        assert pill.bounding_box()["height"] >= 48


def test_a_click_on_a_cell_opens_its_card_and_the_link_keeps_it(visit: Any) -> None:
    made = visit()
    page = made.open("service_map?measure=customers&view=30.4230,112.5140,14")
    assert hexes_drawn(page) > 1000
    box = page.locator('iframe[title="streamlit_folium.st_folium"]').bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.6)
    card = page.locator(".st-key-drawer_open")
    expect(card).to_be_visible()
    expect(card.get_by_text("Customers", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"measure=customers"))
    expect(page).to_have_url(re.compile(r"cell=89[0-9a-f]{13}"))
    expect(page).to_have_url(re.compile(r"view="))
    address = page.url.removeprefix(made.server.url).removeprefix("/")
    again = visit().open(address)
    expect(again.locator(".st-key-drawer_open")).to_be_visible()
    title = card.locator("h3").inner_text()
    assert again.locator(".st-key-drawer_open h3").inner_text() == title


@pytest.mark.long
def test_changing_the_measure_keeps_the_view(visit: Any) -> None:
    made = visit()
    page = made.open("service_map?view=30.4230,112.5140,14")
    assert hexes_drawn(page) > 1000
    frame = page.locator('iframe[title="streamlit_folium.st_folium"]').element_handle()
    made.choose(".st-key-map_measure", "Customers")
    expect(page).to_have_url(re.compile(r"measure=customers"))
    made.settle()
    assert frame.evaluate("e => e.isConnected")
    expect(page).to_have_url(re.compile(r"view=30\.42\d+(,|%2C)112\.51\d+(,|%2C)14"))


def test_the_language_changes_at_once_and_stays_on_the_next_page(visit: Any) -> None:
    made = visit()
    page = made.open("today")
    page.locator(".st-key-topbar_language").get_by_text("中文").click()
    expect(page.locator(".st-key-topbar").get_by_text("服务地图")).to_be_visible()
    expect(page).to_have_url(re.compile("lang=zh"))
    page.locator(".st-key-topbar").get_by_text("服务", exact=True).click()
    page.get_by_role("link", name="客户").click()
    expect(page.get_by_role("heading", name="客户")).to_be_visible()
    expect(page).to_have_url(re.compile("lang=zh"))


@pytest.mark.long
def test_the_search_leads_to_the_customer_with_markup_in_the_name(visit: Any) -> None:
    made = visit()
    page = made.open("customers")
    page.locator(".st-key-search_text input").fill(TRAP_NO)
    page.keyboard.press("Enter")
    page.locator(".st-key-search_finds button").first.click()
    expect(page.get_by_role("heading", name=TRAP)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.long
def test_a_line_of_today_opens_its_map(visit: Any) -> None:
    page = visit().open("today")
    page.get_by_text("Open", exact=True).first.click()
    expect(page.locator(".st-key-rail")).to_be_visible()
    expect(page).to_have_url(re.compile("/outages"))


@pytest.mark.long
def test_the_demo_clock_jumps_to_an_event(visit: Any) -> None:
    page = visit().open("today")
    page.locator(".st-key-topbar_clock button").first.click()
    page.get_by_role("button", name="+1 h").click()
    expect(page.get_by_role("heading", name=re.compile("20:40"))).to_be_visible()
    page.get_by_role("button", name=re.compile("The storm begins")).click()
    expect(page.get_by_role("heading", name=re.compile("19:40"))).to_be_visible()


@pytest.mark.long
def test_what_is_shown_can_be_taken_away(visit: Any) -> None:
    made = visit()
    page = made.open("service_map?measure=customers")
    page.locator(".st-key-rail summary").first.click()
    page.locator(".st-key-rail [data-testid=stPopover] button").first.click()
    expect(page.get_by_role("button", name="Make the file")).to_be_disabled()
    made.choose(".st-key-export_purpose_code", "report")
    page.get_by_role("button", name="Make the file").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name=re.compile("Save .*csv")).click()
    content = Path(saved.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == 62


@pytest.mark.long
def test_a_file_is_tried_loaded_and_taken_back(visit: Any, server: Any, tmp_path: Path) -> None:
    file = tmp_path / "banks.csv"
    file.write_text("bank_id,name,lon,lat\nB77,新网点,112.5140,30.4230\nB78,,112.5,30.4\n")
    made = visit(login="admin")
    page = made.open("data")
    made.choose(".st-key-data_kind", "banks")
    page.locator("input[type=file]").first.set_input_files(file)
    made.choose(".st-key-data_datum", "WGS-84 (GPS)")
    page.get_by_role("button", name="Try without loading").click()
    expect(page.get_by_text("The first")).to_be_visible()
    page.get_by_role("button", name="Load", exact=True).click()
    expect(page.locator(".st-key-strip_outcome")).to_contain_text("loaded")
    made.settle()
    page.get_by_role("tab", name="Past loads").click()
    expect(page.get_by_text("Choose a row")).to_be_visible()


@pytest.mark.long
def test_the_store_holds_what_the_page_loaded(server: Any) -> None:
    answer = _asked(server, ["--json", "whose", "--customer", "0000000001"])
    assert '"area"' in answer


def _asked(server: Any, words: list[str]) -> str:
    command = [sys.executable, "-m", "app", *words[1:], words[0], "--db", str(server.db)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.parametrize(
    "size",
    [pytest.param(DESK, id="desk", marks=pytest.mark.long), pytest.param(PHONE, id="phone")],
)
def test_people_sign_in_by_the_form_and_out_by_the_menu(visit: Any, size: tuple[int, int]) -> None:
    made = visit(size, login=None)
    page = made.page
    page.goto(f"{made.server.url}/customers")
    expect(page.locator("input[type=password]")).to_be_visible()
    assert page.locator(".st-key-topbar").count() == 0
    made.sign_in("planner_north")
    made.settle()
    person = page.locator(".st-key-topbar_person button").first
    person.click()
    expect(page.get_by_text("江北供电所").last).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.locator("input[type=password]")).to_be_visible()
    page.goto(f"{made.server.url}/today")
    expect(page.locator("input[type=password]")).to_be_visible()


@pytest.mark.long
def test_a_tab_whose_session_was_ended_elsewhere_goes_to_sign_in(visit: Any) -> None:
    left_open, other = visit(login="inspector"), visit(login="inspector")
    left_open.open("today")
    page = other.open("account")
    page.get_by_role("button", name="Sign out everywhere").click()
    for made in (left_open, other):
        expect(made.page.locator("input[type=password]")).to_be_visible()


@pytest.mark.long
def test_a_deep_link_to_a_page_of_others_is_refused_kindly(visit: Any, picture: Any) -> None:
    made = visit(login="auditor")
    page = made.page
    page.goto(f"{made.server.url}/service_map")
    expect(page.get_by_text("This page is not for your role")).to_be_visible()
    expect(page.get_by_text("may not see the service map")).to_be_visible()
    assert page.locator("iframe").count() == 0
    picture(page, "refusal-1440-en")
    page.get_by_text("To your first page").click()
    expect(page.get_by_role("heading", name="Audit")).to_be_visible()


@pytest.mark.long
def test_one_value_is_uncovered_with_a_reason(visit: Any, trap_ref: str, picture: Any) -> None:
    made = visit(PHONE, login="manager")
    page = made.open(f"customers?customer={trap_ref}")
    assert TRAP_NO not in page.content()
    page.get_by_role("button", name="Show a masked value").click()
    page.get_by_role("radio", name="name", exact=True).click()
    made.settle()
    picture(page, "uncover-390-en")
    made.choose("[class*=st-key-uncover_reason]", "call back about an outage")
    made.settle()
    page.get_by_role("button", name="Show once").click()
    made.settle()
    expect(page.get_by_text(TRAP).first).to_be_visible()
    page.reload()
    made.settle()
    assert TRAP not in page.inner_text("body")


@pytest.mark.long
def test_a_user_is_found_changed_and_the_change_undone(visit: Any, picture: Any) -> None:
    made = visit(login="admin")
    page = made.open("users")
    page.get_by_placeholder("Name, sign-in name, role or unit").fill("crew")
    page.keyboard.press("Enter")
    made.settle()
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    page.mouse.click(table["x"] + 16, table["y"] + 50)
    made.settle()
    picture(page, "users-change-1440-en")
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("is disabled and signed out everywhere")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("can sign in again")).to_be_visible()
