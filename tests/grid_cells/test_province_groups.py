"""The grouping of a province: it only grows coarser, whatever days come."""

import h3
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.province_groups import COLUMNS, coarsened
from tests.laws import examples

CELLS = [h3.str_to_int(one) for one in sorted(h3.grid_disk(h3.latlng_to_cell(30.4, 112.5, 9), 4))]
NONE = pd.DataFrame({name: [] for name in COLUMNS}, dtype="int64")
DAY = st.dictionaries(st.sampled_from(CELLS), st.integers(0, 9), min_size=1)


def fewest(people: dict[int, int]) -> pd.DataFrame:
    return pd.DataFrame({"cell_id": list(people), "people": list(people.values())}, dtype="int64")


def parts(groups: pd.DataFrame) -> list[set[int]]:
    return [set(cells) for _, cells in groups.groupby("group")["cell_id"]]


def test_a_cell_that_was_told_with_another_stays_with_it() -> None:
    family = [
        h3.str_to_int(one)
        for one in h3.cell_to_children(h3.cell_to_parent(h3.int_to_str(CELLS[0]), 8), 9)
    ]
    few = coarsened(NONE, fewest({family[0]: 2, family[1]: 9}), 5)
    assert parts(few) == [{family[0], family[1]}]
    many = coarsened(few, fewest({family[0]: 50, family[1]: 50, family[2]: 50}), 5)
    assert sorted(map(len, parts(many))) == [1, 2]
    assert dict(zip(many["cell_id"], many["people"], strict=True))[family[0]] == 2


@settings(max_examples=examples(40))
@given(days=st.lists(DAY, min_size=1, max_size=4))
def test_every_group_is_made_of_whole_earlier_ones_and_has_enough_people(
    days: list[dict[int, int]],
) -> None:
    held = NONE
    for day in days:
        found = coarsened(held, fewest(day), 5)
        now = parts(found)
        for old in parts(held):
            assert any(old <= one for one in now)
        people = found.groupby("group")["people"].sum()
        assert (people >= 5).all() or len(people[people < 5]) == 1
        assert found["cell_id"].is_unique
        assert np.issubdtype(found["group"].dtype, np.integer)
        held = found
    again = coarsened(held, fewest(days[-1]), 5)
    assert again.equals(held)
