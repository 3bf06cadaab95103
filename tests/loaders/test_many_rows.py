"""Columns long enough to be cleaned word by word give what row by row gives."""

import numpy as np
import pandas as pd
import pyarrow as pa

from loaders.contract import LoadOptions
from loaders.customers import load_customers
from loaders.words import cleaned_by_word

ROWS = 120_000


def test_repeated_words_are_told_for_every_row_that_has_them(tmp_path):
    numbers = [f"{i:07d}" for i in range(ROWS)]
    words = np.array(["T1", " T2 ", "1.2E+11", "Ｔ３", ""], dtype=object)
    frame = pd.DataFrame({"customer_no": numbers, "台区编号": words[np.arange(ROWS) % 5]})
    frame["坐标来源"] = np.where(np.arange(ROWS) % 1000 == 0, "moon", "表计")
    path = tmp_path / "c.csv"
    frame.to_csv(path, index=False)
    loaded = load_customers(path, LoadOptions())
    fifth = ROWS // 5
    assert loaded.report.rejected["code"].value_counts().to_dict() == {
        "excel_number": fifth,
        "unknown_choice": ROWS // 1000,
    }
    kept = loaded.frame["transformer_id"].fillna("").value_counts().to_dict()
    assert kept == {"T1": fifth - 120, "T2": fifth, "T3": fifth, "": fifth}
    assert loaded.report.corrected["code"].value_counts().to_dict() == {
        "trimmed": fifth,
        "full_width": fifth,
    }
    first = loaded.report.corrected.iloc[0]
    assert (first["row"], first["value"], first["became"]) == (3, " T2 ", "T2")


def test_words_that_never_repeat_are_cleaned_row_by_row():
    seen = []

    def clean(array, notes):
        seen.append(len(array))
        return array

    array = pa.array([str(i) for i in range(ROWS)], pa.large_string())
    assert cleaned_by_word(array, "name", None, clean).equals(array)
    assert seen == [ROWS]
