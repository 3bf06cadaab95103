"""The page of orders: strip, list, one order's story, deeds by role, both languages."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import fault_groups, work_order_cards, work_order_moves
from app.use_cases.actors import Actor
from app.use_cases.work_order_cards import CardWish
from app.use_cases.work_order_moves import Step
from tests.app.calls_town import fill
from tests.app.test_work_orders import CARD, CREW, order_of
from tests.conftest import LittleTown, with_more
from tests.pages.test_pages import written

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")


@pytest.fixture(scope="module")
def town_file(town_file: Path, town: LittleTown, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with its calls and the orders that were made of them."""
    folder = tmp_path_factory.mktemp("orders")

    def more(db: Database) -> None:
        fill(db, town, folder)
        fault_groups.regroup(db)

    return with_more(town_file, folder, more)


@pytest.fixture
def working(served: Database) -> Database:
    """The town with the orders of its calls."""
    return served


def opened(open_page: Any, **query: str) -> AppTest:
    page: AppTest = open_page("orders", **query)
    assert not page.exception, page.exception
    return page


def keys(page: AppTest) -> set[str]:
    return {str(one.key) for one in page.button}


def test_the_list_begins_with_what_is_over_its_limit(working: Database, open_page: Any) -> None:
    page = opened(open_page)
    table = page.dataframe[0].value
    assert table["Order"].tolist() == [order_of(working, "R3"), order_of(working, "R1")]
    assert table["Countdown"].tolist() == ["✕ 15 min over", "! 5 min left"]
    assert table["Calls"].tolist() == [1, 2]
    assert "13900000001" not in written(page)


def test_a_gate_is_opened_beside_the_card_it_is_about(working: Database, open_page: Any) -> None:
    order = order_of(working, "R1")
    work_order_moves.move(working, BOSS, order, Step("told", crew_id="C0"))
    work_order_moves.move(working, CREW, order, Step("accepted"))
    work_order_cards.fill(working, CREW, order, CardWish(CARD, 0))
    work_order_cards.ask(working, CREW, order)
    page = opened(open_page, order=order)
    assert "Change the fuse" in written(page)
    page.button(key="order_do_gate_approved").click().run()
    assert not page.exception
    assert "Gate opened" in page.success[0].value


def test_an_order_tells_its_story_and_is_moved_and_taken_back(
    working: Database, open_page: Any
) -> None:
    order = order_of(working, "R1")
    page = opened(open_page, order=order)
    assert order in written(page)
    assert {"order_do_told", "order_do_pooled", "order_undo"} <= keys(page)
    assert "order_do_gate_approved" not in keys(page)
    page.selectbox(key="order_crew_told").select("C0").run()
    page.button(key="order_do_told").click().run()
    assert not page.exception
    assert "Crew told" in page.success[0].value
    assert "crew told" in written(page)
    page.button(key="order_undo").click().run()
    assert "taken back" in page.success[0].value


def test_what_somebody_did_meanwhile_is_said(working: Database, open_page: Any) -> None:
    order = order_of(working, "R1")
    page = opened(open_page, order=order)
    page.selectbox(key="order_crew_told").select("C1").run()
    work_order_moves.move(working, BOSS, order, Step("told", crew_id="C0"))
    page.button(key="order_do_told").click().run()
    assert "Somebody moved the order meanwhile" in page.error[0].value


def test_who_only_looks_moves_nothing(working: Database, open_page: Any, as_user: Any) -> None:
    as_user("manager")
    page = opened(open_page, order=order_of(working, "R3"))
    moving = {one for one in keys(page) if one.startswith(("order_do_", "order_undo"))}
    assert moving == {"order_do_urged"}
    assert "码头路" not in written(page)


def test_filters_leave_what_was_asked_for(working: Database, open_page: Any) -> None:
    page = opened(open_page)
    page.session_state["orders_clocks"] = ["risk"]
    page.run()
    assert page.dataframe[0].value["Order"].tolist() == [order_of(working, "R1")]
    page.session_state["orders_kinds"] = ["visit"]
    page.run()
    assert not page.exception
    assert "No orders" in written(page)


def test_a_new_order_is_made_by_hand(working: Database, open_page: Any, town: LittleTown) -> None:
    page = opened(open_page)
    page.selectbox(key="order_new_task").select("reconnect")
    page.text_input(key="order_new_customer").input(town.numbers()[8])
    made = next(one for one in page.button if one.label == "Make the order")
    made.click().run()
    assert not page.exception
    assert "is made" in page.success[0].value
    assert "Reconnect" in written(page)


def test_the_page_speaks_chinese(working: Database, open_page: Any) -> None:
    page = opened(open_page, lang="zh", order=order_of(working, "R1"))
    text = written(page)
    assert "停电抢修" in text
    assert "时间线" in text
    assert "wo_" not in text
