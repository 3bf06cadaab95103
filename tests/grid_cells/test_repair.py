import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.area_wishes import Wishes
from grid_cells.errors import UserError
from grid_cells.proposal import propose
from grid_cells.repair import Limits, repair
from grid_cells.unit_graph import UnitGraph
from tests.grid_cells.unit_rows import in_one_piece, loads, row, squares
from tests.laws import examples


def codes(mended) -> list[tuple[str, int]]:
    return [(reason.code, reason.area) for reason in mended.why]


def test_a_balanced_plan_stays_as_it_is():
    mended = repair(row(1, 1, 1, 1), np.array([0, 0, 1, 1]), Limits(np.array([2.0, 2.0])))
    assert mended.labels.tolist() == [0, 0, 1, 1]
    assert (mended.moved_units, mended.moved_weight) == (0, 0)
    assert mended.is_within
    assert mended.why == ()


def test_a_heavy_area_gives_what_its_neighbour_lacks():
    mended = repair(row(3, 2, 1, 4), np.array([0, 0, 0, 1]), Limits(np.array([5.0, 5.0])))
    assert mended.labels.tolist() == [0, 0, 1, 1]
    assert (mended.moved_units, mended.moved_weight) == (1, 1)
    assert mended.is_within


def test_weight_goes_along_a_chain_of_areas():
    # 3 | 2 | 1 must become 2 | 2 | 2: one unit over each border
    mended = repair(row(1, 1, 1, 1, 1, 1), np.array([0, 0, 0, 1, 1, 2]), Limits(np.full(3, 2.0)))
    assert mended.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert mended.moved_weight == 2
    assert mended.is_within


def test_a_stray_piece_joins_the_area_around_it():
    labels = np.array([0, 0, 1, 0, 1, 1])
    mended = repair(row(2, 2, 1, 1, 1, 1), labels, Limits(np.full(2, 4.0)))
    assert mended.labels.tolist() == [0, 0, 1, 1, 1, 1]
    assert mended.is_within


def test_units_in_no_area_join_the_lighter_neighbour():
    mended = repair(row(3, 1, 1, 1), np.array([0, -1, -1, 1]), Limits(np.full(2, 3.0)))
    assert mended.labels.tolist() == [0, 1, 1, 1]
    assert (mended.moved_units, mended.moved_weight) == (2, 2)


def test_frozen_units_stay_and_others_go():
    graph = squares([[1, 1, 1], [1, 1, 1]])
    labels = np.array([0, 0, 1, 0, 0, 1])
    frozen = np.array([False, True, False, False, False, False])
    mended = repair(graph, labels, Limits(np.full(2, 3.0), frozen=frozen))
    assert mended.labels.tolist() == [0, 0, 1, 0, 1, 1]
    assert mended.is_within


def test_a_painted_island_is_joined_to_its_area():
    graph = squares([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]])
    labels = np.array([0, 0, 0, 1, 1, 1] * 3)
    labels[10] = 0
    frozen = labels == 2
    frozen[10] = True
    mended = repair(graph, labels, Limits(np.full(2, 9.0), 0.15, frozen=frozen))
    assert mended.labels[10] == 0
    assert mended.is_within
    assert all(in_one_piece(graph, mended.labels, area) for area in (0, 1))


def test_an_edit_that_empties_an_area_is_refused_and_names_it():
    with pytest.raises(UserError) as refused:
        repair(row(1, 1, 1), np.array([0, 2, 2]), Limits(np.ones(3)))
    assert refused.value.code == "plan_area_emptied"
    assert refused.value.values == {"area": 1}


def test_an_empty_area_begins_anew_where_that_is_wished():
    mended = repair(row(1, 1, 1, 1), np.zeros(4, int), Limits(np.full(2, 2.0), fills_empty=True))
    assert sorted(loads(row(1, 1, 1, 1), mended.labels, 2)) == [2, 2]
    assert mended.is_within


def test_a_plan_without_any_area_begins_anew():
    graph = squares([[1] * 4] * 4)
    mended = repair(graph, np.full(16, -1), Limits(np.full(4, 4.0), fills_empty=True))
    assert mended.is_within
    assert loads(graph, mended.labels, 4) == [4, 4, 4, 4]


def test_a_tolerance_out_of_range_is_refused():
    with pytest.raises(UserError, match="plan_tolerance"):
        repair(row(1, 1), np.array([0, 1]), Limits(np.ones(2), tolerance=0))


def test_a_unit_heavier_than_its_area_is_named_and_stays_alone():
    mended = repair(row(9, 1, 1, 1, 1), np.array([0, 0, 1, 1, 1]), Limits(np.full(2, 6.5)))
    assert not mended.is_within
    assert mended.labels.tolist() == [0, 1, 1, 1, 1]
    assert codes(mended) == [("plan_unit_too_heavy", 0), ("plan_area_outweighed", 1)]
    assert mended.why[0].unit == 0


def test_an_isolated_area_is_named():
    graph = UnitGraph(np.array([1.0, 5.0, 2.0]), np.array([1]), np.array([2]), np.ones(1),
                      np.zeros(3), np.zeros(3))  # fmt: skip
    mended = repair(graph, np.array([0, 1, 2]), Limits(np.full(3, 2.5)))
    assert ("plan_area_isolated", 0) in codes(mended)


def test_an_area_whose_border_is_frozen_is_named():
    frozen = np.array([False, True, True, False])
    mended = repair(row(3, 1, 1, 1), np.array([0, 0, 1, 1]), Limits(np.full(2, 3.0), frozen=frozen))
    assert codes(mended) == [("plan_area_enclosed", 0), ("plan_area_enclosed", 1)]
    assert mended.labels.tolist() == [0, 0, 1, 1]


def test_a_unit_that_no_area_reaches_is_named():
    graph = UnitGraph(
        np.ones(3), np.array([0]), np.array([1]), np.ones(1), np.zeros(3), np.zeros(3)
    )
    mended = repair(graph, np.array([0, 1, -1]), Limits(np.ones(2)))
    assert [(reason.code, reason.unit) for reason in mended.why] == [("plan_unit_cut_off", 2)]


def test_no_more_than_allowed_is_moved():
    labels = np.array([0, 0, 0, 1, 1, 2])
    mended = repair(row(1, 1, 1, 1, 1, 1), labels, Limits(np.full(3, 2.0), most_moved=1))
    assert mended.moved_weight <= 1
    assert not mended.is_within
    assert {code for code, _ in codes(mended)} == {"plan_moves_capped"}


def test_no_area_crosses_an_upper_unit():
    graph = squares([[1, 1, 1, 1], [1, 1, 1, 1]])
    within = np.array([7, 7, 8, 8] * 2)
    mended = repair(graph, np.array([0, 0, 0, 1] * 2), Limits(np.full(2, 4.0), within=within))
    assert mended.labels.tolist() == [0, 0, 1, 1] * 2
    assert mended.is_within


SIDE = 8
weights = st.lists(st.integers(0, 9), min_size=SIDE * SIDE, max_size=SIDE * SIDE)
strokes = st.lists(
    st.tuples(st.integers(0, SIDE * SIDE - 1), st.integers(0, 3)), min_size=1, max_size=15
)


@settings(max_examples=examples(40))
@given(weights, strokes)
def test_repair_keeps_what_was_painted_and_says_truly_what_it_did(weight, painted):
    graph = squares(np.array(weight, float).reshape(SIDE, SIDE).tolist())
    labels = propose(graph, Wishes(4, tolerance=0.1)).labels.copy()
    frozen = np.zeros(graph.units, dtype=bool)
    for unit, area in painted:
        labels[unit], frozen[unit] = area, True
    targets = np.full(4, max(graph.weight.sum() / 4, 1.0))
    emptied = sorted({0, 1, 2, 3} - set(labels.tolist()))
    if emptied:
        with pytest.raises(UserError, match=rf"plan_area_emptied\(area={emptied[0]}\)"):
            repair(graph, labels, Limits(targets, 0.1, frozen=frozen))
        return
    mended = repair(graph, labels, Limits(targets, 0.1, frozen=frozen))
    assert np.array_equal(mended.labels[frozen], labels[frozen])
    assert set(mended.labels.tolist()) == {0, 1, 2, 3}
    assert mended.moved_weight == graph.weight[mended.labels != labels].sum()
    assert mended.moved_units == (mended.labels != labels).sum()
    whole = all(in_one_piece(graph, mended.labels, area) for area in range(4))
    even = np.abs(np.array(loads(graph, mended.labels, 4)) / targets - 1).max() <= 0.1 + 1e-9
    assert mended.is_within == (whole and even)
    assert mended.is_within == (mended.why == ())


@settings(max_examples=examples(40))
@given(weights, st.lists(st.integers(-1, 4), min_size=SIDE * SIDE, max_size=SIDE * SIDE))
def test_any_labels_become_areas_in_one_piece(weight, areas):
    graph = squares((np.array(weight, float) + 1).reshape(SIDE, SIDE).tolist())
    targets = np.full(5, graph.weight.sum() / 5)
    mended = repair(graph, np.array(areas), Limits(targets, 0.15, fills_empty=True))
    assert all(in_one_piece(graph, mended.labels, area) for area in range(5))
    assert mended.is_within, mended.why
