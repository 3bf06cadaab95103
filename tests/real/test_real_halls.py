"""A year of 188 real halls: hourly waits load by a mapping, none lost, none made up."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from app.store.database import Database
from app.use_cases import hall_load, halls
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from grid_cells.errors import FileRejected
from loaders.contract import LoadOptions
from loaders.hall_hours import load_hall_hours
from loaders.mapping import parse_mapping

pytestmark = pytest.mark.real

ADMIN = Actor("test:admin", "Admin", role="admin")
HALLS = """
[columns]
name = "place"
lon = "longitude"
lat = "latitude"
opens = "hours"
"""
# `captured` has no zone and meant two: the file's other stamp, which has one, is taken
HOURS = """
[columns]
hall_id = "location"
hour = "commit_time"
wait_min = "no_appt_wait"
"""
NAIVE = HOURS.replace("commit_time", "captured")


@pytest.fixture(scope="module")
def queue(real_data: Path) -> Path:
    return real_data / "ca_dmv_queue"


@pytest.fixture(scope="module")
def offices(queue: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The halls by the number with which the waits name them: the last part of their address."""
    table = pd.read_csv(queue / "dmv_locations.csv")
    table["hall_id"] = table["url"].str.rstrip("/").str.rsplit("/", n=1).str[-1]
    # OpenStreetMap's notation parts rules for other days by a semicolon
    table["hours"] = table["hours"].str.replace(r"(?<=\d),(?=[A-Z])", "; ", regex=True)
    path = tmp_path_factory.mktemp("dmv") / "halls.csv"
    table.to_csv(path, index=False)
    return path


def test_hours_without_a_zone_are_refused_and_the_zone_is_asked_for(queue: Path) -> None:
    options = LoadOptions(mapping=parse_mapping(NAIVE), timezone="America/Los_Angeles")
    with pytest.raises(FileRejected) as refused:
        load_hall_hours(queue / "ca_dmv_wait_times.parquet", options)
    assert refused.value.code == "timezone_missing"
    assert refused.value.values["column"] == "hour"


def test_every_hour_loads_once_and_the_empty_ones_stay_unknown(
    queue: Path, offices: Path, tmp_path: Path
) -> None:
    unit = tmp_path / "units.csv"
    unit.write_text("unit_id,name,timezone\nca,California,America/Los_Angeles\n")
    waits = queue / "ca_dmv_wait_times.parquet"
    with Database(tmp_path / "dmv.duckdb") as db:
        load(db, ADMIN, "units", [unit], LoadChoice())
        chosen = LoadChoice(datum="wgs84", mapping=parse_mapping(HALLS))
        assert load(db, ADMIN, "halls", [offices], chosen).loaded >= 188
        outcome = load(db, ADMIN, "hall_hours", [waits], LoadChoice(mapping=parse_mapping(HOURS)))
        assert (outcome.rows, outcome.loaded, outcome.rejected) == (469_624, 469_624, 0)
        held = db.query(
            "SELECT count(*) AS n, count(wait_min) AS known, count(DISTINCT hall_id) AS halls,"
            " count(*) FILTER (wait_min = 0) AS zero FROM hall_hours"
        ).iloc[0]
        given = pd.read_parquet(waits)["no_appt_wait"]
        assert held.tolist() == [469_624, 388_761, 188, int((given == 0).sum())]
        assert 0.17 < 1 - held["known"] / held["n"] < 0.18
        _look(db)


def _look(db: Database) -> None:
    """A week of one hall: hours open and unknown are no zeros, closed ones are left out."""
    first = datetime(2025, 10, 13, 7, tzinfo=UTC)
    table = hall_load.hour_load(db, ADMIN, ["long-beach"], first, first + pd.Timedelta(days=5))
    known = table[table["source"] == "hall_hours"]
    assert len(known) > 20
    assert known["is_open"].mean() > 0.9
    assert table["visits"].isna().all()
    assert table["load_h"].isna().all()
    board = halls.board(db, ADMIN, datetime(2025, 10, 15, 18, 30, tzinfo=UTC))
    assert set(board["state"]) <= {"ok", "busy", "full", "unknown", "closed"}
    assert (board["source"] == "hall_hours").sum() > 100
