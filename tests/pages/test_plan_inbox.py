"""The inbox page run by hand: rows, chips, one click or all at once, exceptions, ways there."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store import meta
from app.store.database import Connection, Database
from app.use_cases import duties, overrides, plan_inbox
from app.use_cases.actors import Actor
from app.use_cases.duties import Duty
from app.use_cases.overrides import OverrideWish, Thing
from tests.conftest import LittleTown
from tests.pages.test_pages import written

PLANNER = Actor("user:town-planner", "吴越", role="planner")
FORM = "override_{}_0"


def opened(open_page: Any, as_user: Any, who: str, **query: str) -> AppTest:
    as_user(who)
    page: AppTest = open_page("plan_inbox", **query)
    assert not page.exception, page.exception
    return page


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def links(page: AppTest) -> list[str]:
    return [str(one.proto.label) for one in page.get("page_link")]


def unclaim(db: Database, *transformers: str) -> None:
    """As if these transformers were new: no area claims them."""

    def change(connection: Connection) -> None:
        for one in transformers:
            connection.execute("DELETE FROM plan_units WHERE transformer_id = ?", [one])
        meta.touch_facts(connection, "areas")

    db.write(change)


@pytest.fixture
def strays(served: Database, town: LittleTown) -> list[str]:
    """Two transformers without an area, the outermost of the west and of the east."""
    order = sorted(range(len(town.cells)), key=lambda n: town.places[n][1])
    found = [f"T-{order[0]:03d}", f"T-{order[-1]:03d}"]
    unclaim(served, *found)
    return found


def test_every_entry_is_a_row_with_its_reason(
    served: Database, strays: list[str], open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    told = written(page)
    assert f"4 customers of transformer {strays[0]} are in no area" in told
    assert "东区 (E-01) has no manager; " in told
    assert "Nobody in the station has this duty yet" in told
    assert "Give to 西区 \\(W\\-01\\)" in labels(page)
    assert "Take all 2 into a draft" in labels(page)
    assert links(page).count("Map") == 4


def test_the_chips_count_and_choose_and_the_address_may_name_one(
    served: Database, strays: list[str], open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en", kind="vacant")
    assert "has no manager" in written(page)
    assert "are in no area" not in written(page)
    assert not any(label.startswith("Take") for label in labels(page))
    said = [option.content for option in page.button_group(key="inbox_kind").proto.options]
    assert said == ["All 4", "In no area 2", "Vacant duties 2"]


def test_one_click_makes_a_draft_and_the_next_goes_into_it(
    served: Database, strays: list[str], open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    first = next(b for b in page.button if b.label.startswith("Give to"))
    first.click().run()
    assert not page.exception
    box = plan_inbox.inbox(served, PLANNER)
    assert box.draft is not None
    assert "Open the draft Inbox 2026\\-07\\-16" in links(page)
    assert "4 customers were put into Inbox 2026\\-07\\-16" in page.toast[0].value
    assert [one.draft is None for one in box.of_kind("no_area")].count(True) == 1
    next(b for b in page.button if b.label.startswith("Take")).click().run()
    box_after = plan_inbox.inbox(served, PLANNER)
    assert box_after.draft == box.draft
    assert all(one.draft for one in box_after.of_kind("no_area"))
    assert not any(label.startswith(("Take", "Give")) for label in labels(page))
    assert written(page).count("In your draft") == 2


@pytest.mark.parametrize("who", ["manager", "analyst", "dispatcher"])
def test_who_may_not_draw_only_looks(
    served: Database, strays: list[str], open_page: Any, as_user: Any, who: str
) -> None:
    page = opened(open_page, as_user, who, lang="en")
    assert "are in no area" in written(page)
    assert not any(label.startswith(("Take", "Give")) for label in labels(page))


def test_a_duty_is_given_and_taken_back(served: Database, open_page: Any, as_user: Any) -> None:
    def change(connection: Connection) -> None:
        connection.execute("UPDATE service_areas SET unit_id = 'S1'")
        meta.touch_facts(connection, "areas")

    served.write(change)
    page = opened(open_page, as_user, "manager", lang="en")
    next(b for b in page.button if b.label == "Make 林薇 the manager").click().run()
    assert not page.exception
    assert "林薇: manager of 东区 (E-01)" in written(page)
    next(b for b in page.button if b.label == "Take back").click().run()
    assert duties.entered(served, PLANNER) == []
    assert "Make 林薇 the manager" in labels(page)


def test_an_entry_settled_meanwhile_says_to_look_again(
    served: Database, strays: list[str], open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    overrides.add(
        served, PLANNER, OverrideWish(Thing("transformer", strays[0]), "W-01", "an exception")
    )
    next(b for b in page.button if b.label.startswith("Take all 2")).click().run()
    assert not page.exception
    assert "has changed since you looked" in page.toast[0].value


def test_nothing_came_up(served: Database, open_page: Any, as_user: Any) -> None:
    for duty, holder in (("manager", "P2"), ("backup", "P1")):
        duties.assign(served, PLANNER, Duty("E-01", duty, holder))
    page = opened(open_page, as_user, "planner", lang="zh")
    assert "没有新情况" in written(page)


def test_an_exception_is_entered_by_number_and_ended(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "planner", lang="en")
    assert "There are no exceptions from this plan." in written(page)
    page.text_input(key=FORM.format("search")).set_value("0000000041").run()
    which = page.selectbox(key=FORM.format("which") + "_0000000041")
    assert which.options == ["Customer 00******41 · 王** · 码头路***"]  # masked, as elsewhere
    page.selectbox(key=FORM.format("area")).set_value("W-01").run()
    page.button(key="override_add").click().run()
    assert "An exception needs a reason" in page.error[0].value
    page.text_input(key=FORM.format("reason")).set_value("fed from the west").run()
    page.button(key="override_add").click().run()
    assert not page.exception
    (row,) = page.dataframe[0].value.to_dict("records")
    assert row["What"] == "Customer 00******41"
    assert (row["Served by"], row["Reason"], row["State"]) == (
        "西区",
        "fed from the west",
        "in force",
    )
    assert page.text_input(key="override_search_1").value == ""
    page.session_state["override_table"] = {"selection": {"rows": [0], "columns": []}}
    page.run()
    page.button(key="override_end").click().run()
    assert page.dataframe[0].value["State"].tolist() == ["ended"]


def test_who_may_not_publish_sees_exceptions_and_no_form(
    served: Database, open_page: Any, as_user: Any
) -> None:
    overrides.add(served, PLANNER, OverrideWish(Thing("transformer", "T-010"), "W-01", "why not"))
    page = opened(open_page, as_user, "analyst", lang="zh")
    assert page.dataframe[0].value["理由"].tolist() == ["why not"]
    assert "override_search_0" not in {one.key for one in page.text_input}
    assert "override_end" not in {one.key for one in page.button}


def test_today_and_the_redraw_page_lead_there(
    served: Database, strays: list[str], open_page: Any, as_user: Any
) -> None:
    as_user("planner")
    today = open_page("today", lang="en")
    ways = [str(one.proto.page) + str(one.proto.query_string) for one in today.get("page_link")]
    assert sum("plan_inbox" in way and "kind=no_area" in way for way in ways) == 1
    assert sum("plan_inbox" in way and "kind=vacant" in way for way in ways) == 1
    assert "Inbox (4)" in links(open_page("redraw", lang="en"))
    as_user("crew")  # who may not see plans is led to the map
    ways = [str(one.proto.page) for one in open_page("today", lang="en").get("page_link")]
    assert not any("plan_inbox" in way for way in ways)
