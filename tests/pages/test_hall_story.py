"""The sample city's Tuesday at Old Town, as its visitors make it, on the page of halls."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.store.database import Database
from app.use_cases import clock, hall_balance, hall_load, sample_halls
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from grid_cells.sample_city import DEFAULT_END
from grid_cells.sample_city.ground import stream, to_lon_lat
from grid_cells.sample_city.hall_log import hall_log
from grid_cells.sample_city.hall_visits import FULL_SIZE, visit_frame
from grid_cells.sample_city.service_names import HALLS
from loaders.writing import write_table
from tests.conftest import LOADER
from tests.pages.test_pages import written

MANAGER = Actor("user:town-manager", "周明", "manager")
TUESDAY = datetime.fromisoformat("2026-07-14T10:30:00+08:00")


def _halls() -> pd.DataFrame:
    """The city's halls where their names put them, West Hall across the river."""
    table = pd.DataFrame(HALLS, columns=["code", "name", "grade", "counters", "x", "y"])
    east, north = table["x"].fillna(-6_500.0), table["y"].fillna(0.0)
    lon, lat = to_lon_lat(east.to_numpy(float), north.to_numpy(float))
    small = "Mo-Fr 09:00-12:00,14:00-17:00"
    opens = np.where(table["grade"] == "C", small, "Mo-Fr 08:30-17:30; Sa 09:00-16:00")
    table = table.assign(hall_id="H-" + table["code"], opens=opens, lon=lon, lat=lat, unit_id="S1")
    return table.drop(columns=["code", "x", "y"])


@pytest.fixture
def linjiang(served: Database, tmp_path: Path, as_user: Any) -> Database:
    """The town with the city's halls and their visitors; the rest of the city is not needed."""
    halls = _halls()
    visits = visit_frame(halls, customers=FULL_SIZE, end=DEFAULT_END, rng=stream(7, 70))
    log = hall_log(halls, visits, customers=FULL_SIZE, end=DEFAULT_END, rng=stream(7, 71))
    served.write(lambda c: c.execute("DELETE FROM halls"))
    for kind, frame in (("halls", halls), ("visits", visits)):
        path = tmp_path / f"{kind}.csv"
        write_table(frame, path)
        load(served, LOADER, kind, [path], LoadChoice(datum="wgs84"), is_sample=True)
    served.write(lambda connection: sample_halls.keep(connection, log))
    served.write(lambda c: clock.start_clock(c, at=TUESDAY, running=False))
    as_user("manager")
    return served


def test_old_towns_tuesday_stands_on_the_page(linjiang: Database, open_page: Any) -> None:
    page = open_page("halls", hall="H-old-town", lang="en")
    assert not page.exception, page.exception
    rows = page.dataframe[0].value.set_index("Hall")
    assert rows.index[0].startswith("Old Town Hall")
    assert rows["Wait"].iloc[0] == "34 min"
    assert rows["State"].iloc[0] == "✕ full"
    assert rows.loc[[one for one in rows.index if one.startswith("East")], "Wait"].tolist() == [
        "4 min"
    ]
    text = written(page)
    assert "<b>21 %</b>" in text
    assert "<b>9 %</b>" in text
    assert "East Hall" in text.partition("Where the visitors could go")[2]
    _look_at_every_hour(linjiang)


@pytest.mark.parametrize("moment", ["now", "2.10"])
def test_east_is_idle_and_old_towns_visitors_could_go_there(
    linjiang: Database, moment: str
) -> None:
    """At the story's half past ten, and on a usual Tuesday at ten."""
    found = hall_balance.balance(linjiang, MANAGER, moment)
    halls = found.halls.set_index("hall_id")
    assert halls.loc["H-old-town", "is_over"]
    assert not halls.loc["H-east", "is_over"]
    moved = found.moves.set_index(["from_hall", "to_hall"])["visits"]
    assert moved["H-old-town", "H-east"] > 3
    assert moved["H-old-town"].idxmax() == "H-east"


def test_the_page_moves_old_towns_visitors_to_east(linjiang: Database, open_page: Any) -> None:
    page = open_page("reach", below="halls", day="2", hour="10", lang="en")
    assert not page.exception, page.exception
    told = [line for line in written(page).splitlines() if "overflows" in line]
    assert any("Old Town Hall" in line and "could go to East Hall" in line for line in told)


def _look_at_every_hour(linjiang: Database) -> None:
    """Every ticket and tally of the city is in one hour of its hall."""
    linjiang.write(
        lambda c: clock.start_clock(
            c, at=datetime.fromisoformat("2026-07-16T19:40+08:00"), running=False
        )
    )
    first, last = (datetime.fromisoformat(f"2026-{day}T00:00+08:00") for day in ("05-01", "07-17"))
    table = hall_load.hour_load(linjiang, MANAGER, None, first, last)
    held = linjiang.query(
        "SELECT hall_id, count(*) AS n FROM (SELECT hall_id FROM hall_visits"
        " UNION ALL SELECT hall_id FROM hall_tallies) GROUP BY hall_id ORDER BY hall_id"
    )
    assert table.groupby("hall_id")["load"].sum().tolist() == held["n"].tolist()
    assert held["n"].sum() > 50_000
    assert (table["load"] == table["visits"].fillna(0) + table["tallies"]).all()
