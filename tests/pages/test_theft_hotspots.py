"""The page of theft hotspots: empty, with a hotspot, in both languages; its words accuse nobody."""

import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.language import catalogue
from app.store.database import Database
from app.use_cases import privacy
from tests.app.theft_town import decoy, keep_run, suspects
from tests.conftest import LittleTown
from tests.pages.test_pages import map_message, written

ACCUSING = re.compile(
    r"\bthie(f|ves)\b|\bstole\b|\bculprit|\bcriminal|小偷|窃贼|盗窃犯|偷电者|窃电者", re.IGNORECASE
)


def opened(open_page: Any, as_user: Any, login: str = "inspector", **query: str) -> AppTest:
    as_user(login)
    page: AppTest = open_page("theft_hotspots", **query)
    assert not page.exception, page.exception
    return page


def test_before_anybody_is_scored_the_page_says_what_to_load(
    served: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, as_user, "manager")
    assert "Nobody has been scored yet" in written(page)
    assert page.button(key="theft_find")
    as_user("inspector")
    assert not [one for one in page.run().button if one.key == "theft_find"]


def test_the_hotspot_stands_on_the_map_and_in_the_figures(
    served: Database, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    keep_run(served, town)
    page = opened(open_page, as_user)
    text = written(page)
    assert "<b>6</b></div><span>suspects for inspection" in text
    assert "<b>1</b></div><span>hotspots" in text
    assert map_message(page)["parts"]["hexes"]["areas"] == ["Hotspot 1 · 6 suspects"]
    assert len(page.dataframe[0].value) == 6
    page.segmented_control(key="theft_table").set_value("cleared").run()
    assert page.dataframe[0].value["Explanation"].tolist() == ["feeds in from the sun"]
    page.segmented_control(key="theft_table").set_value("spots").run()
    assert page.dataframe[0].value["Hit rate"].tolist() == ["unknown: nobody was inspected"]


def test_the_drawer_tells_reasons_and_the_innocent_cause(
    served: Database, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    keep_run(served, town)
    page = opened(open_page, as_user)
    ref = privacy.customer_ref(served, suspects(town)[0])
    page.session_state["theft_open"] = ("customer", ref)
    page.run()
    assert not page.exception, page.exception
    assert "Use fell 72 % on 2026-07-08" in written(page)
    page.session_state["theft_open"] = ("customer", privacy.customer_ref(served, decoy(town)))
    page.run()
    assert "feeds in from the sun" in written(page)
    page.session_state["theft_open"] = ("transformer", "T-010")
    page.run()
    assert not page.exception, page.exception
    looks = served.query("SELECT 1 FROM audit_log WHERE event = 'suspicion_seen'")
    assert len(looks) == 2
    page.run()  # the whole list and the transformer's are on record once, not in each run
    lists = served.query("SELECT detail FROM audit_log WHERE event = 'suspects_listed' ORDER BY 1")
    assert [json.loads(one)["list"] for one in lists["detail"]] == ["all", "transformer"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_visits_are_proposed_and_ordered_by_a_person(
    served: Database, town: LittleTown, open_page: Any, as_user: Any, language: str
) -> None:
    keep_run(served, town)
    page = opened(open_page, as_user, "manager", part="inspections", lang=language)
    page.button(key="theft_propose").click().run()
    assert not page.exception, page.exception
    assert page.button(key="theft_order").disabled  # nothing is ticked by itself
    assert served.query("SELECT 1 FROM work_orders WHERE kind = 'inspection'").empty


def test_ticks_stay_with_their_proposal(
    served: Database, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    keep_run(served, town)
    page = opened(open_page, as_user, "manager", part="inspections")
    editors = []
    for _ in range(2):
        page.button(key="theft_propose").click().run()
        editors.append(page.dataframe[0].proto.id)
    assert editors[0] != editors[1]


def seals(page: AppTest) -> Any:
    """The field of the seals in the open customer's form."""
    return next(one for one in page.text_input if "seals" in str(one.key))


def test_what_was_typed_about_one_customer_is_not_another_s(
    served: Database, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    keep_run(served, town)
    page = opened(open_page, as_user)
    one, other = (privacy.customer_ref(served, number) for number in suspects(town)[:2])
    page.session_state["theft_open"] = ("customer", one)
    page.run()
    seals(page).set_value("S-1").run()
    page.session_state["theft_open"] = ("customer", other)
    page.run()
    assert not seals(page).value


def test_a_saved_result_leaves_an_empty_form(
    served: Database, town: LittleTown, open_page: Any, as_user: Any
) -> None:
    keep_run(served, town)
    page = opened(open_page, as_user)
    page.session_state["theft_open"] = ("customer", privacy.customer_ref(served, suspects(town)[0]))
    page.run()
    seals(page).set_value("S-1")
    next(one for one in page.selectbox if "outcome" in str(one.key)).set_value("nobody_there")
    save = [one for one in page.button if one.label == "Save the result"]
    save[0].click().run()
    assert not page.exception, page.exception
    assert len(served.query("SELECT 1 FROM inspections")) == 1
    assert not seals(page).value
    next(one for one in page.button if one.label == "Save the result").click().run()
    assert len(served.query("SELECT 1 FROM inspections")) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_accuses_anybody(language: str) -> None:
    found = {code: said for code, said in catalogue(language).items() if ACCUSING.search(said)}
    assert not found
