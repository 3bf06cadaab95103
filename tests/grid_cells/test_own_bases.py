"""An area is reached from its own crew's base where it has a crew, else from the nearest."""

import numpy as np
import pandas as pd
import pytest

from grid_cells import unit_figures as uf
from grid_cells.cells import points_to_cells
from grid_cells.consequences import consequences, prepare
from grid_cells.own_bases import own_bases

A, B = points_to_cells([112.50, 112.52], [30.42, 30.42], 9).tolist()
IDS = ["W-01", "E-01"]


def atoms():
    rows = pd.DataFrame(
        {
            "transformer_id": ["T1", "T2", None, "T1"],
            "cell_id": [A, B, A, B],
            "is_pinned": [False, False, False, True],
            "pinned_to": [None, None, None, "W-01"],
            "use_type": "residential",
            "customers": [10, 20, 1, 5],
            "meters": 0,
        }
    )
    nobody = dict.fromkeys(("faults", "prepaid", "energy_kwh", "transformers"), 0.0)
    return uf.gather(rows).assign(**nobody, upper_unit=None)


PROMISED = atoms()[[*uf.KEY, "customers"]].assign(promise_min=45.0)
NEAREST = pd.DataFrame({"cell_id": [A, B], "value": [10.0, 20.0]})
BY_CREW = {
    "C1": pd.DataFrame({"cell_id": [A, B], "value": [10.0, 60.0]}),
    "C2": pd.DataFrame({"cell_id": [A, B], "value": [50.0, np.nan]}),
}
TRANSFORMERS = pd.DataFrame(
    {"transformer_id": ["T1", "T2"], "lon": 0.0, "lat": 0.0, "cell_id": 0, "unit_id": None}
)


@pytest.fixture(scope="module")
def prepared():
    units = pd.Index(["T1", "T2"])
    reached = uf.with_reach(atoms(), NEAREST, PROMISED).assign(visits=0.0, hours=0.0, travel=0.0)
    found = uf.by_unit(
        reached, basis="transformer", units=units, transformers=TRANSFORMERS,
        places=pd.DataFrame({"kind": [], "id": [], "cell_id": []}), resolution=9,
    )  # fmt: skip
    promised = uf.promises(reached, PROMISED)
    return prepare(found, own_bases(reached, found, BY_CREW, promised, basis="transformer"))


def of(prepared, crews):
    both = np.array([0, 1], dtype=np.int32)
    return consequences(prepared, both, both, IDS, crews=crews).after


def test_the_figures_of_each_crew_by_hand(prepared):
    bases = prepared.bases
    assert bases.ids == ["C1", "C2"]
    # T1, T2, then the follower of cell A
    assert np.array_equal(bases.minutes, [[10, 50], [60, np.nan], [10, 50]], equal_nan=True)
    assert bases.beyond.tolist() == [[0, 10], [20, 20], [0, 1]]
    assert bases.pinned.tolist() == [[5, 5]]


def test_without_a_crew_of_its_own_the_nearest_counts(prepared):
    found = of(prepared, {})
    assert found["crew_min_median"].tolist() == [10, 20]
    assert found["beyond_promise"].tolist() == [0, 0]


def test_an_area_s_own_crew_counts_for_it_alone(prepared):
    found = of(prepared, {0: "C2"})
    assert found["crew_min_median"].tolist() == [50, 20]
    assert found["beyond_promise"].tolist() == [16, 0], "10 of T1, the follower, 5 pinned"
    found = of(prepared, {1: "C2"})
    assert found["beyond_promise"].tolist() == [0, 20]
    assert np.isnan(found["crew_min_median"].iloc[1]), "nobody of E-01 is reached"


def test_a_crew_without_a_known_base_leaves_the_nearest(prepared):
    assert of(prepared, {0: "C9"})["crew_min_median"].tolist() == [10, 20]


def test_the_draft_is_told_with_what_it_assumes(prepared):
    shut = prepare(prepared.figures, None)
    both = np.array([0, 1], dtype=np.int32)
    found = consequences(prepared, both, both, IDS, crews={0: "C2"}, assumed=shut)
    assert found.before["crew_min_median"].tolist() == [50, 20]
    assert found.after["crew_min_median"].tolist() == [10, 20]
