"""The page of outages: views, filters, list and address, in both languages."""

import json
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.widgets import outage_choice
from tests.app.test_outage_film import add, ago, film, outage
from tests.pages.test_pages import written


@pytest.fixture
def stormy(served: Database) -> Database:
    """The town with its open outage, one that is over and one that is announced."""
    add(
        served,
        outage("OVER", "transformer:T-020;transformer:T-021", 200, restored_at=ago(100),
               cause="tree"),
        outage("SOON", "transformer:T-030", -600, kind="planned", status="notified",
               estimated_restore_at=ago(-700)),
    )  # fmt: skip
    return served


def told(page: AppTest) -> dict[str, Any]:
    """What the page told the outages on its map."""
    arguments = json.loads(page.get("component_instance")[0].proto.json_args)
    script = arguments["feature_group"] if "feature_group" in arguments else str(arguments)
    text = script if isinstance(script, str) else json.dumps(script)
    begin = text.index('{"parts"') if '{"parts"' in text else text.index('{\\"parts\\"')
    words = text[begin:].encode().decode("unicode_escape") if '\\"parts' in text else text[begin:]
    message, _ = json.JSONDecoder().raw_decode(words)
    found: dict[str, Any] = message["parts"]["outages"]
    return found


def opened(open_page: Any, **query: str) -> AppTest:
    page: AppTest = open_page("outages", **query)
    assert not page.exception, page.exception
    return page


def listed(page: AppTest) -> list[str]:
    return [str(one) for one in page.dataframe[0].value.iloc[:, 0]]


def test_now_shows_who_is_out_and_how_late_it_is(stormy: Database, open_page: Any) -> None:
    page = opened(open_page)
    text = written(page)
    assert "<b>4</b>" in text
    assert "<b>2 h 00 min</b>" in text
    assert listed(page) == ["OUT-1"]
    assert page.dataframe[0].value["Left"].tolist() == ["in 60 min"]
    state = told(page)
    assert (state["moment"], state["ahead"], state["keep"]) == (None, False, None)
    assert "at" not in page.query_params


def test_the_past_begins_where_most_were_out(stormy: Database, open_page: Any) -> None:
    page = opened(open_page)
    page.pills(key="outages_when").set_value("past").run()
    assert not page.exception
    state = told(page)
    assert state["moment"] == ago(120).timestamp()
    assert listed(page) == ["OVER", "OUT-1"]
    assert page.query_params["at"] == ago(120).strftime("%Y%m%dT%H%MZ")


def test_a_moment_in_the_address_is_shown(stormy: Database, open_page: Any) -> None:
    stamp = ago(110).strftime("%Y%m%dT%H%MZ")
    page = opened(open_page, when="past", at=stamp)
    assert sorted(listed(page)) == ["OUT-1", "OVER"]
    assert told(page)["moment"] == ago(110).timestamp()


@pytest.mark.parametrize("at", ["never", "20200101T0000Z", "20990101T0000Z", "<b>"])
def test_a_moment_that_is_none_falls_back(stormy: Database, open_page: Any, at: str) -> None:
    page = opened(open_page, when="past", at=at, period="?", kind="?", least="x", only="?")
    assert listed(page) == ["OVER", "OUT-1"]


def test_the_next_days_list_what_is_announced(stormy: Database, open_page: Any) -> None:
    page = opened(open_page, when="planned")
    assert listed(page) == ["SOON"]
    assert told(page)["ahead"] is True
    assert "outages announced" in written(page)


def test_filters_act_on_the_list_and_on_the_map(stormy: Database, open_page: Any) -> None:
    page = opened(open_page, when="past", at=ago(110).strftime("%Y%m%dT%H%MZ"))
    page.multiselect(key="outages_cause").set_value(["tree"]).run()
    assert listed(page) == ["OVER"]
    assert told(page)["keep"] == "AQ=="  # the first of two rows
    page.selectbox(key="outages_least").set_value("10").run()
    assert "none that fits the filters" in written(page)
    assert page.query_params["cause"] == "tree"


def test_a_figure_lists_its_rows_and_once_more_all(stormy: Database, open_page: Any) -> None:
    page = opened(open_page)
    page.button(key="open_figure_silent").click().run()
    assert listed(page) == ["OUT-1"]
    assert page.query_params["only"] == "silent"
    page.button(key="open_figure_silent").click().run()
    page.button(key="open_figure_overdue").click().run()
    assert "none of the open outages fits" in written(page)


def test_what_is_over_stands_under_closed(stormy: Database, open_page: Any) -> None:
    page = opened(open_page)
    over = page.dataframe[1].value
    assert over["Outage"].tolist() == ["OVER"]
    assert over["Lasted"].tolist() == ["100 min"]


def test_a_click_opens_the_outage_that_was_drawn(
    stormy: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another outage came in before all others: the row is that of the map as it was drawn."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(outage_choice.st, "session_state", state)
    outage_choice.drawn(film(stormy))
    add(stormy, outage("EARLY", "transformer:T-040", 300))
    assert film(stormy).outages["outage_id"].tolist() == ["EARLY", "OVER", "OUT-1"]
    event: Any = SimpleNamespace(place_id="1")
    assert outage_choice._row(event) == "OUT-1"


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [("0001-01-01", "9999-12-31", ("2025-06-13", "2026-07-16")),
     ("2024-01-01", "2026-07-01", ("2025-05-29", "2026-07-01")),
     ("2026-07-12", "2026-07-10", ("2026-07-10", "2026-07-16")),
     ("2027-01-01", "2027-01-02", ("2026-07-10", "2026-07-16"))],
)  # fmt: skip
def test_days_that_cannot_be_shown_come_as_those_that_can(
    stormy: Database, open_page: Any, first: str, last: str, shown: tuple[str, str]
) -> None:
    page = opened(open_page, when="past", period="days", **{"from": first, "to": last})
    assert tuple(str(one) for one in page.date_input[0].value) == shown


def test_days_chosen_by_hand_that_are_too_many_come_as_the_last_of_them(
    stormy: Database, open_page: Any
) -> None:
    page = opened(open_page, when="past", period="days")
    for _ in range(2):  # the same choice again changes nothing
        page.date_input[0].set_value((date(2020, 1, 1), date(2026, 7, 1))).run()
        assert not page.exception
        shown = tuple(str(one) for one in page.date_input[0].value)
        assert shown == ("2025-05-29", "2026-07-01")


def test_a_quiet_town_says_so(served: Database, open_page: Any) -> None:
    served.write(lambda connection: connection.execute("DELETE FROM outages"))
    assert "Nobody is without power" in written(opened(open_page))


def test_the_page_speaks_chinese(stormy: Database, open_page: Any) -> None:
    text = written(opened(open_page, lang="zh"))
    assert "停电户数" in text
    assert "30分钟无进展" in text


def test_a_loaded_city_is_asked_for_first(empty_database: Database, open_page: Any) -> None:
    page = opened(open_page)
    assert len(page.get("component_instance")) == 0


def test_the_status_chosen_is_that_of_the_moment_at_the_films_end_too(
    stormy: Database, open_page: Any
) -> None:
    """OVER was in force 110 minutes ago; now it has ended: nothing that is drawn ever has."""
    stamp = ago(110).strftime("%Y%m%dT%H%MZ")
    page = opened(open_page, when="past", at=stamp, status="in_force")
    assert sorted(listed(page)) == ["OUT-1", "OVER"]
    assert told(page)["keep"] is None
    page = opened(open_page, status="ended")
    assert told(page)["keep"] == "AA=="  # none of two rows
    assert listed(page) == ["OVER"]  # under what is over
    assert "none that fits the filters" in written(page) or "none of the open" in written(page)
