"""What a page shows of a customer to each role, and how one value is uncovered."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases.privacy import customer_ref

LOCK = 'class="gc-lock"'
NUMBER, NAME, ADDRESS = "0000000041", "王40", "码头路40号"


def written(page: AppTest) -> str:
    parts = [*page.get("html"), *page.markdown, *page.caption, *page.error]
    return "\n".join(str(getattr(part, "value", None) or part.proto.body) for part in parts)


def uncovered(db: Database) -> list[tuple[str, str, dict[str, Any]]]:
    rows = db.read().execute(
        "SELECT actor, subject, detail FROM audit_log WHERE event = 'value_unmasked'"
    )
    return [(str(a), str(s), json.loads(d)) for a, s, d in rows.fetchall()]


def test_a_dispatcher_reads_the_card_in_the_clear(served: Database, open_page: Any) -> None:
    told = written(open_page("customers", customer=customer_ref(served, NUMBER)))
    assert NAME in told
    assert ADDRESS in told
    assert LOCK not in told


def test_a_manager_sees_masks_and_locks(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("manager")
    told = written(open_page("customers", customer=customer_ref(served, NUMBER)))
    assert NAME not in told
    assert ADDRESS not in told
    assert NUMBER not in told
    assert told.count(LOCK) == 3


def test_one_value_is_uncovered_with_a_reason_for_one_run(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("manager")
    ref = customer_ref(served, NUMBER)
    page = open_page("customers", customer=ref)
    assert page.button(key="uncover_do").disabled
    page.selectbox(key=f"uncover_reason_{ref}").set_value("outage_callback").run()
    assert uncovered(served) == []
    page.button(key="uncover_do").click().run()
    assert not page.exception
    (row,) = uncovered(served)
    actor, subject, detail = row
    assert actor == "user:town-manager"
    assert subject == f"customer:{ref}"
    assert detail["reason"] == "outage_callback"
    values = {"customer_no": NUMBER, "name": NAME, "address": ADDRESS}
    assert values[detail["column"]] in written(page)
    hidden = [value for column, value in values.items() if column != detail["column"]]
    assert [value for value in hidden if value in written(page)] == []
    page.run()
    assert values[detail["column"]] not in written(page)
    assert values[detail["column"]] not in repr(page.session_state)


def test_what_was_uncovered_stands_where_one_asked_and_the_next_needs_its_own_reason(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("manager")
    ref = customer_ref(served, NUMBER)
    page = open_page("customers", customer=ref)
    page.selectbox(key=f"uncover_reason_{ref}").set_value("outage_callback").run()
    page.button(key="uncover_do").click().run()
    (popover,) = [one for one in page.get("popover") if "masked value" in one.proto.popover.label]
    assert "gc-uncovered" in "".join(part.proto.body for part in popover.get("html"))
    assert page.selectbox(key=f"uncover_reason_{ref}").value is None
    assert page.button(key="uncover_do").disabled
    assert len(uncovered(served)) == 1


def test_a_reason_that_needs_a_ticket_says_so(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("manager")
    ref = customer_ref(served, NUMBER)
    page = open_page("customers", customer=ref)
    page.selectbox(key=f"uncover_reason_{ref}").set_value("other").run()
    page.button(key="uncover_do").click().run()
    assert "needs the number of the ticket" in page.error[0].value
    assert uncovered(served) == []


def test_a_planner_has_no_way_to_uncover(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("planner")
    page = open_page("customers", customer=customer_ref(served, NUMBER))
    assert NAME not in written(page)
    assert "uncover_do" not in {button.key for button in page.button}


def test_no_address_or_state_of_a_page_holds_an_account_number(
    served: Database, open_page: Any
) -> None:
    page = open_page("customers")
    page.text_input(key="search_text").set_value(NUMBER).run()
    page.button(key="find_0_customer").click().run()
    assert NUMBER not in str(page.query_params)
    assert NUMBER not in repr(page.session_state)


def test_a_file_is_not_made_before_one_says_what_for(served: Database, open_page: Any) -> None:
    page = open_page("service_map", measure="customers")
    assert page.button(key="export_make").disabled
    page.selectbox(key="export_purpose_code").set_value("report").run()
    page.button(key="export_make").click().run()
    assert not page.exception
    assert page.get("download_button")
    row = served.read().execute("SELECT detail FROM audit_log WHERE event = 'cells_exported'")
    assert '"purpose": "report"' in str(row.fetchall())


def test_a_role_that_may_not_export_has_no_menu_for_it(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("inspector")
    page = open_page("service_map")
    assert not page.exception
    assert "export_make" not in {button.key for button in page.button}
