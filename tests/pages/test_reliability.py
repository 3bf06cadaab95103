"""The reliability page: figures with their rule, what counts, both languages, who may open it."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from tests.pages.test_pages import written


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


@pytest.mark.parametrize("by", ["company", "unit", "cell"])
def test_every_kind_of_place_opens(served: Database, open_page: Any, as_user: Any, by: str) -> None:
    page = opened(open_page, as_user)
    page.selectbox(key="reliability_by").select(by).run()
    assert not page.exception
    assert len(page.dataframe) == (0 if by == "company" else 1)


def test_a_quiet_month_says_so(served: Database, open_page: Any, as_user: Any) -> None:
    served.write(lambda connection: connection.execute("DELETE FROM outages"))
    text = written(opened(open_page, as_user))
    assert "Nobody was without power" in text


def test_the_page_speaks_chinese(served: Database, open_page: Any, as_user: Any) -> None:
    text = written(opened(open_page, as_user, lang="zh"))
    assert "供电可靠性" in text
    assert "仅计超过5分钟的停电" in text
