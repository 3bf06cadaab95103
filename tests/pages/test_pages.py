"""What stands on each page, in both languages, over a town of 244 customers."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.navigation import ENTRIES
from app.store.database import Database
from app.use_cases import batches
from app.use_cases.actors import Actor
from app.use_cases.privacy import customer_ref
from app.widgets import session
from app.widgets.job_watch import Watched
from grid_cells.errors import UserError

ADMIN = Actor("test:admin", "Admin", role="admin")
TRAP, TRAP_NO = "<img src=x onerror=alert(1)>", "0000000007"


def written(page: AppTest) -> str:
    """All text and HTML of a page."""
    parts = [*page.get("html"), *page.markdown, *page.caption, *page.header, *page.error]
    return "\n".join(str(getattr(part, "value", None) or part.proto.body) for part in parts)


def map_message(page: AppTest) -> dict[str, Any]:
    """The message that the map was sent."""
    script = json.loads(page.get("component_instance")[0].proto.json_args)["feature_group"]
    start = script.index("update(") + len("update(")
    message: dict[str, Any] = json.JSONDecoder().raw_decode(script[start:].lstrip())[0]
    return message


@pytest.mark.parametrize("spoken", ["en", "zh"])
@pytest.mark.parametrize("code", [entry.code for entry in ENTRIES])
def test_every_page_runs_without_an_error(
    served: Database, open_page: Any, as_user: Any, code: str, spoken: str
) -> None:
    people = dict.fromkeys(("data", "users", "audit"), "admin") | {
        "theft_hotspots": "manager", "data_quality": "analyst", "province": "manager",
    }  # fmt: skip
    as_user(people.get(code, "dispatcher"))
    page = open_page(code, lang=spoken)
    assert not page.exception
    assert not page.error
    assert len(written(page)) > 20


@pytest.mark.parametrize("code", ["today", "service_map"])
def test_an_empty_database_is_offered_files_or_the_sample(
    empty_database: Database, open_page: Any, code: str
) -> None:
    page = open_page(code)
    assert not page.exception
    assert page.button(key="make_sample").label == "Build the sample city"
    assert "Nothing is loaded yet" in written(page)


def test_a_sample_that_could_not_be_built_says_why_until_it_is_begun_again(
    empty_database: Database, open_page: Any
) -> None:
    page = open_page("today")
    page.session_state["job_sample"] = Watched(
        "x", state="failed", error=UserError("job_broke", why="-")
    )
    page.run()
    assert [one.value for one in page.error]
    assert page.button(key="make_sample")


def test_today_tells_the_open_outage_and_the_area_without_a_manager(
    served: Database, open_page: Any
) -> None:
    told = written(open_page("today"))
    assert "4 customers without power in 1 outages" in told
    assert "Area E-01 has no manager" in told
    assert "Thu 16 Jul 19:40" in told


def test_the_map_shows_what_the_address_asks_for(served: Database, open_page: Any) -> None:
    page = open_page("service_map", measure="customers", areas="W-01", layers="areas,bank")
    hexes = map_message(page)["parts"]["hexes"]
    assert hexes["url"].endswith("/all/customers.bin")
    assert len(hexes["filter"]["areas"]) == 1
    shown = [group["kind"] for group in map_message(page)["parts"]["places"]["groups"]]
    assert shown == ["bank"]


def test_the_legend_counts_every_cell_once(served: Database, open_page: Any) -> None:
    page = open_page("service_map", measure="customers")
    tables = [str(part.proto.body) for part in page.get("html") if "legend" in part.proto.body]
    assert ">61<" in tables[0]


def test_an_address_that_asks_for_nothing_known_shows_the_start(
    served: Database, open_page: Any
) -> None:
    page = open_page("service_map", measure="no such", areas="none", unit="?", cell="zz")
    assert not page.exception
    assert map_message(page)["parts"]["hexes"]["url"].endswith("/all/area.bin")


def test_the_choice_is_told_in_the_address(served: Database, open_page: Any) -> None:
    page = open_page("service_map")
    page.selectbox(key="map_measure").set_value("hall_min").run()
    page.selectbox(key="map_unit").set_value("S1").run()
    assert not page.exception
    assert page.query_params["measure"] == "hall_min"
    assert page.query_params["unit"] == "S1"
    page.selectbox(key="map_measure").set_value("area").run()
    assert "measure" not in page.query_params


def test_the_open_cell_has_its_card(served: Database, open_page: Any, town: Any) -> None:
    told = written(open_page("service_map", cell=town.cells[10]))
    assert town.cells[10] in told
    assert "OUT-1" in told
    assert "straight line" in told


def test_the_search_finds_a_customer_and_clears_itself(served: Database, open_page: Any) -> None:
    page = open_page("customers")
    page.text_input(key="search_text").set_value(TRAP_NO).run()
    page.button(key="find_0_customer").click().run()
    assert not page.exception
    assert page.query_params["customer"] == customer_ref(served, TRAP_NO)
    assert TRAP_NO not in str(page.query_params)
    assert page.text_input(key="search_text").value == ""


def test_a_name_with_markup_is_shown_as_text(served: Database, open_page: Any) -> None:
    page = open_page("customers", customer=customer_ref(served, TRAP_NO))
    assert "&lt;img src=x onerror=alert(1)&gt;" in written(page)
    assert TRAP not in written(page)


def test_an_unknown_customer_is_said_kindly(served: Database, open_page: Any) -> None:
    page = open_page("customers", customer="404")
    assert not page.exception
    assert page.error[0].value == "This link does not lead to a customer of this database\\."


def test_the_card_says_who_serves_the_customer(served: Database, open_page: Any) -> None:
    told = written(open_page("customers", customer=customer_ref(served, "0000000041"), lang="zh"))
    assert "抢修班" in told
    assert "停电" in told


def test_past_loads_can_be_undone(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("admin")
    newest = int(batches.list_batches(served, ADMIN)["batch_id"].iloc[0])
    done = batches.undo(served, ADMIN, newest)
    assert done.batch_id == newest
    page = open_page("data")
    table = page.dataframe[0].value
    assert table["state"].iloc[0] == "undone"


def test_the_dictionary_names_every_column(served: Database, open_page: Any) -> None:
    table = open_page("dictionary").dataframe[0].value
    assert "customer_no" in set(table["column"])
    assert table["meaning"].str.len().min() > 0


def test_an_address_in_chinese_is_heard_and_kept(served: Database) -> None:
    def script() -> None:
        import streamlit as st  # noqa: PLC0415

        from app.widgets import session as inner  # noqa: PLC0415

        inner.hear_language()
        st.write(inner.say("page_today"))

    page = AppTest.from_function(script)
    page.query_params["lang"] = "zh"
    assert page.run().markdown[0].value == "今日"
    page.query_params.clear()
    assert page.run().markdown[0].value == "今日"


def test_without_a_database_the_pages_say_so_to_their_programmer() -> None:
    session.use_database(None)
    with pytest.raises(RuntimeError):
        session.database()


def test_a_figure_of_the_strip_sets_the_measure(served: Database, open_page: Any) -> None:
    page = open_page("service_map")
    page.button(key="open_figure_customers_out").click().run()
    assert not page.exception
    assert page.selectbox(key="map_measure").value == "customers_out"
    assert page.query_params["measure"] == "customers_out"


def test_a_link_to_the_map_wins_over_what_it_showed_before(
    served: Database, open_page: Any, town: Any
) -> None:
    page = open_page("service_map", measure="hall_min", cell=town.cells[3])
    page.switch_page("../pages/today.py").run()
    page.query_params.clear()
    page.query_params["measure"] = "customers"
    page.query_params["cell"] = town.cells[5]
    page.switch_page("../pages/service_map.py").run()
    assert page.selectbox(key="map_measure").value == "customers"
    assert town.cells[5] in written(page)


def test_a_customer_found_on_the_map_leads_to_the_card(served: Database, open_page: Any) -> None:
    page = open_page("service_map")
    page.text_input(key="search_text").set_value(TRAP_NO).run()
    page.button(key="find_0_customer").click().run()
    assert not page.exception
    links = [link.proto.label for link in page.get("page_link")]
    assert "Open the customer's card" in links
    assert map_message(page)["goTo"]["zoom"] == 15


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("112.5140, 30.4230", "place"), ("{cell}", "cell"), ("码头路7号", "customer")],
)
def test_the_map_finds_coordinates_cells_and_addresses(
    served: Database, open_page: Any, town: Any, typed: str, kind: str
) -> None:
    page = open_page("service_map")
    page.text_input(key="search_text").set_value(typed.format(cell=town.cells[7])).run()
    page.button(key=f"find_0_{kind}").click().run()
    assert not page.exception
    assert "cell" in page.query_params


def test_a_figure_says_how_it_was_estimated(served: Database, open_page: Any) -> None:
    told = written(open_page("service_map", measure="hall_min"))
    assert told.count("straight line × 1.3, no streets") >= 2
    assert "peak estimated from daily energy" in told


def test_a_quiet_day_of_promises_says_so(served: Database, open_page: Any) -> None:
    page = open_page("promises")
    assert not page.exception
    assert "Nobody waits" in written(page)
