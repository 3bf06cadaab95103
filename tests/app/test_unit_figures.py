"""Figures of units in the little town: by hand, by day, by sight; nothing of the few."""

import shutil
from datetime import timedelta

import h3
import numpy as np
import pandas as pd
import pytest

from app import language
from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import consequences, service_map, small_cells, unit_figures
from app.use_cases.actors import Actor
from app.use_cases.consequences import Drawing
from app.use_cases.load import LoadChoice, load
from app.use_cases.roles import permissions_by_role, permits
from grid_cells.cells import hex_to_cells
from grid_cells.consequences import consequences as compare
from grid_cells.drafts import Area
from grid_cells.unit_figures import MONTH_DAYS, USE
from tests.app.test_small_cells_views import LEAST, Village
from tests.conftest import LOADER, NOW

MOVES = ("customers_in", "customers_out", "customers_moved")
PLANNER = Actor("user:planner", "P", role="planner")
NORTH = Actor("user:north", "N", role="planner", scope=Scope("S1"))


@pytest.fixture(scope="module")
def held(town_file, tmp_path_factory):
    copy = tmp_path_factory.mktemp("figures") / "town.duckdb"
    shutil.copy(town_file, copy)
    with Database(copy) as opened:
        yield opened


def transformers(town):
    return pd.Index([f"T-{place:03d}" for place in range(len(town.cells))])


def cells(town):
    return pd.Index(hex_to_cells(town.cells))


def of(db, basis, units, actor=PLANNER, now=NOW, **choice):
    return unit_figures.figures(db, actor, basis=basis, units=units, now=now, **choice)


def test_each_transformer_of_the_town_by_hand(held, town):
    found = of(held, "transformer", transformers(town))
    units = found.units
    assert (units["customers"] == 4).all()
    assert (units["customers_"] == 4).all(), "the town states no use"
    assert (units["meters"] == 4).all()
    assert (units["transformers"] == 1).all()
    assert found.history_days == 30
    # one fault, two hours ago: 30.4375 / 30 a month on its transformer, none elsewhere
    assert units["faults"].drop("T-010").sum() == 0
    assert units.loc["T-010", "faults"] == pytest.approx(1.0145833)
    # 4 x 0.5 / 12 rounds, 4 x 0.25 / 12 meters, a patrol; on T-010 the fault
    assert units.loc["T-000", "visits"] == pytest.approx(4 * 0.75 / 12 + 1)
    assert units.loc["T-010", "visits"] == pytest.approx(1.25 + 1.0145833)
    # the base is the middle of the first cell; of four homes a cell's own middle stands in, by 1.3
    # of the straight line at 30 km/h
    km = h3.great_circle_distance(town.places[0], town.places[1], unit="km")
    assert units.loc["T-000", "crew_min"] == pytest.approx(0, abs=1e-6)
    assert units.loc["T-001", "crew_min"] == pytest.approx(km * 1.3 / 30 * 60, rel=2e-3)
    assert units["upper_unit"].eq("S1").all()
    assert units["promise_min"].isna().all()
    assert units["cell_id"].tolist() == cells(town).tolist()
    assert (units["halls"].sum(), units["banks"].sum()) == (2, 3)


def test_hours_are_those_of_the_table_of_tasks(held, town):
    units = of(held, "transformer", transformers(town)).units
    minutes = 4 * 0.5 / 12 * 15 + 4 * 1.5 / 12 * 6 + 4 * 0.25 / 12 * 12 + 35 + 15
    away = 2 * units.loc["T-000", "crew_min"]
    minutes += away * (4 * 0.5 / 12 / 10 + 4 * 0.25 / 12 / 12 + 1 / 5)
    assert units.loc["T-000", "hours"] == pytest.approx(minutes / 60)


@pytest.mark.parametrize("basis", ["transformer", "cell"])
def test_energy_is_that_of_the_groups_by_customers(held, town, basis):
    found = of(held, basis, transformers(town) if basis == "transformer" else cells(town))
    groups = small_cells.groups(held).set_index("cell_id")["group"]
    # customer k uses 4 + k % 5 + day % 7 a day, over 15 days from day 0: 0 to 6 twice and a 0
    mean = pd.Series([4 + k % 5 + (2 * 21 + 0) / 15 for k in range(4 * len(town.cells))])
    group = groups.reindex(np.repeat(cells(town), 4)).to_numpy()
    by_customer = mean.groupby(group).transform("mean").to_numpy()
    expected = by_customer.reshape(-1, 4).sum(axis=1) * MONTH_DAYS
    assert np.allclose(found.units["energy_kwh"], expected)
    assert found.units["energy_kwh"].sum() == pytest.approx(mean.sum() * MONTH_DAYS)


@pytest.mark.parametrize("basis", ["transformer", "cell"])
def test_everybody_is_counted_once_by_units_overrides_and_none(town_database, town, basis):
    db, numbers = town_database, town.numbers()
    units = transformers(town) if basis == "transformer" else cells(town)

    def change(connection):
        [plan] = connection.execute("SELECT plan_id FROM service_plans").fetchone()
        connection.executemany(
            "INSERT INTO assignment_overrides (plan_id, transformer_id, customer_no, area_id)"
            " VALUES (?, ?, ?, ?)",
            [[plan, None, numbers[0], "E-01"], [plan, "T-005", None, "W-01"],
             [plan, None, numbers[21], "E-01"]],
        )  # fmt: skip
        connection.execute("DELETE FROM meters WHERE customer_no IN (?, ?)", numbers[40:42])
        connection.execute(
            "UPDATE customers SET transformer_id = NULL, cell_id = NULL"
            " WHERE customer_no IN (?, ?)",
            numbers[40:42],
        )
        meta.touch_facts(connection, "customers")

    db.write(change)
    found = of(db, basis, units[:50])
    # pinned: one of T-000,the four of T-005 of whom one is pinned elsewhere himself
    assert found.pinned["customers"].to_dict() == {"E-01": 2, "W-01": 3}
    assert found.unplaced["customers"].tolist() == [2 + 11 * 4]
    assert found.units["customers"].sum() + 5 + 46 == len(numbers)
    assert found.units["customers"].iloc[[0, 5, 10]].tolist() == [3, 0, 2]
    after = compare(
        unit_figures.prepared(db, PLANNER, basis=basis, units=units[:50], now=NOW),
        np.zeros(50, np.int32), np.ones(50, np.int32), ["W-01", "E-01"],
    )  # fmt: skip
    assert after.before["customers"].tolist() == [len(numbers) - 51 + 3, 2]
    assert after.after["customers"].tolist() == [3, len(numbers) - 51 + 2]


def test_areas_have_the_customers_that_the_map_says(town_database, town):
    """With overrides, a customer of no known transformer and a meter that moved."""
    db, numbers = town_database, town.numbers()

    def change(connection):
        [plan] = connection.execute("SELECT plan_id FROM service_plans").fetchone()
        connection.execute(
            "INSERT INTO assignment_overrides (plan_id, customer_no, area_id) VALUES (?, ?, ?)",
            [plan, numbers[0], "E-01"],
        )
        for number in numbers[40:43]:
            connection.execute("DELETE FROM meters WHERE customer_no = ?", [number])
            connection.execute(
                "UPDATE customers SET transformer_id = NULL WHERE customer_no = ?", [number]
            )
        meta.touch_facts(connection, "customers")

    db.write(change)
    _, _, drawn = plan_of(town)
    held = unit_figures.prepared(
        db, PLANNER, basis="transformer", units=transformers(town), now=NOW
    )
    assert held.figures.followers["customers"].tolist() == [3]
    told = compare(held, drawn, drawn, ["W-01", "E-01"]).before["customers"]
    known = service_map.areas(db, PLANNER, NOW).set_index("area_id")["customers"]
    assert told.to_dict() == known.to_dict()


def plan_of(town):
    """West or not, areas, and the label of each transformer by the plan in force."""
    west = np.array([town.is_west(place) for place in range(len(town.cells))])
    areas = [Area("W-01", "West", unit_id="S1"), Area("E-01", "East", unit_id="S2")]
    return west, areas, np.where(west, 0, 1).astype(np.int32)


def test_the_link_of_the_day_counts(town_database, town):
    number = town.numbers()[0]
    town_database.write(lambda connection: _move_meter(connection, number))
    units = transformers(town)
    before = of(town_database, "transformer", units).units["customers"]
    after = of(town_database, "transformer", units, now=NOW + timedelta(days=2)).units["customers"]
    assert before.loc[["T-000", "T-020"]].tolist() == [4, 4]
    assert after.loc[["T-000", "T-020"]].tolist() == [3, 5]


def _move_meter(connection, number):
    connection.execute(
        "INSERT INTO meters (meter_id, customer_no, transformer_id, role, valid_from)"
        " VALUES (?, ?, 'T-020', 'billing', ?)",
        [f"M{number}", number, NOW + timedelta(days=1)],
    )
    meta.touch_facts(connection, "meters")


def test_a_scoped_planner_counts_only_what_is_in_scope(held, town):
    west = np.array([town.is_west(place) for place in range(len(town.cells))])
    for basis, units in (("transformer", transformers(town)), ("cell", cells(town))):
        found = of(held, basis, units, NORTH)
        assert found.units["customers"].tolist() == (west * 4).tolist()
        assert found.unplaced["customers"].sum() == 0
        assert set(found.cell_links["unit"]) == set(np.flatnonzero(west))
        outside = found.units[~west]
        assert outside[["energy_kwh", "hours", "visits", "faults", "halls"]].to_numpy().sum() == 0
    whole = of(held, "cell", cells(town)).units
    mine = of(held, "cell", cells(town), NORTH).units
    assert np.allclose(mine["energy_kwh"][west], whole["energy_kwh"][west])


def test_a_drawing_is_judged_with_everything_in_force(held, town):
    west, areas, before = plan_of(town)
    after = before.copy()
    after[np.flatnonzero(west)[:2]] = [1, -1]
    drawing = Drawing("transformer", transformers(town), before, after, areas)
    judged = consequences.judge(held, PLANNER, drawing, NOW)
    moved = judged.consequences.moved
    assert moved.loc["W-01", ["customers_out", "units_out"]].tolist() == [8, 2]
    assert moved.loc["E-01", "customers_in"] == 4
    codes = {(one.code, one.area): one for one in judged.problems}
    assert codes["unit_in_no_area", None].customers == 4
    assert judged.problems[0].level == "no"
    assert ("area_without_manager", 1) in codes
    assert ("area_without_manager", 0) not in codes
    told = judged.consequences
    for column in {*told.after.columns, *told.moved.columns, *told.plan.columns}:
        code = "customers_use" if column.startswith(USE) and column not in MOVES else column
        assert all(language.knows(f"plan_figure_{code}", one) for one in language.LANGUAGES), code
    # the whole town hangs on a feeder of S1
    assert codes["area_across_units", 1].values["others"] == ["S1"]


@pytest.fixture(scope="module")
def village():
    return Village()


@pytest.fixture(scope="module")
def hamlet(village, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hamlet")
    with Database(folder / "village.duckdb") as db:
        for kind, frame in village.files().items():
            if kind == "customers":
                frame = frame.assign(prepaid=[k % 3 == 0 for k in range(len(frame))])  # noqa: PLW2901
            frame.to_csv(folder / f"{kind}.csv", index=False)
            datum = "wgs84" if "lon" in frame else None
            load(db, LOADER, kind, [folder / f"{kind}.csv"], LoadChoice(datum=datum))
        db.write(lambda connection: meta.set_value(connection, "origin", "sample"))
        service_map.areas(db, PLANNER, NOW)  # the grouping follows the first plan's areas
        yield db


def both(db, village, actor=PLANNER):
    named = sorted(set(village.transformers()))
    by_cell = of(db, "cell", pd.Index(hex_to_cells(village.cells)), actor)
    return by_cell, of(db, "transformer", pd.Index(named), actor)


DRAWERS = [Actor(f"user:{unit}", "P", role="planner", scope=unit and Scope(unit))
           for unit in (None, "S1", "S2")]  # fmt: skip


def test_every_role_is_told_the_same_of_energy(hamlet, village):
    told = {
        role: both(hamlet, village, Actor(f"user:{role}", role, role=role))[0].units["energy_kwh"]
        for role in permissions_by_role()
        if permits(role, "see_plans")
    }
    assert len(told) > 3
    assert not any(permits(role, "see_small_cells") for role in told)
    assert all(energy.equals(told["planner"]) for energy in told.values())


def test_no_drawing_tells_of_few_customers(hamlet, village):
    """The attacker may paint any set of units and read every area's energy, in every scope.

    Energy of every unit is a known part of totals of groups; and no set of fewer than five
    customers lies in what those totals span.
    """
    groups = small_cells.groups(hamlet).set_index("cell_id")
    homes = pd.Index(hex_to_cells(village.homes))
    of_home = groups["group"].reindex(homes).to_numpy()
    names = np.unique(of_home)
    member = (of_home[:, None] == names).astype(float)
    assert member.sum(axis=0).min() >= LEAST
    totals, sizes = member.T @ village.use.mean(axis=1), member.sum(axis=0)
    feeder = np.array(village.transformers())
    seen, told = [], []
    for actor in DRAWERS:
        for found, unit_of_home in zip(both(hamlet, village, actor), (homes, feeder), strict=True):
            for unit, row in found.units[found.units["customers"] > 0].iterrows():
                mine = unit_of_home == unit
                inside = member[mine].sum(axis=0) * (row["customers"] / mine.sum())
                if row["customers"] == mine.sum():
                    seen.append(inside / sizes)
                    told.append(row["energy_kwh"] / MONTH_DAYS)
    assert len(told) > 100
    assert np.allclose(np.array(seen) @ totals, told, rtol=1e-6)
    known = np.unique(np.array(seen).round(12), axis=0) @ member.T
    _, strength, base = np.linalg.svd(known, full_matrices=False)
    base = base[strength > 1e-9]
    for cell in np.unique(homes):
        wanted = (homes == cell).astype(float)
        if wanted.sum() < LEAST:
            assert not np.allclose(base.T @ (base @ wanted), wanted, atol=1e-6)


def of_cells(db):
    held = unit_figures._by_cell(db, hidden=False)
    return held.set_index("cell_id")["energy_a_day"]


def test_what_neighbours_in_a_group_swap_changes_no_figure(hamlet, village):
    """Energy and the way of paying of one household cannot be read off any unit."""
    groups = small_cells.groups(hamlet)
    one = groups[groups["rolled_up_to"] != 0]["group"].iloc[0]
    members = groups.loc[groups["group"] == one, "cell_id"].to_numpy()
    lives = np.isin(hex_to_cells(village.homes), members)
    first, other = (village.numbers[k] for k in np.flatnonzero(lives)[[0, -1]])

    def change(who, more):
        def write(connection):
            connection.execute(
                "UPDATE customers SET prepaid = customer_no = ? WHERE customer_no IN (?, ?)",
                [who, first, other],
            )
            connection.execute(
                "UPDATE meter_readings SET energy_kwh = energy_kwh + CASE meter_id WHEN ? THEN ?"
                " ELSE -? END WHERE meter_id IN (?, ?)",
                [f"M{first}", more, more, f"M{first}", f"M{other}"],
            )
            for kind in ("readings", "customers"):
                meta.touch_facts(connection, kind)

        hamlet.write(write)

    change(first, 0)
    before = [found.units for found in both(hamlet, village)]
    true = of_cells(hamlet)
    change(other, 500)
    after = [found.units for found in both(hamlet, village)]
    now_true = of_cells(hamlet)
    assert np.abs(now_true - true).max() == pytest.approx(500), (
        "who may see households would see it"
    )
    for old, new in zip(before, after, strict=True):
        assert np.allclose(old["energy_kwh"], new["energy_kwh"])
        assert np.allclose(old["hours"], new["hours"])
        assert np.allclose(old["prepaid"], new["prepaid"])


def test_a_place_is_never_told_closer_than_its_cell(hamlet, village):
    by_cell, by_transformer = both(hamlet, village)
    links = by_transformer.cell_links
    alone = links.groupby("unit").filter(lambda rows: len(rows) == 1)
    centre = by_cell.units.set_index("cell_id")[["lon", "lat"]]
    for row in alone.to_dict("records"):
        at = by_transformer.units.iloc[row["unit"]][["lon", "lat"]].to_numpy(float)
        assert np.allclose(at, centre.loc[row["cell_id"]].to_numpy())
