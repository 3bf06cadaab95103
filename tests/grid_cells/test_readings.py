"""Daily energy from registers, by hand."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.readings import daily_energy

NOTHING = pd.DataFrame({"meter_id": [], "day": pd.to_datetime([]), "register_kwh": []})


def frame(*rows):
    table = pd.DataFrame(rows, columns=["meter_id", "day", "register_kwh", "energy_kwh"])
    return table.assign(day=pd.to_datetime(table["day"]))


def energies(readings, before=NOTHING):
    return [None if pd.isna(v) else v for v in daily_energy(readings, before)]


def test_energy_is_the_register_less_that_of_the_day_before():
    rows = frame(("M", "2026-07-01", 100.0, None), ("M", "2026-07-02", 104.5, None))
    assert energies(rows) == [None, 4.5]


def test_the_day_before_may_stand_in_the_store():
    before = frame(("M", "2026-06-30", 97.0, None))
    assert energies(frame(("M", "2026-07-01", 100.0, None)), before) == [3.0]


def test_a_gap_and_a_fallen_register_are_unknown():
    registers = {"2026-07-01": 100.0, "2026-07-03": 110.0, "2026-07-04": 5.0}
    rows = frame(*(("M", day, register, None) for day, register in registers.items()))
    assert energies(rows) == [None, None, None]


def test_a_given_energy_stays():
    assert energies(frame(("M", "2026-07-01", 100.0, 2.0), ("N", "2026-07-01", None, 3.0))) == [
        2,
        3,
    ]


@given(st.lists(st.integers(0, 50), min_size=2, max_size=20))
def test_the_energies_add_up_to_the_registers_rise(steps):
    days = pd.date_range("2026-01-01", periods=len(steps))
    registers = pd.Series(steps).cumsum()
    rows = pd.DataFrame(
        {"meter_id": "M", "day": days, "register_kwh": registers, "energy_kwh": None}
    )
    assert daily_energy(rows, NOTHING).sum() == registers.iloc[-1] - registers.iloc[0]
