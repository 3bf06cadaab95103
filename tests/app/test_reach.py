"""Reach on the little town: whom points reach, who loses by a closing, halls, sites, exports."""

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.store import meta, payments
from app.store.database import Connection, Database
from app.use_cases import (
    clock,
    derive,
    hall_balance,
    hall_choice,
    hall_staff,
    measures,
    payment_channels,
    reach,
    reach_export,
    reach_groups,
    reach_hours,
    reach_losses,
    reach_sites,
    reach_wishes,
    search,
    small_cells,
)
from app.use_cases.actors import Actor
from app.use_cases.asked_places import Question
from app.use_cases.hall_balance import HallChange
from app.use_cases.hall_choice import HallWish
from app.use_cases.load import LoadChoice, load
from app.use_cases.reach_ground import ReachGround
from app.use_cases.reach_sites import SiteWish
from app.use_cases.reach_wishes import ReachWish
from grid_cells.errors import AccessDenied, UserError
from grid_cells.travel_time import WALK_KMH
from tests.conftest import LOADER, NOW, LittleTown

MANAGER = Actor("user:town-manager", "周明", "manager")
INSPECTOR = Actor("user:town-inspector", "钱勇", "inspector")
ELEVEN = "4.11"
"""Thursday at eleven: all is open."""


def put(db: Database, folder: Path, kind: str, frame: pd.DataFrame) -> None:
    file = folder / f"{kind}.csv"
    frame.to_csv(file, index=False)
    datum = "wgs84" if "lon" in frame else None
    load(db, LOADER, kind, [file], LoadChoice(datum=datum), is_sample=True)


@pytest.fixture
def db(town_database: Database, town: LittleTown, tmp_path: Path) -> Database:
    """The town with hours and operators; B2 closed two days ago; who pays in person and is old."""
    banks = town.frames()["banks"].assign(
        operator=["农商行", "农商行", "邮政"], opens=["Mo-Fr 09:00-17:00"] * 2 + ["24/7"],
        services="payment", valid_to=[None, None, (NOW - timedelta(days=2)).isoformat()],
    )  # fmt: skip
    halls = town.frames()["halls"].assign(
        opens=["Mo-Fr 08:30-17:30", None], capabilities=["billing;payment", "invoice"],
        self_service_24h=[True, False], counters=2,
    )  # fmt: skip
    put(town_database, tmp_path, "banks", banks)
    put(town_database, tmp_path, "halls", halls)
    cells = pd.DataFrame(
        {"cell": town.cells, "measure": "elderly_share", "value": 20.0, "unit": "%",
         "as_of": "2026-01-01"}
    )  # fmt: skip
    put(town_database, tmp_path, "cell_facts", cells)
    rows = [
        (number, f"2026-0{month}", "bank" if place % 4 == 0 else "app", 1, 80.0)
        for place, number in enumerate(town.numbers())
        for month in (4, 5, 6)
    ]
    names = ["customer_no", "month", "channel", "payments", "amount"]
    put(town_database, tmp_path, "payments", pd.DataFrame(rows, columns=names))
    derive.refresh(town_database, NOW)
    return town_database


def test_a_closed_bank_is_known_and_no_longer_counted(db: Database) -> None:
    found = reach.reach(db, INSPECTOR, ReachWish(moment=ELEVEN))
    points = found.points.set_index("point_id")
    assert points["is_there"].to_dict() == {
        "bank:B0": True,
        "bank:B1": True,
        "bank:B2": False,
        "hall:H0": True,
        "machine:H0": True,
    }  # fmt: skip - H1 does no payments
    assert (found.figures.points, found.figures.open_points) == (4, 4)
    assert search.find(db, MANAGER, "B2", datum="wgs84", now=NOW) == []
    with pytest.raises(UserError, match="reach_point_unknown"):
        reach_losses.if_closed(db, INSPECTOR, "bank:B2")


def test_before_it_closed_it_counts(db: Database) -> None:
    then = clock.start_clock
    db.write(lambda connection: then(connection, at=NOW - timedelta(days=3), running=False))
    found = reach.reach(db, INSPECTOR, ReachWish())
    assert found.points.set_index("point_id")["is_there"]["bank:B2"]
    assert reach_losses.closed_lately(db, INSPECTOR) == []


def test_at_night_only_the_machine_is_open_and_who_pays_in_person_is_known(db: Database) -> None:
    found = reach.reach(db, INSPECTOR, ReachWish(moment="4.22", mode="walk", limit="15"))
    assert found.points.loc[found.points["is_open"] == True, "point_id"].tolist() == [  # noqa: E712
        "bank:B2",
        "machine:H0",
    ]  # fmt: skip - the closed one keeps its hours
    assert found.figures.open_points == 1
    assert found.cells["payers"].sum() == pytest.approx(61)  # one of four a cell, every month
    assert set(found.cells.loc[found.cells["which"] >= 0, "which"]) == {
        found.points.index[found.points["point_id"] == "machine:H0"][0]
    }
    assert found.gaps["payers"].sum() == pytest.approx(found.figures.payers_beyond)
    assert found.figures.within + found.figures.beyond == 244


def test_the_branch_that_closed_is_told_with_what_it_cost(db: Database) -> None:
    (lost,) = reach_losses.closed_lately(db, INSPECTOR, "walk")
    assert (lost.point_id, lost.operator) == ("bank:B2", "邮政")
    assert lost.closed_at == NOW - timedelta(days=2)
    assert lost.loss.customers == 4 * len(lost.loss.cells)
    assert lost.loss.customers > 0
    assert lost.loss.elderly == pytest.approx(20)
    assert lost.loss.after_min - lost.loss.before_min >= 5
    assert "邮政" not in lost.loss.operators_left


def test_losses_of_few_are_not_told_to_those_who_must_not_see_them(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_cells, "least", lambda _db: 10_000)
    monkeypatch.setattr(small_cells, "published", lambda _db, values: values)
    (lost,) = reach_losses.closed_lately(db, MANAGER, "walk")
    assert lost.is_few
    assert np.isnan(lost.loss.customers)
    gaps = reach.reach(db, MANAGER, ReachWish(moment="4.22", mode="walk", limit="15")).gaps
    assert len(gaps)
    assert gaps["is_few"].all()
    assert (
        gaps[["customers", "payers", "group_share", "group_people", "unreached"]]
        .isna()
        .all(axis=None)
    )
    (open_to,) = reach_losses.closed_lately(db, INSPECTOR, "walk")
    assert not open_to.is_few


def test_gaps_are_ranked_by_whichever_group_of_people_is_loaded(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    """Children as a share, the over eighties as a count: each in the other half of the town."""
    half = len(town.cells) // 2
    rows = [
        (cell, name, value, unit, "2026-01-01")
        for place, cell in enumerate(town.cells)
        for name, value, unit in (
            ("age_0_14_share", 50.0 if place < half else 1.0, "%"),
            ("age_80_people", 0.0 if place < half else 2.0, "人"),
        )
    ]
    names = ["cell", "measure", "value", "unit", "as_of"]
    put(db, tmp_path, "cell_facts", pd.DataFrame(rows, columns=names))
    codes = [one.code for one in reach_groups.groups(db, INSPECTOR)]
    assert codes == ["fact:age_0_14_share", "fact:age_80_people", "fact:elderly_share"]
    wish = ReachWish(moment="4.22", mode="walk", limit="15")
    told = {
        rank: reach.reach(db, INSPECTOR, replace(wish, rank=rank))
        for rank in ("payers", "fact:age_0_14_share", "fact:age_80_people")
    }
    for rank, found in told.items():
        by = "payers" if rank == "payers" else "group_people"
        assert found.gaps[by].is_monotonic_decreasing
        late = found.cells[found.cells["gap"] >= 0]
        assert found.gaps["group_people"].sum() == pytest.approx(late["group_people"].sum())
    young = told["fact:age_0_14_share"].cells
    assert set(young["group_people"].round(2)) == {2.0, 0.04}  # of four customers a cell
    old = told["fact:age_80_people"]
    assert old.cells["group_people"].sum() == 2 * (len(town.cells) - half)
    assert old.gaps["group_share"].isna().all()
    assert set(told["payers"].cells["group_share"]) == {20.0}
    with pytest.raises(UserError, match="reach_group_unknown"):
        reach.reach(db, INSPECTOR, replace(wish, rank="fact:nobody"))


def test_only_people_are_groups_and_whoever_is_told_means_ranks_by_shares_alone(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    """A count's mean is no count; a share's mean times the customers keeps the group's people."""
    rows = [
        (cell, name, float(place), unit, "2026-01-01")
        for place, cell in enumerate(town.cells)
        for name, unit in (
            ("pv_potential", "kWh"), ("old_people", "Persons"), ("homes", "户"), ("width", "1"),
            ("age_80_share", "％"), ("young_share", None), ("独居占比", None), ("floors", None),
        )
    ]  # fmt: skip
    names = ["cell", "measure", "value", "unit", "as_of"]
    put(db, tmp_path, "cell_facts", pd.DataFrame(rows, columns=names))
    shares = {"age_80_share", "elderly_share", "young_share", "独居占比"}
    told = {one.name: one.is_share for one in reach_groups.groups(db, INSPECTOR)}
    assert {name for name, is_share in told.items() if is_share} == shares
    assert set(told) - shares == {"old_people", "homes"}
    assert {one.name for one in reach_groups.groups(db, MANAGER)} == shares
    with pytest.raises(UserError, match="reach_group_unknown"):
        reach.reach(db, MANAGER, ReachWish(rank="fact:old_people"))
    wish = ReachWish(rank="fact:age_80_share")
    seen, whole = (reach.reach(db, one, wish).cells for one in (MANAGER, INSPECTOR))
    assert whole["group_people"].sum() > 0
    assert seen["group_people"].sum() == pytest.approx(whole["group_people"].sum())


def test_rules_of_figures_are_read_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    first = reach_groups.groups(db, INSPECTOR)
    monkeypatch.setattr(measures, "_rights", lambda: pytest.fail("read again"))
    assert reach_groups.groups(db, INSPECTOR) == first


def test_what_is_assumed_changes_minutes_and_is_told_beside_what_is(db: Database) -> None:
    wish = ReachWish(moment=ELEVEN, mode="walk", closed=("bank:B1",))
    found = reach.reach(db, INSPECTOR, wish)
    plain = reach.reach(db, INSPECTOR, ReachWish(moment=ELEVEN, mode="walk"))
    assert found.before is not None
    assert plain.before is None
    assert found.before.mean_min == pytest.approx(plain.figures.mean_min)
    assert found.figures.mean_min > found.before.mean_min
    change = reach.cells(db, INSPECTOR, wish, "change").cells["value"]
    assert (change.dropna() >= 0).all()
    assert change.max() > 0


def test_hours_of_the_week_follow_the_doors(db: Database) -> None:
    table = reach_hours.week(db, INSPECTOR, ReachWish())
    assert len(table) == 168
    points = table.set_index(["weekday", "hour"])["points"]
    assert points[4, 10] == 4  # two banks, a hall, its machine
    assert (points[4, 8], points[4, 17]) == (2, 1)  # the hall from half past to half past
    assert points[7, 10] == 1
    assert (table["reached"] == 244).all()


def test_channels_are_of_everybody_and_of_months_begun(db: Database) -> None:
    found = payment_channels.channels(db, MANAGER)
    assert found.months["online_share"].tolist() == [0.75] * 3
    assert found.channels.groupby("month")["share"].sum().tolist() == [1.0] * 3


@pytest.mark.parametrize("goal", ["median", "cover", "center"])
def test_a_site_is_found_and_proven(db: Database, goal: Any) -> None:
    wish = ReachWish(moment=ELEVEN, mode="walk", limit="15")
    found = reach_sites.propose(db, INSPECTOR, wish, SiteWish(1, goal))
    assert found.is_proven
    assert len(found.chosen) == 1
    assert found.after.mean_min < found.before.mean_min
    assert found.wish.added[0].startswith("at:")


def test_a_hall_and_a_zone_are_sited_for_those_who_need_a_hall(db: Database) -> None:
    """A hall at eleven; at night only zones are open, and only for what machines do."""
    wish = ReachWish("hall", "walk", ELEVEN, "payment", "15")
    found = reach_sites.propose(db, INSPECTOR, wish, SiteWish(1, kind="hall"))
    assert found.is_proven
    assert found.wish.added[0].startswith("hall-at:")
    assert found.after.mean_min < found.before.mean_min
    told = reach.reach(db, INSPECTOR, found.wish)
    new = told.points.set_index("point_id").loc[found.wish.added[0]]
    assert (new["kind"], new["opens"]) == ("hall", "Mo-Fr 08:30-17:30")  # as H0: the usual hours
    assert told.before is not None
    assert (told.cells["minutes"].round(6) <= told.cells["before"].round(6)).all()
    night = replace(wish, moment="4.22")
    zone = reach_sites.propose(db, INSPECTOR, night, SiteWish(1, "cover"))
    assert zone.wish.added[0].startswith("at:")
    assert zone.after.within > zone.before.within
    for shut, kind in ((night, "hall"), (replace(wish, matter="complaint"), "machine")):
        with pytest.raises(UserError, match="reach_site_shut"):
            reach_sites.propose(db, INSPECTOR, shut, SiteWish(1, kind=kind))


def test_a_site_is_worth_the_wait_that_it_spares(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    """At a full hall a machine spares the wait; a hall is taken to be as full as the others."""
    now = datetime(2026, 7, 16, 3, tzinfo=UTC)
    db.write(lambda connection: clock.start_clock(connection, at=now, running=False))
    hours = {"hall_id": ["H0"], "hour": [now.isoformat()], "wait_min": 45.0, "visits": [None]}
    put(db, tmp_path, "hall_hours", pd.DataFrame(hours))
    lat, lon = town.places[0]
    told = hall_choice.nearest(db, INSPECTOR, Question(at=(lon, lat)), HallWish("payment", now))
    assert told.halls["point_id"].tolist() == ["machine:H0", "hall:H0"]
    assert told.halls["wait_min"].tolist() == [0.0, 45.0]
    assert told.halls["wait_source"].tolist() == ["assumed", "hall_hours"]
    wish = ReachWish("hall", "walk", matter="payment", limit="15", closed=("machine:H0",))
    machine, hall = (
        reach_sites.propose(db, INSPECTOR, wish, SiteWish(1, kind=kind))
        for kind in ("machine", "hall")
    )
    assert machine.before.served_min == pytest.approx(machine.before.mean_min + 45)
    assert machine.after.served_min == pytest.approx(machine.after.mean_min)
    assert hall.after.served_min == pytest.approx(hall.after.mean_min + 45)
    assert hall.after.mean_min < hall.before.mean_min


def test_a_hall_assumed_closed_is_no_choice(db: Database) -> None:
    wish = ReachWish("hall", "walk", ELEVEN, "payment", closed=("hall:H0",))
    found = reach.reach(db, INSPECTOR, wish)
    assert not found.points.set_index("point_id").loc["hall:H0", "is_there"]
    assert set(found.points.iloc[found.cells["which"].unique()]["point_id"]) == {"machine:H0"}
    assert found.before is not None
    assert (found.before.points, found.figures.points) == (2, 1)
    more = replace(wish, added=("at:112.51,30.42",))
    both = reach.reach(db, INSPECTOR, more)
    assert both.before is not None
    assert (both.before.points, both.figures.points) == (2, 2)


def test_sites_that_nobody_needs_are_not_proposed(db: Database) -> None:
    with pytest.raises(UserError, match="reach_no_sites"):
        reach_sites.propose(db, INSPECTOR, ReachWish(moment=ELEVEN), SiteWish(1, "fewest"))
    with pytest.raises(UserError, match="reach_wish_unreadable"):
        reach_sites.propose(db, INSPECTOR, ReachWish(), SiteWish(0))


def shut(connection: Connection, street: pd.DataFrame) -> None:
    """The street there is, closed since the first of July."""
    connection.register("street", street)
    connection.execute("INSERT INTO streets BY NAME SELECT * FROM street")
    connection.execute(
        "INSERT INTO closures (street, valid_from)"
        " SELECT name, TIMESTAMPTZ '2026-07-01 00:00:00+00' FROM street"
    )
    connection.unregister("street")
    for kind in ("streets", "closures"):
        meta.touch_facts(connection, kind)


def test_a_street_closed_to_cars_is_open_to_who_walks(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    (a, b) = ((112.500, 30.423), (112.514, 30.423))
    street = pd.DataFrame(
        {"way_id": ["W1"], "seq": [1], "from_node": [1], "to_node": [2], "from_lon": [a[0]],
         "from_lat": [a[1]], "to_lon": [b[0]], "to_lat": [b[1]], "length_m": [1350.0],
         "highway": ["residential"], "name": ["中桥"]}
    )  # fmt: skip
    db.write(lambda connection: shut(connection, street))
    here, there = (pd.DataFrame({"lon": [x], "lat": [y]}) for x, y in (a, b))
    took = {
        mode: float(ReachGround(db, NOW, mode).minutes_from(here, there)[0])
        for mode in ("drive", "walk")
    }
    assert np.isnan(took["drive"])
    assert took["walk"] == pytest.approx(1350 / WALK_KMH * 0.06)


def test_the_best_halls_do_the_matter_and_say_what_is_unknown(
    db: Database, town: LittleTown
) -> None:
    at = datetime(2026, 7, 16, 3, tzinfo=UTC)
    lat, lon = town.places[0]
    here = Question(at=(lon, lat))
    paid = hall_choice.nearest(db, INSPECTOR, here, HallWish("payment", at))
    assert paid.halls["point_id"].tolist() == ["hall:H0", "machine:H0"]
    assert paid.halls["rank"].tolist() == ["wait_unknown"] * 2
    assert paid.halls["total_min"].isna().all()
    assert paid.is_online
    both = hall_choice.nearest(db, INSPECTOR, here, HallWish("", at)).halls
    assert both["rank"].tolist() == ["wait_unknown", "unsure"]  # H1 tells no hours
    assert both["is_open"].tolist() == [True, None]
    none = hall_choice.nearest(db, INSPECTOR, here, HallWish("name_change", at))
    assert none.halls.empty
    assert none.papers == ("id_card", "property_proof", "former_owner_consent")
    with pytest.raises(UserError, match="matter_unknown"):
        hall_choice.nearest(db, INSPECTOR, here, HallWish("poetry"))


def test_a_masked_home_is_answered_from_its_cells_middle(db: Database, town: LittleTown) -> None:
    wish = HallWish(at=datetime(2026, 7, 16, 3, tzinfo=UTC), mode="walk")

    def ways(actor: Actor) -> set[tuple[float, ...]]:
        found = (
            hall_choice.nearest(db, actor, Question(customer=one), wish).halls["travel_min"]
            for one in town.numbers()[8:12]
        )
        return {tuple(one) for one in found}

    assert len(ways(MANAGER)) == 1
    assert len(ways(INSPECTOR)) == 4


def test_every_cell_at_once_is_each_cell_asked_alone(db: Database) -> None:
    at = datetime(2026, 7, 16, 3, tzinfo=UTC)
    found, halls = hall_choice.by_cell(db, HallWish("payment", at), at, count=1)
    ground = reach.ReachGround(db, at, "drive")
    for row in (0, 7, 40):
        spot = ground.cells.iloc[row]
        alone = hall_choice.nearest(
            db, INSPECTOR, Question(at=(spot["lon"], spot["lat"])), HallWish("payment", at)
        ).halls.iloc[0]
        assert halls["point_id"].iloc[found.which[row, 0]] == alone["point_id"]
        assert found.ready_min[row, 0] == pytest.approx(alone["travel_min"], abs=1e-6)


@pytest.mark.parametrize(
    ("form", "what"), [("csv", "gaps"), ("geojson", "cells"), ("csv", "points")]
)
def test_reach_is_taken_along_with_what_it_was_asked_for(
    db: Database, form: Any, what: Any
) -> None:
    wish = ReachWish(moment="4.22", mode="walk", limit="15")
    data, name = reach_export.export_reach(
        db, MANAGER, wish, what=what, form=form, purpose="a test"
    )
    assert name.startswith(f"reach-{what}-pay-20260716")
    if form == "geojson":
        first = json.loads(data)["features"][0]["properties"]
        assert (first["mode"], first["limit_min"]) == ("walk", 15.0)
        assert "customer_no" not in first
    else:
        assert b"walk" in data
    if what == "gaps":
        told = pd.read_csv(io.BytesIO(data), comment="#")
        assert told["rank"].tolist() == list(range(1, len(told) + 1))
        assert len(told) > 0
        assert set(told["ranked_by"]) == {"payers"}
        assert set(told["group"]) == {"elderly_share"}
    with pytest.raises(AccessDenied):
        reach_export.export_reach(db, INSPECTOR, wish, what=what, form=form, purpose="a test")


def test_a_wish_comes_back_from_its_word_and_nonsense_is_refused() -> None:
    wish = ReachWish("hall", "walk", "2.10", "payment", "15", ("bank:B0",), ("at:112.5,30.4",))
    assert reach_wishes.wish_of(reach_wishes.wish_word(wish)) == wish
    for word in ("", "w", "wnonsense", "we30x", "w" + "A" * 200):
        with pytest.raises(UserError, match="reach_wish_unreadable"):
            reach_wishes.wish_of(word)
    for bad in (
        ReachWish(limit="1"), ReachWish(added=("at:1",)), ReachWish(added=("at:nan,1",)),
        ReachWish(closed=("x",) * 6), ReachWish(mode="fly"),  # type: ignore[arg-type]
    ):  # fmt: skip
        with pytest.raises(UserError, match="reach_wish_unreadable"):
            reach_wishes.check(bad)


def test_halls_without_visits_neither_overflow_nor_help(db: Database) -> None:
    found = hall_balance.balance(db, MANAGER, "2.10")
    assert found.halls["visits"].isna().all()
    assert found.moves.empty
    outcome = hall_balance.what_if(db, MANAGER, (HallChange("close", "H0"),), "2.10")
    assert outcome.customers_longer > 0
    assert np.isnan(outcome.before_min)
    for bad in (HallChange("open"), HallChange("staff", "H0"), HallChange("move", "H0")):
        with pytest.raises(UserError, match="hall_change_unreadable"):
            hall_balance.what_if(db, MANAGER, (bad,))
    with pytest.raises(UserError, match="hall_unknown"):
        hall_balance.what_if(db, MANAGER, (HallChange("close", "H9"),))


def visit_rows(hall: str, day: datetime, count: int) -> list[tuple[Any, ...]]:
    """So many tickets in the hour from 10:00, each served for ten minutes at once."""
    rows = []
    for number in range(count):
        taken = day + timedelta(seconds=3500 * number / count)
        rows.append(
            (f"{hall}-{day:%d}-{number}", hall, taken.isoformat(), taken.isoformat(),
             (taken + timedelta(minutes=10)).isoformat(), "payment" if number % 2 else "complaint")
        )  # fmt: skip
    return rows


def test_what_overflows_goes_to_the_idle_neighbour_and_nobody_is_lost(
    db: Database, tmp_path: Path
) -> None:
    tuesday = datetime(2026, 7, 14, 2, tzinfo=UTC)  # 10:00
    rows = [
        row for week in range(4) for hall, count in (("H0", 11), ("H1", 2))
        for row in visit_rows(hall, tuesday - timedelta(weeks=week), count)
    ]  # fmt: skip
    names = ["ticket_id", "hall_id", "taken_at", "called_at", "finished_at", "matter"]
    put(db, tmp_path, "visits", pd.DataFrame(rows, columns=names))
    found = hall_balance.balance(db, MANAGER, "2.10")
    halls = found.halls.set_index("hall_id")
    assert halls["visits"].to_dict() == {"H0": 11.0, "H1": 2.0}
    assert halls["is_over"].to_dict() == {"H0": True, "H1": False}
    (move,) = found.moves.to_dict("records")
    assert (move["from_hall"], move["to_hall"]) == ("H0", "H1")
    assert move["visits"] == pytest.approx(11 - halls.loc["H0", "capacity"])
    assert halls["visits_after"].sum() == pytest.approx(13)
    assert halls.loc["H0", "wait_after"] < halls.loc["H0", "wait_min"]
    outcome = hall_balance.what_if(
        db, MANAGER, (HallChange("close", "H1"), HallChange("staff", "H0", counters=4)), "2.10"
    )
    after = outcome.halls.set_index("hall_id")
    assert after["visits_after"].to_dict() == pytest.approx({"H0": 13.0, "H1": 0.0})
    assert after.loc["H0", "servers_after"] == 4
    assert outcome.after_min > outcome.before_min
    machine = hall_balance.what_if(db, MANAGER, (HallChange("machine", "H0"),), "2.10")
    told = machine.halls.set_index("hall_id")["visits_after"]
    assert told["H0"] == pytest.approx(11 * (1 - 0.5 * 5 / 11))  # half of the payments


def test_an_hour_still_running_is_weighed_by_its_share_that_is_over(
    db: Database, tmp_path: Path
) -> None:
    ten = datetime(2026, 7, 14, 2, tzinfo=UTC)
    names = ["ticket_id", "hall_id", "taken_at", "called_at", "finished_at", "matter"]
    put(db, tmp_path, "visits", pd.DataFrame(visit_rows("H0", ten, 10), columns=names))
    half = ten + timedelta(minutes=30)  # a ticket each 350 s: six came
    db.write(lambda c: clock.start_clock(c, at=half, running=False))
    halls = hall_balance.balance(db, MANAGER).halls.set_index("hall_id")
    assert halls.loc["H0", "visits"] == pytest.approx(12)


def test_a_hall_that_tells_waits_alone_is_no_idle_neighbour(db: Database, tmp_path: Path) -> None:
    ten = datetime(2026, 7, 14, 2, tzinfo=UTC)
    names = ["ticket_id", "hall_id", "taken_at", "called_at", "finished_at", "matter"]
    put(db, tmp_path, "visits", pd.DataFrame(visit_rows("H0", ten, 11), columns=names))
    hours = pd.DataFrame(
        {"hall_id": ["H1"], "hour": [ten.isoformat()], "wait_min": 4.0, "visits": [None]}
    )
    put(db, tmp_path, "hall_hours", hours)
    found = hall_balance.balance(db, MANAGER, "2.10")
    assert np.isnan(found.halls.set_index("hall_id").loc["H1", "visits"])
    assert found.moves.empty


def test_halls_and_banks_may_tell_their_matters_in_chinese(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    halls = town.frames()["halls"].assign(capabilities=["更名过户；缴费", "综合业务"])
    put(db, tmp_path, "halls", halls)
    banks = town.frames()["banks"].assign(services=["代收电费", "交电费", "开票"])
    put(db, tmp_path, "banks", banks)
    points = reach.ways_of(db, ReachWish(), NOW).points.set_index("point_id")
    assert points["able"].to_dict() == {
        "bank:B0": None,
        "bank:B1": True,
        "hall:H0": True,
        "hall:H1": None,
        "machine:H0": True,
    }  # fmt: skip - B2 does invoices alone


def test_machines_serve_only_the_matters_they_do(db: Database) -> None:
    for matter, there in (
        ("payment", ["hall:H0", "machine:H0"]), ("name_change", []), ("", ["hall:H0", "hall:H1"]),
    ):  # fmt: skip
        points = reach.ways_of(db, ReachWish(target="hall", matter=matter), NOW).points
        assert points["point_id"].tolist() == there


def test_a_closed_bank_that_took_no_payments_costs_nobody_a_way(
    db: Database, town: LittleTown, tmp_path: Path
) -> None:
    closed = (NOW - timedelta(days=2)).isoformat()
    banks = town.frames()["banks"].assign(services="invoice", valid_to=[None, None, closed])
    put(db, tmp_path, "banks", banks)
    assert reach_losses.closed_lately(db, INSPECTOR, "walk") == []


def test_a_month_still_running_is_not_told(db: Database) -> None:
    db.write(lambda c: clock.start_clock(c, at=datetime(2026, 6, 20, tzinfo=UTC), running=False))
    found = payment_channels.channels(db, MANAGER)
    assert pd.to_datetime(found.months["month"]).dt.month.tolist() == [4, 5]
    assert payments.last_month(db.read(), date(2026, 6, 30)) == date(2026, 5, 1)


def test_of_halls_out_of_sight_the_place_alone_is_told(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuesday = datetime(2026, 7, 14, 2, tzinfo=UTC)
    rows = visit_rows("H0", tuesday, 3) + visit_rows("H1", tuesday, 2)
    names = ["ticket_id", "hall_id", "taken_at", "called_at", "finished_at", "matter"]
    put(db, tmp_path, "visits", pd.DataFrame(rows, columns=names))
    monkeypatch.setattr(hall_balance, "_in_sight", lambda _db: {"H0"})
    halls = hall_balance.balance(db, MANAGER, "2.10").halls.set_index("hall_id")
    assert halls["visits"].tolist()[0] == 3
    assert halls.loc["H1", ["visits", "servers", "capacity", "wait_min"]].isna().all()
    told = hall_balance.what_if(db, MANAGER, (HallChange("close", "H0"),), "2.10").halls
    hidden = told.set_index("hall_id").loc["H1", ["visits", "visits_after", "servers_after"]]
    assert hidden.isna().all()


def test_a_name_at_a_counter_is_hidden_with_its_number() -> None:
    duties = pd.DataFrame({"staff_id": ["S1"], "staff": ["周明"], "headcount": [1]})
    told = hall_staff.shown_duties(Actor("user:town-auditor", "郑直", "auditor"), duties)
    assert "周明" not in told.to_string()
