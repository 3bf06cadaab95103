"""The sample city comes in as files, twice the same, and tells its story on Today."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.store import cells
from app.store.database import Database
from app.use_cases import (
    clock,
    coverage,
    fault_groups,
    plan_inbox,
    reach_losses,
    reliability,
    today,
)
from app.use_cases.actors import Actor
from app.use_cases.coverage_wishes import OPEN, CoverageWish
from app.use_cases.post_sites import SiteWish, propose
from app.use_cases.sample import build_sample
from grid_cells.errors import UserError

pytestmark = pytest.mark.long

ACTOR = Actor("test:anna", "Anna", role="admin")
END = date(2026, 7, 16)
FACTS = (
    "customers", "transformers", "plan_units", "outages", "outage_steps", "fault_reports",
    "customer_areas",
)  # fmt: skip


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
    if table == "fault_reports":
        sql = f"SELECT * EXCLUDE (batch_id, row_no, received_at) FROM {table} ORDER BY ALL"
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


def at_clock(clock_text):
    return datetime.combine(END, time.fromisoformat(clock_text), ZoneInfo("Asia/Shanghai"))


def scalar(db, sql):
    return db.read().execute(sql).fetchone()[0]


def test_the_storm_stands_in_the_store_with_its_steps(twins):
    _, first, _ = twins
    out = {text: cells.total_out(first.read(), at_clock(text)) for text in ("18:09", "19:40")}
    assert out == {"18:09": 0, "19:40": 247}
    steps = first.query(
        "SELECT strftime(step_at AT TIME ZONE 'Asia/Shanghai', '%H:%M') AS at, count(*) AS n"
        " FROM outage_steps GROUP BY ALL ORDER BY ALL"
    )
    assert steps["at"].tolist() == ["20:05", "20:50", "21:35"]
    assert steps["n"].tolist() == [3, 3, 3]


def test_the_lane_stays_dark_behind_f07_in_the_store(twins):
    _, first, _ = twins
    assert cells.total_out(first.read(), at_clock("22:00")) == 1
    assert cells.total_out(first.read(), at_clock("23:00")) == 0
    lane = """
        SELECT p.restored_at < o.restored_at FROM outages o
        JOIN outages p ON p.outage_id = o.parent_outage_id
    """
    assert first.read().execute(lane).fetchall() == [(True,)]


def test_the_pump_station_is_out_and_the_hospital_is_not(twins):
    _, first, _ = twins
    where = """
        SELECT c.name, count(o.outage_id) AS outages FROM customers c LEFT JOIN outages o
          ON list_contains(string_split(o.scope, ';'), 'transformer:' || c.transformer_id)
        WHERE c.name LIKE '%Hospital%' OR c.name LIKE '%Pump Station%' GROUP BY ALL ORDER BY ALL
    """
    told = first.query(where)
    assert told["outages"].tolist() == [1, 0]
    assert told["name"].str.contains("Pump").tolist() == [True, False]


@pytest.mark.parametrize("standard", ["ieee_1366", "dlt_836"])
def test_the_storm_is_the_only_major_event_day_of_the_store(twins, standard):
    _, _, second = twins
    clock.set_clock(second, ACTOR, at=at_clock("23:30"), running=False)
    wish = reliability.ReliabilityWish(END - timedelta(days=420), END, standard=standard)
    told = reliability.figures(second, ACTOR, wish)
    assert told.major_days == [END]
    assert told.threshold.standing == "provisional"
    assert told.threshold.days > 400


def test_the_west_bank_is_the_first_gap_and_west_hall_the_best_post(twins):
    _, first, _ = twins
    wish = CoverageWish(against=OPEN)
    found = coverage.coverage(first, ACTOR, wish)
    gap = found.gaps.iloc[0]
    assert (gap["cause"], gap["new"]) == ("closure", gap["customers"])
    assert gap["minutes"] == pytest.approx(52, abs=6)
    assert gap["before_min"] == pytest.approx(14, abs=2)
    sites = propose(first, ACTOR, wish, SiteWish())
    assert sites.chosen["site_id"].tolist() == ["hall:H-west"]
    assert sites.before.beyond - sites.after.beyond >= 0.9 * gap["customers"]
    lines = {line.code: line for line in today.lines(first, ACTOR, clock.now(first))}
    assert lines["today_cut_off"].values["customers"] == gap["customers"]


def test_four_arrivals_on_the_west_bank_broke_their_promise(twins):
    _, first, _ = twins
    late = """
        SELECT count(*) FROM fault_reports r JOIN customers c USING (customer_no)
        WHERE regexp_matches(c.address, '^(Xizhou|Luwei|Shatan|Xiling) ')
          AND r.arrived_at > r.registered_at + INTERVAL 90 MINUTE
    """
    assert scalar(first, late) == 4


def test_saturdays_customers_have_their_contacts_and_one_patient(twins):
    _, first, _ = twins
    planned = """
        SELECT count(*), count(contact_confirmed_on), count(*) FILTER (life_support)
        FROM customers c JOIN outages o
          ON list_contains(string_split(o.scope, ';'), 'transformer:' || c.transformer_id)
        WHERE o.status = 'notified'
    """
    assert first.read().execute(planned).fetchall() == [(21, 18, 1)]


def test_calls_of_the_storm_wait_for_triage_at_1940(twins):
    _, first, _ = twins
    calls = """
        SELECT count(*) FILTER (outage_id IS NULL), count(*) FROM fault_reports
        WHERE registered_at BETWEEN ? AND ?
    """
    loose, every = first.read().execute(calls, [at_clock("18:00"), at_clock("19:40")]).fetchone()
    assert 0 < loose < every / 2


def test_a_sample_merely_served_keeps_its_calls_as_the_files_tell_them(twins):
    _, db, _ = twins
    held = "SELECT report_id, outage_id FROM fault_reports ORDER BY report_id"
    before = db.query(held).to_csv()
    watch = fault_groups.Watch(db)
    for _ in range(2 * fault_groups.RESTS):
        watch.look()
    assert db.query(held).to_csv() == before


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


def test_qingshans_closed_bank_costs_its_people_half_an_hour_and_leaves_one_operator(twins):
    _, first, _ = twins
    (lost,) = reach_losses.closed_lately(first, Actor("test:i", "I", role="inspector"))
    assert lost.name.endswith("Lower Qingshan 下青山")
    assert lost.closed_at.astimezone(ZoneInfo("Asia/Shanghai")).date() == date(2026, 7, 1)
    people = first.query("SELECT count(*) AS n FROM customers WHERE address LIKE '%青山%'")["n"][0]
    assert lost.loss.customers == pytest.approx(people, rel=0.05)
    assert lost.loss.elderly == pytest.approx(34, abs=1)
    assert lost.loss.before_min == pytest.approx(9, abs=1.5)
    assert lost.loss.after_min == pytest.approx(38, abs=3)
    assert lost.loss.operators_left == ("Yida Post 驿达邮政",)
