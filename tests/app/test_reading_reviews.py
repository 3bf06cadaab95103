"""Readings in doubt: found by a check, reviewed by two persons, corrected, never overwritten."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from app.cli import main
from app.store import reading_reviews as store
from app.store import readings as reading_store
from app.store import theft_hotspots, theft_readings
from app.store.database import Database
from app.store.scope import Scope
from app.store.theft_readings import Span
from app.use_cases import (
    clock,
    derive,
    reading_checks,
    reading_exports,
    reading_figures,
    reading_reviews,
)
from app.use_cases import reading_review_steps as steps
from app.use_cases.actors import Actor
from app.use_cases.jobs import StoppedError
from app.use_cases.reading_figures import CellWish
from app.use_cases.reading_review_steps import CheckWish, EntryWish
from app.use_cases.reading_reviews import QueueWish
from grid_cells.errors import AccessDenied, UserError
from tests.app.theft_town import ANALYST, INSPECTOR, MANAGER
from tests.conftest import LOADER, NOW, LittleTown

FIRST = date(2026, 7, 1)
FROZEN, SPIKING, SILENT, EARLY = 8, 9, 10, 11
"""Places of the customers whose meters fail; 8 to 11 are behind T-002."""
CORRECT = CheckWish("corrected", "transfer_error")


def meter(town: LittleTown, place: int) -> str:
    return f"M{town.numbers()[place]}"


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@pytest.fixture
def db(town_database: Database, town: LittleTown) -> Database:
    """The town with four meters that fail, of two makers."""

    def spoil(connection):
        ask = connection.execute
        maker = "CASE WHEN meter_id[-1:] IN ('9', '0') THEN 'Bad' ELSE 'Good' END"
        ask(f"UPDATE meters SET maker = {maker}")
        where = "WHERE meter_id = ? AND day BETWEEN ? AND ?"
        ask(
            f"UPDATE meter_readings SET energy_kwh = 7.25 {where}",
            [meter(town, FROZEN), day(2), day(7)],
        )
        ask(
            f"UPDATE meter_readings SET energy_kwh = 400 {where}",
            [meter(town, SPIKING), day(9), day(9)],
        )
        ask(f"DELETE FROM meter_readings {where}", [meter(town, SILENT), day(4), day(6)])
        noon = datetime(2026, 7, 13, 4, tzinfo=UTC)  # at Shanghai's noon the 13th is not over
        ask(
            f"UPDATE meter_readings SET received_at = ? {where}",
            [noon, meter(town, EARLY), day(12), day(12)],
        )

    town_database.write(spoil)
    return town_database


def found(db: Database, town: LittleTown) -> dict[int, pd.Series]:
    """The reviews of a first check by the customer's place."""
    reading_checks.check(db, LOADER)
    rows = reading_reviews.queue(db, ANALYST)
    places = {meter(town, place): place for place in (FROZEN, SPIKING, SILENT, EARLY)}
    return {places[row["meter_id"]]: row for _, row in rows.iterrows()}


def reading(db: Database, town: LittleTown, place: int, on: date, now: datetime = NOW) -> list:
    return db.read().execute(
        f"SELECT energy_kwh, source FROM {store.READINGS} r WHERE meter_id = $meter AND day = $day",
        {"meter": meter(town, place), "day": on, "now": now},
    ).fetchall()  # fmt: skip


def corrected(db: Database, review: int, wish: CheckWish = CORRECT) -> None:
    steps.check(db, MANAGER, [review], wish)
    steps.decide(db, ANALYST, [review], agrees=True)


def test_a_check_puts_what_is_in_doubt_into_the_queue_once(db, town):
    told = found(db, town)
    assert {place: row["finding"] for place, row in told.items()} == {
        FROZEN: "frozen", SPIKING: "spike", SILENT: "missing", EARLY: "clock",
    }  # fmt: skip
    silent = told[SILENT]
    assert (silent["first_day"], silent["last_day"]) == (day(4), day(6))
    assert silent["missing"] == 3
    assert told[SPIKING]["original_kwh"] == 400
    assert set(reading_reviews.queue(db, ANALYST)["entered_how"]) == {"rules"}
    assert reading_checks.check(db, LOADER).entered == 0
    assert reading_checks.latest(db, ANALYST).findings == 11  # 6 frozen, 1, 3 and 1 more
    assert not reading_checks.latest(db, ANALYST).is_stale


def test_a_correction_counts_as_manual_and_what_stood_there_stays(db, town):
    review = int(found(db, town)[SPIKING]["review_id"])
    assert reading(db, town, SPIKING, day(9)) == [(400.0, "measured")]
    corrected(db, review, replace(CORRECT, kwh=9.5))
    assert reading(db, town, SPIKING, day(9)) == [(9.5, "manual")]
    kept = db.query("SELECT energy_kwh, source FROM meter_readings WHERE energy_kwh = 400")
    assert kept["source"].tolist() == ["measured"]
    days = reading_reviews.one(db, ANALYST, review).days
    assert (days["original_kwh"].tolist(), days["kwh"].tolist()) == ([400.0], [9.5])
    number = town.numbers()[SPIKING]
    shown = theft_hotspots.customer_days(db.read(), number, day(9), day(9), NOW)
    assert shown["energy_kwh"].tolist() == [9.5]
    # before it was made nobody knew it
    assert reading(db, town, SPIKING, day(9), NOW - timedelta(hours=1)) == [(400.0, "measured")]
    steps.take_back(db, MANAGER, [review])
    assert reading(db, town, SPIKING, day(9)) == [(400.0, "measured")]
    held = reading_reviews.one(db, ANALYST, review)
    assert held.steps["step"].tolist() == ["checked", "corrected", "taken_back"]
    assert held.steps["is_void"].tolist() == [False, True, False]
    assert held.row["state"] == "checked"


def test_days_without_a_reading_get_what_is_usual_until_one_comes(db, town):
    told = found(db, town)[SILENT]
    corrected(db, int(told["review_id"]), CheckWish("corrected", "not_read"))
    # all days of the meter but these three: 4 + 0 + day % 7, around the 5th of July
    usual = [float(row[0][0]) for row in (reading(db, town, SILENT, day(n)) for n in (4, 5, 6))]
    assert sum(usual) == pytest.approx(told["usual_kwh"])
    assert reading(db, town, SILENT, day(4))[0][1] == "manual"
    insert = "INSERT INTO meter_readings (meter_id, day, energy_kwh, source)"
    late = [meter(town, SILENT), day(4)]
    names, after = "(meter_id, day, energy_kwh, received_at)", NOW + timedelta(hours=1)
    db.write(
        lambda c: c.execute(
            f"INSERT INTO meter_readings {names} VALUES (?, ?, 9, ?)",
            [meter(town, SILENT), day(5), after],
        )
    )
    sources = [one[1] for one in reading(db, town, SILENT, day(5))]
    assert "manual" in sources  # what has not come in yet takes no correction's place
    assert reading(db, town, SILENT, day(5), after)[0][0] == 9.0
    db.write(lambda c: c.execute("DELETE FROM meter_readings WHERE received_at = ?", [after]))
    db.write(lambda c: c.execute(f"{insert} VALUES (?, ?, 8, 'late')", late))
    assert reading(db, town, SILENT, day(4)) == [(8.0, "late")]
    assert reading(db, town, SILENT, day(5))[0][1] == "manual"


def test_a_corrected_reading_is_in_the_balance_but_never_measured(db, town):
    def hang(connection):
        connection.execute(
            "INSERT INTO meters (meter_id, transformer_id, role)"
            " VALUES ('MASTER', 'T-002', 'master')"
        )
        connection.execute(
            "INSERT INTO meter_readings (meter_id, day, energy_kwh, source)"
            " SELECT DISTINCT 'MASTER', day, 500 + day(day), 'measured' FROM meter_readings"
        )

    db.write(hang)

    def balance():
        span = Span(FIRST, day(14), NOW)
        db.write(lambda c: theft_readings.rebuild_loss_days(c, span, 0.7, "1"))
        where = "transformer_id = 'T-002' AND day = ?"
        return db.query(f"SELECT * FROM loss_days WHERE {where}", [day(9)]).iloc[0]

    before = balance()
    corrected(db, int(found(db, town)[SPIKING]["review_id"]), replace(CORRECT, kwh=8.0))
    after = balance()
    assert before["forward_kwh"] - after["forward_kwh"] == 392
    assert (before["measured"], after["measured"]) == (1.0, 0.75)


def test_energy_is_worked_out_anew_when_a_correction_was_not_yet_known(db, town):
    corrected(db, int(found(db, town)[SPIKING]["review_id"]), replace(CORRECT, kwh=8.0))
    keys = [derive._keys(db.read(), at)["energy"] for at in (NOW, NOW - timedelta(hours=1))]
    assert keys[0] != keys[1]


def test_what_was_corrected_counts_as_not_measured_in_scores(db, town):
    name = meter(town, SPIKING)
    rows = pd.DataFrame(
        {"row": [0], "meter_id": [name], "multiplier": [1.0], "begins": [0], "ends": [15]}
    )

    def days():
        lots = theft_readings.readings(db.read(), Span(FIRST, day(14), NOW), rows)
        return {int(one) for lot in lots for one in lot[1]}

    before = days()
    corrected(db, int(found(db, town)[SPIKING]["review_id"]), replace(CORRECT, kwh=8.0))
    assert before - days() == {9}


def test_two_persons_decide(db, town):
    review = int(found(db, town)[SPIKING]["review_id"])
    with pytest.raises(UserError, match="review_not_now"):
        steps.decide(db, ANALYST, [review], agrees=True)
    steps.check(db, ANALYST, [review], CheckWish("accepted", "real_use"))
    with pytest.raises(UserError, match="review_same_person"):
        steps.decide(db, ANALYST, [review], agrees=True)
    assert not reading_reviews.one(db, ANALYST, review).may_decide
    assert reading_reviews.one(db, MANAGER, review).may_decide
    steps.decide(db, MANAGER, [review], agrees=False)
    assert reading_reviews.one(db, MANAGER, review).row["state"] == "entered"


def test_only_what_was_seen_is_decided_and_a_corrected_day_is_not_doubted_again(db, town):
    review = int(found(db, town)[SPIKING]["review_id"])
    steps.check(db, MANAGER, [review], replace(CORRECT, kwh=9.5))
    seen = {review: reading_reviews.one(db, ANALYST, review).row["step_id"]}
    steps.check(db, MANAGER, [review], replace(CORRECT, kwh=95.0))
    with pytest.raises(UserError, match="review_changed"):
        steps.decide(db, ANALYST, [review], agrees=True, seen=seen)
    assert reading(db, town, SPIKING, day(9)) == [(400.0, "measured")]
    seen = {review: reading_reviews.one(db, ANALYST, review).row["step_id"]}
    steps.decide(db, ANALYST, [review], agrees=True, seen=seen)
    assert reading(db, town, SPIKING, day(9)) == [(95.0, "manual")]
    with pytest.raises(UserError, match="review_is_corrected"):
        steps.enter(db, MANAGER, EntryWish(meter(town, SPIKING), day(8), day(9)))
    steps.enter(db, MANAGER, EntryWish(meter(town, SPIKING), day(7), day(8)))


def test_who_entered_it_does_not_accept_it(db, town):
    wish = EntryWish(meter(town, 20), day(3), day(4), "doubt", "looks odd")
    review = steps.enter(db, MANAGER, wish)
    with pytest.raises(UserError, match="review_is_in_queue"):
        steps.enter(db, ANALYST, replace(wish, first_day=day(4), last_day=day(5)))
    steps.check(db, ANALYST, [review], CheckWish("accepted", "real_use"))
    with pytest.raises(UserError, match="review_same_person"):
        steps.decide(db, MANAGER, [review], agrees=True)
    steps.decide(db, LOADER, [review], agrees=True)
    assert reading_reviews.counted(db, ANALYST) == {"accepted": 1}


def test_several_are_decided_together_or_not_at_all(db, town):
    told = found(db, town)
    both = [int(told[place]["review_id"]) for place in (SPIKING, FROZEN)]
    steps.check(db, MANAGER, both[:1], CORRECT)
    with pytest.raises(UserError, match="review_not_now"):
        steps.decide(db, ANALYST, both, agrees=True)
    assert "corrected" not in reading_reviews.counted(db, ANALYST)
    steps.check(db, MANAGER, both[1:], CheckWish("accepted", "real_use"))
    steps.decide(db, ANALYST, both, agrees=True)
    counts = reading_reviews.counted(db, ANALYST)
    assert (counts["corrected"], counts["accepted"]) == (1, 1)
    events = db.query("SELECT event FROM audit_log WHERE event LIKE 'reading%' ORDER BY event_id")
    assert events["event"].tolist()[-2:] == ["reading_corrected", "reading_accepted"]


def test_what_two_persons_accepted_is_no_finding_any_more(db, town):
    told = found(db, town)
    before = reading_figures.trend(db, ANALYST)["spike"].sum()
    assert before == 1
    corrected(db, int(told[SPIKING]["review_id"]), CheckWish("accepted", "real_use"))
    maker = reading_figures.figures(db, INSPECTOR_TOO, "maker").set_index("name")
    assert maker["spike"].sum() == 0
    reading_checks.check(db, LOADER)
    assert reading_figures.trend(db, ANALYST)["spike"].sum() == 0


INSPECTOR_TOO = Actor("user:town-admin", "李安", role="admin")


def test_figures_by_maker_tell_the_worst_first(db, town):
    reading_checks.check(db, LOADER)
    rows = reading_figures.figures(db, ANALYST, "maker").set_index("name")
    # place 8 is customer 9, place 9 customer 10: frozen and spiking are of the bad maker
    assert rows.index.tolist() == ["Bad", "Good"]
    assert (rows.loc["Bad", "frozen"], rows.loc["Bad", "spike"]) == (6, 1)
    assert (rows.loc["Good", "missing"], rows.loc["Good", "clock"]) == (3, 1)
    assert rows.loc["Bad", "quality"] == pytest.approx(1 - 6.5 / rows.loc["Bad", "due"])


def test_of_few_meters_nothing_is_told_to_who_must_not_see_them(db, town):
    reading_checks.check(db, LOADER)
    rows = reading_figures.figures(db, ANALYST, "transformer")
    # four customers behind each: all of them are one row, without what tells of a home
    assert rows["name"].tolist() == [""]
    assert rows["spike"].isna().all()
    assert rows["frozen"].tolist() == [6]
    cells = reading_figures.cells(db, ANALYST, CellWish("frozen")).cells
    assert cells["rolled_up_to"].all()
    assert cells["value"].max() < 10  # a tenth of its 60 meter days, shared with its neighbours
    assert reading_figures.trend(db, ANALYST, transformer="T-002").empty


def test_somebody_of_one_station_sees_its_readings_alone(db, town):
    told = found(db, town)
    west = town.is_west(2)
    north = replace(ANALYST, scope=Scope("S1" if west else "S2"))
    south = replace(ANALYST, scope=Scope("S2" if west else "S1"))
    assert len(reading_reviews.queue(db, north)) == 4
    assert reading_reviews.queue(db, south).empty
    with pytest.raises(UserError, match="review_unknown"):
        steps.withdraw(db, south, [int(told[FROZEN]["review_id"])])
    with pytest.raises(UserError, match="review_meter_unknown"):
        steps.enter(db, south, EntryWish(meter(town, FROZEN), day(12), day(12)))
    with pytest.raises(AccessDenied):
        reading_checks.check(db, north)
    assert not reading_checks.may_check(db, north)


def test_nothing_is_known_before_it_was_checked(db, town):
    reading_checks.check(db, LOADER)
    earlier = NOW - timedelta(hours=2)
    db.write(lambda c: clock.start_clock(c, at=earlier, running=False))
    assert reading_checks.latest(db, ANALYST) is None
    assert reading_reviews.queue(db, ANALYST).empty
    with pytest.raises(UserError, match="readings_unchecked"):
        reading_figures.figures(db, ANALYST, "maker")


def test_a_check_that_is_stopped_keeps_nothing(db):
    def tell(done):
        if done > 0.5:
            raise StoppedError

    with pytest.raises(StoppedError):
        reading_checks.check(db, LOADER, tell)
    assert reading_checks.latest(db, ANALYST) is None
    assert db.query("SELECT 1 FROM meter_quality").empty


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"meter_id": "nobody's"}, "review_meter_unknown"),
        ({"last_day": date(2026, 6, 30)}, "review_days_unreadable"),
        ({"first_day": date(2026, 1, 1)}, "review_days_unreadable"),
        ({"last_day": date(2026, 7, 20)}, "review_in_future"),
        ({"finding": "ghost"}, "review_finding_unknown"),
        ({"note": "x" * 301}, "review_long"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(db, town, changed, code):
    wish = EntryWish(meter(town, 20), day(3), day(4))
    with pytest.raises(UserError, match=code):
        steps.enter(db, MANAGER, replace(wish, **changed))
    assert reading_reviews.queue(db, ANALYST).empty


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (CheckWish("corrected", "real_use"), "review_reason_unknown"),
        (CheckWish("burnt", "real_use"), "review_reason_unknown"),
        (replace(CORRECT, kwh=-1.0), "review_value_unreadable"),
        (replace(CORRECT, kwh=float("nan")), "review_value_unreadable"),
        (replace(CORRECT, note="x" * 301), "review_long"),
    ],
)
def test_a_verdict_that_cannot_be_is_refused(db, town, wish, code):
    review = int(found(db, town)[SPIKING]["review_id"])
    with pytest.raises(UserError, match=code):
        steps.check(db, MANAGER, [review], wish)
    assert reading_reviews.counted(db, ANALYST) == {"entered": 4}


def test_names_of_meters_are_masked_and_looks_are_on_record(db, town):
    told = found(db, town)
    rows = reading_reviews.queue(db, MANAGER, QueueWish(finding="spike"))
    assert rows["meter_id"].iloc[0] != meter(town, SPIKING)
    reading_reviews.one(db, MANAGER, int(told[SPIKING]["review_id"]))
    looks = db.query("SELECT subject, detail FROM audit_log WHERE event = 'reading_seen'")
    assert len(looks) == 1
    assert town.numbers()[SPIKING] not in looks["subject"].iloc[0] + looks["detail"].iloc[0]
    with pytest.raises(AccessDenied):
        reading_reviews.queue(db, INSPECTOR)


def test_the_command_tells_quality_and_writes_all_rows(db, town, capsys):
    path = db.path
    db.close()
    out = path.with_name("quality.csv")
    words = ["readings", "quality", "--db", str(path), "--by", "maker", "--json", "--out", str(out)]
    assert main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["by"], answer["rows"]) == ("maker", 2)
    worst = answer["quality"][0]
    assert (worst["name"], worst["frozen"], worst["spike"]) == ("Bad", 6, 1)
    assert pd.read_csv(out)["name"].tolist() == ["Bad", "Good"]


def test_readings_are_as_many_as_before(db):
    """Correcting nothing changes nothing: each reading counts once."""
    plain, _ = reading_store.count_and_received(db)
    known = db.query(f"SELECT count(*) AS n FROM {store.READINGS} r", {"now": NOW})["n"].iloc[0]
    assert known == plain


def test_a_decided_day_of_a_meter_with_two_links_is_not_entered_again(db, town):
    moved = datetime(2026, 7, 10, tzinfo=UTC)
    db.write(
        lambda c: c.execute(
            "INSERT INTO meters (meter_id, customer_no, transformer_id, role, multiplier, maker,"
            " valid_from) SELECT meter_id, customer_no, transformer_id, role, multiplier, maker, ?"
            " FROM meters WHERE meter_id = ?",
            [moved, meter(town, FROZEN)],
        )
    )
    review = int(found(db, town)[FROZEN]["review_id"])
    corrected(db, review, CheckWish("accepted", "real_use"))
    assert reading_checks.check(db, LOADER).entered == 0
    assert reading_figures.trend(db, ANALYST)["frozen"].sum() == 0


def test_the_queue_begins_with_what_is_most_energy_by_the_links_of_those_days(db, town):
    def multiply(connection):
        ask = connection.execute
        ask("UPDATE meters SET multiplier = 100 WHERE meter_id = ?", [meter(town, FROZEN)])
        later = "INSERT INTO meters (meter_id, customer_no, transformer_id, multiplier, valid_from)"
        same = "SELECT meter_id, customer_no, transformer_id, 1, ? FROM meters WHERE meter_id = ?"
        ask(f"{later} {same}", [datetime(2026, 7, 2, tzinfo=UTC), meter(town, SILENT)])
        before = "UPDATE meters SET multiplier = 9999 WHERE meter_id = ? AND valid_from IS NULL"
        ask(before, [meter(town, SILENT)])

    db.write(multiply)
    told = found(db, town)
    rows = reading_reviews.queue(db, ANALYST)
    assert rows["finding"].tolist()[:2] == ["frozen", "spike"]
    assert told[SILENT]["multiplier"] == 1
    db.write(lambda c: c.execute("UPDATE meters SET multiplier = 1"))
    assert reading_reviews.queue(db, ANALYST)["finding"].iloc[0] == "spike"


def test_a_home_that_a_person_put_in_doubt_keeps_its_days(db, town):
    rules = int(found(db, town)[SPIKING]["review_id"])
    review = steps.enter(db, MANAGER, EntryWish(meter(town, 20), day(3), day(4)))
    for actor in (MANAGER, ANALYST, INSPECTOR_TOO):
        held = reading_reviews.one(db, actor, review)
        assert held.days[["original_kwh", "usual_kwh"]].isna().all(axis=None)
        row = reading_reviews.queue(db, actor).set_index("review_id")
        assert row["is_withheld"].to_dict()[review]
        assert pd.isna(row.loc[review, ["original_kwh", "usual_kwh", "missing"]]).all()
        assert row.loc[rules, "original_kwh"] == 400
        assert reading_reviews.one(db, actor, rules).days["original_kwh"].tolist() == [400]
    steps.check(db, ANALYST, [review], CORRECT)  # what is usual is not told either
    assert reading_reviews.one(db, MANAGER, review).days["kwh"].isna().all()
    steps.check(db, ANALYST, [review], replace(CORRECT, kwh=123.0))
    assert reading_reviews.one(db, MANAGER, review).days["kwh"].tolist() == [123.0, 123.0]


def test_neither_place_nor_quality_tell_of_a_home_that_a_person_put_in_doubt(db, town):
    rules = {int(row["review_id"]) for row in found(db, town).values()}
    spoilt = "UPDATE meter_readings SET energy_kwh = ? WHERE meter_id = ? AND day = ?"
    rows = [[kwh, meter(town, place), day(3)] for place, kwh in ((20, 5), (21, 900), (22, 300))]
    db.write(lambda c: c.executemany(spoilt, rows))
    entered = [
        steps.enter(db, MANAGER, EntryWish(meter(town, place), day(3), day(3)))
        for place in (20, 21, 22)
    ]
    rows = reading_reviews.queue(db, ANALYST)
    assert rows["review_id"].tolist()[-3:] == entered
    assert set(rows["review_id"].astype(int).tolist()[:-3]) == rules
    assert rows["finding"].iloc[0] == "spike"
    assert reading_reviews.one(db, ANALYST, entered[1]).quality is None
    assert reading_reviews.one(db, ANALYST, min(rules)).quality is not None


def test_lists_of_reviews_and_files_of_figures_are_on_record(db, town, tmp_path):
    found(db, town)
    reading_reviews.queue(db, MANAGER, QueueWish(finding="spike"))
    figures = reading_figures.figures(db, MANAGER, "maker")
    reading_exports.write(db, MANAGER, figures, tmp_path / "quality.csv", "maker")
    rows = db.query(
        "SELECT event, actor, detail FROM audit_log"
        " WHERE event IN ('reviews_listed', 'quality_exported') ORDER BY event_id DESC LIMIT 2"
    )
    assert rows["event"].tolist() == ["quality_exported", "reviews_listed"]
    assert set(rows["actor"]) == {MANAGER.id}
    taken, listed = (json.loads(one) for one in rows["detail"])
    assert (taken["by"], taken["rows"]) == ("maker", 2)
    assert (listed["finding"], listed["count"]) == ("spike", 1)
    with pytest.raises(AccessDenied):
        reading_exports.write(db, INSPECTOR, figures, tmp_path / "none.csv", "maker")
    assert not (tmp_path / "none.csv").exists()


def test_of_one_station_figures_and_cells_count_its_meters_alone(db, town):
    db.write(lambda c: c.execute("UPDATE cell_group_areas SET area = '=both'"))
    reading_checks.check(db, LOADER)
    whole = reading_checks.latest(db, ANALYST)
    stations = [replace(ANALYST, scope=Scope(unit)) for unit in ("S1", "S2")]
    checks = [reading_checks.latest(db, one) for one in stations]
    for name in ("meters", "due", "findings", "entered"):
        assert sum(getattr(one, name) for one in checks) == getattr(whole, name)
    assert 0 < checks[0].meters < whole.meters
    for by in ("maker", "feeder"):
        told = [reading_figures.figures(db, one, by)["meters"].sum() for one in stations]
        assert told == [one.meters for one in checks]
    # all that fails hangs in the one station: the other's cells beside it are blameless
    bad = [one.findings for one in checks].index(0)
    cells = reading_figures.cells(db, stations[bad], CellWish("lost")).cells
    assert len(cells)
    assert cells["value"].max() == 0
    assert cells["meters"].sum() <= checks[bad].meters
