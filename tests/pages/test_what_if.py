"""The what-if section, splitting and the palette, run by hand on the redraw page."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import drafts, plan_life, what_if
from app.use_cases.actors import Actor
from app.widgets import map_news
from grid_cells.cells import hex_to_cells
from tests.conftest import LittleTown
from tests.pages.test_pages import map_message, written
from tests.pages.test_redraw import opened

PLANNER = Actor("user:town-planner", "吴越", role="planner")


@pytest.fixture
def plan(served: Database) -> int:
    """A draft as the plan in force stands."""
    return drafts.begin(served, PLANNER, "July")


def tell(page: AppTest, **fact: Any) -> None:
    """As if that was done on the map."""
    whole = {"seq": 17, "view": "30.423,112.514,13", "bounds": "112,30,113,31"} | fact
    page.session_state[map_news.KEY] = {"event": whole}


def at(town: LittleTown, place: int) -> dict[str, Any]:
    lat, lon = town.places[place]
    return {"part": "hexes", "cell": town.cells[place], "lat": lat, "lng": lon}


def test_a_hall_is_added_where_the_map_was_clicked_and_taken_back(
    served: Database, town: LittleTown, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.segmented_control(key="what_if_kind").set_value("hall").run()
    page.segmented_control(key="what_if_deed").set_value("added").run()
    assert "Click on the map" in " ".join(one.value for one in page.caption)
    tell(page, **at(town, 33))
    page.run()
    page.text_input(key="what_if_name_hall").set_value("<b>Riverside</b>").run()
    page.button(key="what_if_do").click().run()
    assert not page.exception
    (one,) = what_if.list_assumed(served, PLANNER, plan)
    assert (one.place.kind, one.place.name) == ("hall", "<b>Riverside</b>")
    assert (one.place.lat, one.place.lon) == pytest.approx(town.places[33])
    page = opened(open_page, as_user, "planner", lang="zh")
    assert "设想的影响" in written(page)
    assert "到最近营业厅的路程" in written(page)
    assert "&lt;b&gt;Riverside" in written(page)
    (group,) = map_message(page)["parts"]["places"]["groups"]
    assert (group["kind"], group["rows"][0][6]) == ("hall", "added")
    assert "设想" in page.selectbox(key="plan_chosen").options[0]
    page = opened(open_page, as_user, "planner", lang="en")
    page.button(key="take_back_hall_NEW-1").click().run()
    assert what_if.list_assumed(served, PLANNER, plan) == []


def test_a_sign_that_is_clicked_is_the_place_to_move(
    served: Database, town: LittleTown, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    tell(page, part="places", kind="bank", id="B1", lat=0.0, lng=0.0)
    page.run()
    assert page.selectbox(key="what_if_place").value == "B1"
    tell(page, seq=18, **at(town, 33))
    page.run()
    page.button(key="what_if_do").click().run()
    assert not page.exception
    (one,) = what_if.list_assumed(served, PLANNER, plan)
    assert (one.key, one.place.deed) == (("bank", "B1"), "moved")
    (group,) = [g for g in map_message(page)["parts"]["places"]["groups"] if g["kind"] == "bank"]
    row = next(row for row in group["rows"] if row[0] == "B1")
    assert row[7] == pytest.approx([one.was[0], one.was[1]] if one.was else None)


def test_what_cannot_be_assumed_is_said_on_the_page(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.segmented_control(key="what_if_kind").set_value("hall").run()
    page.segmented_control(key="what_if_deed").set_value("added").run()
    page.text_input(key="what_if_typed").set_value("here").run()
    assert "here" in page.error[0].value
    page.text_input(key="what_if_typed").set_value("0, 0").run()
    page.button(key="what_if_do").click().run()
    assert "no service area" in page.error[0].value
    assert what_if.list_assumed(served, PLANNER, plan) == []


def test_the_plan_in_force_is_copied_as_a_what_if(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.button(key="what_if_copy_1").click().run()
    assert not page.exception
    newest = plan_life.list_plans(served, PLANNER)[0]
    assert newest.name.startswith("What if: ")
    assert newest.based_on == 1


@pytest.mark.parametrize("who", ["manager", "analyst"])
def test_who_may_not_draw_sees_what_is_assumed_and_changes_nothing(
    served: Database, plan: int, open_page: Any, as_user: Any, who: str
) -> None:
    what_if.close_place(served, PLANNER, plan, ("hall", "H1"))
    page = opened(open_page, as_user, who, lang="en")
    assert "would be closed" in written(page)
    keys = {button.key for button in page.button}
    assert not {key for key in keys if key and key.startswith(("take_back", "what_if"))}


def test_an_area_is_split_by_the_cells_selected_on_the_map_and_in_halves(
    served: Database, town: LittleTown, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.selectbox(key=f"area_{plan}").set_value("W-01").run()
    page.segmented_control(key=f"area_act_{plan}").set_value("split").run()
    west = [cell for n, cell in enumerate(town.cells) if town.is_west(n)]
    tell(page, part="redraw", cells=west[:3])
    page.run()
    page.button(key="area_split").click().run()
    assert not page.exception
    assert not page.error
    cells = drafts.cells(served, PLANNER, plan).set_index("cell_id")["area_index"]
    assert (cells[hex_to_cells(west[:3])] == 2).all()
    assert (cells == 2).sum() == 3
    assert map_message(page)["parts"]["redraw"]["selectionDone"] == 17
    page.segmented_control(key=f"split_way_{plan}").set_value("halves").run()
    page.button(key="area_halve").click().run()
    assert not page.exception
    assert {one.area.area_id for one in drafts.areas(served, PLANNER, plan)} >= {"N-01", "N-02"}


def test_a_colour_is_chosen_from_swatches(
    served: Database, plan: int, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    page.segmented_control(key=f"area_act_{plan}").set_value("rename").run()
    assert page.button(key="hue_auto").disabled
    page.button(key="swatch_7").click().run()
    assert not page.exception
    first = drafts.areas(served, PLANNER, plan)[0]
    assert (first.area.colour, first.colour) == (7, 7)
    page.button(key="hue_auto").click().run()
    assert drafts.areas(served, PLANNER, plan)[0].area.colour is None
