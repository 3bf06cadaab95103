"""Classes of faults in two levels, and the words that mean them."""

import pandas as pd
import pytest

from app.language import LANGUAGES, knows
from app.use_cases import reference
from grid_cells.fault_classes import FaultClasses

OURS = FaultClasses(reference.table("fault_classes"))


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("高压故障", "hv"), ("低压 线路", "lv_line"), ("LV fault", "lv"), ("ｌｖ", "lv"),
        ("Customer-Internal", "customer_internal"), ("customer_internal", "customer_internal"),
        ("非电力", "non_power"), ("计量故障", "metering"), ("电压低", "pq_low"), ("地震", None),
        ("", None),
    ],
)  # fmt: skip
def test_words_of_both_languages_and_codes_are_understood(word: str, code: str | None) -> None:
    assert OURS.code_of(word) == code


def test_the_table_has_six_classes_of_two_levels_with_words_in_both_languages() -> None:
    first = [code for code in OURS.codes if OURS.roots[code] == code]
    assert first == ["hv", "lv", "power_quality", "customer_internal", "non_power", "metering"]
    assert {len(list(OURS.below(root))) for root in first} <= {2, 3, 4}
    for spoken in LANGUAGES:
        assert [c for c in OURS.codes if not knows(f"fault_class_{c}", spoken)] == []


def test_no_word_means_two_classes() -> None:
    words = [w for line in OURS.table["words"] for w in str(line).split(";")]
    assert len(words) == len(set(words))


def test_a_class_that_a_company_adds_is_shown_by_its_own_word() -> None:
    columns = {"code": ["x", "x_1"], "parent_code": [None, "x"], "needs_crew": [1, 0]}
    table = pd.DataFrame({**columns, "words": ["甲;A", None]})
    own = FaultClasses(table)
    assert (own.first_word("x"), own.first_word("x_1")) == ("甲", "x_1")
    assert (own.roots["x_1"], own.crews["x_1"], list(own.below("x"))) == ("x", False, ["x_1"])
