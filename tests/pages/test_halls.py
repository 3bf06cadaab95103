"""The page of halls: now, a day, a week, who comes again, taps, duties."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases import clock, hall_tallies
from app.use_cases.actors import Actor
from app.use_cases.hall_tallies import Tap
from tests.app.hall_town import at, fill
from tests.conftest import LittleTown
from tests.pages.test_pages import written


@pytest.fixture
def busy(served: Database, town: LittleTown, tmp_path: Path, as_user: Any) -> Database:
    """Thursday 16 July, 09:30: whoever was just called had waited twenty minutes."""
    fill(served, tmp_path, town.frames()["halls"])
    served.write(lambda c: clock.start_clock(c, at=at("16 09:30"), running=False))
    as_user("manager")
    return served


def opened(open_page: Any, **query: str) -> AppTest:
    page: AppTest = open_page("halls", lang="en", **query)
    assert not page.exception, page.exception
    return page


def signs(page: AppTest) -> dict[str, list[Any]]:
    """The halls as the map was told them."""
    told = json.loads(page.get("component_instance")[0].proto.json_args)["feature_group"]
    start = told.index("window.gridCells.update(") + len("window.gridCells.update(")
    parts = json.JSONDecoder().raw_decode(told[start:])[0]["parts"]
    return {row[0]: row for row in parts["places"]["groups"][0]["rows"]}


def table(page: AppTest, column: str) -> Any:
    return next(one.value for one in page.dataframe if column in one.value.columns)


def test_a_hall_turns_red_and_says_where_its_visitors_could_go(
    busy: Database, open_page: Any
) -> None:
    page = opened(open_page, hall="H0")
    # A1 waited 10 and A2 twenty minutes; nobody knows of H1 but its usual four
    rows = table(page, "State")
    assert rows["State"].tolist() == ["△ busy", "✓ short wait"]
    assert rows["Wait"].tolist() == ["15 min", "4 min (usual at this hour)"]
    assert signs(page)["H0"][5] == "risk"
    text = written(page)
    assert "Where the visitors could go" in text
    assert "营业厅1" in text
    busy.write(lambda c: clock.start_clock(c, at=at("16 10:20"), running=False))
    page = opened(open_page, hall="H0")
    assert table(page, "State")["State"].tolist()[0].startswith("✕")
    assert signs(page)["H0"][5] == "broken"


def test_closed_and_unknown_are_told_apart(busy: Database, open_page: Any) -> None:
    busy.write(lambda c: clock.start_clock(c, at=at("16 15:00"), running=False))
    assert table(opened(open_page), "State")["State"].tolist() == ["? wait unknown"] * 2
    busy.write(lambda c: clock.start_clock(c, at=at("16 20:00"), running=False))
    page = opened(open_page)
    assert table(page, "State")["State"].tolist() == ["– closed"] * 2
    assert {row[5] for row in signs(page).values()} == {"faint"}


def test_a_day_is_its_tickets_tallies_and_people(busy: Database, open_page: Any) -> None:
    busy.write(lambda c: clock.start_clock(c, at=at("16 20:00"), running=False))
    page = opened(open_page, part="day", hall="H0")
    rows = table(page, "Tallies")
    assert rows["Hour"].tolist()[:3] == ["08:00", "09:00", "10:00"]
    assert rows["Tickets"].tolist()[:3] == ["0", "4", "3"]
    assert rows["Tallies"].tolist()[:3] == [0, 2, 1]
    assert table(page, "Counter")["Tickets"].tolist() == [3, 2]
    assert len(page.get("arrow_vega_lite_chart") or page.get("vega_lite_chart")) == 2
    page.date_input(key="halls_day").set_value(at("15 00:00").date() + timedelta(days=1)).run()
    assert not page.exception


def test_who_came_again_and_why(busy: Database, open_page: Any) -> None:
    busy.write(lambda c: clock.start_clock(c, at=at("16 20:00"), running=False))
    page = opened(open_page, part="repeats")
    rows = table(page, "For a missing paper").set_index("Matter")
    # V2 at the same hall, V5 after another one
    assert rows.loc["Change of name", "For a missing paper"] == 2
    assert rows.loc["Change of name", "After another hall"] == 1
    assert rows.loc["Bill enquiry", "For a missing paper"] == 0


def test_the_week_has_a_heat_and_says_so_where_nothing_is_known(
    busy: Database, open_page: Any
) -> None:
    page = opened(open_page, part="week")
    assert page.get("arrow_vega_lite_chart") or page.get("vega_lite_chart")
    page.selectbox(key="halls_measure").set_value("wait_mean_min").run()
    assert not page.exception


def test_taps_of_today_stand_on_the_page(busy: Database, open_page: Any) -> None:
    hall_tallies.take(busy, Actor("user:town-clerk", "孙悦", "hall_clerk"), [Tap("A", "H1", "pv")])
    page = opened(open_page, part="tally")
    rows = page.dataframe[0].value.set_index("Hall")
    assert rows.loc["营业厅1", "Solar connection"] == 1
    assert rows.loc["营业厅0", "Consultation"] == 1


def test_a_duty_is_entered_and_taken_out_by_who_runs_the_halls(
    busy: Database, open_page: Any, as_user: Any
) -> None:
    page = opened(open_page, part="duty", hall="H0")
    assert table(page, "People")["People"].tolist() == [2]
    page.number_input[0].set_value(3)
    page.button(key="FormSubmitter:halls_duty_form-Enter").click().run()
    assert not page.exception
    assert sorted(table(page, "People")["People"].tolist()) == [2, 3]
    page.selectbox(key="halls_duty_chosen").set_value(1).run()
    page.button(key="halls_duty_remove").click().run()
    assert table(page, "People")["People"].tolist() == [3]
    events = busy.query(
        "SELECT event FROM audit_log WHERE event LIKE 'hall_duty%' ORDER BY event_id"
    )
    assert events["event"].tolist() == ["hall_duty_entered", "hall_duty_removed"]
    as_user("planner")
    page = opened(open_page, part="duty", hall="H0")
    assert len(page.number_input) == 0


def test_a_clerk_finds_the_way_to_the_taps_and_a_planner_does_not(
    busy: Database, open_page: Any, as_user: Any
) -> None:
    as_user("clerk")
    assert "one tap" in written(opened(open_page, part="tally")).casefold()
    as_user("planner")
    assert "one tap" not in written(opened(open_page, part="tally")).casefold()


def test_full_halls_stand_on_today(busy: Database, open_page: Any) -> None:
    busy.write(lambda c: clock.start_clock(c, at=at("16 10:20"), running=False))
    assert "营业厅0 is full" in written(open_page("today", lang="en"))


def test_without_halls_the_page_says_what_to_load(served: Database, open_page: Any) -> None:
    served.write(lambda c: c.execute("DELETE FROM halls"))
    assert "No halls yet" in written(opened(open_page, part="week"))
    assert "No halls yet" in written(opened(open_page))
