"""Changes of halls in an address: what is written is read, what is nonsense falls away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.use_cases.hall_balance import HallChange
from app.use_cases.hall_change_words import changes_of, word_of

FIVE = (
    HallChange("close", "H1"), HallChange("staff", "H:2;x", counters=5),
    HallChange("move", "H3", at=(112.5, 30.4)),
    HallChange("open", at=(112.514, -30.25), counters=3),
    HallChange("machine", "东城"),
)  # fmt: skip


def test_five_changes_are_one_word_and_come_back():
    word = word_of(FIVE)
    assert word.startswith("close:H1;staff:H%3A2%3Bx:5;move:H3:112.500000,30.400000;open::112.51")
    assert changes_of(word) == FIVE
    assert word_of(()) == ""
    assert changes_of("") == ()


@pytest.mark.parametrize(
    "word",
    [
        "burn:H1",
        "close",
        "staff:H1",
        "staff:H1:many",
        "move:H1:here",
        "open:::3",
        "move:H:1",
        "move:H1:181,30",
        "move:H1:112,-90.5",
        "open::nan,30:3",
        "open::112,inf:3",
    ],
)
def test_nonsense_falls_away(word):
    assert changes_of(f"{word};close:H2") == (HallChange("close", "H2"),)


def test_more_than_can_be_tried_are_left_out():
    assert len(changes_of(";".join(["close:H1"] * 9))) == 5


@given(st.text(max_size=40))
def test_any_text_can_be_asked(word):
    changes_of(word)
