"""The store as a lake: what leaves it, and that facts made of it are those of the store."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from app.store import reliability, theft_readings
from app.store.database import Connection, Database
from app.use_cases import clock, lake_export
from app.use_cases.actors import Actor
from app.use_cases.rollup import Wish, rollup
from grid_cells.errors import AccessDenied, UserError
from grid_cells.interruptions import merged
from tests.lake_town import facts

ADMIN = Actor("town-admin", "李安", role="admin")


def add_masters(connection: Connection) -> None:
    """A master meter for each transformer, telling a twentieth more than its customers' meters."""
    connection.execute(
        """
        INSERT INTO meters (meter_id, transformer_id, role, multiplier)
        SELECT DISTINCT 'K' || transformer_id, transformer_id, 'master', 2.0
        FROM meters WHERE transformer_id IS NOT NULL
        """
    )
    connection.execute(
        """
        INSERT INTO meter_readings (meter_id, day, energy_kwh, source)
        SELECT 'K' || m.transformer_id, r.day,
          1.05 * sum(r.energy_kwh * coalesce(m.multiplier, 1)) / 2, 'measured'
        FROM meter_readings r JOIN meters m USING (meter_id)
        WHERE m.transformer_id IS NOT NULL GROUP BY m.transformer_id, r.day
        """
    )


@pytest.fixture
def lake(town_database: Database, tmp_path: Path) -> Path:
    town_database.write(add_masters)
    lake_export.export_lake(town_database, ADMIN, tmp_path / "lake")
    return tmp_path / "lake"


def test_no_name_phone_or_address_leaves_the_store(lake: Path) -> None:
    columns = {name for path in lake.rglob("*.parquet") for name in pq.read_schema(path).names}
    assert "customer_no" in columns
    assert not columns & {
        "phone",
        "address",
        "given_x",
        "given_y",
        "importance_code",
        "life_support",
    }
    assert "name" not in pq.read_schema(lake / "customers/part-0.parquet").names


def test_facts_of_the_lake_are_those_of_the_store(
    town_database: Database, lake: Path, tmp_path: Path
) -> None:
    rollup(Wish(lake, tmp_path / "facts"))
    connection = town_database.read()
    energy = connection.execute(
        "SELECT cell_id, day::VARCHAR AS day, energy_kwh, meters_read FROM cell_energy_days"
    ).df()
    assert len(energy) > 100
    cells = facts(tmp_path / "facts", "cell_day")
    both = energy.merge(cells, on=["cell_id", "day"], how="left", suffixes=("", "_made"))
    assert both["energy_kwh_made"].tolist() == pytest.approx(both["energy_kwh"].tolist(), rel=1e-12)
    assert both["meters_read_made"].tolist() == both["meters_read"].tolist()
    held = connection.execute(
        "SELECT area_id, count(*) AS n FROM customer_areas GROUP BY area_id"
    ).df()
    areas = facts(tmp_path / "facts", "area_day")
    last = areas[areas["day"] == areas["day"].max()].set_index("area_id")["customers"]
    named = held[held["area_id"].notna()].set_index("area_id")["n"]
    assert last[last.index.notna()].to_dict() == named.to_dict()


def test_losses_of_the_lake_are_those_of_the_store(
    town_database: Database, lake: Path, tmp_path: Path
) -> None:
    rollup(Wish(lake, tmp_path / "facts"))
    now = clock.now(town_database)
    span = theft_readings.Span((now - timedelta(days=120)).date(), now.date(), now)
    balance = theft_readings.balance(town_database.read(), span, 0.98).to_pandas()
    told = balance.assign(day=balance["day"].astype("str").str[:10])
    made = facts(tmp_path / "facts", "transformer_day")
    both = told.merge(made, on=["transformer_id", "day"], suffixes=("", "_made"))
    assert both["is_known"].tolist() == (both["days_known"] == 1).tolist()
    known = both[both["is_known"]]
    assert len(known) > 0
    assert known["loss_kwh_made"].tolist() == pytest.approx(known["loss_kwh"].tolist(), abs=1e-6)


def test_interruptions_are_the_seconds_of_the_store(town_database: Database, lake: Path) -> None:
    now = clock.now(town_database)
    spans = reliability.customer_spans(town_database.read(), now - timedelta(days=9999), now, now)
    named = spans[spans["who"].notna()]
    named = merged(named)
    seconds = (
        (named["ended"].fillna(now).clip(upper=pd.Timestamp(now)) - named["began"])
        .dt.total_seconds()
        .sum()
    )
    cut = [
        pd.read_parquet(path, partitioning=None)
        for path in (lake / "interruptions").rglob("*.parquet")
    ]
    assert sum(int(rows["seconds"].sum()) for rows in cut) == pytest.approx(seconds, abs=1.0)


def test_a_second_export_leaves_what_is_the_same_alone(town_database: Database, lake: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in lake.rglob("*.parquet")}
    lake_export.export_lake(town_database, ADMIN, lake)
    assert {path: path.stat().st_mtime_ns for path in lake.rglob("*.parquet")} == before


def test_a_day_that_the_store_knows_no_more_leaves_the_lake(
    town_database: Database, lake: Path
) -> None:
    day = sorted((lake / "readings").iterdir())[0].name.removeprefix("day=")
    town_database.write(lambda c: c.execute("DELETE FROM meter_readings WHERE day = ?", [day]))
    lake_export.export_lake(town_database, ADMIN, lake)
    assert not list((lake / f"readings/day={day}").glob("*.parquet"))


def test_what_others_put_into_a_lake_stays(town_database: Database, lake: Path) -> None:
    late = next((lake / "readings").iterdir()) / "late.parquet"
    late.write_bytes((late.parent / "part-0.parquet").read_bytes())
    lake_export.export_lake(town_database, ADMIN, lake)
    assert late.exists()


def test_a_lake_of_others_is_not_written_over(town_database: Database, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign" / "readings" / "day=2020-01-01" / "part-0.parquet"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"theirs")
    with pytest.raises(UserError) as caught:
        lake_export.export_lake(town_database, ADMIN, tmp_path / "foreign")
    assert caught.value.code == "lake_folder_taken"
    assert foreign.read_bytes() == b"theirs"


def test_only_the_owner_may_read_a_lake(lake: Path) -> None:
    modes = {path.stat().st_mode & 0o077 for path in lake.rglob("*.parquet")}
    assert modes == {0}


def test_files_of_others_are_not_mixed_with_a_lake(town_database: Database, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(UserError) as caught:
        lake_export.export_lake(town_database, ADMIN, tmp_path)
    assert caught.value.code == "lake_folder_taken"
    assert (tmp_path / "letters.txt").read_text() == "mine"


def test_an_export_is_on_record_and_only_for_who_keeps_the_store(
    town_database: Database, lake: Path
) -> None:
    rows = (
        town_database.read()
        .execute("SELECT actor, subject FROM audit_log WHERE event = 'lake_exported'")
        .fetchall()
    )
    assert rows == [("town-admin", "layer:lake")]
    with pytest.raises(AccessDenied):
        lake_export.export_lake(town_database, Actor("town-manager", "周明", role="manager"), lake)
