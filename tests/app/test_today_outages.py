"""The lines of Today about outages and promises: each with since when, whose, and the way there."""

from datetime import timedelta

import pytest

from app.store import meta
from app.store.database import Connection, Database
from app.use_cases import today
from app.use_cases.actors import Actor
from app.use_cases.today_scene import TodayLine
from tests.app.outage_town import call, put
from tests.conftest import NOW, LittleTown

BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")
INSPECTOR = Actor("user:town-inspector", "钱勇", role="inspector")


def lines(db: Database, actor: Actor = BOSS) -> dict[str, TodayLine]:
    return {one.code: one for one in today.lines(db, actor, NOW)}


def mark(db: Database, number: str, **values: object) -> None:
    """Change a customer's archive row."""
    names = ", ".join(f"{name} = ?" for name in values)

    def change(connection: Connection) -> None:
        connection.execute(
            f"UPDATE customers SET {names} WHERE customer_no = ?", [*values.values(), number]
        )
        meta.touch_facts(connection, "customers")

    db.write(change)


def test_an_outage_without_news_is_told_with_the_last_of_it(town_database: Database) -> None:
    """OUT-1 has been out for two hours and nobody said anything."""
    line = lines(town_database)["today_no_news"]
    assert line.values == {"count": 1, "n": 30, "outage": "OUT-1"}
    assert line.since == NOW - timedelta(hours=2)
    assert line.link == {"page": "outages", "outage": "OUT-1"}


def test_a_fresh_outage_is_not_silent_yet(town_database: Database) -> None:
    town_database.write(lambda c: c.execute("DELETE FROM outages"))
    put(town_database, "NEW", "transformer:T-020", NOW - timedelta(minutes=29), None)
    assert "today_no_news" not in lines(town_database)


def test_an_estimate_that_has_passed_is_overdue(town_database: Database) -> None:
    assert "today_overdue" not in lines(town_database)
    since = NOW - timedelta(minutes=5)
    put(town_database, "LATE", "transformer:T-020", NOW - timedelta(hours=1), None,
        estimated_restore_at=since)  # fmt: skip
    line = lines(town_database)["today_overdue"]
    assert (line.values, line.since) == ({"count": 1, "outage": "LATE"}, since)


@pytest.mark.parametrize(
    ("second", "is_out"), [(None, True), ("F-09", False), ("F-07", True)]
)  # fmt: skip
def test_an_important_customer_counts_unless_its_second_feeder_is_alive(
    town_database: Database, second: str | None, is_out: bool
) -> None:
    """0000000041 hangs on T-010, which is out; F-07 is wholly out, F-09 is not."""
    put(town_database, "WIDE", "feeder:F-07", NOW - timedelta(minutes=50), None)
    mark(town_database, "0000000041", importance_code="1", second_feeder_id=second)
    found = lines(town_database)
    assert ("today_important_out" in found) is is_out
    if is_out:
        line = found["today_important_out"]
        assert (line.severity, line.values) == ("red", {"count": 1, "what": ["OUT-1"]})
        assert line.since == NOW - timedelta(hours=2)


def test_an_important_customer_among_four_is_told_to_those_who_may_know(
    town_database: Database,
) -> None:
    """OUT-1 holds the four customers of T-010."""
    mark(town_database, "0000000041", importance_code="1")
    assert "today_important_out" in lines(town_database)
    assert "today_important_out" not in lines(
        town_database, Actor("user:town-manager", "周明", role="manager")
    )


def test_dark_homes_behind_a_restored_outage_are_found(
    town_database: Database, town: LittleTown
) -> None:
    back = NOW - timedelta(minutes=20)
    put(town_database, "F", "feeder:F-07", NOW - timedelta(hours=1), back)
    put(town_database, "N", "transformer:T-003", NOW - timedelta(minutes=55), None,
        parent_outage_id="F")  # fmt: skip
    line = lines(town_database)["today_dark_homes"]
    assert (line.values, line.since) == ({"count": 4, "outage": "F"}, back)
    assert line.link == {"page": "outages", "outage": "N"}


def test_behind_an_outage_that_is_still_open_nobody_is_left_yet(town_database: Database) -> None:
    put(town_database, "F", "feeder:F-07", NOW - timedelta(hours=1), NOW + timedelta(minutes=1))
    put(town_database, "N", "transformer:T-003", NOW - timedelta(minutes=55), None,
        parent_outage_id="F")  # fmt: skip
    assert "today_dark_homes" not in lines(town_database)


def test_promises_that_broke_and_that_are_about_to(town_database: Database) -> None:
    """Promised are 45 minutes: 60 are over by 15, of 40 five are left, of 10 more than enough."""
    for report, minutes in (("R1", 60), ("R2", 40), ("R3", 10)):
        registered = NOW - timedelta(minutes=minutes)
        call(town_database, report, "0000000041", registered, promise_class="city")
    found = lines(town_database)
    broken, risk = found["today_promises_broken"], found["today_promises_risk"]
    assert (broken.severity, broken.values) == ("red", {"count": 1, "order": "R1", "wait": 60})
    assert broken.since == NOW - timedelta(minutes=15)
    assert broken.link == {"page": "promises", "order": "R1"}
    assert (risk.severity, risk.values) == ("amber", {"count": 1, "order": "R2", "left": 5})
    assert not [code for code in lines(town_database, INSPECTOR) if "promises" in code]
