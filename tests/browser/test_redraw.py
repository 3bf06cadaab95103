"""A plan in a real browser: painted, undone, proposed, reviewed, published, rolled back."""

import json
import re
import subprocess
import sys
from typing import Any

import h3
import pytest
from playwright.sync_api import Error, FrameLocator, Locator, Page, expect

from tests.conftest import LittleTown

pytestmark = pytest.mark.browser

MAP = 'iframe[title="streamlit_folium.st_folium"]'


class Table:
    """One person at the redraw page: the page, its map, and what the store says of the plan."""

    def __init__(self, visit: Any, login: str, query: str = "") -> None:
        self.visit = visit(login=login)
        self.page: Page = self.visit.open(f"redraw{query}")

    @property
    def map(self) -> FrameLocator:
        return self.page.frame_locator(MAP)

    def tool(self, name: str) -> None:
        self.map.get_by_role("button", name=name, exact=True).click()

    def aim(self, name: str) -> None:
        """Choose the area to paint."""
        self.map.get_by_role("button", name=re.compile("^Paint as")).click()
        self.map.get_by_role("searchbox").fill(name)
        self.map.get_by_role("option", name=name).click()

    def make_area(self, name: str) -> None:
        """Make a new, empty area."""
        self.page.locator("summary", has_text="Areas").click()
        self.page.get_by_label("Name of a new area").fill(name)
        self.page.get_by_role("button", name="Add area").click()
        self.visit.settle()

    def brush(self, cells: int) -> None:
        """Choose a brush of so many cells."""
        shown = self.map.locator(".grid-cells-size")
        while int(shown.inner_text()) < cells:
            self.tool("Larger brush")
        assert int(shown.inner_text()) == cells

    def at(self, cell: str) -> tuple[float, float]:
        """Where a cell's middle stands in the window."""
        lat, lon = h3.cell_to_latlng(cell)
        frame = next(one for one in self.page.frames if "st_folium" in one.url)
        x, y = frame.evaluate(
            "([lat, lon]) => {const p = gridCells.map.latLngToContainerPoint([lat, lon]);"
            " return [p.x, p.y]}",
            [lat, lon],
        )
        box = self.page.locator(MAP).bounding_box()
        return box["x"] + x, box["y"] + y

    def stroke(self, *cells: str) -> None:
        """Drag the mouse over these cells."""
        self.page.mouse.move(*self.at(cells[0]))
        self.page.mouse.down()
        for cell in cells:
            self.page.mouse.move(*self.at(cell), steps=4)
        self.page.mouse.up()
        expect(self.map.get_by_role("status")).to_have_text("Saved")

    def figure(self, label: str) -> Any:
        """A figure of the strip."""
        return self.page.locator(".gc-figure", has=self.page.get_by_text(label, exact=True))

    def stored(self, plan: str, area: str) -> set[str]:
        """Cells that show an area now, as the server tells everything since the beginning."""
        told = self.page.context.request.get(
            f"{self.visit.server.url}/plans/{plan}/strokes?since=0", max_retries=3
        ).json()
        index = {one["area_id"]: one["index"] for one in told.get("areas", [])} or {
            "E-01": 0, "W-01": 1,
        }  # fmt: skip
        return {c for one in told["changes"] if one["area"] == index[area] for c in one["cells"]}

    def press(self, button: Locator, outcome: Locator) -> None:
        """Click until what it leads to is seen: a rerun under way may take the button away."""
        for _ in range(4):
            button.click()
            try:
                outcome.wait_for(timeout=15_000)
            except Error:
                continue
            return
        expect(outcome).to_be_visible()

    def step(self, name: str) -> None:
        """Do the next step of the plan."""
        opener = self.page.get_by_role("button", name="Next step")
        if opener.get_attribute("aria-expanded") != "true":  # it stays open from step to step
            opener.click()
        self.page.get_by_role("button", name=name, exact=True).last.click()
        self.visit.settle()


def command(server: Any, *words: str) -> dict[str, Any]:
    """What the command line says of the served database."""
    line = [sys.executable, "-m", "app", *words, "--json", "--db", str(server.db)]
    answer = subprocess.run(line, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def whose(server: Any, cell: str, on: str) -> str:
    """The area of a cell on a day."""
    lat, lon = h3.cell_to_latlng(cell)
    return str(command(server, "whose", "--at", f"{lon},{lat}", "--on", on)["area"])


def proposed(server: Any, plan: str) -> tuple[str, str, str]:
    """A cell that the plan moves, its area in force and its area by the plan."""
    moved = command(server, "plan", "diff", plan)["cells"]
    assert moved
    return moved[0]["cell"], moved[0]["old_area"], moved[0]["new_area"]


@pytest.mark.long
def test_a_plan_is_painted_reviewed_published_and_rolled_back(
    visit: Any, server: Any, picture: Any, town: LittleTown
) -> None:
    west = {cell for n, cell in enumerate(town.cells) if town.is_west(n)}
    east = set(town.cells) - west
    middle = h3.latlng_to_cell(30.4230, 112.5140, 9)
    planner = Table(visit, "planner")
    page = planner.page
    page.get_by_role("button", name="New draft").click()
    page.get_by_label("Name", exact=True).fill("July")
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page).to_have_url(re.compile(r"plan=\d+"))
    plan = re.search(r"plan=(\d+)", page.url)[1]
    expect(planner.map.locator("[data-drawn-at]")).to_be_attached(timeout=30_000)
    expect(planner.figure("Customers who change area")).to_contain_text("0")

    planner.make_area("新区")
    planner.aim("新区")
    planner.tool("Brush")
    planner.brush(37)
    path = sorted(h3.grid_ring(middle, 1), key=h3.cell_to_latlng, reverse=True)[:3]
    under = {cell for one in (middle, *path) for cell in h3.grid_disk(one, 3)} & set(town.cells)
    assert west - under  # a stroke that emptied an area would be refused
    assert east - under
    planner.stroke(middle, *path)
    painted = planner.stored(plan, "N-01")
    assert painted == under
    assert len(painted) >= 50
    moved = planner.figure("Customers who change area")
    expect(moved).to_contain_text(str(4 * len(painted)))
    picture(page, "redraw-painted")

    page.keyboard.press("Control+z")
    expect(moved).to_have_text(re.compile(r"^0\D"))
    assert planner.stored(plan, "N-01") == set()

    page.locator("summary", has_text="Propose").click()
    draw = page.get_by_role("button", name="Draw it")
    planner.press(page.get_by_role("button", name="Make proposals"), draw)
    draw.click()
    planner.visit.settle()
    cell, old, new = proposed(server, plan)
    planner.step("Send to review")
    expect(planner.map.get_by_text("Read only")).to_be_visible()

    manager = Table(visit, "manager", f"?plan={plan}")
    manager.step("Approve")
    manager.step("Publish")
    expect(manager.page.get_by_text("Published, not yet in force.")).to_be_visible()
    picture(manager.page, "redraw-published")
    assert (whose(server, cell, "2026-07-16"), whose(server, cell, "2026-07-18")) == (old, new)

    manager.page.locator("summary", has_text="In force, before and to come").click()
    back = manager.page.get_by_role("button", name="Back to this plan").first
    manager.press(back, manager.page.get_by_text("Put aside."))
    assert whose(server, cell, "2026-07-18") == old
