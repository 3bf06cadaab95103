"""The page that holds two plans against each other, and the sheet for the wall, run by hand."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import drafts, strokes
from app.use_cases.actors import Actor
from app.use_cases.strokes import Stroke
from grid_cells.cells import hex_to_cells
from tests.conftest import LittleTown
from tests.pages.test_pages import map_message, written

PLANNER = Actor("user:town-planner", "吴越", role="planner")


@pytest.fixture
def plan(served: Database, town: LittleTown) -> int:
    """A draft in which five cells of the east, twenty customers, go west."""
    number = drafts.begin(served, PLANNER, "July")
    cells = hex_to_cells(town.cells).tolist()
    east = [cell for n, cell in enumerate(cells) if not town.is_west(n)]
    strokes.paint(served, PLANNER, Stroke(number, "k", east[:5], "W-01"))
    return number


def opened(open_page: Any, as_user: Any, who: str, **query: str) -> AppTest:
    as_user(who)
    page: AppTest = open_page("compare", **query)
    assert not page.exception, page.exception
    return page


def texts(page: AppTest) -> str:
    return written(page) + "\n".join(str(one.value) for one in page.info)


def test_a_draft_is_held_against_the_plan_in_force(plan: int, open_page: Any, as_user: Any) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    assert page.selectbox(key="compare_plan").value == plan
    assert page.selectbox(key="compare_with").value == 1
    assert "<b>20</b></div><span>Customers who change area" in written(page)
    table = page.dataframe[0].value
    assert table.to_dict("records") == [
        {"Old area": "东区", "New area": "西区", "Customers": 20, "Cells that change": 5,
         "Old manager": "nobody", "New manager": "林薇"}
    ]  # fmt: skip
    assert [str(page.query_params[name][0]) for name in ("plan", "with")] == [str(plan), "1"]


def test_the_map_tells_each_pair_by_name_and_depth_of_colour(
    plan: int, open_page: Any, as_user: Any
) -> None:
    hexes = map_message(opened(open_page, as_user, "planner", lang="zh"))["parts"]["hexes"]
    assert hexes["url"].startswith(f"/plans/{plan}/compared/1/")
    assert hexes["areas"] == ["东区", "西区", "东区 → 西区"]
    assert len(set(hexes["scale"]["colours"])) == 3


def test_swapping_turns_the_moves_round(plan: int, open_page: Any, as_user: Any) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.button(key="compare_swap").click().run()
    assert page.selectbox(key="compare_plan").value == 1
    table = page.dataframe[0].value
    assert table[["Old area", "New area", "Customers"]].to_numpy().tolist() == [
        ["西区", "东区", 20]
    ]


def test_an_address_shows_the_two_plans_it_names(plan: int, open_page: Any, as_user: Any) -> None:
    page = opened(open_page, as_user, "manager", lang="en", plan="1", **{"with": str(plan)})
    assert page.selectbox(key="compare_plan").value == 1
    assert page.selectbox(key="compare_with").value == plan
    odd = opened(open_page, as_user, "manager", lang="en", plan="x", **{"with": "99"})
    assert odd.selectbox(key="compare_plan").value == plan


def test_two_plans_that_are_the_same_say_so(plan: int, open_page: Any, as_user: Any) -> None:
    query = {"plan": str(plan), "with": str(plan)}
    page = opened(open_page, as_user, "planner", lang="zh", **query)
    assert "两个方案一致" in texts(page)
    assert not page.dataframe


def test_moved_customers_are_masked_and_need_the_right_to_see_any(
    plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.segmented_control(key="compare_table").set_value("customers").run()
    table = page.dataframe[0].value
    assert len(table) == 20
    assert set(table["New area"]) == {"西区"}
    assert not table["Customer number"].str.fullmatch(r"\d{10}").any()
    page = opened(open_page, as_user, "admin", lang="en")
    page.segmented_control(key="compare_table").set_value("customers").run()
    assert "may not look up customers" in written(page)


def test_lists_are_made_once_a_purpose_is_said(plan: int, open_page: Any, as_user: Any) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.segmented_control(key="compare_table").set_value("lists").run()
    make = next(b for b in page.button if b.label == "Make the list")
    assert make.disabled
    page.selectbox(key="hand_over_code").set_value("report").run()
    next(b for b in page.button if b.label == "Make the list").click().run()
    assert not page.exception
    assert page.get("download_button")


def test_a_planner_of_one_station_finds_no_word_of_the_next(
    served: Database, plan: int, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    west = [c for n, c in enumerate(hex_to_cells(town.cells).tolist()) if town.is_west(n)]
    strokes.paint(served, PLANNER, Stroke(plan, "m", west[:3], "E-01"))
    page = opened(open_page, as_user, "planner_north", lang="en")
    told = texts(page) + str(map_message(page)) + str([f.value.to_dict() for f in page.dataframe])
    assert "areas of other units" in told
    assert "东区" not in told
    assert "E-01" not in told


def test_the_redraw_page_leads_to_the_comparison_and_the_sheet(
    plan: int, open_page: Any, as_user: Any
) -> None:
    as_user("planner")
    page = open_page("redraw", lang="en")
    assert not page.exception
    labels = [str(link.proto.label) for link in page.get("page_link")]
    assert "Compare" in labels
    assert page.button(key="print_make").disabled
    page.selectbox(key="print_code").set_value("report").run()
    assert not page.button(key="print_make").disabled


def test_a_sheet_is_drawn_and_offered(
    plan: int, open_page: Any, as_user: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("app.maps.plan_sheet.drawn", lambda *_given, **_named: b"%PDF-1.4 drawn")
    page = opened(open_page, as_user, "planner", lang="en")
    page.selectbox(key="print_code").set_value("report").run()
    page.button(key="print_make").click().run()
    for _ in range(100):
        if page.get("download_button"):
            break
        page.run()
    assert not page.exception
    (save,) = page.get("download_button")
    assert save.proto.label == f"Save plan-{plan}.pdf"
