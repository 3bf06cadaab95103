import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.assignment import assign_customers, assign_places, cell_areas
from grid_cells.cell_parts import children
from grid_cells.cells import centres, parents, points_to_cells

ONE, TWO, THREE = 617700169958293503, 617700169958555647, 617700169958817791


def customers(*rows: tuple[str, str | None, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["customer_no", "transformer_id", "cell_id"])
    return frame.astype({"customer_no": "str", "transformer_id": "str", "cell_id": "Int64"})


def claims(*rows: tuple[str | int, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "transformer_id": pd.array([u if isinstance(u, str) else None for u, _ in rows], "str"),
            "cell_id": pd.array([u if isinstance(u, int) else None for u, _ in rows], "Int64"),
            "area_id": pd.array([area for _, area in rows], "str"),
        }
    )


def overrides(*rows: tuple[str | None, str | None, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["transformer_id", "customer_no", "area_id"])
    return frame.astype("str").assign(reason="asked for")


def answers(frame: pd.DataFrame) -> list[tuple[str | None, str]]:
    areas = [None if pd.isna(area) else area for area in frame["area_id"]]
    return list(zip(areas, frame["rule"], strict=True))


def test_a_transformer_plan_goes_override_transformer_cell_none():
    people = customers(
        ("1", "T1", ONE), ("2", "T1", ONE), ("3", "T2", ONE), ("4", None, ONE),
        ("5", "T9", TWO), ("6", None, None), ("7", "T3", TWO), ("8", None, TWO),
    )  # fmt: skip
    found = assign_customers(
        people,
        basis="transformer",
        claims=claims(("T1", "A"), ("T2", "B"), ("T3", "B")),
        overrides=overrides((None, "2", "C"), ("T3", None, "D")),
    )
    assert answers(found) == [
        ("A", "transformer"),
        ("C", "customer"),
        ("B", "transformer"),
        ("A", "cell"),  # A, B and C have one customer each here; A is first by name
        (None, "none"),  # nobody claims T9, whatever its neighbours are
        (None, "none"),
        ("D", "transformer"),
        ("D", "cell"),  # the only other one assigned in TWO is customer 7
    ]
    assert found["customer_no"].tolist() == ["1", "2", "3", "4", "5", "6", "7", "8"]


def test_a_cell_plan_goes_override_transformer_override_cell_none():
    people = customers(("1", "T1", ONE), ("2", "T1", ONE), ("3", "T2", ONE), ("4", "T2", THREE))
    found = assign_customers(
        people,
        basis="cell",
        claims=claims((ONE, "A")),
        overrides=overrides((None, "2", "C"), ("T1", None, "B")),
    )
    assert answers(found) == [
        ("B", "transformer"),
        ("C", "customer"),
        ("A", "cell"),
        (None, "none"),
    ]


def test_a_claim_on_the_cell_serves_customers_without_a_transformer():
    found = assign_customers(
        customers(("1", None, ONE), ("2", "T1", ONE)),
        basis="transformer",
        claims=claims(("T1", "A"), (ONE, "B")),
    )
    assert answers(found) == [("B", "cell"), ("A", "transformer")]


@pytest.mark.parametrize("basis", ["transformer", "cell"])
def test_a_unit_claimed_twice_is_a_conflict_and_twice_by_one_area_is_not(basis: str):
    people = customers(("1", "T1", ONE), ("2", "T2", TWO))
    unit = ("T1", "T2") if basis == "transformer" else (ONE, TWO)
    stated = claims((unit[0], "A"), (unit[0], "B"), (unit[1], "A"), (unit[1], "A"))
    found = assign_customers(people, basis=basis, claims=stated)
    assert answers(found) == [(None, "conflict"), ("A", basis)]


def test_contradicting_overrides_are_a_conflict():
    found = assign_customers(
        customers(("1", "T1", ONE)),
        basis="cell",
        claims=claims((ONE, "A")),
        overrides=overrides((None, "1", "B"), (None, "1", "C")),
    )
    assert answers(found) == [(None, "conflict")]


def test_numbers_that_differ_in_leading_zeros_are_different_customers():
    found = assign_customers(
        customers(("007", None, ONE), ("7", None, ONE)),
        basis="cell",
        claims=claims((ONE, "A")),
        overrides=overrides((None, "007", "B")),
    )
    assert answers(found) == [("B", "customer"), ("A", "cell")]


@pytest.mark.parametrize("basis", ["transformer", "cell"])
def test_no_customers_and_no_claims_are_no_trouble(basis: str):
    nobody = customers()
    assert assign_customers(nobody, basis=basis, claims=claims()).empty
    alone = assign_customers(customers(("1", "T1", ONE)), basis=basis, claims=claims())
    assert answers(alone) == [(None, "none")]
    assert cell_areas(nobody, alone.iloc[:0], basis=basis, claims=claims()).empty


def test_another_basis_is_a_programmers_error():
    with pytest.raises(ValueError, match="unknown basis"):
        assign_customers(customers(), basis="feeder", claims=claims())


def test_given_frames_stay_as_they_are_and_the_index_is_kept():
    people = customers(("1", "T1", ONE), ("2", "T1", TWO)).set_axis([7, 3])
    before = people.copy()
    found = assign_customers(people, basis="cell", claims=claims((ONE, "A")))
    pd.testing.assert_frame_equal(people, before)
    assert found.index.tolist() == [7, 3]


def test_a_cell_has_the_area_of_most_of_its_customers_and_says_when_it_is_mixed():
    people = customers(
        ("1", "T1", ONE), ("2", "T1", ONE), ("3", "T2", ONE), ("4", "T2", TWO), ("5", "T9", THREE)
    )
    stated = claims(("T1", "B"), ("T2", "A"))
    assigned = assign_customers(people, basis="transformer", claims=stated)
    cells = cell_areas(people, assigned, basis="transformer", claims=stated)
    assert cells["cell_id"].tolist() == [ONE, TWO]
    assert answers(cells) == [("B", "cell"), ("A", "cell")]
    assert cells["is_mixed"].tolist() == [True, False]
    assert cells["areas"].tolist() == [["A", "B"], ["A"]]


def test_a_cell_of_torn_transformers_names_both_claimants():
    people = customers(("1", "T1", ONE), ("2", "T1", ONE), ("3", "T2", ONE))
    stated = claims(("T1", "A"), ("T1", "B"), ("T2", "C"))
    assigned = assign_customers(people, basis="transformer", claims=stated)
    cells = cell_areas(people, assigned, basis="transformer", claims=stated)
    assert answers(cells) == [(None, "conflict")]
    assert cells["areas"].tolist() == [["A", "B", "C"]]
    assert cells["is_mixed"].tolist() == [False]


def test_a_cell_plan_colours_by_claim_and_mixes_by_override():
    people = customers(("1", "T1", ONE), ("2", "T1", ONE), ("3", "T2", THREE))
    stated = claims((ONE, "A"), (TWO, "A"), (TWO, "B"))
    changed = overrides((None, "1", "C"), (None, "3", "D"))
    assigned = assign_customers(people, basis="cell", claims=stated, overrides=changed)
    cells = cell_areas(people, assigned, basis="cell", claims=stated)
    by_cell = {row.cell_id: (row.rule, row.is_mixed, row.areas) for row in cells.itertuples()}
    assert by_cell == {
        ONE: ("cell", True, ["A", "C"]),
        TWO: ("conflict", False, ["A", "B"]),
        THREE: ("none", False, ["D"]),
    }


def test_halls_and_crews_have_the_area_of_their_cell():
    people = customers(("1", None, ONE))
    stated = claims((ONE, "A"), (TWO, "A"), (TWO, "B"))
    assigned = assign_customers(people, basis="cell", claims=stated)
    cells = cell_areas(people, assigned, basis="cell", claims=stated)
    halls = pd.DataFrame({"cell_id": [TWO, ONE, THREE, 0]}, index=list("wxyz"))
    found = assign_places(halls, cells)
    assert answers(found) == [(None, "conflict"), ("A", "cell"), (None, "none"), (None, "none")]
    assert found.index.tolist() == list("wxyz")


units = st.sampled_from(["T1", "T2", "T3", None])
cell_ids = st.sampled_from([ONE, TWO, THREE, None])
areas = st.sampled_from(["A", "B", "C"])


@given(
    people=st.lists(st.tuples(units, cell_ids), max_size=12),
    stated=st.lists(st.tuples(st.sampled_from(["T1", "T2", ONE, TWO]), areas), max_size=6),
    changed=st.lists(st.tuples(st.integers(0, 11), areas), max_size=3),
    basis=st.sampled_from(["transformer", "cell"]),
)
def test_each_customer_has_one_answer_and_cells_share_their_customers_areas(
    people: list[tuple[str | None, int | None]],
    stated: list[tuple[str | int, str]],
    changed: list[tuple[int, str]],
    basis: str,
):
    frame = customers(*((str(i), unit, cell) for i, (unit, cell) in enumerate(people)))
    own = overrides(*((None, str(number), area) for number, area in changed))
    held = claims(*stated)
    found = assign_customers(frame, basis=basis, claims=held, overrides=own)
    assert found["customer_no"].tolist() == frame["customer_no"].tolist()
    served = found["rule"].isin(["customer", "transformer", "cell"])
    assert (served == found["area_id"].notna()).all()
    asked: dict[str, set[str]] = {}
    for number, area in changed:
        asked.setdefault(str(number), set()).add(area)
    for row in found.itertuples():
        wanted = asked.get(row.customer_no)
        if wanted is not None:
            assert row.rule == ("customer" if len(wanted) == 1 else "conflict")
    cells = cell_areas(frame, found, basis=basis, claims=held).set_index("cell_id")
    placed = frame.assign(area_id=found["area_id"]).dropna(subset=["cell_id", "area_id"])
    for cell, inside in placed.groupby("cell_id")["area_id"]:
        assert set(inside) <= set(cells.loc[cell, "areas"])
        assert cells.loc[cell, "is_mixed"] == (len(set(inside)) > 1)


HOME = int(points_to_cells([114.3], [30.6], 9)[0])
KIDS = children([HOME])[1].tolist()


def at_middles(cells):
    lon, lat = centres(cells)
    people = customers(*((str(n), None, HOME) for n in range(len(cells))))
    return people.assign(lon=lon, lat=lat)


def test_the_finest_claim_that_holds_a_customer_counts():
    people = at_middles([KIDS[0], KIDS[1], KIDS[1]])
    parent = int(parents([HOME], 7)[0])
    stated = claims((parent, "A"), (HOME, "B"), (KIDS[1], "C"))
    found = assign_customers(people, basis="cell", claims=stated)
    assert answers(found) == [("B", "cell"), ("C", "cell"), ("C", "cell")]
    coarse = assign_customers(people, basis="cell", claims=claims((parent, "A"), (KIDS[1], "C")))
    assert [area for area, _ in answers(coarse)] == ["A", "C", "C"]


def test_a_cell_whose_parts_are_of_several_areas_is_mixed_and_goes_where_most_live():
    people = at_middles([KIDS[0], KIDS[1], KIDS[1]])
    stated = claims(*((kid, "A" if kid == KIDS[0] else "B") for kid in KIDS))
    found = assign_customers(people, basis="cell", claims=stated)
    cells = cell_areas(people, found, basis="cell", claims=stated)
    assert cells["cell_id"].tolist() == [HOME]
    assert (cells["area_id"][0], cells["is_mixed"][0], cells["areas"][0]) == ("B", True, ["A", "B"])


def test_a_claim_on_a_parent_covers_the_cells_in_it():
    people = at_middles([KIDS[0]])
    parent = int(parents([HOME], 8)[0])
    stated = claims((parent, "A"))
    found = assign_customers(people, basis="cell", claims=stated)
    cells = cell_areas(people, found, basis="cell", claims=stated)
    assert sorted(cells["cell_id"].tolist()) == sorted(children([parent])[1].tolist())
    assert set(cells["area_id"]) == {"A"}
    assert not cells["is_mixed"].any()
