"""The chain of the audit log: seals worked out by hand, and every kind of tampering found."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.audit_chain import (
    START,
    AuditRow,
    Checker,
    Head,
    Problem,
    canonical,
    check_chain,
    head_text,
    microseconds,
    parse_head,
    row_mac,
    sealed,
    signed,
)

KEY, OTHER = b"k" * 32, b"o" * 32
KEYS = {"k1": KEY}
WORDS = [("cli:root", "file_loaded", "batch:1", "{}"), ("user:7", "signed_out", "", "{}")]


def log_of(count: int, *, key: bytes = KEY, key_id: str = "k1") -> tuple[list[AuditRow], Head]:
    rows: list[AuditRow] = []
    for number in range(1, count + 1):
        actor, event, subject, detail = WORDS[number % 2]
        row = AuditRow(number, 1_000_000 * number, actor, event, subject, detail)
        rows.append(sealed(key, key_id, (rows[-1].mac or "") if rows else START, row))
    last = rows[-1].mac or ""
    return rows, signed(key, Head(count, last, count, "2026-07-16T00:00:00+00:00", key_id))


def codes(rows: list[AuditRow], head: Head | None) -> list[tuple[int | None, str]]:
    return [(problem.event_id, problem.code) for problem in check_chain(rows, KEYS, head)]


def test_a_rows_bytes_are_its_fields_with_their_lengths():
    row = AuditRow(12, 1_500_000, "user:7", "signed_out", None, "{}", "k1")
    assert canonical(row) == (b"gridcells-audit-12:127:15000006:user:710:signed_out-2:{}2:k1")
    chinese = replace(row, detail="电")
    assert canonical(chinese).endswith("3:电2:k1".encode())


def test_words_moved_from_one_field_to_the_next_make_other_bytes():
    row = AuditRow(1, 0, "ab", "c", "", "")
    assert canonical(row) != canonical(replace(row, actor="a", event="bc"))
    assert canonical(row) != canonical(replace(row, subject=None))


def test_the_seal_is_half_the_row_and_half_what_came_before():
    row = AuditRow(1, 0, "a", "e", "s", "d", "k1")
    own = hmac.new(
        b"k" * 32, b"gridcells-audit-11:11:01:a1:e1:s1:d2:k1", hashlib.sha256
    ).hexdigest()[:32]
    link = hmac.new(b"k" * 32, b"0:32:" + own.encode(), hashlib.sha256).hexdigest()[:32]
    assert row_mac(KEY, START, row) == own + link
    assert row_mac(KEY, "ff", row)[:32] == own
    assert row_mac(KEY, "ff", row)[32:] != link
    assert row_mac(OTHER, START, row)[:32] != own


def test_moments_count_microseconds_in_any_zone_and_need_one():
    assert microseconds(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == 1_000_005
    china = datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert microseconds(china) == 0
    with pytest.raises(ValueError, match="zone"):
        microseconds(datetime(2026, 7, 16))  # noqa: DTZ001 - that it has none is the point


def test_a_whole_log_has_no_problem():
    rows, head = log_of(5)
    assert check_chain(rows, KEYS, head) == []
    checker = Checker(KEYS, [head])
    checker.take(rows[:2])
    checker.take(rows[2:])
    assert (checker.end(), checker.rows, checker.verified) == ((), 5, 5)


def test_a_head_behind_the_log_is_no_problem_and_still_binds_what_it_saw():
    rows, _ = log_of(5)
    behind = signed(KEY, Head(3, rows[2].mac or "", 3, "t", "k1"))
    assert codes(rows, behind) == []
    assert codes([rows[0], *rows[2:]], behind) == [(3, "row_missing_before"), (3, "rows_missing")]


@pytest.mark.parametrize("field", ["actor", "event", "subject", "detail"])
def test_a_changed_word_is_found_at_its_row(field: str):
    rows, head = log_of(4)
    rows[1] = replace(rows[1], **{field: "x"})
    assert codes(rows, head) == [(2, "row_changed")]


def test_a_changed_moment_number_key_or_seal_is_found():
    rows, head = log_of(4)
    moved = [rows[0], replace(rows[1], happened_us=1), *rows[2:]]
    assert codes(moved, head) == [(2, "row_changed")]
    assert codes([*rows[:3], replace(rows[3], event_id=9)], head)[0] == (9, "row_changed")
    assert codes([rows[0], replace(rows[1], key_id="k2"), *rows[2:]], head) == [(2, "key_unknown")]
    mac = "0" + (rows[1].mac or "")[1:]
    broken = codes([rows[0], replace(rows[1], mac=mac), *rows[2:]], head)
    assert (2, "row_changed") in broken


def test_a_removed_row_is_found_at_the_next():
    rows, head = log_of(4)
    assert codes([rows[0], *rows[2:]], head)[0] == (3, "row_missing_before")
    assert codes(rows[1:], head)[0] == (2, "row_missing_before")


def test_a_cut_tail_is_found_by_the_head():
    rows, head = log_of(4)
    assert codes(rows[:3], head) == [(4, "tail_cut")]
    assert codes([], head) == [(4, "tail_cut")]


def test_rows_in_another_order_are_found():
    rows, head = log_of(4)
    assert (2, "row_out_of_order") in codes([rows[0], rows[2], rows[1], rows[3]], head)
    swapped = [rows[0], replace(rows[2], event_id=2), replace(rows[1], event_id=3), rows[3]]
    assert {(2, "row_changed"), (3, "row_changed")} <= set(codes(swapped, head))


def test_an_inserted_row_without_the_key_is_found():
    rows, _ = log_of(4)
    forged = sealed(OTHER, "k1", rows[-1].mac or "", replace(rows[-1], event_id=5))
    head = signed(KEY, Head(4, rows[-1].mac or "", 4, "t", "k1"))
    assert codes([*rows, forged], head) == [(5, "row_changed")]
    unsealed = replace(forged, mac=None, key_id=None)
    assert codes([*rows, unsealed], head) == [(5, "row_unsealed")]


def test_a_row_inserted_before_the_head_makes_the_count_wrong():
    rows, _ = log_of(3)
    head = signed(KEY, Head(3, rows[2].mac or "", 2, "t", "k1"))
    assert codes(rows, head) == [(3, "rows_inserted")]


def test_rows_of_an_unknown_key_are_said_once_and_the_chain_goes_on_behind_them():
    rows, _ = log_of(3, key=OTHER, key_id="old")
    first = AuditRow(4, 0, "system", "audit_key_started", "", "")
    new = sealed(KEY, "k1", rows[-1].mac or "", first)
    head = signed(KEY, Head(4, new.mac or "", 4, "t", "k1"))
    assert codes([*rows, new], head) == [(1, "key_unknown")]
    assert codes([*rows[:2], new], head)[1] == (4, "row_missing_before")


def test_a_head_is_believed_only_with_its_signature():
    rows, head = log_of(3)
    assert codes(rows, None) == [(None, "head_missing")]
    assert codes(rows, replace(head, event_id=2)) == [(None, "head_forged")]
    assert codes(rows, signed(OTHER, head)) == [(None, "head_forged")]
    assert codes(rows, replace(head, key_id="zz")) == [(None, "head_key_unknown")]
    other = signed(KEY, replace(head, mac="00"))
    assert codes(rows, other) == [(3, "head_differs")]


def test_a_head_survives_its_text_and_nonsense_is_no_head():
    _, head = log_of(2)
    assert parse_head(head_text(head)) == head
    for text in ("", "[]", "{}", '{"event_id": "x"}', "null"):
        assert parse_head(text) is None


texts = st.text(max_size=6)
row_words = st.tuples(texts, texts, texts, texts, st.integers(0, 2**50))
words = st.lists(row_words, min_size=2, max_size=7)


@given(words, st.data())
def test_any_single_change_removal_swap_or_cut_of_a_sealed_log_is_found(
    given_words: list[tuple[str, str, str, str, int]], data: st.DataObject
):
    rows: list[AuditRow] = []
    for number, (actor, event, subject, detail, at) in enumerate(given_words, start=1):
        row = AuditRow(number, at, actor, event, subject, detail)
        rows.append(sealed(KEY, "k1", (rows[-1].mac or "") if rows else START, row))
    head = signed(KEY, Head(len(rows), rows[-1].mac or "", len(rows), "t", "k1"))
    assert check_chain(rows, KEYS, head) == []
    spoilt = _spoilt(rows, data)
    assert check_chain(spoilt, KEYS, head) != []
    assert all(isinstance(problem, Problem) for problem in check_chain(spoilt, KEYS, head))


def _spoilt(rows: list[AuditRow], data: st.DataObject) -> list[AuditRow]:
    place = data.draw(st.integers(0, len(rows) - 1))
    kind = data.draw(st.sampled_from(["change", "remove", "swap", "cut"]))
    if kind == "remove":
        return rows[:place] + rows[place + 1 :]
    if kind == "cut":
        return rows[:place]
    if kind == "swap":
        other = data.draw(st.integers(0, len(rows) - 1).filter(lambda n: n != place))
        moved = list(rows)
        moved[place], moved[other] = moved[other], moved[place]
        return moved
    return [*rows[:place], _changed(rows[place], data), *rows[place + 1 :]]


def _changed(row: AuditRow, data: st.DataObject) -> AuditRow:
    field = data.draw(
        st.sampled_from(["happened_us", "actor", "event", "subject", "detail", "mac", "key_id"])
    )
    if field == "happened_us":
        return replace(row, happened_us=row.happened_us + data.draw(st.integers(1, 10**12)))
    held = getattr(row, field)
    other = data.draw(st.one_of(st.none(), st.text(max_size=64)).filter(lambda text: text != held))
    return replace(row, **{field: other})
