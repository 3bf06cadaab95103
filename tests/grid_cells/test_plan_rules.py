"""What a plan may not be, by hand: each rule finds its own and nothing else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from app import language
from app.use_cases import reference
from grid_cells.consequences import consequences, prepare
from grid_cells.drafts import Area
from grid_cells.plan_rules import CELLS_SHOWN, Circumstances, may_publish, problems
from tests.grid_cells.test_consequences import figures, links, units

LEVELS = reference.table("plan_rules").set_index("rule")["level"].to_dict()
AREAS = [Area("W-01", "West", unit_id="S1"), Area("E-01", "East", unit_id="S2")]
GOOD = np.array([0, 0, 1, 1], dtype=np.int32)
TOWN = figures(
    units([100, 50, 30, 40], [10.0] * 4, hours=[10.0, 5.0, 3.0, 4.0]).assign(
        cell_id=[11, 12, 13, 14], upper_unit=["S1", "S1", "S2", "S2"]
    ),
    cuts=[(0, "T1", 90), (1, "T1", 10), (2, "T2", 20), (3, "T2", 20)],
)
TOWN = replace(TOWN, cell_links=links(
    [(0, 11, 100), (1, 12, 30), (1, 13, 20), (2, 13, 30), (3, 14, 40)],
    "unit", "cell_id", "customers"))  # fmt: skip


def judged(labels=GOOD, areas=AREAS, **known):
    labels = np.array(labels, dtype=np.int32)
    held = prepare(TOWN)
    told = consequences(held, GOOD, labels, [area.area_id for area in areas])
    around = Circumstances(before=GOOD, levels=LEVELS, managed=frozenset(range(9)))
    found = problems(held, labels, areas, after=told.after, known=replace(around, **known))
    return {one.code: one for one in found}


def of(code, **choice):
    return judged(**choice)[code]


def test_a_good_plan_is_only_warned_of_its_mixed_cell():
    found = judged()
    assert set(found) == {"cell_mixed"}
    assert found["cell_mixed"].cells == (13,)
    assert (found["cell_mixed"].customers, found["cell_mixed"].units) == (50, 2)
    assert may_publish(list(found.values()))


@pytest.mark.parametrize(("label", "code"), [(-1, "unit_in_no_area"), (-2, "unit_in_two_areas")])
def test_customers_in_no_area_or_in_two_forbid_the_plan(label, code):
    found = of(code, labels=[0, 0, 1, label])
    assert (found.level, found.area, found.units, found.customers) == ("no", None, 1, 40)
    assert found.cells == (14,)
    assert not may_publish([found])


def test_an_area_without_units_is_told_and_a_deleted_one_is_not():
    assert of("area_without_units", labels=[0, 0, 0, 0]).area == 1
    gone = [AREAS[0], replace(AREAS[1], is_deleted=True)]
    assert "area_without_units" not in judged(labels=[0, 0, 0, 0], areas=gone)


def test_an_area_without_customers_is_told():
    empty = replace(TOWN, units=TOWN.units.assign(customers=[100, 50, 0, 0]))
    held = prepare(empty)
    after = consequences(held, GOOD, GOOD, ["W-01", "E-01"]).after
    known = Circumstances(before=GOOD, levels=LEVELS)
    codes = {p.code: p.area for p in problems(held, GOOD, AREAS, after=after, known=known)}
    assert codes["area_without_customers"] == 1


def test_a_locked_area_that_differs_is_told_with_its_units():
    locked = [replace(AREAS[0], is_locked=True), AREAS[1]]
    found = of("locked_area_changed", labels=[0, 1, 1, 1], areas=locked)
    assert (found.area, found.units, found.customers) == (0, 1, 50)
    assert "locked_area_changed" not in judged(areas=locked)


def test_an_area_in_pieces_is_forbidden_unless_there_is_a_reason():
    found = of("area_in_pieces", pieces=np.array([0, 1, 0, 0]))
    assert (found.level, found.area, found.customers) == ("no", 0, 50)
    assert found.values == {"area": "West", "pieces": 2}
    excused = judged(pieces=np.array([0, 1, 0, 0]), exceptions=frozenset({0}))
    assert "area_in_pieces" not in excused


def test_an_area_across_a_barrier_is_warned_of():
    found = of("area_across_barrier", across=np.array([0, 0, 1, 0]), exceptions=frozenset({1}))
    assert (found.level, found.area, found.customers, found.cells) == ("warn", 1, 30, (13,))


def test_a_transformer_on_both_sides_is_told_to_both():
    found = [p for p in judged(labels=[0, 1, 1, 1]).values() if p.code == "transformer_cut"]
    assert [(p.level, p.values["transformers"]) for p in found] == [("warn", 1)]
    assert found[0].customers in (90, 10)


def test_limits_of_areas_and_crews():
    limits = {("customers", "area"): 149.0, ("hours", "area"): 15.0, ("customers", "crew"): 200.0,
              ("hours", "crew"): 21.9}  # fmt: skip
    found = judged(limits=limits, crews={0: "C1", 1: "C1"})
    assert found["area_too_many_customers"].values["load"] == 150
    assert found["area_too_many_customers"].area == 0
    assert "area_too_many_hours" not in found, "15 hours are not more than 15"
    assert found["crew_too_many_customers"].values == {
        "crew": "C1", "load": 220, "limit": 200.0, "areas": 2,
    }  # fmt: skip
    assert found["crew_too_many_hours"].customers == 220


def test_an_area_without_a_manager_is_told():
    assert of("area_without_manager", managed=frozenset({0})).area == 1
    assert "area_without_manager" not in judged(managed=None)


def test_an_area_with_another_stations_customers_is_told():
    found = of("area_across_units", labels=[0, 0, 0, 1])
    assert (found.area, found.customers, found.values["others"]) == (0, 30, ["S2"])
    city = [replace(area, unit_id="C") for area in AREAS]
    assert "area_across_units" not in judged(
        labels=[0, 0, 0, 1], areas=city, parents={"S1": "C", "S2": "C"}
    )
    # 30 of 180 are a sixth
    assert "area_across_units" not in judged(
        labels=[0, 0, 0, 1], limits={("foreign_share", "area"): 0.17}
    )
    own = [replace(area, unit_id=None) for area in AREAS]
    assert of("area_across_units", labels=[0, 0, 0, 1], areas=own).values["home"] == "S1"


def test_a_rule_that_is_switched_off_is_not_asked():
    assert judged(levels=LEVELS | {"cell_mixed": "off"}) == {}


def test_the_worst_stands_first_and_cells_to_show_are_few():
    many = np.full(4, -1, dtype=np.int32)
    found = list(judged(labels=many).values())
    assert found[0].code == "unit_in_no_area"
    assert found[0].cells == (11, 12, 14, 13)
    assert CELLS_SHOWN == 200


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_rule_has_its_words(spoken):
    assert [rule for rule in LEVELS if not language.knows(f"plan_{rule}", spoken)] == []
    assert set(LEVELS.values()) <= {"no", "warn", "off"}


def test_the_tables_of_rules_and_limits_are_whole():
    limits = reference.table("plan_limits")
    assert set(zip(limits["limit"], limits["of"], strict=True)) == {
        ("customers", "area"), ("hours", "area"), ("customers", "crew"), ("hours", "crew"),
        ("foreign_share", "area"),
    }  # fmt: skip
    for table in (limits, pd.DataFrame(reference.table("plan_rules"))):
        assert table["source"].str.contains("Planning assumption").all()
