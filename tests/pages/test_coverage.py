"""Coverage on the page of crews: the strip, the gaps, the map's address, the best post, words."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.language import say
from app.store import meta
from app.store.database import Connection, Database
from tests.pages.test_pages import map_message, written


def opened(open_page: Any, **query: str) -> AppTest:
    page: AppTest = open_page("crews", part="coverage", **query)
    assert not page.exception, page.exception
    return page


def far(db: Database) -> None:
    """Both crews start from far away."""

    def change(connection: Connection) -> None:
        connection.execute("UPDATE crews SET lon = 112.9, name = '<b>' || crew_id")
        meta.touch_facts(connection, "crews")

    db.write(change)


def test_everybody_in_reach_says_so(served: Database, open_page: Any) -> None:
    page = opened(open_page)
    text = written(page)
    assert "<b>244</b>" in text
    assert "No gap: everybody is reached in time (45 min)." in text
    assert not page.dataframe
    hexes = map_message(page)["parts"]["hexes"]
    assert hexes["url"].startswith("/coverage/cells/")
    assert hexes["url"].endswith("/minutes.bin")
    assert hexes["scale"]["breaks"] == [15, 30, 45, 90, 120]


def test_gaps_are_listed_and_one_opens(served: Database, open_page: Any) -> None:
    far(served)
    page = opened(open_page)
    table = page.dataframe[0].value
    assert table["Customers"].tolist() == ["244"]
    assert table["Because"].tolist() == ["all crews start from far away"]
    cell = page.session_state["coverage_rows_order"][0]
    page.session_state["coverage_gap"] = cell
    page.run()
    assert not page.exception
    assert "Gap 1" in written(page)
    assert "goTo" in map_message(page)
    page.button(key="drawer_close").click().run()
    assert "Gap 1" not in written(page)


def test_a_cell_shows_its_crews(served: Database, open_page: Any, town: Any) -> None:
    page = opened(open_page)
    page.session_state["coverage_cell"] = town.cells[10]
    page.run()
    assert not page.exception
    text = written(page)
    assert "Nearest crew" in text
    assert "Minutes from the second crew" in text
    assert "抢修班" in text


@pytest.mark.parametrize("layer", ["second", "depth", "change"])
def test_every_layer_colours_the_map(served: Database, open_page: Any, layer: str) -> None:
    page = opened(open_page)
    page.selectbox(key="coverage_layer").select(layer).run()
    assert not page.exception
    assert map_message(page)["parts"]["hexes"]["url"].endswith(f"/{layer}.bin")
    assert page.query_params["layer"] in (layer, [layer])


def test_the_choice_comes_back_from_the_address(served: Database, open_page: Any) -> None:
    page = opened(
        open_page, limit="promise", against="nothing", as_open="1", free_only="1", moment="sunday"
    )
    assert page.selectbox(key="coverage_limit").value == "promise"
    assert page.selectbox(key="coverage_moment").value == "sunday"
    assert page.toggle(key="coverage_as_open").value
    assert page.toggle(key="coverage_free_only").value
    assert "change" not in page.selectbox(key="coverage_layer").options
    assert "is still to come" in written(page)


def test_a_time_of_ones_own(served: Database, open_page: Any) -> None:
    page = opened(open_page, moment="2026-07-18T03:00+08:00")
    assert page.selectbox(key="coverage_moment").value == "other"
    assert f"{page.date_input(key='coverage_day').value}" == "2026-07-18"
    assert f"{page.time_input(key='coverage_clock').value:%H:%M}" == "03:00"


@pytest.mark.parametrize("moment", ["soon", "2026-99-01T00:00+08:00"])
def test_an_address_that_makes_no_sense_does_not_break_the_page(
    served: Database, open_page: Any, moment: str
) -> None:
    page = opened(open_page, moment=moment, limit="7", layer="x", skill="<i>")
    assert not page.error
    assert "customers within 15 min" in written(page)
    assert page.selectbox(key="coverage_moment").value == "now"


@pytest.mark.parametrize("view", ["day", "week"])
def test_hours_stand_below(served: Database, open_page: Any, view: str) -> None:
    page = opened(open_page)
    page.segmented_control(key="coverage_below").set_value(view).run()
    assert not page.exception
    assert "2 to 2 crews on shift" in written(page)


def test_the_best_place_is_found_and_taken_into_a_draft(
    served: Database, open_page: Any, as_user: Any
) -> None:
    far(served)
    as_user("planner")
    page = opened(open_page)
    page.button(key="coverage_find").click().run()
    assert not page.exception, page.exception
    text = written(page)
    assert "营业厅" in text
    assert "244 customers newly in time" in text
    assert "244 → 0" in text
    hexes = map_message(page)["parts"]["hexes"]
    assert hexes["url"].endswith("/posts.bin")
    page.button(key="coverage_take_0").click().run()
    assert not page.exception, page.exception
    assert not page.error, page.error
    assert "The draft assumes it now." in written(page)
    rows = served.query("SELECT kind, deed FROM plan_places")
    assert rows.to_numpy().tolist() == [["crew", "added"]]
    page.button(key="drawer_close").click().run()
    assert "244 → 0" not in written(page)


def test_who_may_not_draw_plans_is_not_offered_a_draft(served: Database, open_page: Any) -> None:
    far(served)
    page = opened(open_page)
    page.button(key="coverage_find").click().run()
    assert "244 → 0" in written(page)
    assert not [one for one in page.button if str(one.key).startswith("coverage_take")]


def test_the_page_speaks_chinese(served: Database, open_page: Any) -> None:
    far(served)
    page = opened(open_page, lang="zh")
    text = written(page)
    assert "超时限客户（45分钟）" in text
    assert say("coverage_single", "zh") in text
    assert page.dataframe[0].value["原因"].tolist() == ["各班组驻点都较远"]
