"""Moves, fences, priorities and stamps of work orders by literal answers."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.use_cases import order_rules
from grid_cells import evidence
from grid_cells import work_orders as orders
from grid_cells.work_orders import Urgency, chain_of_stamps, judged, priority, state_at

AT = datetime(2026, 7, 16, 10, tzinfo=UTC)
MOVES = order_rules.moves()


@pytest.mark.parametrize(
    ("kind", "chain"),
    [
        ("repair", "registered told accepted arrived surveyed repaired restored rated archived"),
        ("connection", "registered told accepted arrived surveyed finished rated archived"),
        ("meter", "registered told accepted arrived finished rated archived"),
        ("visit", "registered told accepted arrived finished rated archived"),
        ("inspection", "registered told accepted arrived finished archived"),
    ],
)
def test_each_kind_is_led_from_registered_to_archived_by_its_crew(kind: str, chain: str) -> None:
    states = chain.split()
    for before, after in pairwise(states):
        found = [one for one in MOVES.possible(kind, before) if one.state_after == after]
        assert any(one.done_by & {"crew", "dispatcher"} for one in found), (before, after)


def test_what_is_over_cannot_be_moved() -> None:
    for kind in orders.KINDS:
        assert MOVES.possible(kind, "archived") == MOVES.possible(kind, "cancelled") == ()


def test_every_row_of_the_table_names_known_states_doers_and_needs() -> None:
    doers = {"crew", "dispatcher", "approver", "system", "anybody"}
    needs = {
        "crew",
        "holding",
        "lead",
        "reason",
        "stop",
        "position",
        "gate",
        "card",
        "asked",
        "rating",
        "pool",
    }
    for kind in orders.KINDS:
        for state in orders.STATES:
            for one in MOVES.possible(kind, state):
                assert one.state_after in orders.STATES
                assert one.done_by <= doers
                assert one.needs <= needs


@pytest.mark.parametrize(
    ("distance", "accuracy", "inside"),
    [(200, None, True), (201, None, False), (240, 40, True), (241, 40, False), (400, 900, False),
     (350, 900, True), (None, 5, False), (210, -50, False)],
)  # fmt: skip
def test_a_position_is_judged_by_distance_less_its_own_inaccuracy(
    distance: float | None, accuracy: float | None, inside: bool
) -> None:
    found = judged(distance, accuracy, radius_m=200, worst_accuracy_m=150)
    assert found.is_inside is inside


BY = Urgency(important=2, life_support=3, group=1, most=10)


def test_a_priority_is_raised_by_what_is_at_stake() -> None:
    plain = {"is_important": False, "has_life_support": False, "calls": 1}
    assert priority(6, BY, **plain) == 6
    assert priority(6, BY, **plain | {"calls": 2}) == 7
    assert priority(6, BY, **plain | {"is_important": True}) == 8
    assert priority(9, BY, is_important=True, has_life_support=True, calls=40) == 10


@given(st.integers(-5, 20), st.booleans(), st.booleans(), st.integers(0, 99))
def test_a_priority_stays_within_one_and_the_most(base: int, a: bool, b: bool, calls: int) -> None:
    assert 1 <= priority(base, BY, is_important=a, has_life_support=b, calls=calls) <= 10


def test_stamps_tell_the_moves_in_their_order() -> None:
    row = {"registered_at": AT, "told_at": AT, "accepted_at": AT + timedelta(minutes=1)}
    assert chain_of_stamps(row) == [
        ("registered", "registered", AT), ("told", "told", AT),
        ("accepted", "accepted", AT + timedelta(minutes=1)),
    ]  # fmt: skip
    assert state_at(row) == "accepted"
    end = AT + timedelta(hours=1)
    done = row | {"restored_at": end, "finished_at": end, "rating": 4, "archived_at": end}
    assert [one[0] for one in chain_of_stamps(done)][-3:] == ["restored", "rated", "archived"]
    assert state_at(row | {"finished_at": end, "unrated_reason": "refused"}) == "rated"
    assert state_at(row | {"archived_at": end}) == "accepted"  # what was never done is not put away


def test_the_strip_counts_by_state_and_clock() -> None:
    rows = pd.DataFrame(
        [("registered", "risk", None), ("accepted", "running", None), ("arrived", "broken", None),
         ("archived", "kept", AT), ("archived", "kept", AT - timedelta(days=1))],
        columns=["state", "clock", "finished_at"],
    )  # fmt: skip
    rows["finished_at"] = pd.to_datetime(rows["finished_at"], utc=True)
    assert orders.counts(rows, AT - timedelta(hours=1)) == {
        "open": 3, "unaccepted": 1, "under_way": 1, "at_work": 1, "breach": 1,
        "broken": 1, "done": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("held", "needed", "able"),
    [("lv;mv", "mv", True), ("lv", "mv", False), (None, "mv", True), ("lv", None, True),
     ("meter", "lv;meter", False)],
)  # fmt: skip
def test_skills_cover_what_is_needed(held: str | None, needed: str | None, able: bool) -> None:
    assert orders.is_able(held, needed) is able


@pytest.mark.parametrize(
    ("kind", "media", "content", "fits"),
    [
        ("photo", "image/jpeg", b"\xff\xd8\xff\xe0", True),
        ("photo", "image/png", b"\xff\xd8\xff\xe0", False),
        ("photo", "image/svg+xml", b"<svg", False),
        ("audio", "audio/webm;codecs=opus", b"\x1aE\xdf\xa3....", True),
        ("audio", "audio/mpeg", b"\xff\xfb\x90", True),
        ("video", "video/mp4", b"\0\0\0\x18ftypmp42", True),
        ("video", "image/jpeg", b"\xff\xd8\xff\xe0", False),
        ("photo", None, b"", False),
    ],
)
def test_evidence_is_what_it_claims_to_be(
    kind: str, media: str | None, content: bytes, fits: bool
) -> None:
    assert evidence.fits(kind, media, content) is fits
