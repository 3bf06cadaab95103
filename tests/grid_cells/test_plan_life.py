"""What can be done with a plan in which state, and which plan is in force when."""

from datetime import UTC, datetime

import pytest

from grid_cells import plan_life
from grid_cells.errors import UserError
from grid_cells.plan_life import Term


def day(number: int) -> datetime:
    return datetime(2026, 7, number, tzinfo=UTC)


FIRST, SECOND = Term(1, None), Term(2, day(10))
BRIDGE = Term(3, day(6), day(31))
"""A temporary plan of four weeks."""


def test_a_plan_goes_from_draft_to_published_by_review_only() -> None:
    state = "draft"
    for deed in ("submit", "approve", "publish", "retire"):
        state = plan_life.move(state, deed)
    assert state == "retired"
    with pytest.raises(UserError, match="plan_cannot"):
        plan_life.move("draft", "publish")
    with pytest.raises(UserError, match="plan_cannot"):
        plan_life.move("retired", "publish")
    assert plan_life.deeds_of("review") == ("send_back", "approve", "withdraw")


def test_nobody_approves_what_they_drew() -> None:
    plan_life.check_approver("user:b", {"user:a"})
    with pytest.raises(UserError, match="plan_own_approval"):
        plan_life.check_approver("user:a", {"user:a", "user:c"})


def test_the_plan_that_began_last_is_in_force() -> None:
    terms = [FIRST, SECOND]
    assert plan_life.in_force(terms, day(9)) == 1
    assert plan_life.in_force(terms, day(10)) == 2
    assert plan_life.in_force([SECOND], day(9)) is None


def test_a_temporary_plan_gives_way_to_the_former_one() -> None:
    terms = [FIRST, BRIDGE]
    assert [plan_life.in_force(terms, day(d)) for d in (5, 6, 30, 31)] == [1, 3, 3, 1]
    assert plan_life.span(terms, day(5)) == (None, day(6))
    assert plan_life.span(terms, day(20)) == (day(6), day(31))
    later = datetime(2026, 8, 2, tzinfo=UTC)
    assert plan_life.span(terms, later) == (day(31), None)


def test_a_span_runs_through_edges_at_which_nothing_changes() -> None:
    over = Term(4, day(1), day(3))  # before it the first plan, after it the first plan
    terms = [FIRST, SECOND, Term(5, day(12), day(12)), over]
    assert plan_life.span(terms, day(11)) == (day(10), None)
    assert plan_life.span(terms, day(5)) == (day(3), day(10))
    assert plan_life.span([FIRST], day(5)) == (None, None)


def test_the_stage_of_a_published_plan() -> None:
    terms = [FIRST, BRIDGE]
    assert plan_life.stage(terms, 3, day(1)) == "coming"
    assert plan_life.stage(terms, 1, day(7)) == "resting"
    assert plan_life.stage(terms, 3, day(7)) == "in_force"
    assert plan_life.stage([FIRST, SECOND], 1, day(11)) == "retired"


def test_a_plan_cannot_be_published_into_the_past_or_backwards() -> None:
    now = day(5)
    plan_life.check_term([FIRST], Term(9, day(6)), now=now)
    for wrong, code in (
        (Term(9, day(4)), "plan_begins_in_past"),
        (Term(9, day(8), day(7)), "plan_ends_early"),
        (Term(9, day(10)), "plan_same_moment"),
    ):
        with pytest.raises(UserError, match=code):
            plan_life.check_term([FIRST, SECOND], wrong, now=now)


def test_rolling_back_withdraws_what_has_not_begun_and_copies_what_is_over() -> None:
    assert plan_life.roll_back([FIRST, SECOND], 1, day(9)) == ([2], False)
    assert plan_life.roll_back([FIRST, SECOND], 1, day(11)) == ([], True)
    with pytest.raises(UserError, match="plan_in_force"):
        plan_life.roll_back([FIRST, SECOND], 2, day(11))
    with pytest.raises(UserError, match="plan_not_published"):
        plan_life.roll_back([FIRST], 7, day(11))
