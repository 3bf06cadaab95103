"""The promises page: map, countdown, drawer, deeds by role, history, both languages."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import fault_reports
from app.use_cases.actors import Actor
from app.use_cases.order_deeds import Done
from tests.app.calls_town import fill
from tests.app.test_promises import events
from tests.conftest import NOW, LittleTown, with_more
from tests.pages.test_pages import written


@pytest.fixture(scope="module")
def town_file(town_file: Path, town: LittleTown, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with its orders."""
    folder = tmp_path_factory.mktemp("calls")
    return with_more(town_file, folder, lambda db: fill(db, town, folder))


@pytest.fixture
def waiting(served: Database) -> Database:
    """The town with its orders."""
    return served


def opened(open_page: Any, **query: str) -> AppTest:
    page: AppTest = open_page("promises", **query)
    assert not page.exception, page.exception
    return page


def test_the_orders_stand_with_their_countdown_and_the_strip(
    waiting: Database, open_page: Any
) -> None:
    page = opened(open_page)
    table = page.dataframe[0].value
    assert table["Order"].tolist() == ["R3", "R1", "R2"]
    assert table["Countdown"].tolist() == ["broken 15 min ago", "5 min left", "35 min left"]
    assert table["State"].tolist() == ["✕ broken", "! at risk", "▷ running"]
    assert "45&nbsp;min" in written(page)
    assert "13900000001" not in written(page)


def test_an_order_opens_with_who_could_come_and_what_can_be_done(
    waiting: Database, open_page: Any
) -> None:
    page = opened(open_page, order="R1")
    text = written(page)
    assert "Order R1" in text
    assert "OUT-1, 2 open calls" in text
    assert "Who could still make it" in text
    page.button(key="deed_arrived").click().run()
    assert not page.exception
    assert events(waiting, "R2") == ["arrived"]
    assert "Done for 2 orders" in page.success[0].value
    assert "promise of restoration" in written(page)
    page.button(key="deed_undo").click().run()
    assert "Taken back for 2 orders" in page.success[0].value


def test_what_somebody_else_did_meanwhile_is_said(waiting: Database, open_page: Any) -> None:
    page = opened(open_page, order="R3")
    page.button(key="deed_arrived").click().run()
    page.button(key="deed_undo").click().run()
    page.button(key="deed_undo").click().run()
    assert not page.exception
    assert "no step to take back" in page.error[0].value


def test_who_only_looks_gets_no_deeds(waiting: Database, open_page: Any, as_user: Any) -> None:
    as_user("manager")
    page = opened(open_page, order="R1")
    assert "Order R1" in written(page)
    assert not [one for one in page.button if str(one.key).startswith("deed_")]
    assert "码头路" not in written(page)


def test_the_place_can_be_shown_instead_of_the_orders(waiting: Database, open_page: Any) -> None:
    page = opened(open_page)
    page.session_state["promise_layer"] = "place"
    page.run()
    assert not page.exception
    assert "nearest crew" in written(page)


def test_history_shows_breaches_beside_the_average(waiting: Database, open_page: Any) -> None:
    page = opened(open_page)
    page.session_state["promise_view_chosen"] = "history"
    page.run()
    assert not page.exception
    table = page.dataframe[0].value
    assert table["Service area"].tolist()[0] == "All"
    assert table["Calls"].tolist()[0] == 5
    assert table["Broken"].tolist()[0] == 2
    assert table["Average arrival (min)"].tolist()[0] == 45
    for by in ("class", "unit", "crew", "cell", "hour"):
        page.selectbox(key="promise_by").select(by).run()
        assert not page.exception
        assert page.dataframe[0].value["Calls"].tolist()[1:]


def test_the_page_speaks_chinese(waiting: Database, open_page: Any) -> None:
    page = opened(open_page, lang="zh", order="R3")
    assert page.dataframe[0].value["倒计时"].tolist()[0] == "已超时 15 分钟"
    assert "谁还能按时到场" in written(page)


def test_power_back_can_be_taken_back_though_the_order_is_closed(
    waiting: Database, open_page: Any
) -> None:
    page = opened(open_page, order="R1")
    page.button(key="deed_restored").click().run()
    assert "Done for 2 orders" in page.success[0].value
    page.button(key="deed_undo").click().run()
    assert not page.exception
    assert "Taken back for 2 orders" in page.success[0].value
    assert "Order R1" in written(page)
    assert page.dataframe[0].value["Order"].tolist() == ["R3", "R1", "R2"]


def test_what_came_of_a_deed_is_not_said_under_another_order(
    waiting: Database, open_page: Any
) -> None:
    page = opened(open_page, order="R1")
    page.session_state["promise_told"] = ("R3", ("deed_done", Done(1, 1)))
    page.run()
    assert not page.success
    assert "promise_told" not in page.session_state


def test_an_overruled_order_opens_with_what_was_done(waiting: Database, open_page: Any) -> None:
    dispatcher = Actor("user:town-dispatcher", "林薇", role="dispatcher")
    fault_reports.overrule(waiting, dispatcher, "R3", "crew_needed", "danger")
    text = written(opened(open_page, order="R3"))
    assert "Verdict overruled" in text
    assert "Somebody may be in danger" in text


def test_a_call_without_a_place_can_be_sent_a_crew(waiting: Database, open_page: Any) -> None:
    waiting.write(
        lambda c: c.execute(
            "INSERT INTO fault_reports (report_id, registered_at, verdict)"
            " VALUES ('R8', ?, 'crew_needed')",
            [NOW],
        )
    )
    page = opened(open_page, order="R8")
    assert "way not known" in written(page)
    page.selectbox(key="deed_crew_told").select("C1").run()
    page.button(key="deed_do_told").click().run()
    assert events(waiting, "R8") == ["told"]


def test_the_sources_of_promises_are_in_the_pages_language(
    waiting: Database, open_page: Any
) -> None:
    page = open_page("promises", lang="zh")
    page.session_state["promise_view_chosen"] = "history"
    page.run()
    assert not page.exception
    tables = [one.value for one in page.dataframe if "依据" in one.value]
    assert len(tables) == 3
    told = "".join(one.to_csv(index=False) for one in tables)
    assert not [word for word in ("arrival", "Planning", "city", "reason") if word in told]
