"""Orders follow their calls: what goes, what ends in another order, what begins."""

from hypothesis import given
from hypothesis import strategies as st

from grid_cells.order_alignment import Part, aligned


def part(order: str, outage: str, *reports: str, whole: bool = True) -> Part:
    return Part(order, outage, reports, whole)


def test_the_first_order_whose_calls_went_there_takes_the_outage_and_later_ones_end_in_it() -> None:
    found = aligned([part("W1", "A", "r1"), part("W2", "A", "r2"), part("W3", "B", "r3")], {})
    assert found.goes == {"W1": "A", "W3": "B"}
    assert found.merges == {"W2": "W1"}
    assert not found.joins
    assert not found.begins


def test_an_order_that_is_there_and_stays_answers_for_those_that_come() -> None:
    parts = [part("W1", "A", "r1"), part("W8", "B", "r8")]
    found = aligned(parts, {"A": ["W8", "W9"]})
    assert found.merges == {"W1": "W9"}
    assert found.goes == {"W8": "B"}


def test_calls_that_leave_the_rest_of_their_order_join_the_outages_order_or_begin_one() -> None:
    parts = [
        part("W1", "A", "r1", "r2", whole=False),
        part("W2", "A", "r3", whole=False),
        part("W3", "B", "r4", whole=False),
        part("W4", "B", "r5"),
    ]
    found = aligned(parts, {})
    assert found.begins == {"A": [("r1", "r2"), ("r3",)]}
    assert found.goes == {"W4": "B"}
    assert found.joins == {"W4": ["r4"]}
    assert found.leaves == {"A": ["W1", "W2"], "B": ["W3"]}


@given(
    st.lists(st.tuples(st.sampled_from("ABCD"), st.booleans()), min_size=1, max_size=12),
    st.dictionaries(st.sampled_from("ABCD"), st.lists(st.integers(0, 15), unique=True, max_size=3)),
)
def test_no_call_is_lost_and_no_order_ends_in_one_that_ends(
    moves: list[tuple[str, bool]], there: dict[str, list[int]]
) -> None:
    parts = [part(f"W{k}", outage, f"r{k}", whole=whole) for k, (outage, whole) in enumerate(moves)]
    held = {outage: [f"W{k}" for k in orders] for outage, orders in there.items()}
    found = aligned(parts, held)
    whole = {one.order_id for one in parts if one.is_whole}
    assert set(found.goes) | set(found.merges) == whole
    assert not set(found.goes) & set(found.merges)
    assert not set(found.merges.values()) & set(found.merges)
    begun = [r for parts in found.begins.values() for part in parts for r in part]
    gone = sorted([r for reports in found.joins.values() for r in reports] + begun)
    assert gone == sorted(r for one in parts if not one.is_whole for r in one.reports)
