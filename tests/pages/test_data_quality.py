"""The page of data quality: empty, with figures, the queue decided by two persons."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import reading_checks, reading_reviews
from app.use_cases import reading_review_steps as steps
from app.use_cases.reading_review_steps import CheckWish
from tests.app.theft_town import MANAGER
from tests.conftest import LOADER, LittleTown
from tests.pages.test_pages import map_message, written


def opened(open_page: Any, as_user: Any, login: str = "analyst", **query: str) -> AppTest:
    as_user(login)
    page: AppTest = open_page("data_quality", **query)
    assert not page.exception, page.exception
    return page


@pytest.fixture
def checked(served: Database, town: LittleTown) -> Database:
    """The town checked, one meter of which stood still and one spiked."""
    numbers = town.numbers()

    def spoil(connection: Any) -> None:
        connection.execute("UPDATE meters SET maker = 'Bad' WHERE meter_id = ?", [f"M{numbers[8]}"])
        connection.execute(
            "UPDATE meter_readings SET energy_kwh = 7.25 WHERE meter_id = ?"
            " AND day BETWEEN ? AND ?",
            [f"M{numbers[8]}", date(2026, 7, 3), date(2026, 7, 8)],
        )
        connection.execute(
            "UPDATE meter_readings SET energy_kwh = 400 WHERE meter_id = ? AND day = ?",
            [f"M{numbers[9]}", date(2026, 7, 10)],
        )

    served.write(spoil)
    reading_checks.check(served, LOADER)
    return served


def opened_review(page: AppTest, number: int) -> AppTest:
    page.session_state["review_rows_tapped"] = number
    page.session_state["review_open"] = number
    page.session_state["review_rows"] = {"selection": {"rows": [0], "columns": []}}
    page.run()
    assert not page.exception, page.exception
    return page


def test_before_the_first_check_the_page_offers_one(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user)
    assert "The readings have not been checked yet" in written(page)
    assert page.button(key="quality_check")


@pytest.mark.parametrize(("language", "word"), [("en", "meters checked"), ("zh", "已核查电能表")])
def test_the_map_and_the_tables_stand(
    checked: Database, open_page: Any, as_user: Any, language: str, word: str
) -> None:
    page = opened(open_page, as_user, lang=language)
    assert f"<b>244</b></div><span>{word}" in written(page)
    assert map_message(page)["parts"]["hexes"]["url"].startswith("/quality/cells/")
    if language != "en":  # the test runner reads the options in the browser's language
        return
    page.segmented_control(key="quality_list").set_value("maker").run()
    assert not page.exception, page.exception
    assert page.query_params["by"] in ("maker", ["maker"])
    page.segmented_control(key="quality_list").set_value("days").run()
    assert not page.exception, page.exception


def test_the_address_says_what_is_looked_at(
    checked: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, figure="frozen", maker="Bad", by="maker")
    assert page.selectbox(key="quality_figure").value == "frozen"
    assert page.selectbox(key="quality_maker").value == "Bad"
    # one meter alone: nothing is told of it
    assert "frozen,0,9.bin" in map_message(page)["parts"]["hexes"]["url"]
    page.selectbox(key="quality_figure").set_value("missing").run()
    assert page.query_params["figure"] in ("missing", ["missing"])


def test_two_persons_correct_a_reading_on_the_page(
    checked: Database, open_page: Any, as_user: Any
) -> None:
    rows = reading_reviews.queue(checked, MANAGER)
    number = int(rows.loc[rows["finding"] == "spike", "review_id"].iloc[0])
    page = opened(open_page, as_user, part="queue", finding="spike")
    assert len(page.dataframe[0].value) == 1
    opened_review(page, number)
    assert "damaged on its way" in page.selectbox[-2].options[0]
    page.button[
        [one.label for one in page.button].index("Propose to a second person")
    ].click().run()
    assert not page.exception, page.exception
    assert reading_reviews.counted(checked, MANAGER)["checked"] == 1
    page = opened(open_page, as_user, "manager", part="queue", state="checked")
    opened_review(page, number)
    page.button(key="review_agree").click().run()
    assert not page.exception, page.exception
    assert reading_reviews.counted(checked, MANAGER)["corrected"] == 1


def test_who_checked_it_is_told_that_a_second_person_decides(
    checked: Database, open_page: Any, as_user: Any
) -> None:
    rows = reading_reviews.queue(checked, MANAGER)
    number = int(rows["review_id"].iloc[0])
    same = replace(MANAGER, id="user:town-manager")
    steps.check(checked, same, [number], CheckWish("accepted", "real_use"))
    page = opened(open_page, as_user, "manager", part="queue", state="checked")
    opened_review(page, number)
    assert "a second person does" in page.info[0].value
    assert not [one for one in page.button if one.key == "review_agree"]
    page.button(key="review_take_back").click().run()
    assert reading_reviews.counted(checked, MANAGER) == {"entered": 2}
