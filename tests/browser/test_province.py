"""The map of a province in a real browser: only what the window needs, one sum at every size."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h3
import pytest
from playwright.sync_api import Frame, expect

from app.store.database import Database
from app.use_cases import province_load
from tests.app.province_town import DAY, fact, write_day
from tests.browser.conftest import DESK, PAGE_MS, PHONE, Visit
from tests.conftest import LOADER, MIDDLE, copy_of

pytestmark = [pytest.mark.browser, pytest.mark.long]

RINGS = 120
CELLS = 3 * RINGS * (RINGS + 1) + 1
LAYER = "window.gridCells.parts.hexes"
# what is drawn now: resolution, cells that came of it, their sum in whole watt-hours
TOLD = f"""
() => {{
  const {{value, count, resolution}} = {LAYER}.base;
  let sum = 0;
  for (let i = 0; i < count; i++) if (value[i] === value[i]) sum += Math.round(1000 * value[i]);
  return [resolution, count, sum];
}}
"""
GO = """
async ([lat, lng, zoom]) => {
  const host = window.gridCells, paints = host.paints;
  host.map.setView([lat, lng], zoom, {animate: false});
  while (host.paints === paints) await new Promise((go) => setTimeout(go, 10));
}
"""


@pytest.fixture(scope="module")
def town_file(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with cell facts for a wide country around it; some cells were not read."""
    working = copy_of(town_file, tmp_path_factory.mktemp("province"))
    disk = h3.grid_disk(h3.latlng_to_cell(*MIDDLE, 9), RINGS)
    rows = [fact(h3.str_to_int(one), 5 + n % 40, energy_kwh=1.1 * n) for n, one in enumerate(disk)]
    for row in rows[::50]:
        row |= {"meters_read": 0, "energy_kwh": None, "feed_in_kwh": None}
    write_day(working.parent / "facts", DAY, rows)
    with Database(working) as db:
        province_load.load(db, LOADER, working.parent / "facts")
    return working


def opened(made: Visit, query: str = "") -> Frame:
    """The frame of the map once it has drawn."""
    made.open(f"province{query}")
    held = made.page.wait_for_selector("iframe", state="attached", timeout=PAGE_MS)
    frame = held and held.content_frame()
    assert frame is not None
    frame.wait_for_function("window.gridCells && window.gridCells.paints > 0", timeout=PAGE_MS)
    return frame


def test_a_far_view_shows_coarse_cells_a_near_one_its_own_and_the_sums_agree(
    visit: Callable[..., Visit], picture: Any
) -> None:
    made = visit(DESK, "en-US", "manager")
    frame = opened(made)
    seen = {}
    for zoom in (5, 7, 8, 9, 10):
        frame.evaluate(GO, [*MIDDLE, zoom])
        resolution, count, total = frame.evaluate(TOLD)
        seen[resolution] = total
        assert count < CELLS / 6
    assert len(seen) >= 3
    assert len(set(seen.values())) == 1  # the whole country stands in each of these windows
    frame.evaluate(GO, [*MIDDLE, 13])
    resolution, near, part = frame.evaluate(TOLD)
    assert resolution == 9
    assert near < CELLS
    assert part < seen[min(seen)]
    picture(made.page, "province-desk")


def test_a_click_opens_the_cell_as_it_is_drawn(visit: Callable[..., Visit]) -> None:
    made = visit(DESK, "en-US", "manager")
    frame = opened(made)
    frame.evaluate(GO, [*MIDDLE, 9])
    box = made.page.locator("iframe").first.bounding_box()
    assert box is not None
    made.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    drawer = made.page.locator(".st-key-drawer_open")
    drawer.wait_for(timeout=PAGE_MS)
    resolution = frame.evaluate(TOLD)[0]
    cell = h3.latlng_to_cell(*MIDDLE, resolution)
    expect(drawer).to_contain_text(f"Cell {cell}", timeout=PAGE_MS)  # it opens before it is filled
    expect(drawer).to_contain_text("Energy", timeout=PAGE_MS)
    assert frame.evaluate(f"{LAYER}.state.selected") == cell


def test_on_a_phone_in_chinese_another_figure_is_drawn_on_the_same_view(
    visit: Callable[..., Visit], picture: Any
) -> None:
    made = visit(PHONE, "zh-CN", "manager")
    frame = opened(made, "?figure=customers")
    frame.evaluate(GO, [*MIDDLE, 8])
    wide = made.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE[0]
    customers = frame.evaluate(TOLD)[2] / 1000
    assert customers == sum(5 + n % 40 for n in range(CELLS))
    picture(made.page, "province-phone")
