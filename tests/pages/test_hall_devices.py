"""The part "devices" of the page of halls: states in words, alerts on top, deeds and undo."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from tests.app.device_town import fill
from tests.pages.test_pages import written


@pytest.fixture
def told(served: Database, tmp_path: Path) -> Database:
    fill(served, tmp_path)
    return served


def opened(open_page: Any, as_user: Any, role: str, **query: str) -> AppTest:
    as_user(role)
    page: AppTest = open_page("halls", part="devices", **{"lang": "en", **query})
    assert not page.exception, page.exception
    return page


def test_states_are_words_with_signs_and_who_stands_too_long_is_on_top(
    told: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "clerk")
    rows = page.dataframe[0].value
    assert rows["Device"].tolist() == ["P2", "Q1", "M1", "P1", "M2", "X1", "X2"]
    assert rows["State"].tolist()[:3] == ["✕ faulty", "? unknown: heartbeat late", "✓ working"]
    assert rows["Fault"].tolist()[0] == "no paper or paper jam"
    assert rows["Content"].tolist()[2] == "2026.9 (old)"
    text = written(page)
    assert "P1 (payment terminal) at 营业厅0: somebody has stood there for 12 min" in text
    assert "M1 at 营业厅0 plays 2026.9." in text


def test_a_fault_is_reported_said_repaired_and_undone(
    told: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "clerk")
    page.selectbox(key="devices_report_device").select("P1").run()
    page.selectbox(key="devices_report_what").select("network").run()
    next(one for one in page.button if one.label == "Report").click().run()
    assert page.dataframe[0].value["State"].tolist()[:2] == ["✕ faulty"] * 2
    page.button(key="devices_undo").click().run()
    assert page.dataframe[0].value["State"].tolist()[1] == "? unknown: heartbeat late"


def test_who_only_looks_has_no_forms(told: Database, open_page: Any, as_user: Any) -> None:
    page = opened(open_page, as_user, "planner", lang="zh", hall="H1")
    assert page.dataframe[0].value["设备"].tolist() == ["P2", "M2", "X1", "X2"]
    assert not [one for one in page.button if one.label in ("登记", "移动")]


def test_without_devices_the_part_says_what_to_load(
    served: Database, open_page: Any, as_user: Any
) -> None:
    assert "load a file of the kind devices" in written(opened(open_page, as_user, "manager"))
