"""The intake page: find the place, see what is known, register, overrule; in both languages."""

from typing import Any

import pytest
import shapely
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from tests.pages.test_pages import written

DARK, LIT = "0000000041", "0000000045"


def opened(open_page: Any, number: str = "", **query: str) -> AppTest:
    """The page, after the customer of that number was searched and picked."""
    page: AppTest = open_page("fault_intake", **query)
    assert not page.exception, page.exception
    if number:
        page.text_input(key="search_text").set_value(number).run()
        page.button(key="find_0_customer").click().run()
        assert not page.exception, page.exception
    return page


def register(page: AppTest) -> AppTest:
    label = {"Register", "登记报修"}
    next(one for one in page.button if one.label in label).click().run()
    assert not page.exception, page.exception
    return page


def test_an_empty_day_says_so_and_how_to_begin(served: Database, open_page: Any) -> None:
    text = written(opened(open_page))
    assert "No call has come in." in text
    assert "customer number" in text


def test_a_known_outage_is_said_at_once_with_its_estimate(served: Database, open_page: Any) -> None:
    """The outage of T-010 began at 17:40 and is expected back at 20:40."""
    text = written(opened(open_page, DARK)).replace("\\", "")
    assert "Power is expected back by 20:40." in text
    assert "OUT-1, since 17:40, expected back 20:40" in text
    assert "? unknown" in text  # nobody told whether the customer is disconnected
    assert "– not asked" in text
    assert "Wed 15 Jul" in text


def test_one_button_registers_and_the_next_call_begins(served: Database, open_page: Any) -> None:
    zone = shapely.to_wkb(shapely.box(112, 30, 113, 31))
    served.write(
        lambda c: c.execute("INSERT INTO promise_zones VALUES ('z', 'city', ?, 1, 1)", [zone])
    )
    page = opened(open_page, LIT)
    page.pills(key="fault_root").set_value("lv").run()
    page.pills(key="fault_class").set_value("lv_line")
    page.text_input(key="fault_caller").set_value("王先生")
    page.text_input(key="fault_phone").set_value("13900001111")
    register(page)
    assert "arrives by 20\\:25" in page.success[0].value
    assert page.text_input(key="search_text").value == ""
    row = served.query("SELECT * FROM fault_reports").iloc[0]
    assert (row["customer_no"], row["caller"], row["fault_class"], row["verdict"]) == (
        LIT, "王先生", "lv_line", "crew_needed",
    )  # fmt: skip
    table = page.dataframe[0].value
    assert table["phone"].tolist() == ["13900001111"]


def test_the_class_changes_the_proposal(served: Database, open_page: Any) -> None:
    page = opened(open_page, LIT)
    assert "A crew is needed" in written(page)
    page.pills(key="fault_root").set_value("customer_internal").run()
    assert "an electrician can mend it" in written(page)


def test_a_proposal_is_overruled_with_a_reason(served: Database, open_page: Any) -> None:
    page = register(opened(open_page, DARK))
    assert "Known outage" in page.success[0].value
    page.selectbox(key="fault_overrule_to").select("crew_needed")
    page.selectbox(key="fault_overrule_why").select("danger").run()
    page.button(key="fault_overrule_do").click().run()
    assert not page.exception
    row = served.query("SELECT verdict, triage FROM fault_reports").iloc[0]
    assert row["verdict"] == "crew_needed"
    assert "OUT-1" in row["triage"]
    event = served.query("SELECT * FROM fault_report_events WHERE event = 'overruled'").iloc[0]
    assert (event["reason_code"], event["actor"]) == ("danger", "user:town-dispatcher")
    audit = served.query("SELECT detail FROM audit_log WHERE event = 'fault_overruled'")
    assert "danger" in audit["detail"].iloc[0]


def test_an_address_as_told_is_taken(served: Database, open_page: Any) -> None:
    page = opened(open_page)
    page.text_input(key="fault_address").set_value("码头路44号")
    next(one for one in page.button if one.label == "Take this address").click().run()
    assert not page.exception
    assert "T-011" in written(page)


def test_a_field_that_cannot_be_used_is_named_and_nothing_is_lost(
    served: Database, open_page: Any
) -> None:
    page = opened(open_page, LIT)
    page.text_input(key="fault_caller").set_value("a\u0007b")
    register(page)
    assert "caller" in page.error[0].value
    assert page.text_input(key="fault_caller").value == "a\u0007b"
    assert served.query("SELECT * FROM fault_reports").empty


def test_a_crew_sees_the_list_without_phones(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, LIT)
    page.text_input(key="fault_phone").set_value("13900001111")
    register(page)
    as_user("crew")
    shown = opened(open_page).dataframe[0].value
    assert shown["phone"].tolist() == ["139******11"]


@pytest.mark.parametrize("number", [DARK, LIT])
def test_the_page_speaks_chinese(served: Database, open_page: Any, number: str) -> None:
    text = written(opened(open_page, number, lang="zh"))
    assert "告知来电人" in text
    assert "未召测" in text
    assert "fault_" not in text


def test_who_sees_phones_finds_a_customer_by_the_whole_number(
    served: Database, open_page: Any, as_user: Any
) -> None:
    change = "UPDATE customers SET phone = '139 7770 0045' WHERE customer_no = ?"
    served.write(lambda c: c.execute(change, [LIT]))
    page = opened(open_page, "13977700045")
    assert LIT in written(page)
    as_user("crew")  # who sees none finds nobody by one
    other = opened(open_page)
    other.text_input(key="search_text").set_value("13977700045").run()
    assert not [one for one in other.button if one.key == "find_0_customer"]


def test_a_dispatcher_splits_a_call_off_and_takes_it_back(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = register(opened(open_page, DARK))
    report = served.query("SELECT report_id FROM fault_reports")["report_id"].iloc[0]
    page.multiselect(key="groups_reports").set_value([report]).run()
    page.button(key="groups_split").click().run()
    assert not page.exception
    held = "SELECT outage_id FROM fault_reports"
    assert served.query(held)["outage_id"].tolist() == ["CALL-260716-0001"]
    page.button(key="groups_undo").click().run()
    assert served.query(held)["outage_id"].tolist() == ["OUT-1"]
    as_user("clerk")  # who reports faults and runs no outages
    assert not [one for one in opened(open_page).button if one.key == "groups_undo"]


def test_a_point_is_taken_by_its_coordinates(served: Database, open_page: Any, town: Any) -> None:
    lat, lon = town.places[20]
    page = opened(open_page)
    page.text_input(key="search_text").set_value(f"{lon}, {lat}").run()
    page.button(key="find_0_place").click().run()
    assert not page.exception
    assert "T-020" in written(page)


def test_a_click_on_the_map_is_the_place_and_another_moves_it(
    served: Database, open_page: Any
) -> None:
    page = open_page("fault_intake")
    assert not page.exception
    for number, lat in enumerate((30.423, 30.424)):
        fact = {
            "seq": number, "part": "hexes", "lat": lat, "lng": 112.514, "cell": None,
            "view": "30.42,112.51,13", "bounds": "112.5,30.4,112.6,30.5",
        }  # fmt: skip
        page.session_state["fault_map"] = {"event": fact}
        page.run()
        assert not page.exception
        told = "".join(one.value for one in page.markdown).replace("\\", "")
        assert f"Point {lat:.5f}, 112.51400" in told
    page.button(key="fault_other_place").click().run()
    assert "Point" not in "".join(one.value for one in page.markdown)
