"""My area as a page: why power is out, the round, whose a place is, the way to the phone page."""

from typing import Any

from streamlit.testing.v1 import AppTest

from app.store.database import Database
from tests.app.phone_town import order, settle, west
from tests.conftest import LittleTown


def written(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.header, *page.subheader, *page.info,
             *page.warning, *page.error]  # fmt: skip
    return "\n".join(str(part.value) for part in parts)


def opened(open_page: Any, as_user: Any, login: str = "crew", **query: str) -> AppTest:
    as_user(login)
    page: AppTest = open_page("my_area", **query)
    assert not page.exception
    return page


def test_the_round_holds_the_crews_orders_and_the_map_its_area(
    served: Database, open_page: Any, as_user: Any, town: LittleTown
) -> None:
    settle(served)
    made, theirs = order(served, west(town)[0]), order(served, west(town)[1], crew="C1")
    page = opened(open_page, as_user)
    (table,) = page.dataframe
    told = table.value.to_csv()
    assert made in told
    assert theirs not in told
    assert "assigned" in told
    assert ("OUT-1" in written(page)) is town.is_west(10)
    assert ("No outage is known in your area." in written(page)) is not town.is_west(10)
    (link,) = [one.proto for one in page.get("link_button")]
    assert link.url == "/crew"
    message = page.get("component_instance")[0].proto.json_args
    assert "areas:W-01" in message
    assert f"1 \\u00b7 {made}" in message or f"1 · {made}" in message


def test_whose_is_asked_by_number_and_address(
    served: Database, open_page: Any, as_user: Any, town: LittleTown
) -> None:
    settle(served)
    place = west(town)[0]
    page = opened(open_page, as_user)
    for text in (f"{4 * place + 1:010d}", f"码头路{4 * place}号"):
        page.text_input(key="my_area_whose").set_value(text).run()
        assert "西区" in written(page)
        assert "林薇" in written(page)
    page.text_input(key="my_area_whose").set_value("9999999999").run()
    assert "9999999999" in written(page)


def test_who_has_no_crew_is_told_so_and_it_speaks_chinese(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "inspector", lang="zh")
    assert page.header[0].value == "我的网格"
    text = "\n".join(str(one.proto.body) for one in page.get("html")) + written(page)
    assert "未归属任何班组" in text
