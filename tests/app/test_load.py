"""Files become facts: counts, unchanged repeats, previews, plans, readings."""

import pandas as pd
import pytest

from app.store import audit, meta, users
from app.store.database import Database
from app.use_cases import batches, derive
from app.use_cases.actors import Actor
from app.use_cases.clock import is_sample, real_now
from app.use_cases.clock import now as clock_now
from app.use_cases.jobs import StoppedError
from app.use_cases.load import LoadChoice, load, preview
from grid_cells.errors import UserError

ACTOR = Actor("test:anna", "Anna", role="admin")
WGS84 = LoadChoice(datum="wgs84")


@pytest.fixture
def db(tmp_path):
    with Database(tmp_path / "a.duckdb") as opened:
        yield opened


def put(db, folder, kind, text, choice=WGS84):
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="utf-8")
    return load(db, ACTOR, kind, [path], choice)


FACTS = {
    "customers": "customer_no, name, transformer_id, lon, lat",
    "service_areas": "plan_id, area_id, name",
    "plan_units": "plan_id, transformer_id, cell_id, area_id, valid_to",
    "service_plans": "plan_id, basis, valid_to",
}


def everything(db):
    asked = {
        table: f"SELECT {columns} FROM {table} ORDER BY ALL" for table, columns in FACTS.items()
    }
    return {
        table: db.read().execute(sql).to_arrow_table().to_pylist() for table, sql in asked.items()
    }


CUSTOMERS = """customer_no,name,transformer_id,lon,lat
0001,Li,T1,112.50,30.40
0002,Wu,T1,112.51,30.40
0003,He,T2,,
0004,Xu,T2,abc,30.4
"""


def test_rows_are_loaded_unchanged_or_rejected_and_nothing_else(db, tmp_path):
    first = put(db, tmp_path, "customers", CUSTOMERS)
    assert (first.rows, first.loaded, first.unchanged, first.rejected) == (4, 3, 0, 1)
    assert first.rejects[["row", "column", "value"]].to_numpy().tolist() == [[5, "lon", "abc"]]
    second = put(db, tmp_path, "customers", CUSTOMERS)
    assert (second.rows, second.loaded, second.unchanged, second.rejected) == (4, 0, 3, 1)
    status = db.query("SELECT status FROM import_batches ORDER BY batch_id")["status"].tolist()
    assert status == ["loaded", "unchanged"]


def test_an_unplaced_customer_is_held_without_a_cell(db, tmp_path):
    put(db, tmp_path, "customers", CUSTOMERS)
    held = db.query("SELECT customer_no FROM customers WHERE cell_id IS NULL")
    assert held["customer_no"].tolist() == ["0003"]


def test_a_file_without_a_column_leaves_what_was_known(db, tmp_path):
    put(db, tmp_path, "customers", "customer_no,name,phone,lon,lat\n0001,Li,139,112.5,30.4\n")
    put(db, tmp_path, "customers", "customer_no,name,lon,lat\n0001,Li Na,112.5,30.4\n")
    row = db.query("SELECT name, phone FROM customers").iloc[0]
    assert (row["name"], row["phone"]) == ("Li Na", "139")


def test_a_broken_file_leaves_the_store_as_it_was(db, tmp_path):
    put(db, tmp_path, "customers", CUSTOMERS)
    before = everything(db)
    with pytest.raises(UserError):
        put(db, tmp_path, "customers", "nothing,known\n1,2\n")
    assert everything(db) == before


def test_a_preview_keeps_nothing_and_counts_who_would_move(db, tmp_path):
    put(db, tmp_path, "customers", CUSTOMERS)
    put(db, tmp_path, "areas", "transformer_id,area_id\nT1,A1\nT2,A2\n", LoadChoice())
    before = everything(db)
    path = tmp_path / "moved.csv"
    path.write_text("customer_no,name,transformer_id,lon,lat\n0001,Li,T2,112.60,30.40\n")
    would = preview(db, ACTOR, "customers", [path], WGS84)
    assert (would.changed, would.would_change_cell, would.would_change_area) == (1, 1, 1)
    assert everything(db) == before
    assert db.query("SELECT count(*) AS n FROM import_batches")["n"].iloc[0] == 2


def test_a_later_file_of_areas_moves_units_and_keeps_the_past(db, tmp_path):
    put(db, tmp_path, "customers", CUSTOMERS)
    put(db, tmp_path, "areas", "transformer_id,area_id\nT1,A1\nT2,A2\n", LoadChoice())
    put(db, tmp_path, "areas", "transformer_id,area_id\nT1,A2\n", LoadChoice())
    rows = db.query(
        "SELECT transformer_id, area_id, valid_to IS NULL AS is_open FROM plan_units ORDER BY ALL"
    )
    assert rows.to_numpy().tolist() == [["T1", "A1", False], ["T1", "A2", True], ["T2", "A2", True]]
    assigned, _ = derive.assign(db.read(), clock_now(db))
    assert dict(zip(assigned["customer_no"], assigned["area_id"], strict=True)) == {
        "0001": "A2", "0002": "A2", "0003": "A2",
    }  # fmt: skip


def test_the_same_areas_again_change_nothing(db, tmp_path):
    areas = "transformer_id,area_id,name\nT1,A1,Alpha\nT2,A2,Beta\n"
    put(db, tmp_path, "areas", areas, LoadChoice())
    before = everything(db)
    again = put(db, tmp_path, "areas", areas, LoadChoice())
    assert (again.loaded, again.unchanged) == (0, 2)
    assert everything(db) == before


def test_a_plan_of_another_basis_opens_a_new_plan_and_ends_the_old(db, tmp_path):
    put(db, tmp_path, "areas", "transformer_id,area_id\nT1,A1\n", LoadChoice())
    put(db, tmp_path, "areas", "cell_id,area_id\n8940a56a2a7ffff,A1\n", LoadChoice())
    plans = db.query(
        "SELECT basis, valid_to IS NULL AS is_open FROM service_plans ORDER BY plan_id"
    )
    assert plans.to_numpy().tolist() == [["transformer", False], ["cell", True]]


def test_readings_by_customer_find_the_only_meter(db, tmp_path):
    put(db, tmp_path, "meters", "meter_id,customer_no\nM1,0001\nM2,0002\nM3,0002\n", LoadChoice())
    text = "customer_no,day,energy_kwh\n0001,2026-07-01,5\n0002,2026-07-01,6\n0009,2026-07-01,7\n"
    outcome = put(db, tmp_path, "readings", text, LoadChoice())
    assert (outcome.loaded, outcome.rejected) == (1, 2)
    codes = outcome.rejects[["value", "code"]].to_numpy().tolist()
    assert codes == [["0002", "several_meters"], ["0009", "no_meter"]]


def test_registers_become_daily_energy_across_two_files(db, tmp_path):
    put(db, tmp_path, "readings", "meter_id,day,register_kwh\nM1,2026-07-01,100\n", LoadChoice())
    text = "meter_id,day,register_kwh\nM1,2026-07-02,104.5\nM1,2026-07-03,110\nM1,2026-07-05,120\n"
    put(db, tmp_path, "readings", text, LoadChoice())
    rows = db.query("SELECT day::VARCHAR AS day, energy_kwh FROM meter_readings ORDER BY day")
    assert rows["energy_kwh"].iloc[1:3].tolist() == [4.5, 5.5]
    assert pd.isna(rows["energy_kwh"].iloc[0])
    assert pd.isna(rows["energy_kwh"].iloc[3])


def test_each_load_is_audited_with_its_actor_and_no_personal_data(db, tmp_path):
    put(db, tmp_path, "customers", CUSTOMERS)
    row = audit.latest(db, 1).iloc[0]
    assert (row["actor"], row["event"], row["subject"]) == ("test:anna", "file_loaded", "batch:1")
    assert "Li" not in row["detail"]


def test_the_first_load_of_ones_own_ends_the_sample(town_database, tmp_path):
    assert is_sample(town_database)
    put(town_database, tmp_path, "banks", "bank_id,name,lon,lat\nB9,New,112.5,30.4\n")
    assert not is_sample(town_database)


def test_a_stopped_load_keeps_nothing(db, tmp_path):
    def stop(done):
        if done > 0.9:
            raise StoppedError

    path = tmp_path / "customers.csv"
    path.write_text(CUSTOMERS)
    with pytest.raises(StoppedError):
        load(db, ACTOR, "customers", [path], WGS84, progress=stop)
    assert db.query("SELECT count(*) AS n FROM customers")["n"].iloc[0] == 0


def square(west, east):
    return f'"POLYGON(({west} 30.3,{east} 30.3,{east} 30.5,{west} 30.5,{west} 30.3))"'


def areas_of(db):
    assigned, _ = derive.assign(db.read(), clock_now(db))
    return dict(zip(assigned["customer_no"], assigned["area_id"], strict=True))


def test_customers_that_come_after_the_polygons_decide_the_border_cells(db, tmp_path):
    # One cell lies across the border at 112.5: most of its ground is A's, its people are B's.
    polygons = f"area_id,geometry\nA,{square(112.4, 112.5)}\nB,{square(112.5, 112.6)}\n"
    put(db, tmp_path, "areas", polygons)
    people = [f"{n},{112.5001 + n * 0.00001:.5f},30.4" for n in range(1, 6)]
    customers = "customer_no,lon,lat\n" + "\n".join(people) + "\n"
    loaded = put(db, tmp_path, "customers", customers)
    assert set(areas_of(db).values()) == {"B"}
    batches.undo(db, ACTOR, loaded.batch_id)
    again = put(db, tmp_path, "customers", customers.replace("112.500", "112.499"))
    assert again.loaded == 5
    assert set(areas_of(db).values()) == {"A"}


def test_a_cell_that_customers_decided_stays_when_more_come(db, tmp_path):
    polygons = f"area_id,geometry\nA,{square(112.4, 112.5)}\nB,{square(112.5, 112.6)}\n"
    put(db, tmp_path, "customers", "customer_no,lon,lat\n1,112.5001,30.4\n")
    put(db, tmp_path, "areas", polygons)
    put(db, tmp_path, "customers", "customer_no,lon,lat\n2,112.4999,30.4\n3,112.4999,30.4\n")
    assert areas_of(db) == {"1": "B", "2": "B", "3": "B"}


def test_a_file_of_which_every_row_was_rejected_does_not_end_the_sample(db, tmp_path):
    def begin(connection):
        meta.set_value(connection, "origin", "sample")
        user = users.User("s", "planner", "P", "planner", None, None, None, True, True)
        users.insert(connection, user, by="test", at=real_now())

    db.write(begin)
    nothing = put(db, tmp_path, "customers", "customer_no,name,lon,lat\n0001,Li,abc,30.4\n")
    assert (nothing.loaded, nothing.rejected) == (0, 1)
    assert len(users.active_samples(db.read())) == 1
    assert is_sample(db)
    put(db, tmp_path, "customers", CUSTOMERS)
    assert users.active_samples(db.read()) == []
    assert not is_sample(db)
