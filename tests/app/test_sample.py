"""The sample city comes in as files, twice the same, and tells its story on Today."""

from datetime import date

import pytest

from app.store.database import Database
from app.use_cases import clock, plan_inbox, today
from app.use_cases.actors import Actor
from app.use_cases.sample import build_sample
from grid_cells.errors import UserError

pytestmark = pytest.mark.long

ACTOR = Actor("test:anna", "Anna", role="admin")
END = date(2026, 7, 16)
FACTS = ("customers", "transformers", "plan_units", "outages", "customer_areas")


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    opened = []
    for name in ("a", "b"):
        db = Database(folder / f"{name}.duckdb")
        build_sample(db, ACTOR, customers=1_000, seed=3, end=END, keep=folder / name)
        opened.append(db)
    yield folder, *opened
    for db in opened:
        db.close()


def rows(db, table):
    sql = f"SELECT * EXCLUDE (batch_id, row_no) FROM {table} ORDER BY ALL"
    if table == "customer_areas":
        sql = "SELECT * FROM customer_areas ORDER BY ALL"
    return db.read().execute(sql).to_arrow_table()


def test_the_same_seed_and_end_give_the_same_files(twins):
    folder, *_ = twins
    names = sorted(path.name for path in (folder / "a").glob("*.csv"))
    assert {"customers.csv", "customers_west.csv", "meters.csv"} <= set(names)
    for name in names:
        assert (folder / "a" / name).read_bytes() == (folder / "b" / name).read_bytes(), name


@pytest.mark.parametrize("table", FACTS)
def test_and_the_same_rows_after_loading(twins, table):
    _, first, second = twins
    assert len(rows(first, table)) > 0
    assert rows(first, table).equals(rows(second, table))


def test_every_row_came_in_clean(twins):
    _, first, _ = twins
    loads = first.query("SELECT sum(rejected) AS r, sum(corrected) AS c FROM import_batches")
    assert loads.iloc[0].tolist() == [0, 0]


def test_ninety_days_are_read_and_energy_is_conserved_to_cells(twins):
    _, first, _ = twins
    days = first.query("SELECT count(DISTINCT day) AS n FROM meter_readings")["n"].iloc[0]
    assert days == 90
    cells = "SELECT sum(energy_kwh) FROM cell_energy_days"
    meters = """
        SELECT sum(r.energy_kwh * m.multiplier) FROM meter_readings r
        JOIN meters m USING (meter_id) JOIN customers c USING (customer_no)
        WHERE m.role = 'billing' AND c.cell_id IS NOT NULL
    """
    sums = first.query(f"SELECT ({cells}) AS cells, ({meters}) AS meters").iloc[0]
    assert sums["cells"] == pytest.approx(sums["meters"])


def test_today_tells_the_story(twins):
    _, first, _ = twins
    now = clock.read_clock(first)
    assert now.is_demo
    codes = {line.code for line in today.lines(first, ACTOR, now.now)}
    assert codes >= {
        "today_out", "today_vacant", "today_no_area", "today_claimed_twice", "today_closed",
        "today_overload", "today_frequent", "today_planned",
    }  # fmt: skip


def test_a_sample_is_built_into_an_empty_database_only(twins):
    _, first, _ = twins
    with pytest.raises(UserError, match="sample_needs_empty"):
        build_sample(first, ACTOR, customers=1_000)


def test_a_sample_that_breaks_off_leaves_the_database_empty(tmp_path):
    def stop(done):
        if done > 0.3:
            raise KeyboardInterrupt

    with Database(tmp_path / "a.duckdb") as db:
        with pytest.raises(KeyboardInterrupt):
            build_sample(db, ACTOR, customers=1_000, progress=stop)
        assert db.query("SELECT 1 FROM customers").empty
        assert db.query("SELECT 1 FROM import_batches").empty
        build_sample(db, ACTOR, customers=1_000)


def test_the_inbox_finds_the_new_estate_the_cells_claimed_twice_and_the_vacant_area(twins):
    _, first, _ = twins
    box = plan_inbox.inbox(first, ACTOR)
    counts = first.query("SELECT rule, count(*) AS n FROM customer_areas GROUP BY rule")
    by_rule = dict(zip(counts["rule"], counts["n"], strict=True))
    assert sum(one.customers for one in box.of_kind("no_area")) == by_rule["none"] > 0
    twice = box.of_kind("twice")
    assert len(twice) == 2
    assert sum(one.customers for one in twice) == by_rule["conflict"]
    assert {(one.areas, one.duty) for one in box.of_kind("vacant")} == {(("E-03",), "manager")}
    assert all(one.offer is not None for one in box.of_kind("vacant"))
    assert all(one.offer is not None and one.offer.to in one.areas for one in twice)
    taken = plan_inbox.take(first, ACTOR, [one.key for one in twice], "Inbox")
    assert (taken.entries, taken.left) == (2, 0)
