"""How claims change, and that nothing of the past is lost."""

from datetime import UTC, datetime

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_cells.plans import CLAIM_COLUMNS, revise_claims, settle_claims
from tests.laws import examples

JULY = datetime(2026, 7, 1, tzinfo=UTC)
AUGUST = datetime(2026, 8, 1, tzinfo=UTC)


def claims(*rows):
    frame = pd.DataFrame(rows, columns=["transformer_id", "area_id", "valid_from", "valid_to"])
    return frame.assign(cell_id=0).reindex(columns=CLAIM_COLUMNS)


def shown(frame):
    months = [
        frame[name].map(lambda moment: "" if pd.isna(moment) else f"{moment:%m}")
        for name in ("valid_from", "valid_to")
    ]
    return sorted(zip(frame["transformer_id"], frame["area_id"], *months, strict=True))


def test_the_first_claims_hold_since_records_began():
    new = revise_claims(claims(), claims(("T1", "A", None, None)), at=None)
    assert shown(new) == [("T1", "A", "", "")]


def test_a_moved_unit_keeps_its_past():
    held = claims(("T1", "A", None, None), ("T2", "B", None, None))
    new = revise_claims(held, claims(("T1", "B", None, None), ("T2", "B", None, None)), at=JULY)
    assert shown(new) == [("T1", "A", "", "07"), ("T1", "B", "07", "")]


def test_a_claim_with_its_own_day_ends_the_former_on_that_day():
    held = claims(("T1", "A", None, None))
    new = revise_claims(held, claims(("T1", "B", AUGUST, None)), at=JULY)
    assert shown(new) == [("T1", "A", "", "08"), ("T1", "B", "08", "")]


def test_one_of_two_claimants_may_go():
    held = claims(("T1", "A", None, None), ("T1", "B", None, None))
    new = revise_claims(held, claims(("T1", "A", None, None)), at=JULY)
    assert shown(new) == [("T1", "A", "", "07"), ("T1", "A", "07", ""), ("T1", "B", "", "07")]


def test_whole_areas_free_what_they_no_longer_name():
    held = claims(("T1", "A", None, None), ("T2", "A", None, None), ("T3", "B", None, None))
    new = revise_claims(held, claims(("T1", "A", None, None)), at=JULY, whole_areas=True)
    assert shown(new) == [("T2", "A", "", "07")]


def test_nothing_new_gives_nothing():
    held = claims(("T1", "A", JULY, None))
    assert revise_claims(held, claims(("T1", "A", None, None)), at=AUGUST).empty


units = st.dictionaries(st.sampled_from(["T1", "T2", "T3"]), st.sampled_from("AB"), min_size=1)


@settings(deadline=None, max_examples=examples(40))
@given(st.lists(units, min_size=1, max_size=5))
def test_after_any_files_each_unit_has_its_last_area_and_one_area_at_any_moment(files):
    held = claims()
    last = {}
    for month, stated in enumerate(files, start=1):
        at = datetime(2026, month, 1, tzinfo=UTC)
        rows = claims(*((unit, area, None, None) for unit, area in stated.items()))
        changed = revise_claims(held, rows, at=None if month == 1 else at)
        kept = held[~held["transformer_id"].isin(changed["transformer_id"])]
        held = pd.concat([f for f in (kept, changed) if len(f)], ignore_index=True)
        last |= stated
    open_claims = held[held["valid_to"].isna()]
    assert dict(zip(open_claims["transformer_id"], open_claims["area_id"], strict=True)) == last
    for _, rows in held.groupby("transformer_id"):
        ordered = rows.sort_values("valid_from", na_position="first")
        ends = ordered["valid_to"].iloc[:-1].tolist()
        assert ends == ordered["valid_from"].iloc[1:].tolist()


def cell_claims(*rows):
    frame = pd.DataFrame(rows, columns=["cell_id", "area_id", "claim_basis", "valid_from"])
    return frame.reindex(columns=CLAIM_COLUMNS)


def test_first_customers_settle_a_cell_from_when_its_border_was_drawn():
    bases = {1: "area", 2: "customers", 3: None, 4: "thin"}
    held = cell_claims(*((cell, "A", basis, JULY) for cell, basis in bases.items()))
    drawn = cell_claims(
        *((cell, "B", "customers", None) for cell in (1, 2, 3, 5)), (4, "A", "thin", None)
    )
    new = settle_claims(held, drawn, since=AUGUST)
    found = {row["cell_id"]: (row["area_id"], row["valid_from"]) for row in new.to_dict("records")}
    assert found == {1: ("B", pd.Timestamp(JULY)), 5: ("B", pd.Timestamp(AUGUST))}
