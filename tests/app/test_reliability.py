"""Reliability on the little town, against figures worked by hand."""

import json
import math
import statistics
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.store import meta
from app.store.database import Connection, Database
from app.store.scope import Scope
from app.use_cases import reliability
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
    assert main([*words, "--json", "--db", path]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["company"]["saidi"] == told["saidi"]
    assert (said["basis"], said["edition"]) == ("lv_customer", "2012")
    assert [one["place"] for one in said["places"]] == ["F-07"]
