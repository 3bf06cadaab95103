"""The page of a province: empty, with figures, a cell opened, facts loaded from the Data page."""

from datetime import date
from typing import Any

import h3
import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import province_load
from app.widgets import province_facts
from tests.app.province_town import DAY, NEXT, fact, write_day
from tests.conftest import LOADER, LittleTown
from tests.pages.test_pages import map_message, written


def opened(open_page: Any, as_user: Any, login: str = "manager", **query: str) -> AppTest:
    as_user(login)
    page: AppTest = open_page("province", **query)
    assert not page.exception, page.exception
    return page


@pytest.fixture
def loaded(served: Database, town: LittleTown, tmp_path: Any) -> Database:
    """Two days of the town's cells; on the second one cell was not read."""
    cells = [h3.str_to_int(one) for one in town.cells]
    loss = {"transformers": 1, "days_known": 1, "loss_kwh": 1.0, "supplied_kwh": 25.0}
    for day in (DAY, NEXT):
        rows = [fact(cell, 10, **loss) for cell in cells]
        if day == NEXT:
            rows[0] |= {"meters_read": 0, "energy_kwh": None, "feed_in_kwh": None}
        write_day(tmp_path, day, rows)
    province_load.load(served, LOADER, tmp_path)
    return served


def test_without_facts_the_page_says_where_they_come_from(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user)
    assert "gridcells rollup" in written(page)
    assert page.code[0].value == "gridcells province load FACTS"


def test_the_last_day_is_shown_with_how_much_of_it_is_known(
    loaded: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user)
    told = written(page)
    assert "1.2\u00a0MWh" in told
    assert "known of 98.3" in told
    assert "4.0\u00a0%" in told
    hexes = map_message(page)["parts"]["hexes"]
    assert hexes["url"].endswith(f"/{NEXT}.{NEXT}.energy_kwh/{{resolution}}/{{tiles}}.bin")
    assert hexes["tiles"] == {"finest": 9, "coarsest": 2, "days": 1, "enough": 0.9}
    assert hexes["rollup"] == "sum"


def test_figure_and_days_stand_in_the_address(
    loaded: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, figure="loss_rate", period="week")
    hexes = map_message(page)["parts"]["hexes"]
    assert f"/{DAY}.{NEXT}.loss_rate/" in hexes["url"]
    assert hexes["rollup"] == "mean"
    assert hexes["tiles"]["days"] == 2
    assert "2 days" in written(page)
    page.selectbox(key="province_figure").set_value("visits").run()
    assert not page.exception
    assert page.query_params["figure"] == "visits"


def test_a_planner_is_offered_no_losses(loaded: Database, open_page: Any, as_user: Any) -> None:
    page = opened(open_page, as_user, "planner", figure="loss_rate")
    assert page.selectbox(key="province_figure").value == "energy_kwh"
    assert "Line loss" not in page.selectbox(key="province_figure").options
    assert "Line loss" not in written(page)


def test_an_opened_cell_tells_its_figures(
    loaded: Database, open_page: Any, as_user: Any, town: LittleTown
) -> None:
    page = opened(open_page, as_user, period="week")
    page.session_state["province_cell"] = h3.cell_to_parent(sorted(town.cells)[0], 7)
    page.run()
    assert not page.exception
    told = written(page)
    assert "Energy by day" in told
    assert "Line loss rate" in told
    page.session_state["province_cell"] = h3.latlng_to_cell(0.0, 0.0, 7)
    page.run()
    assert "Nothing is known of this cell" in written(page)


def test_the_page_speaks_chinese(loaded: Database, open_page: Any, as_user: Any) -> None:
    page = opened(open_page, as_user, lang="zh")
    assert "户均停电时间" in written(page)
    assert "province_" not in written(page)


def job_watch_is_on(page: AppTest) -> bool:
    """Whether the load still runs as the page last saw it."""
    assert not page.exception
    return not page.success and not page.error


def test_facts_on_the_server_are_loaded_from_the_data_page(
    served: Database, open_page: Any, as_user: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    as_user("admin")
    monkeypatch.setenv(province_facts.FOLDER, str(tmp_path))
    assert str(tmp_path) in written(open_page("data"))
    write_day(tmp_path, date(2026, 7, 1), [fact(h3.str_to_int(h3.latlng_to_cell(30, 112, 9)), 9)])
    page = open_page("data")
    page.button(key="province_load").click().run()
    while job_watch_is_on(page):
        page.run()
    assert not page.exception
    assert [one.value for one in page.success] == ["One day loaded with 1 rows; 0 were as before."]
    assert province_load.look(served, LOADER, tmp_path).missing == []
    page.run()
    assert not page.success
