"""A crew's day: its area, outages, chores and orders, as its phone keeps them."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import clock, crew_calls, crew_chores, crew_day, crew_steps, crew_whose
from app.use_cases.actors import Actor
from app.use_cases.crew_wishes import CrewStep
from app.use_cases.load import LoadChoice, load
from grid_cells.errors import AccessDenied, UserError
from tests.app.crew_town import LAT, LON, MATE, fix, go_on, tell
from tests.app.phone_town import BOSS, CREW, PHONE_NO, order, settle, west
from tests.conftest import LOADER, NOW, LittleTown

OTHERS = Actor("user:town-others", "何北", role="crew", crew_id="C1")
LONELY = Actor("user:town-inspector", "钱勇", role="inspector")
ADMIN = Actor("user:town-admin", "李安", role="admin")
READ_ON = date(2026, 7, 15)


@pytest.fixture
def db(town_database: Database) -> Database:
    settle(town_database)
    return town_database


def step(key: str, kind: str, subject: str, **given: object) -> CrewStep:
    return CrewStep(key, kind, subject, NOW, {"key": key, **given})


def ids(told: dict) -> list[str]:
    return [one["order_id"] for one in told["orders"]]


def test_the_ground_is_the_area_of_the_crews_own_duty(db: Database, town: LittleTown) -> None:
    told = crew_day.day(db, CREW)
    assert (told["crew_id"], told["crew_name"]) == ("C0", "抢修班0")
    assert [one["area_id"] for one in told["area"]["borders"]] == ["W-01"]
    assert sorted(told["area"]["cells"]) == sorted(town.cells[place] for place in west(town))
    assert set(told["area"]["cell_areas"]) == {"W-01"}
    (ring,) = told["area"]["borders"][0]["rings"]
    assert ring[0] == ring[-1]


def test_cells_of_few_customers_are_not_counted_for_those_who_see_none(db: Database) -> None:
    assert set(crew_day.day(db, CREW)["area"]["customers"]) == {None}  # 4 in each, the limit is 5
    assert set(crew_day.day(db, LONELY)["area"]["customers"]) == {4}


def test_the_round_begins_where_the_person_was_seen_on_this_duty(
    db: Database, town: LittleTown
) -> None:
    order(db, west(town)[0])
    base = db.query("SELECT lon, lat FROM crews WHERE crew_id = 'C0'").iloc[0]
    begins = crew_day.day(db, CREW)["route"][0]
    assert begins == pytest.approx((base["lon"], base["lat"]), abs=1e-5)
    go_on(db, told_of_tracks=True)
    tell(db, fix(0, east=900))
    begins = crew_day.day(db, CREW)["route"][0]
    assert begins == pytest.approx((LON + 900 / 95_900, LAT), abs=1e-5)
    begins = crew_day.day(db, MATE)["route"][0]  # no colleague's track
    assert begins == pytest.approx((base["lon"], base["lat"]), abs=1e-5)


def test_who_belongs_to_no_crew_has_a_day_without_orders(db: Database, town: LittleTown) -> None:
    order(db, west(town)[0])
    told = crew_day.day(db, LONELY)
    assert (told["crew_id"], told["orders"], told["duty"]) == (None, [], None)
    assert {one["area_id"] for one in told["area"]["borders"]} == {"W-01", "E-01"}


def test_a_crew_has_its_own_orders_wherever_they_lie_and_no_others(
    db: Database, town: LittleTown
) -> None:
    mine, far = (
        order(db, west(town)[0]),
        order(db, next(p for p in range(61) if p not in west(town))),
    )
    theirs = order(db, west(town)[1], crew="C1")
    scoped = Actor(CREW.id, CREW.name, "crew", Scope("S1"), crew_id="C0")
    assert set(ids(crew_day.day(db, scoped))) == {mine, far}
    assert ids(crew_day.day(db, OTHERS)) == [theirs]


def test_an_order_brings_its_card_gate_ways_and_people(db: Database, town: LittleTown) -> None:
    place = west(town)[0]
    made = order(db, place)
    (told,) = crew_day.day(db, CREW)["orders"]
    assert (told["order_id"], told["state"], told["task"]) == (made, "told", "repair_lv")
    assert (told["address"], told["contact"]) == (f"码头路{4 * place}号", "孙先生")
    assert (told["gate"]["exists"], told["gate"]["asked_at"], told["card"]) == (True, None, None)
    assert set(told["nav"]) == {"geo", "amap", "baidu", "tencent", "apple"}
    assert (told["dispatcher"], told["crews"][0]["crew_id"]) == ("林薇", "C0")
    assert told["due_at"] is not None


def test_phones_are_masked_for_a_crew_and_told_when_they_are_needed(
    db: Database, town: LittleTown
) -> None:
    made = order(db, west(town)[0])
    (told,) = crew_day.day(db, CREW)["orders"]
    assert (told["phone"], told["can_call"]) == (None, True)
    assert PHONE_NO not in str(told)
    assert crew_calls.number(db, CREW, made) == PHONE_NO
    row = db.query(
        "SELECT actor, subject, detail FROM audit_log WHERE event = 'order_contact_told'"
    )
    assert row["subject"].tolist() == [f"order:{made}"]
    assert PHONE_NO not in str(row.to_dict())
    with pytest.raises(UserError, match="order_not_yours"):
        crew_calls.number(db, OTHERS, made)
    with pytest.raises(AccessDenied):
        crew_calls.number(db, ADMIN, made)


def test_numbers_are_told_so_often_a_day_and_no_more(db: Database, town: LittleTown) -> None:
    made = order(db, west(town)[0])
    db.write(
        lambda c: c.execute("INSERT INTO meta (name, value) VALUES ('unmask_a_day', '2')") and None
    )
    for _ in range(2):
        crew_calls.number(db, CREW, made)
    with pytest.raises(UserError, match="unmask_too_many"):
        crew_calls.number(db, CREW, made)


def test_why_power_is_out_names_outages_of_the_ground_alone(db: Database, town: LittleTown) -> None:
    dark = CREW if town.is_west(10) else OTHERS
    other = OTHERS if dark is CREW else CREW
    (told,) = crew_day.day(db, dark)["outages"]
    assert (told["outage_id"], told["customers_out"]) == ("OUT-1", 4)
    assert crew_day.day(db, other)["outages"] == []


def unread(db: Database, town: LittleTown, places: list[int], folder: Path) -> None:
    """Take the last day's readings of a place's four homes away."""
    numbers = [f"M{4 * place + k + 1:010d}" for place in places for k in range(4)]
    db.write(
        lambda c: (
            c.execute(
                "DELETE FROM meter_readings WHERE day = ? AND list_contains(?, meter_id)",
                [READ_ON, numbers],
            )
            and None
        )
    )
    rows = pd.DataFrame({"meter_id": ["M-X"], "day": [date(2026, 7, 1)], "energy_kwh": [1.0]})
    rows.assign(source="measured").to_csv(folder / "r.csv", index=False)
    load(db, LOADER, "readings", [folder / "r.csv"], LoadChoice())
    db.write(lambda c: meta.set_value(c, "origin", "sample"))


def chores(db: Database, actor: Actor = CREW) -> list[dict]:
    return crew_day.day(db, actor)["chores"]


def test_meters_without_a_reading_are_a_chore_of_their_transformer(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    here, there = west(town)[3], next(p for p in range(61) if p not in west(town))
    assert chores(db) == []
    unread(db, town, [here, there], tmp_path)
    (one,) = chores(db)
    assert (one["kind"], one["about"], one["count"]) == ("unread", f"T-{here:03d}", 4)
    assert [stop["id"] for stop in crew_day.day(db, CREW)["visit"]] == [one["chore_id"]]


def test_a_chore_is_ticked_once_opened_again_and_not_by_others(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    unread(db, town, [west(town)[3]], tmp_path)
    (one,) = chores(db)
    chore = one["chore_id"]
    for fate in ("done", "repeated"):
        (told,) = crew_steps.take(db, CREW, [step("k1", "chore", chore, done=True)])
        assert told.fate == fate
    assert [one["is_done"] for one in chores(db)] == [True]
    assert crew_day.day(db, CREW)["visit"] == []
    (told,) = crew_steps.take(db, CREW, [step("k2", "chore", chore, done=False)])
    assert [one["is_done"] for one in chores(db)] == [False]
    (told,) = crew_steps.take(db, OTHERS, [step("k3", "chore", chore, done=True)])
    assert (told.fate, told.error.code) == ("refused", "chore_unknown")  # type: ignore[union-attr]
    noted = db.query("SELECT detail FROM audit_log WHERE event = 'chore_ticked'")
    assert len(noted) == 2


def test_a_tick_made_without_a_line_counts_when_the_list_has_moved_on(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    here, there = west(town)[3], next(p for p in range(61) if p not in west(town))
    days = [READ_ON - timedelta(days=n) for n in (0, 1, 2, 3)] + [READ_ON + timedelta(days=1)]
    ids = [f"unread:T-{here:03d}:{day}" for day in days]
    ids += [f"loss:T-{here:03d}:{days[2]}", f"eat:T-{here:03d}:{days[1]}", "announce:PLAN-9"]
    ids += [f"unread:T-{there:03d}:{days[1]}", f"unread:T-{here:03d}:soon", "unread", "unread:T-9:"]
    told = [crew_steps.take(db, CREW, [step(f"k{one}", "chore", one, done=True)])[0] for one in ids]
    assert [one.fate for one in told] == [
        "done", "done", "done", "refused", "refused", "done", *["refused"] * 6,
    ]  # fmt: skip
    assert {one.error.code for one in told if one.error} == {"chore_unknown"}


def test_a_tick_is_not_known_before_it_was_made(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    unread(db, town, [west(town)[3]], tmp_path)
    (one,) = chores(db)
    crew_steps.take(db, CREW, [step("k1", "chore", one["chore_id"], done=True)])
    before = NOW.replace(minute=NOW.minute - 1)
    db.write(lambda c: clock.start_clock(c, at=before, running=False))
    assert [one["is_done"] for one in chores(db)] == [False]


def test_planned_work_is_announced_in_the_ground_it_reaches(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    place = west(town)[0]
    lat, lon = town.places[place]
    row = {
        "outage_id": "PLAN-1", "kind": "planned", "status": "approved",
        "scope": f"transformer:T-{place:03d}", "started_at": "2026-07-18T08:00:00+08:00",
        "estimated_restore_at": "2026-07-18T12:00:00+08:00", "lon": lon, "lat": lat,
    }  # fmt: skip
    pd.DataFrame([row]).to_csv(tmp_path / "o.csv", index=False)
    load(db, LOADER, "outages", [tmp_path / "o.csv"], LoadChoice(datum="wgs84"))
    db.write(lambda c: meta.set_value(c, "origin", "sample"))
    (one,) = chores(db)
    assert (one["chore_id"], one["count"], one["share"]) == ("announce:PLAN-1", 4, 0.0)
    assert chores(db, OTHERS) == []
    begun = datetime.fromisoformat("2026-07-19T08:00:00+08:00")
    db.write(lambda c: clock.start_clock(c, at=begun, running=False))
    assert chores(db) == []
    late = [step("k", "chore", "announce:PLAN-1", done=True)]
    assert [crew_steps.take(db, who, late)[0].fate for who in (OTHERS, CREW)] == ["refused", "done"]


def test_losses_are_told_from_the_limit_on_and_not_of_a_few(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sums = pd.DataFrame(
        {
            "transformer_id": ["T-1", "T-2", "T-3"], "name": None, "lon": 112.5, "lat": 30.4,
            "customers": [60, 60, 4], "master_kwh": 1000.0, "master_reverse_kwh": 0.0,
            "forward_kwh": [900.0, 950.0, 500.0], "reverse_kwh": 0.0, "measured": 1.0,
        }
    )  # fmt: skip
    monkeypatch.setattr(crew_chores.store, "energy_sums", lambda *_: sums)
    assert [(one["about"], one["share"]) for one in chores(db)] == [("T-1", pytest.approx(0.1))]


def test_whose_is_asked_by_place_number_and_address(db: Database, town: LittleTown) -> None:
    place = west(town)[0]
    lat, lon = town.places[place]
    number = f"{4 * place + 1:010d}"
    for wanted in (
        {"lon": lon, "lat": lat}, {"customer": number}, {"address": f"码头路{4 * place}号"},
    ):  # fmt: skip
        told = crew_whose.ask(db, CREW, wanted)
        assert (told["area"], told["crew"]["id"], told["manager"]["name"]) == ("W-01", "C0", "林薇")
    with pytest.raises(UserError, match="nothing_asked"):
        crew_whose.ask(db, CREW, {})


def test_the_dispatcher_sees_the_page_without_a_crew(db: Database, town: LittleTown) -> None:
    order(db, west(town)[0])
    assert crew_day.day(db, BOSS)["orders"] == []


def test_the_phone_is_told_until_when_and_how_often_it_may_tell_its_place(db: Database) -> None:
    go_on(db, CREW)
    duty = crew_day.day(db, CREW)["duty"]
    assert (duty["is_on"], duty["tell_every_s"]) == (True, 60)
    assert NOW < duty["ends_by"] <= NOW + timedelta(hours=24)
