"""How soon one may try again, and which passwords will do."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells import sign_in
from grid_cells.errors import UserError
from grid_cells.sign_in import Failures, Standing, standing

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
SECOND = timedelta(seconds=1)
counts = st.integers(min_value=0, max_value=200)
seconds = st.integers(min_value=0, max_value=200_000)


@pytest.mark.parametrize(
    ("count", "wait_s"),
    [(0, 0), (1, 0), (2, 0), (3, 0), (4, 1), (5, 2), (6, 4), (7, 8), (8, 16), (9, 32), (10, 900)],
)
def test_three_failures_are_free_then_the_wait_doubles_until_the_lock(count, wait_s):
    assert standing(Failures(count, NOW), count, NOW).wait_s == wait_s


def test_the_lock_says_when_it_ends_and_then_ends():
    own = Failures(10, NOW)
    end = datetime(2026, 7, 16, 11, 55, tzinfo=UTC)
    assert standing(own, 10, NOW).locked_until == end
    assert standing(own, 10, end - SECOND) == Standing(1, end)
    assert standing(own, 10, end).may_try


def test_a_wait_is_over_when_its_seconds_are():
    assert standing(Failures(6, NOW), 6, NOW + 3 * SECOND).wait_s == 1
    assert standing(Failures(6, NOW), 6, NOW + 4 * SECOND).may_try


def test_one_failure_after_a_lock_does_not_lock_again_but_five_do():
    own, at = Failures(10, NOW), NOW + timedelta(minutes=15)
    for _ in range(4):
        own = sign_in.one_more(own, at)
        assert standing(own, 11, at).locked_until is None
    assert standing(sign_in.one_more(own, at), 11, at).wait_s == 900


def test_failures_are_forgotten_after_a_day():
    assert sign_in.one_more(Failures(9, NOW), NOW + timedelta(days=1)).count == 1
    assert sign_in.one_more(Failures(9, NOW), NOW + timedelta(hours=23)).count == 10


@pytest.mark.parametrize(
    ("everywhere", "wait_s"), [(19, 0), (20, 1), (22, 4), (24, 16), (25, 30), (5000, 30)]
)
def test_many_failures_everywhere_slow_a_source_that_failed_once(everywhere, wait_s):
    assert standing(Failures(1, NOW), everywhere, NOW).wait_s == wait_s


@given(everywhere=st.integers(min_value=0, max_value=10**6), now=st.datetimes())
def test_a_source_that_never_failed_is_never_kept_waiting(everywhere, now):
    assert standing(Failures(), everywhere, now.replace(tzinfo=UTC)).may_try


@given(count=counts, everywhere=counts, late_s=seconds)
def test_what_others_do_never_locks_and_costs_half_a_minute_at_most(count, everywhere, late_s):
    now = NOW + late_s * SECOND
    alone = standing(Failures(count, NOW), count, now)
    among = standing(Failures(count, NOW), count + everywhere, now)
    assert among.locked_until == alone.locked_until
    assert among.wait_s <= max(alone.wait_s, 30)


@given(count=counts, late_s=seconds)
def test_waiting_as_told_is_enough(count, late_s):
    now = NOW + late_s * SECOND
    told = standing(Failures(count, NOW), count, now)
    assert standing(Failures(count, NOW), count, now + told.wait_s * SECOND).may_try


@given(count=st.integers(min_value=1, max_value=199))
def test_more_failures_never_mean_a_shorter_wait(count):
    fewer = standing(Failures(count, NOW), count, NOW).wait_s
    assert fewer <= standing(Failures(count + 1, NOW), count + 1, NOW).wait_s


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("123456789", "password_short"),
        ("aaaaaaaaaaaa", "password_one_character"),
        ("Password123", "password_common"),
        ("1234567890", "password_common"),
        ("anna.larsson", "password_is_login"),
        ("ANNA.LARSSON", "password_is_login"),
        ("anna.larssonanna.larsson", "password_is_login"),
        ("x" + "y" * 256, "password_long"),
    ],
)
def test_a_weak_password_is_refused_and_why(password, code):
    with pytest.raises(UserError) as refused:
        sign_in.check_password(password, "Anna.Larsson")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "春江潮水连海平海上明月", "пароль-из-слов", "anna.larsson-2026"],
)
def test_a_password_may_be_in_any_script(password):
    sign_in.check_password(password, "anna.larsson")


def test_letters_composed_differently_are_the_same_password():
    assert sign_in.password_of("cafe\u0301 am Markt") == sign_in.password_of("café am Markt")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna ", "anna"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("ＡＮＮＡ", "anna"),
        ("a\ud800", "a?"),
    ],
)
def test_a_login_is_one_whatever_its_capitals(typed, kept):
    assert sign_in.login_of(typed) == kept


@pytest.mark.parametrize("login", ["", "an na", "a" * 65, "a\tb", "a\x00b"])
def test_a_login_with_spaces_or_none_is_refused(login):
    with pytest.raises(UserError, match="user_login_form"):
        sign_in.check_login(login)


@pytest.mark.parametrize(
    ("peer", "source"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_one_line_is_one_source(peer, source):
    assert sign_in.source_of(peer) == source


class Turning:
    """A source that goes round the letters in order."""

    def __init__(self, start):
        self.at = start

    def choice(self, seq):
        self.at += 1
        return seq[self.at % len(seq)]


def test_a_password_for_one_use_comes_from_the_source_given_and_passes_the_rule():
    first = sign_in.one_time_password(Turning(-1))
    assert first == "abcd-efgh-jkmn-pqrs"
    assert sign_in.one_time_password(Turning(15)) == "tuvw-xyz2-3456-789a"
    sign_in.check_password(first, "anna")
