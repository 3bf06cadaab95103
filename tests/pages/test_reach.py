"""The page of reach: what it shows, what is assumed on it, and that the address keeps it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.use_cases.load import LoadChoice, load
from app.use_cases.reach_wishes import ReachWish, wish_of
from tests.conftest import LOADER
from tests.pages.test_pages import map_message, written


def tell(page: AppTest, **fact: Any) -> None:
    """As if that was done on the map."""
    whole = {"seq": 17, "view": "30.423,112.514,13", "bounds": "112,30,113,31"} | fact
    page.session_state["reach_map"] = {"event": whole}


def opened(open_page: Any, **query: str) -> AppTest:
    page: AppTest = open_page("reach", **query)
    assert not page.exception, page.exception
    return page


@pytest.fixture
def paid(served: Database, town: Any, tmp_path: Path) -> Database:
    """The town with hours for its banks, halls with what they do, and payments of two months."""
    banks = town.frames()["banks"].assign(
        operator=["农商行", "农商行", "邮政"], opens="Mo-Fr 09:00-17:00", services="payment"
    )
    halls = town.frames()["halls"].assign(
        opens="Mo-Fr 08:30-17:30", capabilities="billing;payment", self_service_24h=[True, False],
        counters=2,
    )  # fmt: skip
    rows = [
        (number, month, channel, 1, 80.0)
        for n, number in enumerate(town.numbers())
        for month, channel in (("2026-05", "bank" if n % 4 == 0 else "app"), ("2026-06", "wechat"))
    ]
    paid = pd.DataFrame(rows, columns=["customer_no", "month", "channel", "payments", "amount"])
    for kind, frame in {"banks": banks, "halls": halls, "payments": paid}.items():
        file = tmp_path / f"{kind}.csv"
        frame.to_csv(file, index=False)
        datum = "wgs84" if "lon" in frame else None
        load(served, LOADER, kind, [file], LoadChoice(datum=datum), is_sample=True)
    return served


def told(page: AppTest, name: str) -> str:
    """What the address says, as the runner tells it: a text, or the last of a list."""
    value = page.query_params[name]
    return value if isinstance(value, str) else str(value[-1])


def wish(page: AppTest) -> ReachWish:
    """What the map's cells were asked for."""
    return wish_of(map_message(page)["parts"]["hexes"]["url"].split("/")[4])


def test_in_the_evening_only_the_machine_is_open(paid: Database, open_page: Any) -> None:
    page = opened(open_page)
    text = written(page)
    assert "Points open" in text
    assert "<b>1</b>" in text
    assert "of 6" in text  # three banks, two halls, a machine


def test_the_hour_and_the_rest_of_the_choice_stand_in_the_address(
    paid: Database, open_page: Any
) -> None:
    page = opened(open_page, day="4", hour="11", mode="walk", limit="15", layer="points")
    assert wish(page) == ReachWish(mode="walk", moment="4.11", limit="15")
    assert map_message(page)["parts"]["hexes"]["url"].endswith("/points.bin")
    page.slider(key="reach_hour").set_value(8).run()
    assert told(page, "hour") == "8"
    page.segmented_control(key="reach_target").set_value("hall").run()
    assert not page.exception, page.exception
    page.selectbox(key="reach_matter").select("payment").run()
    assert wish(page).matter == told(page, "matter") == "payment"
    assert wish(page).target == "hall"


def test_a_click_on_a_cell_tells_the_best_halls_and_the_papers(
    paid: Database, open_page: Any, town: Any
) -> None:
    page = opened(open_page, day="4", hour="11", target="hall", matter="complaint")
    assert "No hall for this opens" not in written(page)
    tell(page, part="hexes", cell=town.cells[0], inside=True, lat=0.0, lng=0.0)
    page.run()
    text = written(page)
    assert "No hall for this opens within two hours." in text  # neither hall takes complaints
    page.selectbox(key="reach_matter").select("payment").run()
    text = written(page)
    assert "营业厅0" in text
    assert "wait unknown" in text
    assert "This can be settled online" in text
    assert "No papers are needed." in text


def test_closing_a_point_on_the_map_is_assumed_and_taken_back(
    paid: Database, open_page: Any
) -> None:
    page = opened(open_page, day="4", hour="11", mode="walk")
    tell(page, part="places", kind="bank", id="bank:B0", lat=0.0, lng=0.0)
    page.run()
    assert "Who loses by its closing" in written(page)
    page.button(key="reach_close_it").click().run()
    assert not page.exception, page.exception
    assert wish(page).closed == ("bank:B0",)
    assert told(page, "closed") == "bank:B0"
    assert "Before and after" in written(page)
    page.button(key="reach_clear").click().run()
    assert wish(page).closed == ()
    assert "closed" not in page.query_params


def test_an_address_with_assumptions_opens_with_them(paid: Database, open_page: Any) -> None:
    page = opened(open_page, closed="bank:B0", added="at:112.514000,30.423000;nonsense")
    assert (wish(page).closed, len(wish(page).added)) == (("bank:B0",), 1)
    signs = map_message(page)["parts"]["places"]["groups"]
    marks = {row[0]: row[6] for group in signs for row in group["rows"] if len(row) > 6}
    assert marks == {"bank:B0": "closed", "at:112.514000,30.423000": "added"}


@pytest.mark.parametrize("view", ["gaps", "closed", "week", "channels", "halls"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_view_below_the_map_opens(
    paid: Database, open_page: Any, view: str, lang: str
) -> None:
    page = opened(open_page, day="4", hour="11", mode="walk", limit="15", lang=lang, below=view)
    assert "error_unworded" not in written(page)


def test_the_share_paid_online_is_told(paid: Database, open_page: Any) -> None:
    page = opened(open_page)
    page.segmented_control(key="reach_below").set_value("channels").run()
    assert "2026-06: 100.0 % of payments online, 0 in person." in written(page).replace(" ", " ")


def test_without_payments_it_says_so_and_ranks_by_customers(
    served: Database, open_page: Any
) -> None:
    page = opened(open_page, mode="walk", limit="15")
    assert "No payments are loaded" in written(page)
    page.segmented_control(key="reach_below").set_value("channels").run()
    assert not page.exception, page.exception


def test_gaps_are_ranked_by_a_group_and_the_address_says_so(
    paid: Database, open_page: Any, town: Any, tmp_path: Path
) -> None:
    facts = pd.DataFrame(
        {"cell": town.cells, "measure": "age_80_share", "value": 5.0, "unit": "%",
         "as_of": "2026-01-01"}
    )  # fmt: skip
    file = tmp_path / "facts.csv"
    facts.to_csv(file, index=False)
    load(paid, LOADER, "cell_facts", [file], LoadChoice(), is_sample=True)
    page = opened(open_page, mode="walk", limit="15", lang="en", rank="fact:age_80_share")
    assert page.selectbox(key="reach_rank_by").value == "fact:age_80_share"
    table = page.dataframe[0].value
    assert "Share aged 80 and over: people" in table.columns
    page.selectbox(key="reach_rank_by").select("customers").run()
    assert not page.exception, page.exception
    assert told(page, "rank") == "customers"
    assert wish(page).rank == "payers"  # the map's cells are the same


def test_a_machine_is_assumed_where_one_clicks(paid: Database, open_page: Any, town: Any) -> None:
    page = opened(open_page)
    tell(page, part="hexes", cell=town.cells[3], inside=True, lat=0.0, lng=0.0)
    page.run()
    page.button(key="reach_add_here").click().run()
    assert not page.exception, page.exception
    assert len(wish(page).added) == 1
    assert told(page, "added").startswith("at:112.5")
    page.segmented_control(key="reach_target").set_value("hall").run()
    page.button(key="reach_add_hall_here").click().run()
    assert not page.exception, page.exception
    assert [one.partition(":")[0] for one in wish(page).added] == ["at", "hall-at"]


def test_a_hall_is_closed_and_opened_on_trial(paid: Database, open_page: Any) -> None:
    page = opened(open_page, day="4", hour="11")
    page.segmented_control(key="reach_below").set_value("halls").run()
    page.selectbox(key="reach_deed").select("close").run()
    page.button(key="reach_try").click().run()
    assert not page.exception, page.exception
    assert "Customers with a longer way" in written(page)
    assert told(page, "tried").startswith("close:H")
    again = opened(
        open_page, day="4", hour="11", below="halls", tried=told(page, "tried") + ";staff:H1:5"
    )
    assert "Customers with a longer way" in written(again)
    assert len([one for one in again.button if one.key.startswith("reach_hall_drop")]) == 2
    page.button(key="reach_hall_drop_0").click().run()
    assert not page.exception, page.exception
    assert "tried" not in page.query_params
