import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.area_wishes import Wishes
from grid_cells.errors import UserError
from grid_cells.proposal import candidates, match_areas, moved_weight, propose
from grid_cells.unit_graph import UnitGraph, graph_of_cells
from tests.grid_cells.unit_rows import in_one_piece, loads, row, squares
from tests.laws import examples


def town(cells: int, seed: int, *, heaviest: float, areas: int) -> UnitGraph:
    """A round town, dense in the middle, a third of it empty, one cell as heavy as said."""
    middle = h3.latlng_to_cell(34.2612, 108.9402, 9)
    names = [name for ring in range(60) for name in sorted(h3.grid_ring(middle, ring))]
    random = np.random.default_rng(seed)
    weight = np.round(np.exp(-3 * np.arange(cells) / cells) * 60 * random.lognormal(0, 1, cells))
    weight[random.random(cells) < 0.3] = 0
    target = weight.sum() / areas
    weight = np.minimum(weight, 0.5 * target)
    weight[0] = np.floor(heaviest * target)
    return graph_of_cells(np.array([h3.str_to_int(name) for name in names[:cells]]), weight)


def refused(graph: UnitGraph, wishes: Wishes) -> tuple[str, dict]:
    with pytest.raises(UserError) as error:
        propose(graph, wishes)
    return error.value.code, error.value.values


def test_a_row_of_six_is_parted_in_the_middle():
    found = propose(row(1, 1, 1, 1, 1, 1), Wishes(2))
    assert sorted(loads(row(1, 1, 1, 1, 1, 1), found.labels, 2)) == [3, 3]
    assert (found.balance.cut_edges, found.cut_price, found.is_within) == (1, 1, True)


def test_four_areas_of_a_square_are_its_quarters():
    graph = squares([[1] * 8] * 8)
    found = propose(graph, Wishes(4))
    assert loads(graph, found.labels, 4) == [16, 16, 16, 16]
    assert found.balance.cut_edges == 16  # two borders of eight
    assert found.is_within


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("heaviest", [0.1, 0.8])
def test_a_town_is_parted_within_five_per_cent_whatever_the_seed(seed, heaviest):
    graph = town(1500, seed, heaviest=heaviest, areas=20)
    found = propose(graph, Wishes(20), seed=seed)
    assert found.is_within
    assert found.balance.largest_deviation <= 0.05 + 1e-9
    assert all(in_one_piece(graph, found.labels, area) for area in range(20))


def test_the_same_seed_draws_the_same_areas():
    graph = town(600, 1, heaviest=0.3, areas=8)
    one, other = (propose(graph, Wishes(8), seed=5).labels for _ in range(2))
    assert np.array_equal(one, other)


def test_fixed_units_keep_their_area_and_closed_areas_their_units():
    graph = town(1200, 2, heaviest=0.3, areas=10)
    first = propose(graph, Wishes(10)).labels
    fixed = np.where(first == 3, 3, -1)
    fixed[np.flatnonzero(first == 7)[:5]] = 7
    found = propose(graph, Wishes(10, fixed=fixed, closed=(3,)))
    assert np.array_equal(found.labels == 3, first == 3)
    assert np.all(found.labels[fixed == 7] == 7)
    assert found.is_within
    assert all(in_one_piece(graph, found.labels, area) for area in range(10))


def test_each_seat_lies_in_an_area_of_its_own():
    graph = town(1200, 3, heaviest=0.3, areas=10)
    seats = np.array([0, 1, 2, 3, 400, 700])  # four of them side by side in the middle
    found = propose(graph, Wishes(10, seats=seats))
    assert len(set(found.labels[seats].tolist())) == 6
    assert found.is_within
    assert all(in_one_piece(graph, found.labels, area) for area in range(10))


def test_a_locked_cell_whose_area_has_no_seat_lends_it_one():
    graph = squares([[1] * 4] * 2)
    fixed = np.array([0, -1, -1, -1, -1, -1, -1, 1])
    found = propose(graph, Wishes(2, fixed=fixed, seats=np.array([4, 3])))
    assert found.labels[[0, 4]].tolist() == [0, 0]
    assert found.labels[[3, 7]].tolist() == [1, 1]
    assert loads(graph, found.labels, 2) == [4, 4]


def test_areas_stay_within_upper_units_shared_out_by_weight():
    graph = squares([[1] * 10] * 4)
    within = np.repeat([[5] * 6 + [9] * 4], 4, axis=0).ravel()  # 24 and 16 units
    found = propose(graph, Wishes(5, within=within))
    areas = [set(found.labels[within == code].tolist()) for code in (5, 9)]
    assert [len(one) for one in areas] == [3, 2]
    assert not areas[0] & areas[1]
    assert found.is_within


def test_the_largest_remainder_gets_the_area_and_the_smallest_unit_one():
    # 20, 9 and 1 of 30: quotas 2.67, 1.2 and 0.13 of 4, but each has one at least
    within = np.array([1] * 20 + [2] * 9 + [3])
    found = propose(row(*[1] * 30), Wishes(4, within=within))
    counts = [len(set(found.labels[within == code].tolist())) for code in (1, 2, 3)]
    assert counts == [2, 1, 1]


def test_areas_have_the_targets_that_are_wished():
    graph = squares([[1] * 10] * 10)
    found = propose(graph, Wishes(3, targets=np.array([50.0, 30.0, 20.0])))
    assert loads(graph, found.labels, 3) == pytest.approx([50, 30, 20], rel=0.05)
    assert found.is_within


def test_a_unit_heavier_than_an_area_is_returned_and_the_rest_is_even():
    weight = np.ones((8, 8))
    weight[4, 4] = 100
    graph = squares(weight.tolist())
    found = propose(graph, Wishes(4))  # 163 in all: target 40.75, and 21 for each of the others
    assert found.balance.too_heavy.tolist() == [36]
    assert not found.is_within
    assert (found.labels == found.labels[36]).sum() <= 6
    others = sorted(loads(graph, found.labels, 4))[:3]
    assert max(others) - min(others) <= 2.1


def test_separate_pieces_are_not_mixed_and_a_tiny_one_joins_the_nearest():
    left = np.concatenate((np.arange(9), np.arange(10, 19)))
    weight = np.ones(21)
    at = np.concatenate((np.arange(10), np.arange(20, 30), [31]))
    graph = UnitGraph(weight, left, left + 1, np.ones(18), at * 100.0, np.zeros(21))
    found = propose(graph, Wishes(4, tolerance=0.2))
    assert not set(found.labels[:10].tolist()) & set(found.labels[10:20].tolist())
    assert found.labels[20] == found.labels[19]
    assert found.balance.stray_pieces == 1


def test_a_river_draws_the_border():
    graph = squares([[1] * 20] * 4)
    across = (graph.left % 20 == 10) & (graph.right % 20 == 11)  # 44 and 36 units
    priced = UnitGraph(
        graph.weight, graph.left, graph.right, np.where(across, 0.01, 1.0), graph.x, graph.y
    )
    found = propose(priced, Wishes(2, tolerance=0.25))
    assert sorted(loads(graph, found.labels, 2)) == [36, 44]
    assert np.all(found.labels[priced.left[across]] != found.labels[priced.right[across]])


def test_wishes_that_cannot_be_are_refused():
    graph = squares([[1] * 3] * 2)
    assert refused(graph, Wishes(0)) == ("plan_areas_few", {"areas": 0})
    assert refused(graph, Wishes(2, tolerance=1.0)) == ("plan_tolerance", {"tolerance": 1.0})
    assert refused(graph, Wishes(7)) == ("plan_more_areas_than_units", {"areas": 7, "units": 6})
    seats = np.array([0, 1, 2])
    assert refused(graph, Wishes(2, seats=seats))[0] == "plan_more_seats_than_areas"
    assert refused(graph, Wishes(3, seats=np.array([1, 1]))) == (
        "plan_seats_in_one_unit",
        {"unit": 1},
    )
    fixed = np.array([0, 0, -1, -1, -1, -1])
    assert refused(graph, Wishes(3, seats=np.array([0, 1]), fixed=fixed)) == (
        "plan_seats_in_one_area",
        {"area": 0},
    )
    within = np.array([1, 2, 3] * 2)
    assert refused(graph, Wishes(2, within=within)) == (
        "plan_areas_fewer_than_pieces",
        {"areas": 2, "pieces": 3},
    )
    assert refused(graph, Wishes(3, within=within, fixed=fixed)) == (
        "plan_area_across_pieces",
        {"area": 0, "unit": 0},
    )


def test_candidates_tell_how_far_they_are_and_stop_when_asked():
    graph, heard = squares([[1] * 6] * 6), list[float]()
    found = list(candidates(graph, Wishes(3), seeds=[1, 2, 3, 4], tell=heard.append))
    assert heard == sorted(heard)
    assert {0, 0.25, 0.5, 0.75, 1.0} == set(heard)
    assert [one.seed for one in found] == [1, 2, 3, 4]
    assert min(found, key=lambda one: one.rank).is_within
    done = list[float]()
    stopped = candidates(
        graph, Wishes(3), seeds=[1, 2, 3], tell=done.append, should_stop=lambda: 2 / 3 in done
    )
    assert len(list(stopped)) == 2


@pytest.mark.parametrize("call", range(1, 12))
def test_whoever_hears_of_a_proposal_can_end_it_at_any_time(call):
    """Units with seats, which spread, and one as heavy as half an area, which is parted anew."""
    graph, heard = squares([[1, 1, 1, 9, 1, 1]] * 6), list[float]()

    def tell(done):
        heard.append(done)
        if len(heard) == call:
            raise KeyboardInterrupt

    wishes = Wishes(4, tolerance=0.01, seats=np.array([0, 35]))
    with pytest.raises(KeyboardInterrupt):
        list(candidates(graph, wishes, seeds=[1, 2], tell=tell))
    assert heard == [0.0] * call


def test_new_areas_continue_the_old_ones_that_they_share_most_with():
    old = np.array([0, 0, 0, 1, 1, 2])
    new = np.array([2, 2, 1, 1, 1, 0])
    weight = np.array([1.0, 1, 9, 1, 1, 1])
    # area 1 shares 9 with old 0 and 2 with old 1; area 2 shares 2 with old 0
    assert match_areas(old, new, weight).tolist() == [2, 0, -1]
    assert match_areas(old, new, np.zeros(6)).tolist() == [2, 1, 0]


def test_an_area_more_than_before_continues_none():
    assert match_areas(np.zeros(3, int), np.array([0, 1, 1]), np.ones(3)).tolist() == [-1, 0]


def test_moved_weight_counts_units_whose_area_differs():
    assert moved_weight(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([5.0, 3.0, 1.0])) == 3


@settings(max_examples=examples(30))
@given(
    st.lists(st.integers(1, 9), min_size=100, max_size=100), st.integers(2, 6), st.integers(0, 99)
)
def test_every_unit_is_in_one_area_and_every_area_in_one_piece_within_its_band(weight, areas, seed):
    graph = squares(np.array(weight).reshape(10, 10).tolist())
    found = propose(graph, Wishes(areas, tolerance=0.1), seed=seed)
    assert set(found.labels.tolist()) == set(range(areas))
    assert all(in_one_piece(graph, found.labels, area) for area in range(areas))
    target = sum(weight) / areas
    assert max(loads(graph, found.labels, areas)) <= target * 1.1 + 1e-6
    assert min(loads(graph, found.labels, areas)) >= target * 0.9 - 1e-6
