"""Which area a cell shows, and which units are moved by painting it."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import plan_cells
from grid_cells.drafts import NO_AREA, TWO_AREAS
from grid_cells.plan_cells import NOWHERE, UnitCells


def book() -> UnitCells:
    """Unit 0 lives in cells 10 (6 customers) and 20 (2), unit 1 in 20 (3), unit 2 has no home."""
    links = pd.DataFrame(
        [(0, 10, 6), (0, 20, 2), (1, 20, 3), (2, 20, 1), (2, 0, 9)],
        columns=["unit", "cell_id", "customers"],
    )
    return plan_cells.unit_cells(np.array([10, 20, 0]), links, ground=np.array([30]))


def shown(area: list[int]) -> tuple[list[int], list[bool]]:
    colours, mixed = plan_cells.colours(book(), np.array(area, dtype=np.int32))
    return colours.tolist(), mixed.tolist()


def test_cells_homes_and_customers() -> None:
    made = book()
    assert made.cells.tolist() == [10, 20, 30]
    assert made.home.tolist() == [0, 1, NOWHERE]
    assert made.customers.tolist() == [6, 6, 0]


def test_a_cell_shows_the_area_of_most_of_its_customers_and_is_mixed_with_others() -> None:
    assert shown([0, 1, 0]) == ([0, 0, NO_AREA], [False, True, False])  # 2 + 1 against 3: the first
    assert shown([0, 1, 1]) == ([0, 1, NO_AREA], [False, True, False])
    assert shown([0, 0, 0]) == ([0, 0, NO_AREA], [False, False, False])


def test_units_in_no_area_do_not_vote_and_units_claimed_twice_vote_for_both() -> None:
    assert shown([0, NO_AREA, NO_AREA])[0] == [0, 0, NO_AREA]
    assert shown([0, TWO_AREAS, 0])[0] == [0, TWO_AREAS, NO_AREA]


def test_a_painted_cell_moves_the_units_whose_middle_lies_in_it() -> None:
    assert plan_cells.units_at(book(), np.array([1])).tolist() == [1]
    assert plan_cells.units_at(book(), np.array([2])).tolist() == []
    assert plan_cells.cells_of(book(), np.array([0])).tolist() == [0, 1]


def test_unknown_cells_have_no_place() -> None:
    assert book().places_of(np.array([20, 25, 30, 99])).tolist() == [1, 2]


@given(st.lists(st.integers(-2, 3), min_size=3, max_size=3), st.sets(st.integers(0, 2)))
def test_some_cells_are_coloured_as_all_are(area: list[int], places: set[int]) -> None:
    labels, some = np.array(area, dtype=np.int32), np.array(sorted(places), dtype=np.int64)
    whole, mixed = plan_cells.colours(book(), labels)
    part, part_mixed = plan_cells.colours(book(), labels, some)
    assert part.tolist() == whole[some].tolist()
    assert part_mixed.tolist() == mixed[some].tolist()
