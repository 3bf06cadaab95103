"""Whoever may not see single households cannot work one out, from no view and from no two."""

import io
import shutil
from datetime import UTC, date, datetime, timedelta

import h3
import numpy as np
import pandas as pd
import pytest

from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import cell_card, clock, export, measures, service_map, small_cells, today
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.roles import permissions_by_role, permits
from grid_cells.cells import hex_to_cells, parents
from grid_cells.errors import AccessDenied

pytestmark = pytest.mark.long

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
LEAST, DAYS = 5, 6
INSPECTOR = Actor("user:i", "I", role="inspector")
FACTS = {"elderly_share": "see_map", "arrears_cny": "see_credit", "theft_score": "see_suspicion",
         "rainfall_mm": "see_map"}  # fmt: skip
VIEWERS = [
    Actor(f"user:{role}-{unit}-{area}", role, role=role, scope=unit and Scope(unit, area))
    for role in permissions_by_role()
    if permits(role, "see_map") and not permits(role, "see_small_cells")
    for unit, area in ((None, None), ("S1", None), ("S2", None), ("S1", "W-01"), ("S1", "N-01"))
    if unit is None or role == "planner"
]
PLANNERS = [viewer for viewer in VIEWERS if viewer.role == "planner"]


class Village:
    """Some hundred cells with 0 to 11 customers in each, three areas under two stations."""

    def __init__(self) -> None:
        rng = np.random.default_rng(11)
        middle = h3.latlng_to_cell(30.4230, 112.5140, 9)
        self.cells = sorted(h3.grid_disk(middle, 5))
        self.count = rng.choice([0, 1, 2, 3, 4, 5, 8, 11], len(self.cells))
        self.homes = [
            cell for cell, n in zip(self.cells, self.count, strict=True) for _ in range(n)
        ]
        self.numbers = [f"{k:010d}" for k in range(1, len(self.homes) + 1)]
        self.use = rng.uniform(1, 30, (len(self.homes), DAYS)).round(3)

    def area(self, cell):
        lat, lon = h3.cell_to_latlng(cell)
        return ("E-01" if lon > 112.517 else "W-01") if lat < 30.426 else "N-01"

    def files(self):
        units = pd.DataFrame(
            [("C", None, "city", "A"), ("S1", "C", "station", "B"), ("S2", "C", "station", "D")],
            columns=["unit_id", "parent_id", "level", "name"],
        )
        at = [h3.cell_to_latlng(cell) for cell in self.homes]
        places = {"lon": [lon for _, lon in at], "lat": [lat for lat, _ in at]}
        people = {"customer_no": self.numbers, "transformer_id": self.transformers()}
        meters = {"meter_id": [f"M{n}" for n in self.numbers], "role": "billing", "multiplier": 1.0}
        areas = [self.area(cell) for cell in self.cells]
        owners = ["S2" if area == "E-01" else "S1" for area in areas]
        return {
            "units": units,
            "feeders": pd.DataFrame({"feeder_id": ["F"], "name": ["F"], "unit_id": ["S1"]}),
            "transformers": pd.DataFrame(
                {"transformer_id": sorted(set(people["transformer_id"])), "feeder_id": "F",
                 "kind": "public", "capacity_kva": 50.0, "lon": 112.514, "lat": 30.423}
            ),
            "customers": pd.DataFrame(people | places),
            "meters": pd.DataFrame(people | meters),
            "areas": pd.DataFrame({"cell": self.cells, "area_id": areas, "unit_id": owners}),
            "readings": self.readings(),
            "cell_facts": self.facts(),
        }  # fmt: skip

    def transformers(self):
        """One for the first 3 homes, then for each 20."""
        return [f"T-{0 if k < 3 else 1 + k // 20}" for k in range(len(self.homes))]

    def readings(self):
        rows = [
            (f"M{number}", date(2026, 7, 10) + timedelta(days=day), self.use[k, day])
            for k, number in enumerate(self.numbers)
            for day in range(DAYS)
        ]
        frame = pd.DataFrame(rows, columns=["meter_id", "day", "energy_kwh"])
        return frame.assign(source="measured")

    def facts(self):
        rng = np.random.default_rng(5)
        rows = [(cell, fact, rng.uniform(0, 100)) for cell in self.cells for fact in FACTS]
        frame = pd.DataFrame(rows, columns=["cell", "measure", "value"])
        return frame.assign(unit="%", source="test", as_of="2026-07-01T00:00:00+08:00")


@pytest.fixture(scope="module")
def village():
    return Village()


@pytest.fixture(scope="module")
def filled(village, tmp_path_factory):
    folder = tmp_path_factory.mktemp("village")
    loader = Actor("user:l", "L", role="admin")
    with Database(folder / "village.duckdb") as db:
        for kind, frame in village.files().items():
            frame.to_csv(folder / f"{kind}.csv", index=False)
            datum = "wgs84" if "lon" in frame else None
            load(db, loader, kind, [folder / f"{kind}.csv"], LoadChoice(datum=datum))
        db.write(lambda connection: meta.set_value(connection, "origin", "sample"))
        service_map.areas(db, INSPECTOR, NOW)
    return folder / "village.duckdb"


@pytest.fixture(scope="module")
def db(filled):
    with Database(filled) as opened:
        yield opened


def shown(db, actor, measure, now=NOW, **choice):
    frame = service_map.cells(db, actor, measure=measure, now=now, **choice)
    return frame.set_index("cell_id")["value"].dropna()


def energy(db, actor, **choice):
    return shown(db, actor, "energy_kwh", **choice)


def truth(village, values):
    homes = hex_to_cells(village.homes)
    return pd.Series(values).groupby(homes).sum()


def choices(actor):
    units = {None: (None, "C", "S1", "S2"), "S1": (None, "S1"), "S2": (None, "S2")}
    areas = {None: ("W-01", "E-01", "N-01"), "S1": ("W-01", "N-01"), "S2": ("E-01",)}
    unit = actor.scope.unit_id if actor.scope else None
    if actor.scope and actor.scope.area_id:
        return [{}, {"area_ids": (actor.scope.area_id,)}]
    return [*({"unit_id": u} for u in units[unit]), *({"area_ids": (a,)} for a in areas[unit])]


def test_every_cell_shows_the_same_in_every_view_of_everybody(db):
    whole = energy(db, VIEWERS[0])
    for viewer in VIEWERS:
        for choice in choices(viewer):
            part = energy(db, viewer, **choice)
            assert np.allclose(part, whole.reindex(part.index), rtol=1e-6)


def test_who_sees_small_cells_sees_the_truth_and_sums_agree(db, village):
    true = truth(village, village.use.mean(axis=1))
    raw = energy(db, INSPECTOR)
    assert np.allclose(raw.sort_index(), true.sort_index(), rtol=1e-4)
    told = energy(db, VIEWERS[0])
    assert set(told.index) == set(raw.index), "the map stays sensible: every cell has a colour"
    assert told.sum() == pytest.approx(raw.sum(), rel=1e-5)
    small = pd.Series(village.count, index=hex_to_cells(village.cells))
    small = small[(small > 0) & (small < LEAST)].index
    assert len(small) > 20
    assert (np.abs(told[small] / raw[small] - 1) > 1e-4).mean() > 0.95
    alone = small_cells.groups(db).set_index("cell_id")["rolled_up_to"].eq(0)
    alone = alone.index[alone]
    assert np.allclose(told[alone], raw[alone], rtol=1e-5)


def told_equations(db, village, viewer):
    """What a viewer is told, as (cells over which it is a total, figure in kWh of a mean day)."""
    rows = [({cell}, value) for cell, value in energy(db, viewer).items()]
    for choice in choices(viewer):
        part = energy(db, viewer, **choice)
        rows.append((set(part.index), part.sum()))
        for resolution in (8, 7, 6):
            zoomed = part.groupby(parents(part.index.to_numpy(), resolution))
            rows += [(set(cells.index), cells.sum()) for _, cells in zoomed]
    for cell in list(energy(db, viewer).index)[:: 4 if viewer.scope is None else 20]:
        days = cell_card.cell_card(db, viewer, int(cell), NOW).energy_days
        rows.append(({cell}, days["energy_kwh"].mean()))
    data, _ = export.export_cells(
        db, viewer, measure="energy_kwh", form="csv", now=NOW, purpose="report"
    ) if permits(viewer.role, "export_data") else (b"", "")  # fmt: skip
    if data:
        table = pd.read_csv(io.BytesIO(data), dtype={"cell": "str"}).dropna(subset="value")
        cells = hex_to_cells(table["cell"].tolist())
        rows += [({cell}, value) for cell, value in zip(cells, table["value"], strict=True)]
    return rows


def test_all_views_together_determine_no_few_customers(db, village):
    """The attacker pools what every role and scope is told, and solves for single homes.

    What is told is found to be a function of group totals (the figures fit them); then no set of
    fewer than five customers lies in what those totals span.
    """
    groups = small_cells.groups(db).set_index("cell_id")
    homes = hex_to_cells(village.homes)
    of_home = groups["group"].reindex(homes).to_numpy()
    names = np.unique(of_home)
    member = (of_home[:, None] == names).astype(float)
    assert member.sum(axis=0).min() >= LEAST
    totals = member.T @ village.use.mean(axis=1)
    weight = groups["customers"] / groups["group_customers"]
    seen, figures = [], []
    for viewer in PLANNERS:
        for cells, figure in told_equations(db, village, viewer):
            row = np.zeros(len(names))
            for cell in cells:
                row[np.searchsorted(names, groups.loc[cell, "group"])] += weight[cell]
            seen.append(row)
            figures.append(figure)
    assert np.allclose(np.array(seen) @ totals, figures, rtol=2e-4, atol=1e-3)
    known = np.array(seen) @ member.T
    _, strength, base = np.linalg.svd(known, full_matrices=False)
    base = base[strength > 1e-9]
    rng = np.random.default_rng(3)
    few = [homes == cell for cell in np.unique(homes) if (homes == cell).sum() < LEAST]
    few += [np.isin(np.arange(len(homes)), rng.choice(len(homes), 4)) for _ in range(200)]
    for wanted in few:
        assert not np.allclose(base.T @ (base @ wanted), wanted, atol=1e-6)


def test_the_strip_tells_totals_of_groups_only(db, village):
    groups = small_cells.groups(db)
    last = truth(village, village.use[:, -1]).rename("energy").rename_axis("cell_id")
    by_group = groups.merge(last.reset_index(), on="cell_id")
    whole = by_group.groupby("group").size()
    for viewer in PLANNERS:
        for choice in choices(viewer):
            figures = service_map.figures(db, viewer, NOW, **choice)
            told = {figure.code: figure.value for figure in figures}["energy_day"]
            inside = set(energy(db, viewer, **choice).index)
            here = by_group[by_group["cell_id"].isin(inside)]
            cut = here.groupby("group").size()
            assert (cut == whole[cut.index]).all(), "areas cut no group"
            total = here["energy"].sum()
            assert told == pytest.approx(total / 1000, rel=1e-6)


def test_a_cells_card_tells_its_part_of_the_group_day_by_day(db, village):
    groups = small_cells.groups(db)
    one = groups[groups["rolled_up_to"] != 0].iloc[0]
    card = cell_card.cell_card(db, VIEWERS[0], int(one["cell_id"]), NOW)
    members = groups.loc[groups["group"] == one["group"], "cell_id"]
    mine = np.isin(hex_to_cells(village.homes), members.to_numpy())
    share = one["customers"] / one["group_customers"]
    assert card.rolled_up_to == one["rolled_up_to"]
    assert np.allclose(card.energy_days["energy_kwh"], village.use[mine].sum(axis=0) * share)
    facts = {fact.code: fact.value for fact in card.facts}
    on_map = shown(db, VIEWERS[0], "fact:elderly_share")[one["cell_id"]]
    assert facts["fact:elderly_share"] == pytest.approx(on_map, rel=1e-6)
    lat, lon = h3.cell_to_latlng(f"{int(one['cell_id']):x}")
    assert (card.whose.lon, card.whose.lat) == pytest.approx((lon, lat))
    assert cell_card.cell_card(db, INSPECTOR, int(one["cell_id"]), NOW).rolled_up_to == 0


def test_a_loaded_figure_about_people_is_a_mean_over_the_group(db, village):
    told, raw = (shown(db, who, "fact:elderly_share") for who in (VIEWERS[0], INSPECTOR))
    groups = small_cells.groups(db).set_index("cell_id")
    assert set(told.index) == set(groups.index), "a cell without customers carries none"
    one = groups[groups["rolled_up_to"] != 0].iloc[0]
    members = groups[groups["group"] == one["group"]]
    mean = (raw[members.index] * members["customers"]).sum() / one["group_customers"]
    assert np.allclose(told[members.index], mean, rtol=1e-5)


def test_weather_is_not_about_people(db):
    told, raw = (shown(db, who, "fact:rainfall_mm") for who in (VIEWERS[0], INSPECTOR))
    assert told.equals(raw)


@pytest.mark.parametrize("fact", ["arrears_cny", "theft_score"])
def test_suspicion_and_credit_are_kept_to_those_with_the_need(db, fact):
    code = f"fact:{fact}"
    cell = int(small_cells.groups(db)["cell_id"].iloc[0])
    for role in (r for r in permissions_by_role() if permits(r, "see_map")):
        who = Actor(f"user:{role}", role, role=role)
        listed = [measure.code for measure in service_map.list_measures(db, who)]
        facts = [one.code for one in cell_card.cell_card(db, who, cell, NOW).facts]
        may = permits(role, FACTS[fact])
        assert (code in listed, code in facts) == (may, may)
        if may:
            assert len(shown(db, who, code)) > 0
            continue
        with pytest.raises(AccessDenied, match="access_no_permission"):
            shown(db, who, code)


def test_a_transformer_with_few_customers_has_no_load(db):
    told = measures.transformer_loads(db, VIEWERS[0]).set_index("transformer_id")["load_share"]
    raw = measures.transformer_loads(db, INSPECTOR).set_index("transformer_id")["load_share"]
    assert np.isnan(told["T-0"])
    assert raw["T-0"] > 0
    rest = told.drop("T-0").dropna()
    assert len(rest) > 5
    assert np.allclose((rest * 100).round(), rest * 100)
    assert "energy_kwh" not in measures.transformer_loads(db, VIEWERS[0])
    lines = today.lines(db, VIEWERS[0], NOW)
    assert "T-0" not in [line.values.get("transformer") for line in lines]


def test_answers_kept_for_one_are_not_given_to_another(db):
    """In every order of asking: the one who sees all, who sees less, and who sees elsewhere."""
    planner, north = VIEWERS[0], Actor("user:n", "N", role="inspector", scope=Scope("S2"))
    expected = {}
    for turn in range(2):
        for who in ((INSPECTOR, planner, north), (north, planner, INSPECTOR))[turn]:
            answer = {
                "cells": energy(db, who).to_dict(),
                "figures": [(f.code, f.value) for f in service_map.figures(db, who, NOW)],
                "areas": service_map.areas(db, who, NOW)["area_id"].tolist(),
            }
            assert expected.setdefault(who.id, answer) == answer
    assert expected["user:i"]["cells"] != expected[planner.id]["cells"]
    assert expected["user:n"]["areas"] == ["E-01"]
    assert set(expected["user:n"]["cells"]) < set(expected["user:i"]["cells"])


def test_redrawing_areas_moves_no_cell_between_groups(filled, village, tmp_path):
    """Or a planner could publish a cell now with these neighbours, now with those, and subtract."""
    copy, planner = tmp_path / "village.duckdb", PLANNERS[0]
    shutil.copy(filled, copy)
    with Database(copy) as own:
        groups, before = small_cells.groups(own), energy(own, planner)
        assert set(service_map.areas(own, planner, NOW)["area_id"]) == {"E-01", "W-01", "N-01"}
        drawn = village.files()["areas"].assign(area_id="X-01", unit_id="S1")
        drawn.loc[::3, "area_id"] = "Y-01"
        drawn.to_csv(tmp_path / "areas.csv", index=False)
        load(own, planner, "areas", [tmp_path / "areas.csv"], LoadChoice())
        later = clock.now(own)
        assert {"X-01", "Y-01"} <= set(service_map.areas(own, planner, later)["area_id"])
        assert small_cells.groups(own).equals(groups)
        after = energy(own, planner, now=later)
        assert np.allclose(after, before.reindex(after.index))
        halves = [energy(own, planner, area_ids=(a,), now=later) for a in ("X-01", "Y-01")]
        assert all(len(half) for half in halves)
        assert sum(half.sum() for half in halves) == pytest.approx(before.sum(), rel=1e-6)
        own.write(lambda connection: meta.touch_facts(connection, "customers"))
        assert not small_cells.groups(own).equals(groups)


def test_the_limit_is_a_setting(filled, tmp_path):
    copy = tmp_path / "village.duckdb"
    shutil.copy(filled, copy)
    with Database(copy) as own:
        five = energy(own, VIEWERS[0])
        own.write(lambda connection: meta.set_value(connection, "small_cell", "20"))
        assert small_cells.groups(own)["group_customers"].min() >= 20
        twenty = energy(own, VIEWERS[0])  # told of days past stays, but of fewer customers
        assert twenty.empty or set(twenty.index) < set(five.index)
        own.write(lambda connection: meta.set_value(connection, "small_cell", "9"))
        nine = energy(own, VIEWERS[0])
        assert 0 < len(nine) < len(five)
        assert np.allclose(nine, five[nine.index])
        own.write(lambda connection: meta.set_value(connection, "small_cell", "100000"))
        assert energy(own, VIEWERS[0]).empty
        assert len(energy(own, INSPECTOR)) == len(five)
