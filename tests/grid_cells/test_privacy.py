"""What is left of a name, a phone, an address and a number when they are masked."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.privacy import (
    MASKS,
    gives_away,
    mask_account,
    mask_address,
    mask_name,
    mask_phone,
    masked,
    masked_column,
)

TEXTS = st.text(alphabet=st.sampled_from("张三李路号街0123456789１２ abJS-+,.*#'"), min_size=1)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张**"),
        ("欧阳修文", "欧**"),
        ("王", "王**"),
        ("王0", "王**"),
        ("John Smith", "J*** S***"),
        ("Madonna", "M***"),
        ("7", "***"),
        ("", ""),
    ],
)
def test_of_a_name_the_first_letter_is_left(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138******78"),
        ("+86 138-1234-5678", "861******78"),
        ("110", "***"),
        ("5551234", "***"),
        ("none", "***"),
    ],
)
def test_of_a_phone_at_most_five_digits_are_left(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("望江路12号3单元502", "望江路***"),
        ("江城市临江区望江街道人民大道３号", "江城市临江区望江街道人民大道***"),
        ("望江路十二号李四家", "望江路***"),
        ("码头路5号", "码头路***"),
        ("12号", "***"),
        ("12 High Street, Apt 5B", "*** High Street ***"),
        ("High Street 12", "High Street ***"),
        ("221B Baker St", "*** Baker St ***"),
        ("Hauptstraße 12", "Hauptstraße ***"),
        ("12 rue de Rivoli", "*** rue de Rivoli ***"),
        ("the old mill", "***"),
    ],
)
def test_of_an_address_the_street_is_left(address, shown):
    assert mask_address(address) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [("0000000007", "00******07"), ("A-1234567", "A1******67"), ("1234567", "***")],
)
def test_of_an_account_number_two_and_two_are_left(number, shown):
    assert mask_account(number) == shown


@given(TEXTS, st.sampled_from(sorted(MASKS)))
def test_what_is_masked_is_never_what_was_given(text, mask):
    shown = MASKS[mask](text)
    digits = "".join(one for one in text if one.isdigit())
    assert shown != text
    assert not digits or digits not in shown
    again = MASKS[mask](shown)
    assert not digits or digits not in again


@given(st.from_regex(r"[0-9]{3,16}", fullmatch=True))
def test_of_a_number_no_more_than_five_digits_are_left(number):
    assert sum(one.isdigit() for one in mask_phone(number)) <= 5
    assert sum(one.isdigit() for one in mask_account(number)) <= 4
    assert sum(one.isdigit() for one in mask_address(number)) == 0


def test_a_column_is_masked_like_its_values_and_what_is_missing_stays_missing():
    names = pd.Series(["张三", None, "李四", "张三"])
    shown = masked_column(names, "name")
    assert shown.dropna().tolist() == ["张**", "李**", "张**"]
    assert shown.isna().tolist() == [False, True, False, False]
    assert masked(None, "name") is None
    assert masked(True, "hidden") == "***"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("13812345678", "138-1234-5678"),
        ("T-123456", "13812345678"),
        ("wang", "Wang"),
        ("x0000000007", "0000000007"),
    ],
)
def test_a_text_that_holds_the_value_gives_it_away(text, value):
    assert gives_away(text, value)


def test_a_ticket_of_its_own_gives_nothing_away():
    assert not gives_away("T-2026-0815", "13812345678")
    assert not gives_away("", "13812345678")
    assert not gives_away("T-1", "")
