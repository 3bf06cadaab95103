"""Customers' wishes about crews, read."""

from grid_cells.crew_wishes import is_against, wishes_of


def test_a_text_counts_as_a_list_of_one() -> None:
    assert wishes_of('{"allowed": "C12"}') == {"allowed": ["C12"]}
    assert wishes_of('{"allowed": 7, "forbidden": ["C1", 2], "quiet": true}') == {
        "forbidden": ["C1"],
        "quiet": True,
    }
    assert wishes_of("by hand") == wishes_of("[1]") == wishes_of(None) == {}


def test_who_is_forbidden_or_not_among_those_asked_for_is_against_the_wishes() -> None:
    assert is_against({"forbidden": ["C1"]}, "C1")
    assert is_against({"allowed": ["C12"]}, "C1")
    assert not is_against({"allowed": ["C12"]}, "C12")
    assert not is_against({}, "C1")
