"""The page of crews: on duty or not, a crew with its track, fences, attendance, shifts."""

import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import language as words
from app.store.database import Database
from app.use_cases import work_order_moves, work_order_wishes
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_wishes import OrderWish
from tests.app.crew_town import (
    BOSS,
    SITE_NAME,
    events,
    fix,
    go_off,
    go_on,
    plan,
    rows,
    set_now,
    tell,
)
from tests.app.crew_town import draw as draw_fence
from tests.pages.test_pages import written


@pytest.fixture
def working(served: Database) -> Database:
    """C0 on duty, seen twice; C1 on shift and not on duty."""
    go_on(served)
    set_now(served, 4)
    tell(served, fix(1), fix(2, 60))
    return served


def opened(open_page: Any, **query: str) -> AppTest:
    page: AppTest = open_page("crews", **query)
    assert not page.exception, page.exception
    return page


def message(page: AppTest) -> dict[str, Any]:
    """What the map was told."""
    told = json.loads(page.get("component_instance")[0].proto.json_args)["feature_group"]
    start = told.index("window.gridCells.update(") + len("window.gridCells.update(")
    found: dict[str, Any] = json.JSONDecoder().raw_decode(told[start:])[0]["parts"]
    return found


def test_the_list_tells_who_is_on_duty_and_when_they_were_seen(
    working: Database, open_page: Any
) -> None:
    page = opened(open_page)
    table = page.dataframe[0].value
    assert table["State"].tolist() == ["on duty", "on shift, not on duty"]
    assert table["Last place"].tolist() == ["2 min ago", words.NOTHING]
    signs = {row[0]: row for row in message(page)["places"]["groups"][0]["rows"]}
    assert (signs["C0"][5], signs["C1"][5]) == (None, "faint")
    assert len(message(page)["crews"]["circles"]) == 1


def test_a_crew_opens_with_its_track_when_asked_for_and_that_is_on_record(
    working: Database, open_page: Any
) -> None:
    page = opened(open_page, crew="C0")
    assert "On duty since" in written(page)
    assert message(page)["crews"]["track"] == []
    assert events(working, ["crew_track_seen"]).empty
    page.button(key="crews_track_show").click().run()
    assert not page.exception
    assert len(message(page)["crews"]["track"]) == 2
    assert events(working, ["crew_track_seen"])["subject"].tolist() == ["crew:C0"]
    page.button(key="crews_track_hide").click().run()
    assert message(page)["crews"]["track"] == []


def test_a_crew_on_an_order_leads_to_it_on_the_page_of_orders(
    working: Database, open_page: Any
) -> None:
    made = work_order_wishes.make(working, BOSS, OrderWish("repair_lv", transformer_id="T-010"))
    work_order_moves.move(working, BOSS, made, Step("told", crew_id="C0"))
    work_order_moves.move(working, BOSS, made, Step("accepted"))
    page = opened(open_page, crew="C0")
    links = [(one.proto.page, one.proto.query_string) for one in page.get("page_link")]
    assert [page for page, query in links if f"order={made}" in query] == ["orders"]
    assert made in page.dataframe[0].value.to_string()


def test_who_may_not_see_tracks_sees_crews_at_their_base_and_no_track(
    working: Database, open_page: Any, as_user: Any
) -> None:
    as_user("manager")
    page = opened(open_page, crew="C0")
    signs = {row[0]: row for row in message(page)["places"]["groups"][0]["rows"]}
    assert signs["C0"][5] == "hollow"
    assert message(page)["crews"]["circles"] == []
    assert "crews_track_show" not in {one.key for one in page.button}
    assert "kept for 7 days" in written(page)


def test_a_fence_is_ended_and_taken_back(working: Database, open_page: Any) -> None:
    number = draw_fence(working, BOSS)
    page = opened(open_page)
    assert message(page)["crews"]["fences"][0]["name"] == SITE_NAME
    page.button(key=f"fence_end_{number}").click().run()
    assert message(page)["crews"]["fences"] == []
    page.button(key="fence_undo").click().run()
    assert not page.exception
    assert message(page)["crews"]["fences"][0]["name"] == SITE_NAME


def test_attendance_tells_late_and_where_the_time_went(working: Database, open_page: Any) -> None:
    plan(working, "C1", (-60, 60, "duty"))
    set_now(working, 30)
    go_off(working)
    page = opened(open_page, part="attendance")
    text = written(page)
    assert "did not come" in text
    assert "gc-places" in text
    # the roster's shift of C1, by the company's clock
    assert re.search(r"D \d\d(:\d\d)?–\d\d", text), text[-3000:]


def test_a_shift_is_entered_on_the_page_and_taken_back(working: Database, open_page: Any) -> None:
    page = opened(open_page, part="attendance")
    page.text_input[0].set_value("E·7")
    next(one for one in page.button if one.label == "Save").click().run()
    assert not page.exception
    assert rows(working, "crew_shifts") == 1
    page.button(key="shift_undo").click().run()
    assert rows(working, "crew_shifts") == 0


def test_who_runs_no_crews_gets_no_forms(working: Database, open_page: Any, as_user: Any) -> None:
    draw_fence(working, BOSS)
    as_user("analyst")
    assert [one.label for one in opened(open_page).button if "End" in one.label] == []
    page = opened(open_page, part="attendance")
    assert "Save" not in [one.label for one in page.button]


def test_the_page_speaks_chinese(working: Database, open_page: Any) -> None:
    page = opened(open_page, lang="zh")
    assert page.dataframe[0].value["状态"].tolist() == ["在岗", "当班未上岗"]
