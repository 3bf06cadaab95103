"""The inbox of the little town: what came up, what is offered, and what taking it does."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import h3
import pandas as pd
import pytest

from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import (
    area_strokes,
    drafts,
    duties,
    overrides,
    plan_inbox,
    plan_life,
    strokes,
    studio,
)
from app.use_cases.actors import Actor, command_line_actor
from app.use_cases.duties import Duty
from app.use_cases.inbox_entries import Entry
from app.use_cases.load import LoadChoice, load
from app.use_cases.overrides import OverrideWish, Thing
from app.use_cases.strokes import Stroke
from app.use_cases.whose import whose
from grid_cells.cells import cells_to_hex, hex_to_cells
from grid_cells.errors import AccessDenied, UserError
from grid_cells.plan_life import Term
from tests.conftest import LOADER, NOW, LittleTown

PLANNER = Actor("user:town-planner", "吴越", role="planner")
NORTH = Actor("user:town-planner_north", "何北", role="planner", scope=Scope("S1"))
MANAGER = Actor("user:town-manager", "周明", role="manager")
ANALYST = Actor("user:town-analyst", "陈思", role="analyst")
DISPATCHER = Actor("user:town-dispatcher", "林薇", role="dispatcher")
Bring = Callable[[str, pd.DataFrame], None]


@pytest.fixture
def bring(town_database: Database, tmp_path: Path) -> Bring:
    """Loads a file of some kind as people do."""

    def loaded(kind: str, frame: pd.DataFrame) -> None:
        file = tmp_path / f"{kind}.csv"
        frame.to_csv(file, index=False)
        datum = "wgs84" if "lon" in frame else None
        report = load(town_database, LOADER, kind, [file], LoadChoice(datum=datum))
        assert report.rejected == 0

    return loaded


def west(town: LittleTown) -> list[int]:
    return [n for n in range(len(town.cells)) if town.is_west(n)]


def east(town: LittleTown) -> list[int]:
    return [n for n in range(len(town.cells)) if not town.is_west(n)]


def newcomers(town: LittleTown, *transformers: tuple[str, int, int]) -> pd.DataFrame:
    """Customers of new transformers: id, the place where they live, how many."""
    rows = [
        (f"9{n}{k:08d}", name, town.places[place][1], town.places[place][0], "2026-07-10")
        for n, (name, place, count) in enumerate(transformers)
        for k in range(count)
    ]
    names = ["customer_no", "transformer_id", "lon", "lat", "connected_on"]
    return pd.DataFrame(rows, columns=names)


def of_kind(db: Database, actor: Actor, kind: str) -> list[Entry]:
    return plan_inbox.inbox(db, actor).of_kind(kind)


def feeders_of(*names: str) -> pd.DataFrame:
    return pd.DataFrame({"transformer_id": list(names), "feeder_id": "F-07"})


def test_the_town_as_it_was_loaded_lacks_the_east_its_people_and_nothing_else(
    town_database: Database,
) -> None:
    box = plan_inbox.inbox(town_database, PLANNER)
    assert (box.plan_id, box.basis, box.draft) == (1, "transformer", None)
    assert [(one.kind, one.areas, one.duty) for one in box.entries] == [
        ("vacant", ("E-01",), "backup"), ("vacant", ("E-01",), "manager"),
    ]  # fmt: skip
    # nobody else serves the east's station, so nobody is proposed
    assert {one.why_not for one in box.entries} == {"nobody_near"}


def test_new_customers_are_given_to_the_area_around_them(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    deep = max(west(town), key=lambda n: -town.places[n][1])
    town_database.write(  # the plan was there before them
        lambda c: c.execute(
            "UPDATE service_plans SET created_at = TIMESTAMPTZ '2026-07-01 00:00:00+00'"
        )
    )
    bring("customers", newcomers(town, ("T-900", deep, 3), ("T-901", deep, 2)))
    (one,) = of_kind(town_database, PLANNER, "no_area")
    assert (one.customers, one.units) == (5, ("T-900", "T-901"))
    assert one.cell == int(hex_to_cells([town.cells[deep]])[0])
    assert one.since is not None
    assert one.since.date().isoformat() == "2026-07-10"
    assert one.offer is not None
    assert (one.offer.way, one.offer.to, one.offer.because) == ("draft", "W-01", "border")
    assert one.offer.values["share"] == pytest.approx(5 / (4 * len(west(town))))
    assert one.may_be_drawn


def test_the_feeders_station_comes_before_the_neighbours(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    deep = max(east(town), key=lambda n: town.places[n][1])
    bring("transformers", feeders_of("T-900"))  # fed by the north's feeder
    bring("customers", newcomers(town, ("T-900", deep, 3)))
    (one,) = of_kind(town_database, PLANNER, "no_area")
    assert one.offer is not None
    assert (one.offer.to, one.offer.because) == ("W-01", "near")


def test_more_people_than_an_area_has_are_not_offered_to_one(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    bring("customers", newcomers(town, ("T-900", 10, 123)))
    (one,) = of_kind(town_database, PLANNER, "no_area")
    assert (one.offer, one.why_not) == (None, "too_many")


def test_taken_it_is_one_stroke_of_a_draft_that_can_be_undone(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    db = town_database
    bring("customers", newcomers(town, ("T-900", west(town)[0], 3), ("T-901", east(town)[-1], 2)))
    keys = [one.key for one in of_kind(db, PLANNER, "no_area")]
    assert len(keys) == 2
    taken = plan_inbox.take(db, PLANNER, keys, "Inbox 2026-07-16")
    assert (taken.entries, taken.units, taken.customers, taken.left) == (2, 2, 5, 0)
    held = studio.of_plan(db, taken.plan_id)
    rows = held.units.get_indexer(["T-900", "T-901"])
    assert [held.draft.areas[n].area_id for n in held.draft.area[rows]] == ["W-01", "E-01"]
    box = plan_inbox.inbox(db, PLANNER)
    assert box.draft == (taken.plan_id, "Inbox 2026-07-16")
    assert [one.draft for one in box.of_kind("no_area")] == [taken.plan_id] * 2
    # others still see it to be done
    assert all(one.draft is None for one in of_kind(db, MANAGER, "no_area"))
    answer = strokes.undo(db, PLANNER, Stroke(taken.plan_id, "u"))
    assert (answer.undo, answer.redo) == (0, 1)
    assert held.draft.area[rows].tolist() == [-1, -1]
    assert all(one.may_be_drawn for one in of_kind(db, PLANNER, "no_area"))


def test_what_comes_later_goes_into_the_same_draft_if_that_knows_it(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    db = town_database
    bring("customers", newcomers(town, ("T-900", west(town)[0], 3), ("T-901", east(town)[-1], 2)))
    one, other = of_kind(db, PLANNER, "no_area")
    first = plan_inbox.take(db, PLANNER, [one.key], "Inbox")
    assert plan_inbox.take(db, PLANNER, [other.key], "Inbox").plan_id == first.plan_id
    with pytest.raises(UserError, match="inbox_nothing_to_take"):
        plan_inbox.take(db, PLANNER, [one.key], "Inbox")
    bring(
        "customers", newcomers(town, ("T-902", west(town)[5], 1)).assign(customer_no="8000000001")
    )
    (new,) = [e for e in of_kind(db, PLANNER, "no_area") if "T-902" in e.units]
    assert plan_inbox.take(db, PLANNER, [new.key], "Inbox").plan_id != first.plan_id
    assert plan_life.list_plans(db, PLANNER)[0].strokes == 1


def test_drafts_by_hand_and_those_of_others_are_left_alone(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    db = town_database
    bring("customers", newcomers(town, ("T-900", 10, 3)))
    by_hand = drafts.begin(db, PLANNER, "by hand")
    (one,) = of_kind(db, PLANNER, "no_area")
    mine = plan_inbox.take(db, PLANNER, [one.key], "Inbox").plan_id
    yours = plan_inbox.take(db, LOADER, [one.key], "Inbox").plan_id
    assert len({by_hand, mine, yours}) == 3


def test_a_locked_area_keeps_its_gift_away(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    db = town_database
    bring("customers", newcomers(town, ("T-900", west(town)[0], 3), ("T-901", east(town)[-1], 2)))
    first, second = of_kind(db, PLANNER, "no_area")
    plan = plan_inbox.take(db, PLANNER, [first.key], "Inbox").plan_id
    area = second.offer.to if second.offer else ""
    area_strokes.lock_area(db, PLANNER, Stroke(plan, "l"), area, locked=True)
    with pytest.raises(UserError, match="inbox_nothing_to_take"):
        plan_inbox.take(db, PLANNER, [second.key], "Inbox")
    assert of_kind(db, PLANNER, "no_area")[1].may_be_drawn


def test_what_is_gone_is_not_taken(town_database: Database) -> None:
    with pytest.raises(UserError, match="inbox_changed"):
        plan_inbox.take(town_database, PLANNER, ["no_area:T-900:1"], "Inbox")
    assert [one.plan_id for one in plan_life.list_plans(town_database, PLANNER)] == [1]


def claim_twice(db: Database, transformer: str, area: str) -> None:
    def change(connection: Any) -> None:
        connection.execute(
            "INSERT INTO plan_units (plan_id, transformer_id, area_id) VALUES (1, ?, ?)",
            [transformer, area],
        )
        meta.touch_facts(connection, "areas")

    db.write(change)


def test_a_unit_claimed_twice_goes_to_the_claimant_around_it(
    town_database: Database, town: LittleTown
) -> None:
    db = town_database
    deep = min(west(town), key=lambda n: town.places[n][1])
    claim_twice(db, f"T-{deep:03d}", "E-01")
    (one,) = of_kind(db, PLANNER, "twice")
    assert (one.units, one.areas, one.customers) == ((f"T-{deep:03d}",), ("E-01", "W-01"), 4)
    assert one.offer is not None
    assert (one.offer.to, one.offer.because) == ("W-01", "border")
    taken = plan_inbox.take(db, PLANNER, [one.key], "Inbox")
    held = studio.of_plan(db, taken.plan_id)
    place = held.draft.area[held.units.get_loc(f"T-{deep:03d}")]
    assert held.draft.areas[place].area_id == "W-01"


def test_a_limited_planner_sees_and_takes_their_own_part(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    db = town_database
    bring("transformers", feeders_of("T-900"))
    bring("customers", newcomers(town, ("T-900", west(town)[0], 3), ("T-901", east(town)[-1], 2)))
    box = plan_inbox.inbox(db, NORTH)
    assert [(one.kind, one.units) for one in box.entries] == [("no_area", ("T-900",))]
    assert set(box.names) & {"E-01"} == set()
    taken = plan_inbox.take(db, NORTH, [box.entries[0].key], "Inbox")
    assert (taken.units, taken.left) == (1, 0)
    claim_twice(db, f"T-{west(town)[1]:03d}", "E-01")
    (twice,) = of_kind(db, NORTH, "twice")
    assert set(twice.areas) == {"W-01", "…"}
    whole = {one.key for one in plan_inbox.inbox(db, PLANNER).entries}
    (beyond,) = [key for key in whole if key.startswith("no_area:T-901")]
    with pytest.raises(UserError, match="inbox_changed"):
        plan_inbox.take(db, NORTH, [beyond], "Inbox")


def test_who_may_only_look_takes_nothing(
    town_database: Database, town: LittleTown, bring: Bring
) -> None:
    bring("customers", newcomers(town, ("T-900", 10, 3)))
    (one,) = of_kind(town_database, ANALYST, "no_area")
    with pytest.raises(AccessDenied):
        plan_inbox.take(town_database, ANALYST, [one.key], "Inbox")


@pytest.fixture
def by_cells(town_database: Database) -> Database:
    """The town under a plan by cells."""
    plan = drafts.begin(town_database, LOADER, "cells", basis="cell")
    plan_life.publish(town_database, command_line_actor(), Term(plan))
    return town_database


def border(town: LittleTown) -> tuple[int, int]:
    """Two cells that touch across the border: one of the west and one of the east."""
    return next(
        (a, b)
        for a in west(town)
        for b in east(town)
        if h3.are_neighbor_cells(town.cells[a], town.cells[b])
    )


def test_a_transformer_cut_by_a_border_is_given_whole_by_an_exception(
    by_cells: Database, town: LittleTown, bring: Bring
) -> None:
    db, (a, b) = by_cells, border(town)
    assert of_kind(db, PLANNER, "split") == []
    number = f"{4 * b + 1:010d}"  # the first customer of the eastern cell hangs on the western one
    link = pd.DataFrame(
        {"meter_id": [f"M{number}"], "customer_no": [number], "transformer_id": [f"T-{a:03d}"],
         "role": ["billing"], "valid_from": ["2026-07-12T00:00:00+08:00"]}
    )  # fmt: skip
    bring("meters", link)
    (one,) = of_kind(db, PLANNER, "split")
    assert (one.units, one.areas, one.customers) == ((f"T-{a:03d}",), ("W-01", "E-01"), 5)
    assert one.offer is not None
    assert (one.offer.way, one.offer.to, one.offer.values["customers"]) == ("override", "W-01", 1)
    assert not one.may_be_drawn
    thing = Thing("transformer", one.units[0])
    overrides.add(db, PLANNER, OverrideWish(thing, one.offer.to, "one transformer, one manager"))
    assert of_kind(db, PLANNER, "split") == []
    answer = whose(db, DISPATCHER, customer=number)
    assert (answer.area, answer.rule, answer.reason) == (
        "W-01", "transformer", "one transformer, one manager",
    )  # fmt: skip
    overrides.end(db, PLANNER, thing)
    assert len(of_kind(db, PLANNER, "split")) == 1


def test_a_new_cell_of_a_plan_by_cells_is_told_by_its_sides(
    by_cells: Database, town: LittleTown, bring: Bring
) -> None:
    inside = set(town.cells)
    outer, beside = next(
        (cell, [n for n in h3.grid_disk(cell, 1) if n in inside])
        for cell in sorted({c for one in town.cells for c in h3.grid_disk(one, 1)} - inside)
        if all(town.is_west(town.cells.index(n)) for n in h3.grid_disk(cell, 1) if n in inside)
    )
    lat, lon = h3.cell_to_latlng(outer)
    frame = pd.DataFrame({"customer_no": ["9000000001"], "lon": [lon], "lat": [lat]})
    bring("customers", frame)
    (one,) = of_kind(by_cells, PLANNER, "no_area")
    assert one.units == (outer,)
    assert one.units == tuple(cells_to_hex([one.cell]))
    assert one.offer is not None
    assert one.offer.to == "W-01"
    assert (one.offer.values["sides"], one.offer.values["of"]) == (len(beside), len(beside))
    taken = plan_inbox.take(by_cells, PLANNER, [one.key], "Inbox")
    assert taken.units == 1


def test_customers_whom_no_stroke_reaches_are_counted_with_the_reason(
    by_cells: Database, bring: Bring
) -> None:
    bring("customers", pd.DataFrame({"customer_no": ["9000000001"]}))
    (one,) = of_kind(by_cells, PLANNER, "no_area")
    assert (one.customers, one.offer, one.why_not) == (1, None, "unplaced")


def roster(db: Database, bring: Bring) -> None:
    """The east is of the same station as the west, with which it shares a border."""
    db.write(lambda c: c.execute("UPDATE service_areas SET unit_id = 'S1'") and None)
    db.write(lambda c: meta.touch_facts(c, "areas"))


def test_a_vacant_duty_is_given_to_the_neighbours_manager_and_taken_back(
    town_database: Database, bring: Bring
) -> None:
    db = town_database
    roster(db, bring)
    by_duty = {one.duty: one for one in of_kind(db, PLANNER, "vacant")}
    offer = by_duty["manager"].offer
    assert offer is not None
    assert (offer.way, offer.to, offer.because) == ("duty", "P1", "neighbour")
    wish = Duty("E-01", "manager", offer.to)
    duties.assign(db, PLANNER, wish)
    assert [one.duty for one in of_kind(db, PLANNER, "vacant")] == ["backup"]
    with pytest.raises(UserError, match="duty_held"):
        duties.assign(db, PLANNER, Duty("E-01", "manager", "P2"))
    (given,) = duties.entered(db, PLANNER)
    assert (given.area_id, given.duty, given.holder_id, given.name) == (
        "E-01",
        "manager",
        "P1",
        "林薇",
    )
    assert given.since == NOW
    duties.release(db, PLANNER, wish)
    assert duties.entered(db, PLANNER) == []
    assert {one.duty for one in of_kind(db, PLANNER, "vacant")} == {"backup", "manager"}


def test_a_duty_that_is_about_to_end_is_told_and_not_yet_given(
    town_database: Database, bring: Bring
) -> None:
    ends = NOW + timedelta(days=3)

    def change(connection: Any) -> None:
        connection.execute(
            "UPDATE area_duties SET valid_to = ? WHERE area_id = 'W-01' AND duty = 'manager'",
            [ends],
        )

    town_database.write(change)
    (one,) = [e for e in of_kind(town_database, PLANNER, "vacant") if e.areas == ("W-01",)]
    assert (one.duty, one.begins, one.since, one.offer) == ("manager", ends, None, None)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Duty("E-01", "boss", "P1"), "duty_unknown"),
        (Duty("X-99", "manager", "P1"), "area_unknown"),
        (Duty("E-01", "manager", "P99"), "duty_person_unknown"),
        (Duty("W-01", "manager", "P2"), "duty_held"),
    ],
)
def test_duties_that_cannot_be_given(town_database: Database, wish: Duty, code: str) -> None:
    with pytest.raises(UserError, match=code):
        duties.assign(town_database, PLANNER, wish)
    assert duties.entered(town_database, PLANNER) == []


def test_a_limited_planner_gives_no_duty_next_door_and_ends_none_of_a_file(
    town_database: Database,
) -> None:
    with pytest.raises(AccessDenied, match="access_out_of_scope"):
        duties.assign(town_database, NORTH, Duty("E-01", "manager", "P1"))
    with pytest.raises(UserError, match="duty_not_by_hand"):
        duties.release(town_database, PLANNER, Duty("W-01", "manager", "P1"))
    with pytest.raises(AccessDenied):
        duties.assign(town_database, ANALYST, Duty("E-01", "manager", "P1"))


def test_deeds_are_on_record_without_free_text(town_database: Database) -> None:
    duties.assign(town_database, PLANNER, Duty("E-01", "manager", "P1"))
    row = town_database.query("SELECT * FROM audit_log WHERE event = 'duty_assigned'").iloc[0]
    assert (row["actor"], row["subject"]) == (PLANNER.id, "area:E-01")
    assert "P1" in str(row["detail"])
