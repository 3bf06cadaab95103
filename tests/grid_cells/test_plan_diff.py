"""Two plans side by side, by answers worked by hand and by laws."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import plan_diff
from grid_cells.plan_diff import HIDDEN
from grid_cells.plan_labels import labels


def side(key: str, **areas: str | None) -> pd.DataFrame:
    return pd.DataFrame({key: list(areas), "area_id": pd.Series(list(areas.values()), dtype="str")})


def cells(*areas: str | None) -> pd.DataFrame:
    column = pd.Series(list(areas), dtype="str")
    return pd.DataFrame({"cell_id": np.arange(1, len(areas) + 1), "area_id": column})


def rows(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return list(plain.itertuples(index=False, name=None))


def test_customers_and_cells_of_each_move_are_counted() -> None:
    before = side("customer_no", a="W", b="W", c="W", d="E", e=None)
    after = side("customer_no", a="E", b="E", c="W", d=None, e="E")
    people = plan_diff.changed_people(before, after)
    changed = plan_diff.changed_cells(cells("W", "W", None), cells("E", "W", "E"))
    assert rows(plan_diff.move_table(people, changed)) == [
        ("W", "E", 2, 1), (None, "E", 1, 1), ("E", None, 1, 0),
    ]  # fmt: skip
    assert rows(plan_diff.moves(before, after)) == [("W", "E", 2), (None, "E", 1), ("E", None, 1)]


def test_nothing_changes_between_a_plan_and_itself() -> None:
    same = cells("W", "E", None)
    assert plan_diff.changed_cells(same, same).empty
    assert plan_diff.move_table(plan_diff.changed_cells(same, same), same.iloc[:0].assign(
        old_area=None, new_area=None)).empty  # fmt: skip


def test_each_cell_has_the_number_of_its_pair_unchanged_pairs_first() -> None:
    both = plan_diff.both_sides(cells("W", "W", "E", None), cells("W", "E", None, None))
    pairs, number = plan_diff.pair_numbers(both)
    assert rows(pairs[["old_area", "new_area", "cells", "is_changed"]]) == [
        ("W", "W", 1, False), ("E", None, 1, True), ("W", "E", 1, True),
    ]  # fmt: skip
    assert number.tolist() == [0, 2, 1, -1]


def test_areas_out_of_sight_become_one_and_moves_between_them_nothing() -> None:
    seen = frozenset({"W"})
    before, after = cells("W", "X", "W", None), cells("W", "Y", "X", "Y")
    old, new = (plan_diff.hidden(one, seen) for one in (before, after))
    assert rows(plan_diff.changed_cells(old, new)) == [(3, "W", HIDDEN), (4, None, HIDDEN)]
    assert plan_diff.hidden(before, None) is before


def test_areas_gone_and_new() -> None:
    assert plan_diff.gone_and_new(["b", "a", "c"], ["c", "d"]) == (["a", "b"], ["d"])


AREA = st.sampled_from(["A", "B", "C", None])


@given(st.lists(st.tuples(AREA, AREA), min_size=1, max_size=30))
def test_the_other_way_round_every_move_turns_back(pairs: list[tuple[str, str]]) -> None:
    old, new = (cells(*one) for one in zip(*pairs, strict=True))
    there, back = (plan_diff.changed_cells(*way) for way in ((old, new), (new, old)))
    assert len(there) == sum(a != b for a, b in pairs)
    assert {(a, b, n) for a, b, n in rows(plan_diff.counted(there, "n"))} == {
        (b, a, n) for a, b, n in rows(plan_diff.counted(back, "n"))
    }
    both = plan_diff.both_sides(old, new)
    told, number = plan_diff.pair_numbers(both)
    assert told["cells"].sum() == (number >= 0).sum()
    assert told.loc[told["is_changed"], "cells"].sum() == len(there)


def test_a_unit_is_in_the_area_that_alone_claims_it() -> None:
    claims = pd.DataFrame({"unit": ["a", "b", "b", "c", "c", "d", "x"], "area_id": list("PPQQQZP")})
    units = pd.Index(["a", "b", "c", "d", "e"])
    assert labels(units, claims, ["P", "Q"]).tolist() == [0, -2, 1, -1, -1]
    assert labels(units, claims.iloc[:0], []).tolist() == [-1] * 5
