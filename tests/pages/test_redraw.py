"""The redraw page run by hand: begin a draft, see what it does, move it on, take a proposal."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import drafts, plan_checks, plan_comments, plan_life, strokes
from app.use_cases.actors import Actor
from app.use_cases.strokes import Stroke
from grid_cells.cells import hex_to_cells
from tests.conftest import LittleTown
from tests.pages.test_pages import map_message, written

PLANNER = Actor("user:town-planner", "吴越", role="planner")


def east_of(town: LittleTown) -> list[int]:
    cells = hex_to_cells(town.cells).tolist()
    return [cell for n, cell in enumerate(cells) if not town.is_west(n)]


@pytest.fixture
def plan(served: Database, town: LittleTown) -> int:
    """A draft in which one cell of the east goes west."""
    number = drafts.begin(served, PLANNER, "July")
    strokes.paint(served, PLANNER, Stroke(number, "k", east_of(town)[:1], "W-01"))
    return number


def opened(open_page: Any, as_user: Any, who: str, **query: str) -> AppTest:
    as_user(who)
    page: AppTest = open_page("redraw", **query)
    assert not page.exception, page.exception
    return page


def test_without_a_draft_the_page_says_how_to_begin(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    assert "No plan is being drawn" in written(page)
    assert not page.get("component_instance")


def test_a_draft_is_begun_from_the_plan_in_force(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.text_input(key="plan_new_name").set_value("August")
    next(b for b in page.button if b.label == "Begin").click().run()
    assert not page.exception
    (row, _) = plan_life.list_plans(served, PLANNER)
    assert (row.name, row.stage, row.based_on) == ("August", "draft", 1)
    assert page.query_params["plan"] in (str(row.plan_id), [str(row.plan_id)])


def test_the_map_is_told_the_areas_and_the_tools_their_words(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    message = map_message(opened(open_page, as_user, "planner", lang="zh"))
    told = message["parts"]["redraw"]
    assert told["plan"] == str(plan)
    assert told["canEdit"] is True
    assert (told["undo"], told["redo"]) == (1, 0)
    assert {one["area_id"] for one in told["areas"]} == {"W-01", "E-01"}
    assert told["words"]["brush"] == "画笔"
    assert message["parts"]["hexes"]["url"].startswith(f"/plans/{plan}/cells/")


@pytest.mark.parametrize("who", ["manager", "analyst"])
def test_who_may_not_draw_looks_and_finds_no_tools(
    served: Database, plan: int, open_page: Any, as_user: Any, who: str
) -> None:
    page = opened(open_page, as_user, who, lang="en")
    assert map_message(page)["parts"]["redraw"]["canEdit"] is False
    labels = {button.label for button in page.button}
    assert not labels & {"Begin", "Add area", "Make proposals"}


def test_the_figures_are_those_of_the_strokes(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    table = page.dataframe[0].value.set_index("Area")
    assert table.loc["西区", "Change"] == 4
    assert table.loc["东区", "Change"] == -4
    assert table["Customers"].sum() == 244
    assert "<b>4</b></div><span>Customers who change area" in written(page)


def test_a_draft_goes_to_review_and_is_approved_by_somebody_else(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.button(key="do_submit").click().run()
    assert not page.exception
    assert not map_message(page)["parts"]["redraw"]["canEdit"]
    page = opened(open_page, as_user, "manager", lang="en", plan=str(plan))
    page.button(key="do_approve").click().run()
    assert plan_life.list_plans(served, PLANNER)[0].stage == "approved"
    told = plan_life.deeds(served, PLANNER, plan)
    assert told["actor"].tolist() == ["user:town-planner", "user:town-manager"]


def test_a_plan_with_a_forbidden_finding_is_published_once_a_reason_is_stated(
    served: Database, plan: int, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    strokes.paint(served, PLANNER, Stroke(plan, "n", east_of(town)[5:6], None))
    against = [
        one for one in plan_checks.findings(served, PLANNER, plan) if one.problem.level == "no"
    ]
    assert "unit_in_no_area" in {one.problem.code for one in against}
    for one in against:
        plan_checks.excuse(served, PLANNER, plan, (one.problem.code, one.area_id), "a new estate")
    page = opened(open_page, as_user, "planner", lang="en")
    page.button(key="do_submit").click().run()
    page = opened(open_page, as_user, "manager", lang="en", plan=str(plan))
    page.button(key="do_approve").click().run()
    page.button(key="do_publish").click().run()
    assert not page.exception
    assert not page.error
    assert plan_life.list_plans(served, PLANNER)[0].stage == "coming"


def test_what_forbids_publishing_is_said_where_one_publishes(
    served: Database, plan: int, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    strokes.paint(served, PLANNER, Stroke(plan, "n", east_of(town)[5:6], None))
    plan_life.submit(served, PLANNER, plan)
    page = opened(open_page, as_user, "manager", lang="en", plan=str(plan))
    page.button(key="do_approve").click().run()
    page.button(key="do_publish").click().run()
    assert "publishing this plan" in page.error[0].value
    assert plan_life.list_plans(served, PLANNER)[0].stage == "approved"


def test_comments_and_areas_are_worked_on_from_the_page(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    plan_comments.add(served, PLANNER, plan, "<b>too far</b>")
    page = opened(open_page, as_user, "planner", lang="en")
    assert "&lt;b&gt;too far&lt;/b&gt;" in written(page)
    next(b for b in page.button if b.label == "Settled").click().run()
    assert plan_comments.list_comments(served, PLANNER, plan)["settled_at"].notna().all()
    page.segmented_control(key=f"area_act_{plan}").set_value("rename").run()
    page.text_input(key="name_E-01").set_value("Far east").run()
    page.button(key="area_keep").click().run()
    assert not page.exception
    names = {one.area.name for one in drafts.areas(served, PLANNER, plan)}
    assert names == {"西区", "Far east"}


def test_a_planner_of_one_station_finds_no_word_of_the_next(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner_north", lang="en")
    told = written(page) + str(map_message(page)) + str([f.value.to_dict() for f in page.dataframe])
    assert "西区" in told
    assert "东区" not in told
    assert "E-01" not in told
