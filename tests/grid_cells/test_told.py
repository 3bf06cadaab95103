"""What was told once is told anew only when values of enough customers behind it are new."""

import h3.api.numpy_int as h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.small_cells import partition
from grid_cells.told import MARKS, SLOTS, name_groups, slots_of, tell_days, tell_means
from tests.laws import examples

LEAST = 5
CELLS = sorted(int(c) for c in h3.cell_to_children(h3.latlng_to_cell(30.423, 112.514, 8), 9))


def marks(slots):
    """The two words of a mark of which the first slots have these bytes."""
    whole = bytes(int(one) for one in slots).ljust(SLOTS, b"\0")
    return int.from_bytes(whole[:8], "little"), int.from_bytes(whole[8:], "little")


def now(slots, energy=40.0, people=9):
    columns = ["group", "day", "energy_kwh", "people", *MARKS]
    frame = pd.DataFrame([(7, 20, energy, people, *marks(slots))], columns=columns)
    return frame.astype(dict.fromkeys(MARKS, "uint64"))


def told(*tellings):
    columns = ["group", "day", "telling", "energy_kwh", *MARKS]
    rows = [(7, 20, k, energy, *marks(slots)) for k, (energy, slots) in enumerate(tellings, 1)]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(MARKS, "uint64"))


def shown(found):
    return found[["telling", "energy_kwh", "is_new"]].to_numpy().tolist()


def test_a_mark_is_read_slot_by_slot():
    assert slots_of(now([1, 2, 3, 4, 5, 6, 7, 8, 9, 255])).tolist() == [
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 0, 0, 0, 0, 0, 0]
    ]


@pytest.mark.parametrize(("people", "wanted"), [(5, [[1, 40.0, True]]), (4, [])])
def test_a_first_telling_needs_enough_people(people, wanted):
    assert shown(tell_days(now([1] * 9, people=people), told(), LEAST)) == wanted


def test_a_late_reading_is_not_told_alone():
    found = tell_days(now([1] * 9, 45.0), told((40.0, [1] * 8)), LEAST)
    assert shown(found) == [[1, 40.0, False]]


def test_five_late_readings_are_told_together():
    found = tell_days(now([1] * 13, 65.0), told((40.0, [1] * 8)), LEAST)
    assert shown(found) == [[2, 65.0, True]]


def test_corrections_count_like_late_readings_and_readings_gone_do_not():
    four_and_one = tell_days(now([9] * 4 + [1] * 4 + [1]), told((40.0, [1] * 8)), LEAST)
    assert shown(four_and_one) == [[2, 40.0, True]]
    five_gone = tell_days(now([1] * 3, people=3), told((40.0, [1] * 8)), LEAST)
    assert shown(five_gone) == [[1, 40.0, False]]


def test_a_load_taken_back_shows_what_was_told_before_it():
    tellings = told((40.0, [1] * 8), (90.0, [9] * 6 + [1] * 2))
    assert shown(tell_days(now([1] * 8, 40.0), tellings, LEAST)) == [[1, 40.0, False]]
    assert shown(tell_days(now([1] * 9, 44.0), tellings, LEAST)) == [[1, 40.0, False]]
    assert shown(tell_days(now([9] * 6 + [1] * 3), tellings, LEAST)) == [[2, 90.0, False]]


def test_values_told_at_any_time_before_are_not_new():
    """Ten of twelve changed since the last telling, yet six of these stood behind the first."""
    first, last = [1] * 12, [2] * 6 + [3] * 6
    mixed = [1] * 6 + [4] * 4 + [3] * 2
    found = tell_days(now(mixed), told((10.0, first), (20.0, last)), LEAST)
    assert shown(found) == [[1, 10.0, False]]


def test_of_equals_the_last_telling_stays():
    found = tell_days(now([1, 1, 2, 2]), told((10.0, [1] * 4), (20.0, [2] * 4)), LEAST)
    assert shown(found) == [[2, 20.0, False]]


def test_other_days_and_groups_are_told_by_themselves():
    other = told((40.0, [1] * 8)).assign(day=21)
    assert shown(tell_days(now([1] * 9), other, LEAST)) == [[1, 40.0, True]]


@given(st.integers(0, 2**32 - 1), st.integers(5, 16), st.integers(2, 9))
@settings(max_examples=examples(60), deadline=None)
def test_no_combination_of_all_that_was_told_tells_of_few(seed, customers, turns):
    """Each customer's value of each time is an unknown; a telling is the sum of some of them."""
    rng = np.random.default_rng(seed)
    state, tellings, sums = np.zeros(customers, dtype=int), [], []
    for _ in range(turns):
        state = np.where(rng.random(customers) < rng.random(), rng.integers(0, 5, customers), state)
        found = tell_days(now(state, people=(state > 0).sum()), told(*tellings), LEAST)
        if found["is_new"].any():
            tellings.append((0.0, state))
            sums.append([(k, v) for k, v in enumerate(state) if v])
    unknowns = sorted({one for telling in sums for one in telling})
    rows = np.array([[one in telling for one in unknowns] for telling in sums], dtype=float)
    for weights in rng.integers(-3, 4, (200, len(rows))):
        combined = weights @ rows if len(rows) else np.zeros(0)
        touched = {k for (k, _), value in zip(unknowns, combined, strict=True) if value}
        assert len(touched) >= LEAST or not touched


def test_a_group_is_named_by_its_cells():
    customers = pd.DataFrame({"cell_id": CELLS, "area": "A", "customers": [2, 3, 9, 9, 9, 9, 9]})
    groups = name_groups(partition(customers, LEAST))
    fewer = name_groups(partition(customers.iloc[[6, 1, 0, 3]], LEAST)).set_index("cell_id")
    names = groups.set_index("cell_id")["group"]
    assert names.nunique() == 6
    assert (names > 0).all()
    assert fewer["group"].equals(names[fewer.index])
    assert name_groups(groups.iloc[:1])["group"].iloc[0] != names.iloc[0]


def means(values, customers, before=()):
    ids = CELLS[: len(customers)]
    lived = pd.DataFrame({"cell_id": ids, "area": "A", "customers": customers})
    known = pd.DataFrame({"cell_id": ids, "value": np.array(values, dtype=float)})
    behind = pd.DataFrame(before, columns=["cell_id", "behind"]).astype({"behind": "float64"})
    found = tell_means(known, partition(lived, LEAST), behind, LEAST)
    return found[["behind", "shown", "customers"]].to_numpy().round(9).tolist()


def test_a_mean_is_told_of_the_known_cells_of_a_group():
    assert means([10, 20, np.nan], [2, 3, 1]) == [[10, 16, 5], [20, 16, 5]]
    assert means([10, np.nan, np.nan], [2, 3, 1]) == []


def test_a_mean_with_one_small_cell_more_is_not_told_anew():
    before = [(CELLS[0], 10.0), (CELLS[1], 20.0)]
    assert means([10, 20, 70], [2, 3, 1], before) == []
    assert means([10, 20, 70], [2, 3, 1]) == [[10, 25, 6], [20, 25, 6], [70, 25, 6]]


def test_a_mean_is_told_anew_when_values_of_enough_customers_are():
    before = [(CELLS[0], 10.0), (CELLS[1], 20.0)]
    assert means([11, 21, 20], [2, 3, 1], before) == [[11, 17.5, 6], [21, 17.5, 6], [20, 17.5, 6]]
    assert means([11, 20, 20], [2, 3, 1], before) == []


def test_a_cell_with_enough_customers_is_told_anew_by_itself():
    assert means([12, 30], [5, 6], [(CELLS[0], 11.0), (CELLS[1], 30.0)]) == [[12, 12, 5]]
