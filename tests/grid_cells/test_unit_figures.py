"""Figures of a plan's units, by hand; and nobody is lost, whatever the plan."""

from datetime import UTC, datetime, timedelta

import h3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells import unit_figures as uf
from grid_cells.cells import hex_to_cells
from tests.laws import examples

A, B, C = (
    int(c) for c in hex_to_cells(sorted(h3.grid_disk(h3.latlng_to_cell(30.4, 112.5, 9), 1))[:3])
)
AT = datetime(2026, 7, 16, tzinfo=UTC)
ROWS = pd.DataFrame(
    [("T1", A, False, None, "residential", 6, 6), ("T1", A, False, None, "commercial", 2, 4),
     ("T1", B, False, None, "residential", 2, 2), ("T2", B, False, None, "residential", 10, 10),
     ("T2", B, True, "X-01", "commercial", 1, 1), (None, B, False, None, "", 3, 0),
     ("T2", 0, False, None, "residential", 4, 4)],
    columns=[*uf.KEY, "use_type", "customers", "meters"],
).astype({"transformer_id": "str", "pinned_to": "str", "use_type": "str"})  # fmt: skip
TRANSFORMERS = pd.DataFrame(
    {"transformer_id": ["T1", "T2", "T3"], "is_public": [True, False, True],
     "unit_id": ["S1", "S2", "S1"], "lon": 112.5, "lat": 30.4, "cell_id": A}
).astype({"transformer_id": "str", "unit_id": "str"})  # fmt: skip
BY_CELL = pd.DataFrame(
    {"cell_id": [A, B], "customers": [8, 16], "energy_a_day": [80.0, 32.0], "prepaid": [4.0, 8.0]}
)
MINUTES = pd.DataFrame({"cell_id": [A, B], "value": [10.0, 50.0]})
FAULTS = pd.DataFrame(
    [("T1", A, False, None, 2.0), ("T9", A, False, None, 1.0)], columns=[*uf.KEY, "faults"]
).astype({"transformer_id": "str", "pinned_to": "str"})
TASKS = pd.DataFrame(
    {"per": ["customer"], "times_a_year": [12.0], "minutes": [6.0], "kind": ["visit"],
     "visits_a_round": [10]}
)  # fmt: skip
PLACES = pd.DataFrame({"kind": ["halls", "banks", "banks"], "id": ["H1", "B1", "B2"],
                       "cell_id": [B, A, C]})  # fmt: skip


def promised(atoms):
    """City in A, and in B half city, half rural."""
    keys = atoms[uf.KEY]
    in_a, in_b = keys[keys["cell_id"] == A], keys[keys["cell_id"] == B]
    people = atoms.loc[in_b.index, "customers"]
    return pd.concat(
        [in_a.assign(promise_min=45.0, customers=atoms.loc[in_a.index, "customers"]),
         in_b.assign(promise_min=45.0, customers=people // 2),
         in_b.assign(promise_min=90.0, customers=people - people // 2)]
    )  # fmt: skip


def made(rows=ROWS, days=73.05):
    atoms = uf.gather(rows)
    atoms = uf.with_faults(atoms, FAULTS, days)
    atoms = uf.with_network(uf.with_shares(atoms, BY_CELL), TRANSFORMERS)
    return uf.with_work(uf.with_reach(atoms, MINUTES, promised(atoms)), TASKS)


def figures(basis, units, atoms=None):
    return uf.by_unit(
        made() if atoms is None else atoms, basis=basis, units=pd.Index(units),
        transformers=TRANSFORMERS, places=PLACES, resolution=9,
    )  # fmt: skip


def test_by_transformer_each_figure_is_that_of_its_customers():
    units = figures("transformer", ["T1", "T2", "T3"]).units
    assert units["customers"].tolist() == [10, 14, 0]
    assert units["meters"].tolist() == [12, 14, 0]
    assert units["customers_residential"].tolist() == [8, 14, 0]
    assert units["customers_commercial"].tolist() == [2, 0, 0]
    # 8 of A's 8 and 2 of B's 16 customers: (80 + 32 / 8) kWh a day, of 30.4375 days a month
    assert units["energy_kwh"].tolist()[:2] == pytest.approx([84 * 30.4375, 20 * 30.4375])
    assert units["prepaid"].tolist() == pytest.approx([5.0, 5.0, 0.0])
    # two faults in 73.05 days are 2 x 30.4375 / 73.05 a month
    assert units["faults"].tolist() == pytest.approx([0.8333333, 0.0, 0.0])
    assert units["transformers"].tolist() == pytest.approx([1.0, 0.0, 0.0])
    # T1: 8 at 10 min and 2 at 50; T2: 10 at 50 and 4 of no known cell
    assert units["crew_min"].tolist()[:2] == pytest.approx([18.0, 50.0])
    # in B 50 min break the city's 45, not the country's 90
    assert units["beyond_promise"].tolist() == [1, 5, 0]
    assert units["promise_min"].tolist()[:2] == [45.0, 45.0]
    # a visit a month each: 6 min and 2 x 18 / 10 min, as 8 x (6 + 2) + 2 x (6 + 10) minutes
    assert units["visits"].tolist() == pytest.approx([10.0, 14.0, 0.0])
    assert units["hours"].tolist() == pytest.approx([96 / 60, (10 * 16 + 4 * 6) / 60, 0.0])
    assert units["upper_unit"].tolist() == ["S1", "S2", "S1"]


def test_by_cell_the_same_customers_count_in_their_cells():
    found = figures("cell", [A, B, C])
    assert found.units["customers"].tolist() == [8, 15, 0]
    assert found.units["transformers"].tolist() == pytest.approx([0.8, 0.2, 0.0])
    assert found.units["upper_unit"].tolist()[:2] == ["S1", "S2"]
    assert found.units["halls"].tolist() == [0, 1, 0]
    assert found.units["banks"].tolist() == [1, 0, 1]
    assert found.units["cell_id"].tolist() == [A, B, C]
    links = found.transformer_links.set_index(["transformer_id", "unit"])["customers"]
    assert links.to_dict() == {("T1", 0): 8, ("T1", 1): 2, ("T2", 1): 10}
    assert found.unplaced["customers"].tolist() == [4]


def test_who_is_pinned_or_of_no_unit_is_counted_apart():
    found = figures("transformer", ["T1", "T2", "T3"])
    assert found.pinned["customers"].to_dict() == {"X-01": 1}
    assert found.pinned["customers_commercial"].tolist() == [1]
    assert found.unplaced["customers"].tolist() == [0]
    assert found.followers["customers"].to_dict() == {B: 3}
    assert found.followers["customers_"].tolist() == [3]
    assert found.followers["crew_min"].tolist() == [50]
    assert figures("transformer", ["T9"]).followers.empty, "nobody there to follow"
    assert figures("cell", [A, B]).followers.empty
    links = found.cell_links.to_records(index=False).tolist()
    assert links == [(0, A, 8), (0, B, 2), (1, B, 10)]


def test_a_hall_counts_for_the_unit_with_most_customers_in_its_cell():
    found = figures("transformer", ["T1", "T2", "T3"])
    assert found.units["halls"].tolist() == [0, 1, 0]
    assert found.units["banks"].tolist() == [1, 0, 0], "nobody lives around the second bank"


def test_the_middle_of_a_transformer_is_that_of_its_customers_else_its_own():
    units = figures("transformer", ["T1", "T3"]).units
    assert units["cell_id"].iloc[0] == A
    assert units.loc["T3", ["lon", "lat"]].tolist() == [112.5, 30.4]


def test_a_short_history_of_faults_counts_as_thirty_days():
    assert uf.history_days(AT - timedelta(days=3), AT) == 30
    assert uf.history_days(AT - timedelta(days=100), AT) == 100
    assert uf.history_days(AT - timedelta(days=999), AT) == 365
    assert uf.history_days(None, AT) is None
    assert made(days=None)["faults"].isna().all()
    assert made(days=None)["hours"].notna().all()


def test_unknown_energy_stays_unknown():
    atoms = uf.with_shares(made(), BY_CELL.assign(energy_a_day=[np.nan, 32.0]))
    units = figures("cell", [A, B], atoms).units
    assert np.isnan(units["energy_kwh"].iloc[0])
    assert units["energy_kwh"].iloc[1] > 0


def test_who_cannot_be_reached_is_beyond_the_promise_and_unknown_minutes_are_not():
    atoms = made()
    lost = pd.DataFrame({"cell_id": [A], "value": [np.nan]})
    found = uf.with_reach(atoms, lost, promised(atoms))
    assert found.loc[found["cell_id"] == A, "beyond_promise"].tolist() == [8]
    assert found.loc[found["cell_id"] == B, "beyond_promise"].sum() == 0


def test_another_basis_is_a_programmers_error():
    with pytest.raises(ValueError, match="feeder"):
        figures("feeder", ["T1"])


names = st.sampled_from(["T1", "T2", "T3", None])
people = st.lists(
    st.tuples(names, st.sampled_from([A, B, C, 0]), st.sampled_from([None, None, "X", "?"]),
              st.sampled_from(["residential", ""]), st.integers(1, 9)),
    min_size=1, max_size=20,
)  # fmt: skip


@settings(max_examples=examples(25))
@given(people, st.sampled_from(["transformer", "cell"]), st.integers(0, 3))
def test_units_and_pinned_and_unplaced_are_everybody(drawn, basis, known):
    rows = pd.DataFrame(
        drawn, columns=["transformer_id", "cell_id", "pin", "use_type", "customers"]
    )
    rows["is_pinned"] = rows["pin"].notna()
    rows["pinned_to"] = rows["pin"].where(rows["pin"] != "?")
    rows["meters"] = rows["customers"] + 1
    rows = rows.drop_duplicates([*uf.KEY, "use_type"]).astype(
        {"transformer_id": "str", "pinned_to": "str", "use_type": "str"}
    )
    units = (["T1", "T2", "T3"] if basis == "transformer" else [A, B, C])[:known]
    kind = "str" if basis == "transformer" else "int64"
    atoms = made(rows)
    found = uf.by_unit(
        atoms, basis=basis, units=pd.Index(units, dtype=kind), transformers=TRANSFORMERS,
        places=PLACES, resolution=9,
    )  # fmt: skip
    for name in ("customers", "meters", "transformers", "visits", "hours", "beyond_promise"):
        parts = [found.units, found.followers, found.pinned, found.unplaced]
        assert sum(part[name].sum() for part in parts) == pytest.approx(atoms[name].sum()), name
    assert atoms["customers"].sum() == rows["customers"].sum()
    uses = [c for c in found.units if c.startswith(uf.USE)]
    assert (found.units[uses].sum(axis=1) == found.units["customers"]).all()
    in_cells = found.units["customers"].sum() - found.cell_links["customers"].sum()
    assert in_cells == atoms.loc[
        ~atoms["is_pinned"] & (atoms["cell_id"] == 0) & atoms["transformer_id"].isin(units),
        "customers",
    ].sum() * (basis == "transformer")  # fmt: skip
