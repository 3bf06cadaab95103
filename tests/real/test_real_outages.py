"""A real summer of outages on the slider: encoded as the frame has it, rolled up without a loss."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from app.maps.film_file import NEVER, decode
from app.outage_routes import film_bytes
from app.store.database import Database
from app.use_cases import clock, outage_film
from app.use_cases.load import LoadChoice, load
from app.use_cases.outage_film import Period
from grid_cells import outage_film as rules
from grid_cells.cells import points_to_cells
from loaders.mapping import parse_mapping
from tests.conftest import LOADER

pytestmark = pytest.mark.real

FIRST, LAST = datetime(2019, 6, 1, 7, tzinfo=UTC), datetime(2019, 9, 1, 7, tzinfo=UTC)
MAPPING = """
timezone = "America/Los_Angeles"
[columns]
outage_id = "outage_number"
started_at = "start"
restored_at = "last_seen"
customers_affected = "max_customers"
cause = "cause"
[defaults]
kind = "fault"
status = "ended"
"""
MOMENTS = [
    datetime(2019, 6, 11, 4, tzinfo=UTC), datetime(2019, 7, 4, 20, 30, tzinfo=UTC),
    datetime(2019, 8, 16, 6, 18, tzinfo=UTC), datetime(2019, 8, 31, 23, 59, tzinfo=UTC),
]  # fmt: skip


@pytest.fixture(scope="module")
def frame(real_data):
    """The summer as it was published, without rows that end before they begin or have bad years."""
    given = pd.read_parquet(real_data / "pge_outages" / "pge_2019-06_2019-08_events.parquet")
    is_sane = (given["start"].dt.year >= 1990) & (given["last_seen"] >= given["start"])
    return given[is_sane].drop_duplicates("outage_number", keep="last")


@pytest.fixture(scope="module")
def summer(real_data, tmp_path_factory):
    """The film of the whole summer, and its bytes."""
    path = real_data / "pge_outages" / "pge_2019-06_2019-08_events.parquet"
    with Database(tmp_path_factory.mktemp("summer") / "pge.duckdb") as db:
        load(
            db, LOADER, "outages", [path], LoadChoice(datum="wgs84", mapping=parse_mapping(MAPPING))
        )
        period = Period(FIRST, LAST)
        assert clock.now(db) > LAST
        yield outage_film.film(db, LOADER, period), film_bytes(db, LOADER, period)


def out_in(frame, moment):
    """Customers and outages of the published rows at a moment."""
    at = pd.Timestamp(moment)
    held = frame[(frame["start"] <= at) & (frame["last_seen"] > at)]
    return int(held["max_customers"].sum()), len(held)


def test_every_moment_counts_as_the_published_rows_do(frame, summer):
    film, data = summer
    found = decode(data)
    outages, spans = found.outages, found.spans
    for moment in MOMENTS:
        customers, count = out_in(frame, moment)
        assert customers > 100
        assert rules.customers_out(film.spans, moment) == customers
        after = moment.timestamp() - found.first
        lasts = (spans["out"] <= after) & (spans["back"] > after)
        assert int(spans["customers"][lasts].sum()) == customers
        assert int(((outages["start"] <= after) & (outages["end"] > after)).sum()) == count


def test_places_and_times_are_those_of_the_rows(frame, summer):
    film, data = summer
    found = decode(data)
    rows = frame.set_index("outage_number").loc[film.outages["outage_id"]]
    assert np.abs(found.outages["lon"] - rows["lon"].to_numpy()).max() < 1e-5
    assert np.abs(found.outages["lat"] - rows["lat"].to_numpy()).max() < 1e-5
    began = (rows["start"] - pd.Timestamp(FIRST)).dt.total_seconds().to_numpy()
    assert (found.outages["start"] == began).all()
    assert (found.outages["end"] != NEVER).mean() > 0.99
    cells = points_to_cells(rows["lon"], rows["lat"], found.resolution)
    spans = found.spans
    known = np.isin(spans["cell"], np.arange(len(found.cells["cell"])))
    assert known.all()
    assert (found.cells["cell"][spans["cell"]] == cells[spans["outage"]].astype("u8")).all()


def test_hours_by_cell_and_week_come_to_the_hours_of_the_rows(frame, summer):
    film, _ = summer
    hours = rules.customer_hours(film.spans, FIRST, LAST)
    low, high = pd.Timestamp(FIRST), pd.Timestamp(LAST)
    ended = frame["last_seen"].where(frame["last_seen"] < high, high)
    began = frame["start"].where(frame["start"] > low, low)
    length = (ended - began).dt.total_seconds().clip(lower=0) / 3600
    expected = float((length * frame["max_customers"]).sum())
    assert hours["customer_hours"].sum() == pytest.approx(expected, rel=1e-9)
    assert hours["week"].nunique() == 14
    assert hours["cell_id"].nunique() > 20_000
