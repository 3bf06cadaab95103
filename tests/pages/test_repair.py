"""Repairs and proposals on the redraw page: shown before they are drawn, refused with reasons."""

import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import drafts, strokes
from app.use_cases.actors import Actor
from app.use_cases.strokes import Stroke
from grid_cells.cells import hex_to_cells
from tests.conftest import LittleTown
from tests.pages.test_pages import written

PLANNER = Actor("user:town-planner", "吴越", role="planner")


@pytest.fixture
def plan(served: Database, town: LittleTown) -> int:
    """A draft by cells in which a third of the east went west."""
    cells = hex_to_cells(town.cells).tolist()
    east = [cell for n, cell in enumerate(cells) if not town.is_west(n)]
    number = drafts.begin(served, PLANNER, "July", basis="cell")
    strokes.paint(served, PLANNER, Stroke(number, "k", east[:10], "W-01"))
    return number


def opened(open_page: Any, as_user: Any, who: str, **query: str) -> AppTest:
    as_user(who)
    page: AppTest = open_page("redraw", **query)
    assert not page.exception, page.exception
    return page


def after_work(page: AppTest, key: str) -> AppTest:
    """The page once the button of that key has done its work."""
    page.button(key=key).click().run()
    for _ in range(200):
        assert not page.exception, page.exception
        if not any(button.key.startswith("stop_") for button in page.button if button.key):
            return page
        time.sleep(0.05)
        page.run()
    raise AssertionError("the work goes on")


def has(page: AppTest, key: str) -> bool:
    return any(button.key == key for button in page.button)


def test_a_repair_is_shown_and_then_drawn_as_one_stroke(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.slider(key=f"repair_tolerance_{plan}").set_value(10).run()
    page = after_work(page, "repair_begin")
    assert drafts.seq(served, PLANNER, plan) == 1
    assert "This brings every area into one piece" in page.success[0].value
    assert "10 cells or transformers drawn by hand stay." in written(page)
    table = next(f.value for f in page.dataframe if "Customers in" in f.value)
    assert table["Customers in"].sum() == table["Customers out"].sum() > 0
    page.button(key="repair_draw").click().run()
    assert not page.exception
    assert drafts.seq(served, PLANNER, plan) == 2
    assert not has(page, "repair_draw")


def test_what_cannot_be_mended_is_said_with_the_areas_name(
    served: Database, plan: int, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    cells = hex_to_cells(town.cells).tolist()
    strokes.lock_cells(served, PLANNER, Stroke(plan, "l", cells), locked=True)
    page = after_work(opened(open_page, as_user, "planner", lang="en"), "repair_begin")
    assert "Not everything can be mended:" in page.warning[0].value
    assert "西区 is enclosed by locked units" in page.warning[0].value
    assert not has(page, "repair_draw")


def test_a_proposal_with_a_number_of_areas_is_drawn(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.segmented_control(key="propose_count").set_value("weight").run()
    next(n for n in page.number_input if "Weight of an area" in n.label).set_value(80).run()
    page = after_work(page, "propose_begin")
    table = next(f.value for f in page.dataframe if "Areas" in f.value)
    assert set(table["Areas"]) == {3}
    page.button(key="propose_take").click().run()
    living = [one for one in drafts.areas(served, PLANNER, plan) if not one.area.is_deleted]
    assert len(living) == 3


@pytest.mark.parametrize("who", ["manager", "analyst"])
def test_who_may_not_draw_finds_no_repair(
    served: Database, plan: int, open_page: Any, as_user: Any, who: str
) -> None:
    assert not has(opened(open_page, as_user, who, lang="en"), "repair_begin")
