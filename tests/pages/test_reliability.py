"""The reliability page: figures with their rule, what counts, both languages, who may open it."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from tests.pages.test_pages import map_message, written


def opened(open_page: Any, as_user: Any, **query: str) -> AppTest:
    as_user("analyst")
    page: AppTest = open_page("reliability", **query)
    assert not page.exception, page.exception
    return page


def test_figures_stand_with_the_rule_they_were_made_by(
    served: Database, open_page: Any, as_user: Any
) -> None:
    """T-010 with 4 of 244 customers has been out for 120 min: SAIDI 480 / 244 = 1.97."""
    page = opened(open_page, as_user)
    text = written(page)
    assert "<b>2.0</b>" in text
    assert "IEEE 1366, edition 2012; basis low-voltage customers; interruptions over 5 min" in text
    assert "Too little history for major event days" in text
    table = page.dataframe[0].value
    assert table["Customer minutes"].tolist() == [480, 0]


def test_places_standard_and_what_counts_can_be_chosen(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user)
    page.selectbox(key="reliability_by").select("feeder")
    page.selectbox(key="reliability_standard").select("dlt_836")
    page.toggle(key="reliability_planned").set_value(False)
    page.run()
    assert not page.exception
    text = written(page)
    assert "DL/T 836, edition 2016" in text
    assert "faults and load limits only" in text
    table = page.dataframe[0].value
    assert table["Feeder"].tolist() == ["F-07 江北线"]
    assert table["Served"].tolist() == [61]


@pytest.mark.parametrize("by", ["unit", "area", "feeder", "cell"])
def test_every_kind_of_place_opens(served: Database, open_page: Any, as_user: Any, by: str) -> None:
    page = opened(open_page, as_user)
    page.selectbox(key="reliability_by").select(by).run()
    assert not page.exception
    assert len(page.dataframe) == 1
    assert page.query_params.get("by", "area") == by


def test_the_map_is_coloured_by_the_index_with_its_rule_in_the_hover_box(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, by="area", index="saifi")
    hexes = map_message(page)["parts"]["hexes"]
    assert hexes["url"].startswith("/reliability/cells/")
    assert ".area.ieee_1366.1.1/saifi.bin" in hexes["url"]
    assert hexes["labels"]["unit"] == "SAIFI · IEEE 1366-2012 · LV customers · > 5 min"
    assert hexes["warned"] == []
    page.selectbox(key="reliability_by").select("cell").run()
    hexes = map_message(page)["parts"]["hexes"]
    assert hexes["areas"] == ["", "△ few served"]
    assert hexes["warned"] == [1]
    assert "Fewer than 100 served" in written(page)


def test_a_row_opens_its_place_with_what_happened_there(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, by="feeder")
    page.session_state["reliability_place"] = ("feeder", "F-07")
    page.run()
    assert not page.exception, page.exception
    text = written(page)
    assert "F-07 江北线" in text
    assert "Outages here: 1" in text
    assert "4 interrupted, longest 120 min" in text
    page.button(key="drawer_close").click().run()
    assert "Outages here" not in written(page)


def test_the_choice_stands_in_the_address_and_comes_back_from_it(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, by="unit", index="caidi", period="year", planned="0")
    assert page.selectbox(key="reliability_index").value == "caidi"
    assert page.selectbox(key="reliability_period").value == "year"
    assert not page.toggle(key="reliability_planned").value
    assert page.query_params["planned"] == "0"


def test_a_quiet_month_says_so(served: Database, open_page: Any, as_user: Any) -> None:
    served.write(lambda connection: connection.execute("DELETE FROM outages"))
    text = written(opened(open_page, as_user))
    assert "Nobody was without power" in text


def test_the_page_speaks_chinese(served: Database, open_page: Any, as_user: Any) -> None:
    text = written(opened(open_page, as_user, lang="zh"))
    assert "SAIDI（分钟）" in text
    assert "仅计超过5分钟的停电" in text
