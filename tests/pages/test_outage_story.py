"""The drawer of one outage: its story, the deeds of whoever may do them, both languages."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store import outage_book
from app.store.database import Database
from app.use_cases import outage_story
from app.use_cases import outage_story as use_case_story
from app.use_cases.actors import Actor
from app.widgets import outage_people
from tests.app.outage_town import NOW, call, put

DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")


def drawn(language: str = "en") -> AppTest:
    def script() -> None:
        from app.widgets import outage_story as widget  # noqa: PLC0415
        from app.widgets import session as inner  # noqa: PLC0415

        inner.hear_language()
        widget.show("OUT-1")

    page = AppTest.from_function(script, default_timeout=30)
    page.query_params["lang"] = language
    return page.run()


def doing(deed: str) -> AppTest:
    """The drawer with the form of a deed folded out."""
    page = drawn()
    page.button_group(key="deed_OUT-1").set_value(deed)
    return page.run()


def written(page: AppTest) -> str:
    return "\n".join(str(one.proto.body) for one in page.get("html"))


def test_the_story_is_told_in_both_languages(served: Database) -> None:
    call(served, "R1", "0000000041", NOW, outage_id="OUT-1")
    put(served, "N", "transformer:T-011", NOW, None, parent_outage_id="OUT-1")
    for language, words in (("en", ("Customers out now", "What happened", "4 still dark")),
                            ("zh", ("当前停电户数", "经过", "其下仍有4户未复电"))):  # fmt: skip
        page = drawn(language)
        assert not page.exception
        for word in words:
            assert word in written(page)


@pytest.mark.parametrize("login", ["crew", "analyst", "planner"])
def test_who_may_not_run_outages_sees_no_form(served: Database, as_user: Any, login: str) -> None:
    as_user(login)
    page = drawn()
    assert not page.exception
    assert not page.button_group
    assert not page.button


def test_a_dispatcher_gives_an_estimate_with_its_reason(served: Database) -> None:
    page = doing("estimate")
    page.number_input(key="etr_min_OUT-1").set_value(90)
    page.selectbox(key="etr_why_OUT-1").select("fault_found").run()
    page.button(key="do_etr_OUT-1").click().run()
    assert not page.exception
    told = outage_story.story(served, DISPATCHER, "OUT-1").estimates
    assert told["reason"].tolist() == ["from_file", "fault_found"]
    assert "fault found" in written(page)


def test_a_step_of_nothing_known_is_said_kindly(served: Database) -> None:
    page = doing("step")
    page.text_input(key="step_scope_OUT-1").set_value("transformer:nowhere").run()
    page.button(key="do_step_OUT-1").click().run()
    assert not page.exception
    assert "no transformer" in page.error[0].value


def test_closing_asks_first_and_needs_a_reason(served: Database) -> None:
    call(served, "R1", "0000000041", NOW, outage_id="OUT-1")
    page = doing("close")
    assert "Calls without restoration: 1" in written(page)
    assert page.button(key="do_close_OUT-1").disabled
    page.selectbox(key="close_why_OUT-1").select("confirmed_elsewhere").run()
    page.button(key="do_close_OUT-1").click().run()
    assert not page.exception
    assert outage_story.story(served, DISPATCHER, "OUT-1").facts["status"] == "ended"


def test_who_must_be_told_stands_with_the_list_to_take(served: Database) -> None:
    def script() -> None:
        from app.widgets import outage_notices as widget  # noqa: PLC0415

        widget.show("OUT-1")

    page = AppTest.from_function(script, default_timeout=30).run()
    assert not page.exception
    assert page.dataframe[0].value["Customers"].tolist() == [4]
    page.selectbox(key="notice_OUT-1_code").select("outage").run()
    page.button(key="notice_make_OUT-1").click().run()
    assert not page.exception
    assert page.get("download_button")


def test_contacts_are_read_once_somebody_asks_for_them(
    served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script() -> None:
        from app.widgets import outage_notices as widget  # noqa: PLC0415

        widget.show("OUT-1")

    read: list[str] = []
    people = outage_book.people
    monkeypatch.setattr(
        outage_book, "people", lambda *asked: read.append(asked[1]) or people(*asked)
    )
    page = AppTest.from_function(script, default_timeout=30).run()
    assert page.dataframe[0].value["Customers"].tolist() == [4]
    assert read == []
    page.session_state["notice_who_OUT-1"] = True
    page.run()
    assert not page.exception
    assert read == ["OUT-1"]
    assert len(page.dataframe[1].value) == 4


def test_an_outage_out_of_sight_is_said_kindly(served: Database) -> None:
    served.write(lambda connection: connection.execute("DELETE FROM outages"))
    page = drawn()
    assert not page.exception
    assert "no outage" in page.error[0].value


def test_groups_are_put_right_by_hand_over_all_calls_of_an_outage(
    served: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three calls, two a page: the third is on the second page, is taken out, and put back."""
    for module in (use_case_story, outage_people):
        monkeypatch.setattr(module, "CALLS_SHOWN", 2)
    for number in (1, 2, 3):
        call(served, f"R{number}", f"000000004{number}", NOW, outage_id="OUT-1")
    page = drawn()
    assert page.multiselect(key="groups_reports_OUT-1").options[0].startswith("R1 ·")
    page.number_input(key="outage_calls_page_OUT-1").set_value(2).run()
    page.multiselect(key="groups_reports_OUT-1").select("R3").run()
    page.button(key="groups_split").click().run()
    assert not page.exception
    held = "SELECT report_id, outage_id FROM fault_reports ORDER BY 1"
    assert [one[1] for one in served.read().execute(held).fetchall()] == [
        "OUT-1", "OUT-1", "CALL-260716-0001",
    ]  # fmt: skip
    page.button(key="groups_undo").click().run()
    assert not page.exception
    assert {one[1] for one in served.read().execute(held).fetchall()} == {"OUT-1"}
