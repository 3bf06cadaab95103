"""Cells with few customers are published with their parent, and nothing tells them apart again."""

import h3.api.numpy_int as h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.cells import parents
from grid_cells.small_cells import (
    WHOLE_AREA,
    apart,
    cells_to_tell,
    load_step,
    middles,
    partition,
    publish_mean,
    publish_sum,
)
from tests.laws import examples

LEAST = 5
MIDDLE = h3.latlng_to_cell(30.423, 112.514, 8)
FAMILY = sorted(int(c) for c in h3.cell_to_children(MIDDLE, 9))
NEXT = sorted(int(c) for c in h3.cell_to_children(h3.grid_ring(MIDDLE, 1)[0], 9))
WIDE = [int(c) for c in h3.grid_disk(FAMILY[0], 6)]


def cells(ids, customers, area="A"):
    areas = area if isinstance(area, list) else [area] * len(ids)
    return pd.DataFrame({"cell_id": ids, "area": areas, "customers": customers})


def figures(ids, values):
    return pd.DataFrame({"cell_id": ids, "value": np.asarray(values, dtype=np.float64)})


def test_cells_with_enough_customers_stand_alone():
    found = partition(cells(FAMILY, [5, 6, 7, 8, 9, 10, 500]), LEAST)
    assert found["group"].nunique() == 7
    assert found["rolled_up_to"].tolist() == [0] * 7
    assert found["group_customers"].tolist() == [5, 6, 7, 8, 9, 10, 500]


def test_one_small_cell_takes_along_the_smallest_sibling_it_needs():
    found = partition(cells([*FAMILY, *NEXT], [4, 9, 8, *[9] * 4, *[5] * 7]), LEAST)
    assert found["group"].iloc[0] == found["group"].iloc[2]
    assert len(set(found["group"])) == 13
    assert found["rolled_up_to"].tolist() == [8, 0, 8, *[0] * 11]
    assert found["group_customers"].iloc[0] == 12


def test_small_siblings_that_are_enough_together_leave_the_others_alone():
    found = partition(cells(FAMILY, [4, 1, 700, 3, 8, 5, 6]), LEAST)
    together = found[found["rolled_up_to"] == 8]
    assert together["customers"].tolist() == [4, 1, 3]
    assert len(set(together["group"])) == 1
    assert together["group_customers"].tolist() == [8, 8, 8]


def test_siblings_of_another_area_are_another_group():
    areas = ["A", "A", "A", "B", "B", "B", "B"]
    found = partition(cells(FAMILY, [1, 2, 3, 4, 9, 9, 9], areas), LEAST)
    assert found["group_customers"].tolist() == [6, 6, 6, 13, 13, 9, 9]


def test_a_parent_with_too_few_climbs_on_to_the_whole_area():
    far = int(h3.latlng_to_cell(31.9, 114.9, 9))
    found = partition(cells([FAMILY[0], far], [2, 3]), LEAST)
    assert len(set(found["group"])) == 1
    assert found["group_customers"].tolist() == [5, 5]
    lonely = partition(cells([FAMILY[0]], [2]), LEAST)
    assert lonely["rolled_up_to"].tolist() == [WHOLE_AREA]
    assert publish_sum(figures(FAMILY[:1], [30.0]), lonely, LEAST)["value"].isna().all()


def test_a_sum_is_shared_by_customers_and_kept_whole():
    groups = partition(cells(FAMILY, [2, 3, 5, 0, 0, 0, 0]), LEAST)
    shown = publish_sum(figures(FAMILY, [10, 20, 70, 1, 1, 1, 1]), groups, LEAST)
    assert shown["value"].tolist() == [12.0, 18.0, 70.0]
    assert set(shown["cell_id"]) == set(FAMILY[:3]), "a cell without customers carries no figure"


def test_a_mean_is_the_mean_over_the_customers_of_the_group():
    groups = partition(cells(FAMILY[:3], [1, 4, 5]), LEAST)
    shown = publish_mean(figures(FAMILY[:3], [60.0, 30.0, 40.0]), groups, LEAST)
    assert shown["value"].tolist() == pytest.approx([36.0, 36.0, 40.0])


def test_a_group_of_which_one_small_cell_alone_is_known_stays_unknown():
    groups = partition(cells(FAMILY[:3], [1, 4, 5]), LEAST)
    known = figures(FAMILY[:3], [60.0, np.nan, np.nan])
    assert publish_mean(known, groups, LEAST)["value"].isna().all()
    assert publish_sum(known, groups, LEAST)["value"].isna().all()


def test_a_load_is_told_no_finer_than_a_few_customers_days():
    steps = load_step(
        pd.Series([10.0, 400.0, np.nan]), least=5, kwh_a_customer=8.0, kwh_a_kva=13.68
    )
    assert steps.tolist() == [0.3, 0.01, 0.01]


def test_the_middle_of_customers_is_told_no_finer_than_tells_a_home():
    lat, lon = h3.cell_to_latlng(FAMILY[0])
    near = {"lon": [lon + 3e-4, lon + 3e-4, lon + 3.001e-4], "lat": [lat + 2e-4] * 3}
    lived = pd.DataFrame({"cell_id": FAMILY[:1] * 3, "customers": [4, 5, 6], **near})
    few, five, six = middles(lived, LEAST)[["lat", "lon"]].to_numpy()
    assert few == pytest.approx([lat, lon], abs=1e-9)
    finer = h3.latlng_to_cell(lat + 2e-4, lon + 3e-4, 11)
    assert five == pytest.approx(h3.cell_to_latlng(finer), abs=1e-9)
    assert (five == six).all()
    assert (five != few).all()
    assert middles(lived.iloc[:0], LEAST).empty


def test_nothing_is_nothing():
    assert partition(cells([], []), LEAST).empty


@st.composite
def towns(draw):
    count = draw(st.integers(1, 40))
    ids = draw(st.lists(st.sampled_from(WIDE), min_size=count, max_size=count, unique=True))
    customers = draw(st.lists(st.integers(0, 12), min_size=count, max_size=count))
    areas = draw(st.lists(st.sampled_from(["A", "B", None]), min_size=count, max_size=count))
    return cells(ids, customers, areas)


@given(towns())
@settings(max_examples=examples(60), deadline=None)
def test_groups_are_a_partition_within_areas_and_big_enough_or_withheld(town):
    groups = partition(town, LEAST)
    assert sorted(groups["cell_id"]) == sorted(town.loc[town["customers"] > 0, "cell_id"])
    area = town.set_index("cell_id")["area"].reindex(groups["cell_id"]).fillna("none").to_numpy()
    for _, rows in groups.assign(area=area).groupby("group"):
        assert len(set(rows["area"])) == 1
        assert rows["group_customers"].eq(rows["customers"].sum()).all()
        whole = town["area"].fillna("none").eq(rows["area"].iloc[0])
        if rows["customers"].sum() < LEAST:
            assert town.loc[whole, "customers"].sum() == rows["customers"].sum()


@given(towns())
@settings(max_examples=examples(60), deadline=None)
def test_an_areas_groups_do_not_depend_on_other_areas(town):
    one = town[town["area"] == "A"]
    alone = partition(one, LEAST).set_index("cell_id")
    among = partition(town, LEAST).set_index("cell_id").reindex(alone.index)
    assert alone["group_customers"].tolist() == among["group_customers"].tolist()
    assert alone["rolled_up_to"].tolist() == among["rolled_up_to"].tolist()


@given(towns(), st.integers(0, 2**32 - 1))
@settings(max_examples=examples(30), deadline=None)
def test_no_set_of_few_customers_can_be_solved_for(town, seed):
    """Every published figure, at every zoom and by area, as equations over the single customers."""
    groups = partition(town, LEAST)
    rng = np.random.default_rng(seed)
    homes = np.repeat(groups["cell_id"].to_numpy(), groups["customers"].to_numpy())
    views = views_of(town, groups, homes)
    if not len(views):
        return
    energy = rng.uniform(1, 20, len(homes))
    by_cell = pd.Series(energy).groupby(homes).sum()
    shown = publish_sum(figures(by_cell.index, by_cell.to_numpy()), groups, LEAST)
    told = shown.set_index("cell_id")["value"].dropna()
    assert np.allclose(told.sort_index().to_numpy(), told_by(views, energy, told.index))
    seen = span_of(views)
    assert is_determined(seen, views[0])
    for few in sets_of_few(homes, rng):
        assert not is_determined(seen, few)


def views_of(town, groups, homes):
    """A row an equation: each published cell, each parent at each zoom, each area, the whole."""
    by_group = groups.set_index("cell_id")[["group", "customers", "group_customers"]]
    rows = {}
    for cell, row in by_group.iterrows():
        if row["group_customers"] >= LEAST:
            members = by_group.index[by_group["group"] == row["group"]]
            rows[cell] = np.isin(homes, members) * row["customers"] / row["group_customers"]
    each = pd.DataFrame.from_dict(rows, orient="index")
    if each.empty:
        return each.to_numpy()
    sums = [each.groupby(parents(each.index.to_numpy(), r)).sum() for r in range(8, 4, -1)]
    area = town.set_index("cell_id")["area"].reindex(each.index).fillna("none")
    sums += [each.groupby(area.to_numpy()).sum(), each.sum().to_frame().T]
    return np.vstack([each.sort_index().to_numpy(), *(part.to_numpy() for part in sums)])


def told_by(views, energy, index):
    return views[: len(index)] @ energy


def sets_of_few(homes, rng):
    for cell in np.unique(homes):
        of_cell = homes == cell
        if of_cell.sum() < LEAST:
            yield of_cell.astype(float)
    for _ in range(10):
        few = np.zeros(len(homes))
        few[rng.choice(len(homes), min(len(homes), rng.integers(1, LEAST)), replace=False)] = 1
        yield few


def span_of(views):
    """An orthonormal base of all that the views and their differences tell."""
    _, strength, base = np.linalg.svd(views, full_matrices=False)
    return base[strength > 1e-9]


def is_determined(seen, wanted):
    return np.allclose(seen.T @ (seen @ wanted), wanted, atol=1e-6)


def test_a_transformer_is_told_apart_from_cells_by_whoever_is_left():
    groups = pd.DataFrame(
        {"cell_id": [1, 2, 3], "group": [0, 0, 1], "group_customers": [20, 20, 9]}
    )
    behind = pd.DataFrame(
        {
            "transformer_id": ["A", "A", "B", "C", "C", "D"],
            "cell_id": [1, 2, 3, 3, 0, 1],
            "customers": [11, 7, 9, 4, 2, 6],
        }
    )
    # A holds 18 of 20, so 2 remain; B is a whole group; C has 4 of 9 and 2 in no cell; D 6 of 20
    assert apart(behind, groups).to_dict() == {"A": 2, "B": 0, "C": 6, "D": 6}


def test_a_place_is_told_by_its_group_else_by_a_parent_in_which_enough_live() -> None:
    """Two siblings with 2 and 4 customers are one group; a third is empty, in the same parent."""
    first, second, third = FAMILY[:3]
    cells = pd.DataFrame({"cell_id": [first, second], "area": ["A", "A"], "customers": [2, 4]})
    groups = partition(cells, LEAST)
    assert sorted(cells_to_tell(first, groups, LEAST)) == [first, second]
    assert cells_to_tell(third, groups, LEAST) == [int(MIDDLE)]
    few = partition(cells.assign(customers=[1, 1]), LEAST)
    assert cells_to_tell(first, few, LEAST) == []
    assert cells_to_tell(0, groups, LEAST) == []
