"""What pages promise, and what they offer before and after a try."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.widgets import errors, upload

CLASS = 'class="gc-hint"'


def written(page: AppTest) -> str:
    parts = [*page.get("html"), *page.markdown, *page.caption, *page.error]
    return "\n".join(str(getattr(part, "value", None) or part.proto.body) for part in parts)


def hint(page: AppTest) -> str:
    return str(page.text_input(key="search_text").placeholder)


@pytest.mark.parametrize(
    ("login", "short", "long"),
    [
        ("dispatcher", "Number, name, phone, address, place, cell",
         "customer&#x27;s name, the whole phone number, part of an address."),
        ("manager", "Whole number, place, cell", "by the whole customer number."),
        ("analyst", "Number, place, cell", "by customer number."),
        ("crew", "Number, name, address, place, cell",
         "by customer number, customer&#x27;s name, part of an address."),
    ],
)  # fmt: skip
def test_the_search_promises_what_the_role_may_search_by(
    served: Database, open_page: Any, as_user: Any, login: str, short: str, long: str
) -> None:
    as_user(login)
    page = open_page("customers")
    assert hint(page) == short
    assert long in written(page)


def test_who_may_not_see_customers_is_promised_places_only(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    assert hint(open_page("service_map")) == "Place, cell"


def test_the_hint_makes_room_for_finds_and_for_nothing_found(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("manager")
    page = open_page("customers")
    assert CLASS in written(page)
    page.text_input(key="search_text").set_value("no such thing").run()
    assert CLASS not in written(page)
    assert "the whole customer number" in page.caption[-1].value
    assert "address" not in page.caption[-1].value
    page.text_input(key="search_text").set_value("0000000041").run()
    assert page.button(key="find_0_customer")
    assert CLASS not in written(page)


def test_a_find_sets_what_it_is_apart_from_what_is_known_of_it(
    served: Database, open_page: Any
) -> None:
    page = open_page("customers")
    page.text_input(key="search_text").set_value("0000000041").run()
    assert "\ncustomer · 王40" in page.button(key="find_0_customer").label


def file_of(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The file that stands given, as if it had been uploaded."""
    path = folder / "staff.csv"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(upload, "_given", lambda: [path])


def settled(page: AppTest) -> AppTest:
    """The page once the job it started is over."""
    for _ in range(100):
        page.run()
        if not [one for one in page.button if str(one.key).startswith("stop_")]:
            return page
        time.sleep(0.1)
    raise AssertionError("the job never ended")


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("staff_id,name\nT-9,Nine\n", False),
        ("name\nNine\n", True),
    ],
)
def test_only_a_try_that_went_well_opens_the_way_to_load(
    served: Database,
    open_page: Any,
    as_user: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    fails: bool,
) -> None:
    file_of(tmp_path, monkeypatch, text)
    as_user("admin")
    page = open_page("data")
    page.selectbox(key="data_kind").set_value("staff").run()
    assert page.button(key="do_load").disabled
    page.button(key="do_try").click().run()
    settled(page)
    assert not page.exception
    assert bool(page.error) is fails
    assert page.button(key="do_load").disabled is fails


def test_the_zone_of_tickets_is_asked_for_where_they_are_brought(
    served: Database, open_page: Any, as_user: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_of(tmp_path, monkeypatch, "ticket_id,hall_id,taken_at\nZ9,H0,2026-07-16 09:00\n")
    as_user("manager")
    page = open_page("data")
    assert "data_zone" not in {box.key for box in page.selectbox}  # payments are of months
    page.selectbox(key="data_kind").set_value("visits").run()
    assert page.selectbox(key="data_zone").value == "file"
    page.button(key="do_try").click().run()
    settled(page)
    assert "carry no time zone" in page.error[0].value
    page.selectbox(key="data_zone").set_value("Asia/Shanghai").run()
    page.button(key="do_try").click().run()
    settled(page)
    assert not page.error
    assert not page.button(key="do_load").disabled


def test_the_files_given_stay_when_another_kind_is_chosen(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = open_page("data")
    before = page.get("file_uploader")[0].proto.id
    page.selectbox(key="data_kind").set_value("halls").run()
    assert page.get("file_uploader")[0].proto.id == before


def test_datums_are_called_in_errors_as_in_lists(served: Database, open_page: Any) -> None:
    open_page("today", lang="en")
    said = errors.sentence("datum_missing", file="x.csv", datums="wgs84, bd09")
    assert "WGS-84 (GPS), BD-09 (Baidu)" in said
    said = errors.sentence("datum_fits_better", file="x", stated="wgs84", best="gcj02")
    assert re.search(r"stated WGS-84 \(GPS\), but GCJ-02", said)


def test_the_rows_behind_the_areas_are_all_cells_without_a_figure(
    served: Database, open_page: Any
) -> None:
    page = open_page("service_map")
    page.session_state["map_rows_open"] = True
    page.run()
    assert list(page.dataframe[0].value.columns) == ["cell", "area", "name"]
    assert "All 61 cells" in written(page)
    page.selectbox(key="map_measure").set_value("customers").run()
    assert "Customers" in page.dataframe[0].value.columns


def test_a_cell_that_is_none_is_named_as_it_was_given(served: Database, open_page: Any) -> None:
    page = open_page("service_map", cell="zzz")
    assert "zzz is no H3 cell" in page.error[0].value.replace("\\", "")


@pytest.mark.parametrize(("spoken", "meaning"), [("en", "meaning"), ("zh", "含义")])
def test_the_dictionary_explains_every_column_in_either_language(
    served: Database, open_page: Any, spoken: str, meaning: str
) -> None:
    table = open_page("dictionary", lang=spoken).dataframe[0].value
    assert table[meaning].str.len().min() > 0


def test_the_dictionary_is_reached_from_the_person(served: Database, open_page: Any) -> None:
    labels = [link.proto.label for link in open_page("today").get("page_link")]
    assert "Data dictionary" in labels


def test_retention_is_not_run_where_nothing_is_due(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = open_page("data")
    assert page.button(key="retention_run").disabled
