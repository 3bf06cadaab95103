"""Who is out from when to when: steps, nested outages, the links of that day; worked by hand."""

from datetime import date, datetime

import pytest

from app.store import cells as cell_store
from app.store import outage_film, outages, places
from app.store.database import Connection, Database
from app.store.scope import Scope, ScopedDatabase
from app.use_cases import outage_story, reliability, service_map
from app.use_cases.actors import Actor
from app.use_cases.reliability import ReliabilityWish
from grid_cells import outage_film as film_rules
from tests.app.outage_town import NOW, at, put, put_feeder

ANALYST = Actor("user:a", "A", role="analyst")
DISPATCHER = Actor("user:d", "D", role="dispatcher")


@pytest.fixture
def db(town_database: Database) -> Database:
    """The town without the outage it comes with."""
    town_database.write(lambda connection: connection.execute("DELETE FROM outages"))
    town_database.write(outages.touch)
    return town_database


def out(db: Database, *moments: datetime) -> list[int]:
    return [cell_store.total_out(db.read(), moment) for moment in moments]


def minutes(db: Database, standard: str = "ieee_1366") -> float:
    wish = ReliabilityWish(date(2026, 7, 1), date(2026, 7, 16), standard=standard)
    return float(reliability.figures(db, ANALYST, wish).company["customer_minutes"])


def test_supply_comes_back_in_steps_and_stays_away_under_a_restored_feeder(db):
    put_feeder(db)
    moments = (at(9, 59), at(10), at(10, 30), at(10, 40), at(11), at(12))
    assert out(db, *moments) == [0, 244, 240, 239, 4, 0]


def test_customer_minutes_are_those_of_each_customers_own_steps(db):
    """4 · 30 + 1 · 40 + 235 · 60 + 4 · 120 of the nested, which go on from 10:00 to 12:00 once."""
    put_feeder(db)
    assert minutes(db) == 120 + 40 + 14100 + 480


def test_a_transformer_counts_by_its_own_steps(db):
    """T-001 30 min, T-003 120 min, 59 others 60 min; a single customer does not restore a user."""
    put_feeder(db)
    assert minutes(db, "dlt_836") == 30 + 120 + 59 * 60


def test_what_a_step_puts_out_later_is_out_later_and_may_go_out_again(db):
    """T-005: 10:00-10:10 and 10:30-11:00; T-006: 10:20-11:00; four customers each."""
    steps = (
        (at(10), "out", "transformer:T-005", 4),
        (at(10, 20), "out", "transformer:T-006", 4),
        (at(10, 10), "restored", "transformer:T-005", 4),
        (at(10, 30), "out", "transformer:T-005", 4),
    )
    put(db, "O", "transformer:T-005;transformer:T-006", at(10), at(11), steps)
    moments = (at(10, 5), at(10, 15), at(10, 25), at(10, 45), at(11))
    assert out(db, *moments) == [4, 0, 4, 8, 0]
    assert minutes(db) == 4 * (10 + 30) + 4 * 40


def test_a_later_step_adds_to_the_scope_that_was_out_from_the_beginning(db):
    steps = ((at(10, 20), "out", "transformer:T-006", None),)
    put(db, "O", "transformer:T-005", at(10), at(11), steps)
    assert out(db, at(10), at(10, 20)) == [4, 8]


def test_out_and_restored_in_the_same_moment_is_restored(db):
    steps = (
        (at(10), "out", "feeder:F-07", None),
        (at(10), "restored", "transformer:T-005", None),
    )
    put(db, "O", "feeder:F-07", at(10), at(11), steps)
    assert out(db, at(10), at(10, 30)) == [240, 240]
    spans = outages.cell_spans(db.read(), at(9), at(12))
    assert (spans["out_at"] < spans["back_at"]).all()


def test_the_links_are_those_of_the_day_on_which_it_began(db):
    """Customer 81 is at T-020 until the 11th and at T-021 afterwards."""

    def move(connection: Connection) -> None:
        connection.execute(
            "UPDATE meters SET valid_to = '2026-07-11' WHERE customer_no = '0000000081'"
        )
        connection.execute(
            "INSERT INTO meters (meter_id, customer_no, transformer_id, role, valid_from)"
            " VALUES ('M-new', '0000000081', 'T-021', 'billing', '2026-07-11')"
        )  # fmt: skip

    db.write(move)
    put(db, "before", "transformer:T-020", at(10), at(11))
    put(db, "after", "transformer:T-020", at(10, day=12), at(11, day=12))
    put(db, "new home", "transformer:T-021", at(10, day=13), at(11, day=13))
    assert out(db, at(10), at(10, day=12), at(10, day=13)) == [4, 3, 5]
    assert cell_store.outage_of(db.read(), "0000000081", at(10))["outage_id"] == "before"
    assert cell_store.outage_of(db.read(), "0000000081", at(10, day=12)) is None


def test_steps_that_only_count_make_lots(db):
    """Ten out, four back after 10 min, six after 30: 40 + 180 min."""
    steps = ((at(10, 10), "restored", None, 4), (at(10, 30), "restored", None, 6))
    put(db, "far", "feeder:gone", at(10), at(10, 30), steps, customers_affected=10)
    assert out(db, at(10), at(10, 10), at(10, 30)) == [10, 6, 0]
    assert minutes(db) == 4 * 10 + 6 * 30


def test_steps_that_do_not_add_up_leave_the_outages_own_count(db):
    steps = ((at(10, 10), "restored", None, 11),)
    put(db, "far", None, at(10), at(10, 30), steps, customers_affected=10)
    assert minutes(db) == 10 * 30


STEPS = [  # 100 out; twenty more after 10 min, 50 of them back after 20; then the end after 40
    (((10, "out", 20), (20, "restored", 50)), 100, [100, 120, 70], 100 * 40 + 20 * 30 - 50 * 20),
    (((0, "out", 100), (10, "out", 20), (20, "restored", 50)), 999, [100, 120, 70], 3600),
    (((0, "out", 300),), None, [300, 300, 300], 300 * 40),
    (((5, "out", 300), (20, "restored", 100)), None, [0, 300, 200], 300 * 35 - 100 * 20),
]


@pytest.mark.parametrize(("steps", "own", "levels", "served"), STEPS)
def test_outages_told_by_counts_are_counted_alike_everywhere(db, steps, own, levels, served):
    """The film, the story, the list, the map's cells and Reliability follow one rule."""
    told = tuple((at(10, after), change, None, count) for after, change, count in steps)
    put(db, "far", None, at(10), at(10, 40), told, customers_affected=own)
    moments = [at(10), at(10, 10), at(10, 20)]
    assert out(db, *moments, at(10, 40)) == [*levels, 0]
    spans = outage_film.spans(db.read(), at(9), at(11))
    assert [film_rules.customers_out(spans, one) for one in (*moments, at(10, 40))] == [*levels, 0]
    stories = [outage_story.story(db, DISPATCHER, "far", one) for one in (*moments, at(11))]
    assert [one.customers_out for one in stories] == [*levels, 0]
    assert (stories[-1].customers_peak, stories[-1].customers_ever) == (max(levels),) * 2
    points = outages.outage_points(db.read(), at(10, 20)).iloc[0]
    assert (points["customers_out"], points["customers_affected"]) == (levels[-1], max(levels))
    assert minutes(db) == served


def test_what_happens_later_is_not_known_yet(db):
    put_feeder(db)
    spans = outages.cell_spans(db.read(), at(9), at(10, 35))
    feeder = spans[spans["outage_id"] == "F"]
    assert feeder.loc[feeder["back_at"].notna(), "customers"].sum() == 4
    assert feeder.loc[feeder["back_at"].isna(), "customers"].sum() == 240
    points = outages.outage_points(db.read(), at(10, 35)).set_index("outage_id")
    assert points["customers_out"].to_dict() == {"F": 240, "N": 4}
    assert points.loc["F", "customers_affected"] == 244


def test_spans_by_cell_hold_every_customers_time(db):
    put_feeder(db)
    spans = outages.cell_spans(db.read(), at(9), at(13))
    length = (spans["back_at"] - spans["out_at"]).dt.total_seconds() / 60 * spans["customers"]
    assert length.sum() == 120 + 40 + 239 * 60 + 4 * 115
    here = spans[(spans["out_at"] <= at(10, 45)) & (spans["back_at"] > at(10, 45))]
    shown = cell_store.customers_out(db.read(), at(10, 45)).set_index("cell_id")["value"]
    feeder = here[here["outage_id"] == "F"].groupby("cell_id")["customers"].sum()
    assert feeder.to_dict() == shown[shown > 0].astype(int).to_dict()


def test_a_restored_customers_outage_still_stands_but_not_over_them(db):
    put_feeder(db)
    assert cell_store.outage_of(db.read(), "0000000005", at(10, 29))["outage_id"] == "F"
    assert cell_store.outage_of(db.read(), "0000000005", at(10, 30)) is None
    assert set(places.open_outages(db.read(), at(10, 45))["outage_id"]) == {"F", "N"}


def test_an_estimate_is_the_one_told_by_then(db):
    put(db, "O", "transformer:T-005", at(10), None, estimated_restore_at=at(14))
    assert outages.outage_points(db.read(), at(10))["estimated_restore_at"].iloc[0] == at(14)
    told = [("O", at(10, 10), at(12)), ("O", at(11), at(14))]
    db.write(
        lambda connection: connection.executemany(
            "INSERT INTO outage_estimates (outage_id, told_at, estimated_restore_at, actor)"
            " VALUES (?, ?, ?, 'x')",
            told,
        )
    )
    assert outages.outage_points(db.read(), at(10, 5))["estimated_restore_at"].isna().all()
    assert outages.outage_points(db.read(), at(10, 30))["estimated_restore_at"].iloc[0] == at(12)
    assert outages.outage_points(db.read(), at(11))["estimated_restore_at"].iloc[0] == at(14)


def test_a_station_sees_an_outage_made_live_at_once_and_only_its_own_side(db, town):
    west = next(n for n in range(61) if town.is_west(n))
    east = next(n for n in range(61) if not town.is_west(n))
    seen = ScopedDatabase(db, Scope("S1"))
    assert seen.query("SELECT * FROM outages").empty
    put(db, "E", f"transformer:T-{east:03d}", at(10), None)
    assert seen.query("SELECT * FROM outages").empty
    put(db, "W", f"transformer:T-{west:03d}", at(10), None)
    assert seen.query("SELECT outage_id FROM outages")["outage_id"].tolist() == ["W"]
    step = "INSERT INTO outage_steps (outage_id, step_at, change, scope) VALUES ('E', ?, 'out', ?)"
    part = f"transformer:T-{west:03d}"
    db.write(lambda connection: connection.execute(step, [at(10, 30), part]))
    both = seen.query("SELECT outage_id, customers_affected FROM outages ORDER BY outage_id")
    assert both["outage_id"].tolist() == ["E", "W"]
    assert both["customers_affected"].iloc[0] == 4
    assert [cell_store.total_out(seen.read(), at(10, n)) for n in (0, 30)] == [4, 4]


def test_what_was_kept_of_outages_is_stale_after_a_deed(db):
    before = service_map.facts_version(db, NOW)
    db.write(outages.touch)
    assert service_map.facts_version(db, NOW) != before


@pytest.mark.parametrize("alone", [False, True])
def test_whoever_has_billing_meters_on_two_lines_is_one_and_out_until_the_last_is_back(db, alone):
    """T-001 back after 30 min, T-002 after 60: 3 · 30 + 4 · 60 and 60 of the one with both.

    Named alone, one of T-002's four is back after 20 min already.
    """

    def change(connection: Connection) -> None:
        connection.execute(
            "INSERT INTO meters (meter_id, customer_no, transformer_id, role)"
            " VALUES ('M-two', '0000000005', 'T-002', 'billing')"
        )
        outages.touch(connection)

    db.write(change)
    steps = ((at(10, 30), "restored", "transformer:T-001", None),)
    if alone:
        steps = (*steps, (at(10, 20), "restored", "customer:0000000012", None))
    put(db, "O", "transformer:T-001;transformer:T-002", at(10), at(11), steps)
    assert out(db, at(10, 10), at(10, 40), at(11)) == [8, 4 if alone else 5, 0]
    found = film_rules.customers_out(
        outage_film.spans(db.read(), at(9), at(12)), at(10, 10)
    )  # fmt: skip
    assert found == 8
    assert minutes(db) == 90 + 240 + 60 - (40 if alone else 0)
    assert outage_story.story(db, DISPATCHER, "O", at(10, 10)).customers_out == 8
