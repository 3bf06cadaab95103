"""Reliability on the little town, against figures worked by hand."""

import io
import json
import math
import statistics
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from app.cli import main
from app.maps import cells_file
from app.store import audit, meta
from app.store.database import Connection, Database
from app.store.scope import Scope
from app.use_cases import clock, outage_deeds, reliability, reliability_export, reliability_places
from app.use_cases import reliability_rules as counting
from app.use_cases.actors import Actor
from app.use_cases.reliability import Reliability, ReliabilityWish
from grid_cells.errors import AccessDenied, UserError
from tests.conftest import copy_of

ANALYST = Actor("user:a", "A", role="analyst")
JULY = (date(2026, 7, 1), date(2026, 7, 16))
# besides the town's own: T-010, four customers, since 17:40 on the 16th; now it is 19:40
OUTAGES = [
    ("F", "fault", "feeder:F-07", "2026-07-10 10:00", "2026-07-10 10:50"),
    ("nested", "fault", "transformer:T-003", "2026-07-10 10:20", "2026-07-10 12:00"),
    ("work", "planned", "transformer:T-005", "2026-07-08 08:00", "2026-07-08 09:00"),
    ("blink", "fault", "transformer:T-006", "2026-07-09 08:00", "2026-07-09 08:03"),
    ("never", "planned", "feeder:F-07", "2026-07-11 08:00", "2026-07-11 09:00"),
]


def put(connection: Connection, rows: list[tuple[str, str, str, str, str]]) -> None:
    connection.executemany(
        "INSERT INTO outages (outage_id, kind, status, scope, started_at, restored_at)"
        " VALUES (?, ?, 'ended', ?, ?::TIMESTAMP AT TIME ZONE 'Asia/Shanghai',"
        " ?::TIMESTAMP AT TIME ZONE 'Asia/Shanghai')",
        rows,
    )
    connection.execute("UPDATE outages SET status = 'cancelled' WHERE outage_id = 'never'")
    meta.touch_facts(connection, "outages")


@pytest.fixture(scope="module")
def db(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database(copy_of(town_file, tmp_path_factory.mktemp("reliable"))) as opened:
        opened.write(lambda connection: put(connection, OUTAGES))
        yield opened


READ = {"xlsx": partial(pd.read_excel, engine="openpyxl"), "parquet": gpd.read_parquet}


def july(db: Database, *, actor: Actor = ANALYST, **wish: Any) -> Reliability:
    return reliability.figures(db, actor, ReliabilityWish(*JULY, **wish))


def test_the_companys_indices_with_a_nested_outage_and_one_that_lasts(db: Database) -> None:
    """244 served. Feeder: 240 · 50 min; the nested four 10:00-12:00, once, 120 min; work 4 · 60;
    T-010 4 · 120 so far: 12,000 + 480 + 240 + 480 = 13,200 min of 244 + 4 + 4 = 252.
    """  # fmt: skip
    company = july(db).company
    assert (company["served"], company["interruptions"]) == (244, 252)
    assert company["customer_minutes"] == 13200.0
    assert (company["saidi"], company["saifi"]) == (13200 / 244, 252 / 244)
    assert company["maifi"] == 4 / 244
    assert company["asai"] == 1 - 13200 / 244 / (15 * 1440 + 19 * 60 + 40)


def test_announced_work_can_be_left_out(db: Database) -> None:
    company = july(db, has_planned=False).company
    assert (company["interruptions"], company["customer_minutes"]) == (248, 12960.0)


def test_on_the_basis_of_users_a_transformer_is_one(db: Database) -> None:
    """61 users: 60 · 50 + 120 + 60 + 120 = 3,300 min; three minutes are not over three."""
    company = july(db, standard="dlt_836").company
    assert (company["served"], company["interruptions"]) == (61, 63)
    assert (company["saidi"], company["maifi"]) == (3300 / 61, 1 / 61)
    cells = july(db, standard="dlt_836", by="cell")
    assert cells.table["customer_minutes"].sum() == 3300
    assert cells.hidden == 0


@pytest.mark.parametrize("by", ["cell", "area", "feeder", "unit"])
def test_customer_minutes_are_conserved_from_cells_to_the_company(db: Database, by: Any) -> None:
    found = july(db, by=by)
    assert found.table["customer_minutes"].sum() + found.elsewhere == pytest.approx(13200.0)
    assert found.table["served"].sum() == 244


def test_two_stations_together_are_the_company(db: Database) -> None:
    told = [
        july(db, actor=Actor(f"user:{unit}", "P", role="planner", scope=Scope(unit))).company
        for unit in ("S1", "S2")
    ]
    assert sum(one["served"] for one in told) == 244
    assert sum(one["customer_minutes"] for one in told) == 13200.0
    assert all(one["served"] for one in told)


def test_three_times_within_sixty_days_is_frequent(db: Database) -> None:
    """Nobody was out more than twice until T-005 loses power on the 14th for a third time."""
    assert july(db).frequent == 0
    third = ("third", "fault", "transformer:T-005", "2026-07-14 08:00", "2026-07-14 08:30")
    db.write(lambda connection: put(connection, [third]))
    try:
        assert july(db).frequent == 4
        assert july(db).company["cemi"] == 4 / 244
        assert july(db, has_planned=False).frequent == 0
    finally:
        db.write(lambda c: c.execute("DELETE FROM outages WHERE outage_id = 'third'"))
        db.write(lambda c: meta.touch_facts(c, "outages"))


def test_what_is_frequent_looks_back_before_the_first_day(db: Database) -> None:
    """T-006: 12 and 30 June, and with its feeder on 10 July. July has but one of the three."""
    rows = [
        ("june", "fault", "transformer:T-006", "2026-06-30 08:00", "2026-06-30 08:30"),
        ("third", "fault", "transformer:T-006", "2026-06-12 08:00", "2026-06-12 08:30"),
    ]
    db.write(lambda connection: put(connection, rows))
    try:
        found = july(db, by="area")
        assert (found.frequent, found.company["interruptions"]) == (4, 252)
        assert found.table["frequent"].sum() == 4
        place = str(found.table.index[found.table["frequent"] == 4][0])
        wish = ReliabilityWish(*JULY, "area")
        who = reliability_places.frequent_customers(db, ANALYST, wish, place)
        assert who["times"].tolist() == [3, 3, 3, 3]
        assert who["ref"].is_unique
        assert not set(who["name"]) & names_of(db)
        by_user = ReliabilityWish(*JULY, "area", "dlt_836")
        users = reliability_places.frequent_customers(db, ANALYST, by_user, place)
        assert users.to_dict("records") == [{"transformer_id": "T-006", "times": 3}]
        admin = Actor("user:x", "X", role="admin")
        with pytest.raises(AccessDenied):
            reliability_places.frequent_customers(db, admin, wish, place)
    finally:
        db.write(lambda c: c.execute("DELETE FROM outages WHERE outage_id IN ('june', 'third')"))
        db.write(lambda c: meta.touch_facts(c, "outages"))


def names_of(db: Database) -> set[str]:
    return set(db.query("SELECT name FROM customers")["name"])


def test_what_ends_after_the_clock_is_not_over(town_database: Database) -> None:
    """At 10:30 on the 10th the feeder has been out for 30 min; its ends are not known yet."""
    town_database.write(lambda connection: put(connection, OUTAGES))
    clock.set_clock(
        town_database, Actor("test:a", "A", role="admin"),
        at=datetime(2026, 7, 10, 2, 30, tzinfo=UTC), running=False,
    )  # fmt: skip
    wish = ReliabilityWish(date(2026, 7, 10), date(2026, 7, 10), "feeder")
    found = reliability.figures(town_database, ANALYST, wish)
    assert found.company["customer_minutes"] == 244 * 30
    told = reliability_places.story(town_database, ANALYST, wish, "F-07").outages
    assert told["outage_id"].tolist() == ["F"]
    assert told["ended"].isna().all()


def test_customers_can_be_counted_by_dlt_836_too(db: Database) -> None:
    """Over 3 min and not 5: the blink of 3 min is still none. One of 4 min counts here alone."""
    four = ("four", "fault", "transformer:T-007", "2026-07-09 08:00", "2026-07-09 08:04")
    db.write(lambda connection: put(connection, [four]))
    try:
        told = july(db, standard="dlt_836_lv")
        assert (told.rule.basis, told.rule.sustained_min) == ("lv_customer", 3.0)
        assert told.company["customer_minutes"] == 13200.0 + 4 * 4
        assert july(db).company["customer_minutes"] == 13200.0
    finally:
        db.write(lambda c: c.execute("DELETE FROM outages WHERE outage_id = 'four'"))
        db.write(lambda c: meta.touch_facts(c, "outages"))


@pytest.mark.parametrize("by", ["unit", "area", "feeder", "cell"])
def test_every_cell_is_drawn_in_the_figure_of_its_place(db: Database, by: Any) -> None:
    wish = ReliabilityWish(*JULY, by)
    drawn = reliability_places.cells(db, ANALYST, wish, "saidi")
    table = july(db, by=by).table
    assert len(drawn.cells) == 61
    for row in drawn.cells.to_dict("records"):
        place = reliability_places.place_at(db, ANALYST, wish, int(row["cell_id"]))
        assert place is not None
        assert row["value"] == pytest.approx(table.loc[place, "saidi"], rel=1e-6)
        is_few = row["place_index"] in drawn.few
        assert is_few == table.loc[place, "is_few"]


def test_a_cell_of_few_customers_is_drawn_with_its_group(db: Database) -> None:
    """Every cell of the town has four customers, so none is told alone."""
    wish = ReliabilityWish(*JULY, "cell")
    hidden = reliability_places.cells(db, ANALYST, wish, "saidi").cells
    places = {reliability_places.place_at(db, ANALYST, wish, int(one)) for one in hidden["cell_id"]}
    assert 1 < len(places) < 61
    assert set(places) == set(july(db, by="cell").table.index)
    assert (july(db, by="cell").table["served"] >= 5).all()


@pytest.mark.parametrize(
    ("people", "hidden"),
    [({"a": 9, "b": 40}, ""), ({"b": 9, "a": 3, "c": 40}, "ab"), ({"a": 1, "b": 2, "c": 40}, "abc"),
     ({"a": 4, "b": 3, "c": 40}, "ba"), ({"a": 3}, "a")],
)  # fmt: skip
def test_a_hidden_place_is_never_alone(people: dict[str, int], hidden: str) -> None:
    assert list(reliability._hidden(pd.Series(people), 5)) == list(hidden)


def test_a_places_story_adds_up_to_its_figures(db: Database) -> None:
    wish = ReliabilityWish(*JULY, "feeder")
    story = reliability_places.story(db, ANALYST, wish, "F-07")
    told = story.outages.set_index("outage_id")
    assert told.loc["F", "customers"] == 244  # the nested four were out by the feeder first
    assert told.loc["F", "minutes"] == 120.0
    assert told.loc["F", "customer_minutes"] == 240 * 50 + 4 * 120
    assert not told.loc["blink", "is_sustained"]
    lasting = told[told["is_sustained"]]
    assert lasting["customer_minutes"].sum() == story.figures["customer_minutes"]
    with pytest.raises(UserError, match="reliability_place_unknown"):
        reliability_places.story(db, ANALYST, wish, "F-99")


def test_words_of_wishes_come_back_and_others_are_refused() -> None:
    wish = ReliabilityWish(*JULY, "cell", "dlt_836_lv", has_planned=False)
    assert reliability_places.wish_of(reliability_places.wish_word(wish)) == wish
    for word in ("", "2026-07-01.2026-07-16.city.ieee_1366.1.1", "1.2.area.ieee_1366.1.1",
                 "2026-07-01.2026-07-16.area.ieee_1366.1.2"):  # fmt: skip
        with pytest.raises(UserError, match="reliability_wish_unreadable"):
            reliability_places.wish_of(word)


def test_a_file_carries_the_rule_the_days_the_warning_and_who_took_it(db: Database) -> None:
    wish = ReliabilityWish(*JULY, "area", has_planned=False, has_major=False)
    data, name = reliability_export.export_reliability(
        db, ANALYST, wish, form="csv", purpose="report"
    )
    assert name == "reliability-area-20260701-20260716.csv"
    rows = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False).to_dict("records")
    assert sum(float(row["customer_minutes"]) for row in rows) == 12960.0
    assert sum(int(row["cells"]) for row in rows) == 61
    first = rows[0]
    told = {
        "standard": "IEEE 1366", "edition": "2012", "basis": "lv_customer",
        "sustained_over_min": "5", "kinds": "fault load_limit", "first_day": "2026-07-01",
        "last_day": "2026-07-16", "major_days_are": "left out", "major_standing": "too_little",
        "frequent_rule": "3 in 60 days", "exported_by": "user:a", "purpose": "report",
        "classification": "internal", "datum": "WGS-84",
    }  # fmt: skip
    assert {name: first[name] for name in told} == told
    assert {row["warning"] for row in rows} == {""}
    last = audit.latest(db, 1).iloc[0]
    assert (last["event"], last["subject"]) == ("cells_exported", "layer:reliability")


@pytest.mark.parametrize("form", ["xlsx", "gpkg", "parquet", "geojson"])
def test_cells_in_a_file_are_groups_with_their_outline(
    db: Database, tmp_path: Path, form: Any
) -> None:
    wish = ReliabilityWish(*JULY, "cell")
    data, _ = reliability_export.export_reliability(db, ANALYST, wish, form=form, purpose="report")
    file = tmp_path / f"cells.{form}"
    file.write_bytes(data)
    frame = READ.get(form, gpd.read_file)(file)
    assert (frame["served"] >= 5).all()
    assert frame["cells"].sum() == 61
    assert (frame["warning"] == "fewer than 100 served").all()
    if form != "xlsx":
        assert not frame.geometry.is_empty.any()


def test_rules_are_those_of_the_table() -> None:
    told = {one: counting.rule(one) for one in counting.STANDARDS}
    assert [rule.sustained_min for rule in told.values()] == [5.0, 3.0, 3.0]
    assert [rule.edition for rule in told.values()] == ["2012", "2016", "2016"]
    assert (counting.frequent().times, counting.frequent().days) == (3, 60)
    assert (counting.usual_n(), counting.zero_days()) == (3, "dropped")


def test_the_map_is_fetched_by_those_who_may(served: Any) -> None:
    address = "/reliability/cells/0/2026-07-01.2026-07-16.area.ieee_1366.1.1/saidi.bin"
    analyst = served.person("analyst")
    drawn = cells_file.decode(analyst.get(address).content)
    assert len(drawn.cells) == 61
    assert served.person("crew").get(address).status_code == 403
    assert analyst.get(address.replace("saidi", "load")).status_code == 404
    assert analyst.get(address.replace(".area.", ".city.")).status_code == 404
    assert analyst.get(address.replace("2026-07-01", "2027-07-01")).status_code == 404
    north = cells_file.decode(served.person("planner_north").get(address).content)
    assert 0 < len(north.cells) < 61
    kept = analyst.get(address).headers["etag"]
    assert analyst.get(address, headers={"If-None-Match": kept}).status_code == 304


def test_without_a_year_of_history_no_day_is_major(db: Database) -> None:
    found = july(db)
    assert (found.threshold.standing, found.major_days) == ("too_little", [])


def test_a_major_day_is_found_at_the_company_and_left_out_everywhere(
    town_database: Database,
) -> None:
    """Eight days of the year before, each four customers for some minutes, and the feeder's day."""
    minutes = (8, 9, 10, 11, 9, 10, 8, 11)
    past = [
        (f"P{n}", "fault", f"transformer:T-0{n + 20}", f"{day} 10:00", f"{day} 10:{long:02d}")
        for n, long in enumerate(minutes)
        for day in [f"2025-07-0{n + 1}"]
    ]
    town_database.write(lambda connection: put(connection, [*OUTAGES, *past]))
    found = july(town_database, by="area")
    days = [*(4 * m / 244 for m in minutes), 12480 / 244, 240 / 244]
    logs = [math.log(one) for one in days]
    limit = math.exp(statistics.mean(logs) + 2.5 * statistics.stdev(logs))
    assert found.threshold.standing == "provisional"
    assert found.threshold.days == 380  # 1 July 2025 to 15 July 2026
    assert found.threshold.minutes == pytest.approx(limit)
    assert found.major_days == [date(2026, 7, 10)]
    without = july(town_database, by="area", has_major=False)
    assert without.company["customer_minutes"] == 720.0
    assert without.table["customer_minutes"].sum() == 720.0


def test_days_that_cannot_be_judged_are_refused(db: Database) -> None:
    for first, last in (((2026, 7, 16), (2026, 7, 15)), ((2026, 7, 17), (2026, 7, 18))):
        with pytest.raises(UserError, match="reliability_span"):
            reliability.figures(db, ANALYST, ReliabilityWish(date(*first), date(*last)))


def test_more_than_five_years_are_refused(db: Database) -> None:
    with pytest.raises(UserError, match="reliability_long"):
        reliability.figures(db, ANALYST, ReliabilityWish(date(2021, 7, 12), date(2026, 7, 16)))
    assert reliability.figures(db, ANALYST, ReliabilityWish(date(2021, 7, 13), date(2026, 7, 16)))


def test_a_deed_shows_at_once(town_database: Database) -> None:
    """T-010's four since 120 min, of whom nobody is out any more after the step an hour ago."""
    assert july(town_database).company["customer_minutes"] == 480.0
    dispatcher = Actor("user:d", "D", role="dispatcher")
    hour_ago = datetime(2026, 7, 16, 10, 40, tzinfo=UTC)
    back = outage_deeds.StepWish("restored", "transformer:T-010", at=hour_ago)
    outage_deeds.step(town_database, dispatcher, "OUT-1", back)
    assert july(town_database).company["customer_minutes"] == 240.0


def test_few_answers_with_a_row_for_everybody_are_kept(db: Database) -> None:
    first = [reliability.asked(db, ANALYST, ReliabilityWish(*JULY, n=n)) for n in range(1, 6)]
    again = [reliability.asked(db, ANALYST, ReliabilityWish(*JULY, n=n)) for n in (5, 1)]
    assert [again[0] is first[4], again[1] is first[0]] == [True, False]


def test_an_outage_of_no_known_customer_counts_by_its_own_number(town_database: Database) -> None:
    def change(connection: Connection) -> None:
        put(connection, [("far", "fault", "feeder:gone", "2026-07-02 10:00", "2026-07-02 11:00")])
        connection.execute("UPDATE outages SET customers_affected = 7 WHERE outage_id = 'far'")

    town_database.write(change)
    found = july(town_database, by="area")
    assert found.company["customer_minutes"] == 480 + 7 * 60
    assert found.elsewhere == 7 * 60


def test_who_has_no_business_with_it_is_refused(db: Database) -> None:
    with pytest.raises(AccessDenied):
        july(db, actor=Actor("user:c", "C", role="crew"))


def test_the_command_tells_the_same(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(db.path)
    told = july(db, by="feeder").company
    db.close()
    words = ["reliability", "--from", "2026-07-01", "--to", "2026-07-16", "--by", "feeder"]
    file = Path(path).with_name("feeders.csv")
    assert main([*words, "--json", "--db", path, "--out", str(file), "--for", "report"]) == 0
    assert "F-07" in file.read_text(encoding="utf-8-sig")
    said = json.loads(capsys.readouterr().out)
    assert said["company"]["saidi"] == told["saidi"]
    assert (said["basis"], said["edition"]) == ("lv_customer", "2012")
    assert [one["place"] for one in said["places"]] == ["F-07"]
