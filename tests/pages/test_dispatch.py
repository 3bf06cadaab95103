"""The dispatcher's board: queue with suggestions, one click to send, pool, plan, both languages."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store import meta
from app.store.database import Database
from app.use_cases import dispatch_board, dispatch_plans, work_order_wishes, work_orders
from app.use_cases.actors import Actor
from app.use_cases.clock import start_clock
from app.use_cases.work_order_wishes import OrderWish
from tests.conftest import NOW
from tests.pages.test_pages import written

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")


@pytest.fixture
def waiting(served: Database) -> Database:
    """The town with two orders that wait."""
    served.write(lambda c: meta.set_value(c, "origin", "sample"))
    served.write(lambda c: start_clock(c, at=NOW, running=False))
    for transformer, priority in (("T-010", 9), ("T-040", 4)):
        wish = OrderWish("repair_lv", transformer_id=transformer, priority=priority)
        work_order_wishes.make(served, BOSS, wish)
    return served


def opened(open_page: Any, **query: str) -> AppTest:
    page: AppTest = open_page("dispatch", **query)
    assert not page.exception, page.exception
    return page


def orders(db: Database) -> list[str]:
    return sorted(work_orders.listing(db, BOSS)["order_id"])


def state(db: Database, order: str) -> tuple[str, str | None]:
    row = work_orders.story(db, BOSS, order).order
    return row["state"], row["crew_id"]


def test_an_empty_board_says_where_orders_come_from(served: Database, open_page: Any) -> None:
    text = written(opened(open_page))
    assert "No order waits for a crew" in text
    assert "There is no plan yet" in text
    assert dispatch_board.board(served, BOSS).bars.empty


def test_each_order_that_waits_has_a_crew_beside_it_and_one_click_sends_it(
    waiting: Database, open_page: Any
) -> None:
    page = opened(open_page)
    first, second = orders(waiting)
    text = written(page)
    assert "Low-voltage fault" in text
    assert "Rule:" in text
    suggested = dispatch_board.board(waiting, BOSS).suggestions[first].crew_id
    assert f"Send {suggested}" in page.button(key=f"queue_take_{first}").label
    page.button(key=f"queue_take_{first}").click().run()
    assert not page.exception
    assert state(waiting, first) == ("told", suggested)
    assert state(waiting, second) == ("registered", None)
    assert f"{suggested} was told of {first}" in "".join(one.value for one in page.success)


def test_an_order_opens_with_other_crews_the_pool_and_the_way_back(
    waiting: Database, open_page: Any
) -> None:
    first = orders(waiting)[0]
    page = opened(open_page, order=first)
    assert "Usual work" in written(page)
    page.selectbox(key=f"dispatch_crew_{first}").select("C1").run()
    page.button(key=f"dispatch_send_{first}").click().run()
    assert state(waiting, first) == ("told", "C1")
    page.button(key="dispatch_withdrawn").click().run()
    assert state(waiting, first) == ("registered", None)
    page.button(key="dispatch_pooled").click().run()
    assert work_orders.story(waiting, BOSS, first).order["is_in_pool"]
    page.button(key="dispatch_undo").click().run()
    assert not work_orders.story(waiting, BOSS, first).order["is_in_pool"]


def test_a_plan_is_read_line_by_line_and_taken(waiting: Database, open_page: Any) -> None:
    run = dispatch_plans.plan(waiting, BOSS)
    page = opened(open_page)
    table = page.dataframe[0].value
    assert sorted(table["Order"]) == orders(waiting)
    assert set(table["What to do"]) == {"send"}
    assert "Plan:" in written(page)
    page.button(key="dispatch_take_lines").click().run()
    assert {state(waiting, one)[0] for one in orders(waiting)} == {"told"}
    page.button(key="dispatch_undo_plan").click().run()
    assert {state(waiting, one)[0] for one in orders(waiting)} == {"registered"}
    assert run.served == 2


def test_the_board_speaks_chinese(waiting: Database, open_page: Any) -> None:
    text = written(opened(open_page, lang="zh"))
    assert "各班组任务时间轴" in text
    assert "低压故障" in text or "规则：" in text


def test_whoever_may_not_see_positions_gets_the_crews_at_their_bases(waiting: Database) -> None:
    admin = Actor("user:town-admin", "李安", role="admin")
    assert set(dispatch_board.board(waiting, admin).crews["spot"]) == {"base"}
