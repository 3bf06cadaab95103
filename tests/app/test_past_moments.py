"""What is told of readings and losses at a past moment is what was known then."""

from datetime import date, timedelta

import pandas as pd
import pytest

from app.store.database import Database
from app.use_cases import clock, customers, feeder_losses, theft_runs, theft_suspects
from app.use_cases.actors import Actor
from tests.app.test_theft_store import files, fill
from tests.conftest import NOW, LittleTown
from tests.grid_cells.theft_town import town

CLERK = Actor("town-clerk", "孙悦", role="hall_clerk")
ADMIN = Actor("test:anna", "Anna", role="admin")
SEES = Actor("town-inspector", "钱勇", role="inspector")


def test_a_customers_card_shows_what_had_come_in(town_database: Database, town: LittleTown) -> None:
    number = town.numbers()[5]

    def shown(now=NOW):
        return customers.card(town_database, CLERK, number, now).readings

    days = pd.to_datetime(shown()["day"])
    assert len(days) == 15
    late = "UPDATE meter_readings SET received_at = ? WHERE meter_id = ? AND day = ?"
    town_database.write(
        lambda c: c.execute(late, [NOW + timedelta(hours=1), f"M{number}", date(2026, 7, 15)])
    )
    assert len(shown()) == 14
    assert len(shown(NOW + timedelta(hours=2))) == 15
    # without a stamp a day is not known before it began
    assert pd.to_datetime(shown(NOW - timedelta(days=10))["day"]).max() == pd.Timestamp(
        "2026-07-06"
    )


@pytest.fixture
def lossy(tmp_path):
    """A theft that shows only in readings that came in late: known in the second of two runs."""
    with Database(tmp_path / "past.duckdb") as db:
        frames = files(town(4))
        lines = frames["transformers"].assign(feeder_id="F9")
        fill(db, tmp_path, **frames | {"transformers": lines})
        yield db


def at(db: Database, moment) -> None:
    db.write(
        lambda c: (
            c.execute("UPDATE meta SET value = 'sample' WHERE name = 'origin'"),
            clock.start_clock(c, at=moment, running=False),
        )
    )


def test_days_of_balances_are_those_known_at_the_moment(lossy: Database) -> None:
    last = lossy.query("SELECT max(day) AS d FROM meter_readings")["d"].iloc[0]
    early = pd.Timestamp(last, tz="UTC").to_pydatetime() + timedelta(days=2)
    late = early + timedelta(days=5)
    line = lossy.query("SELECT min(transformer_id) AS t FROM transformers")["t"].iloc[0]
    lossy.write(
        lambda c: c.execute(
            "UPDATE meter_readings SET received_at = ? WHERE day = ? AND meter_id IN"
            " (SELECT meter_id FROM meters WHERE transformer_id = ? AND role = 'master')",
            [late - timedelta(days=1), last, line],
        )
    )

    def known() -> tuple[bool, int]:
        days = theft_suspects.losses(lossy, SEES, [line])
        row = days[days["day"] == pd.Timestamp(last)].iloc[0]
        held = feeder_losses.held(lossy, SEES).days
        return bool(row["is_known"]), int(held["is_known"].sum())

    at(lossy, early)
    first = theft_runs.run(lossy, ADMIN, lambda _: None)
    before = known()
    at(lossy, late)
    assert theft_runs.run(lossy, ADMIN, lambda _: None).run_id != first.run_id
    after = known()
    assert (before[0], after[0]) == (False, True)
    assert after[1] == before[1] + 1
    at(lossy, early)
    assert known() == before
    theft_runs.run(lossy, ADMIN, lambda _: None)  # the days held are the early ones again
    assert known() == before
    at(lossy, late)  # they are not those of the run that is shown now
    assert known() == after
    theft_runs.run(lossy, ADMIN, lambda _: None)
    assert known() == after
    at(lossy, early - timedelta(days=1))
    assert feeder_losses.held(lossy, SEES).days.empty
