"""Every column is explained in both languages."""

import re

from grid_cells.meanings import MEANINGS_ZH
from grid_cells.vocabulary import COLUMNS


def test_every_column_has_a_meaning_in_chinese_and_no_other_has() -> None:
    assert MEANINGS_ZH.keys() == COLUMNS.keys()


def test_the_meanings_are_written_in_chinese() -> None:
    assert [one for one in MEANINGS_ZH.values() if not re.search(r"[\u4e00-\u9fff]", one)] == []
