"""What holds for every file, every loader and every rule."""

import csv
import inspect
import io
import string
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language import catalogue
from grid_cells.vocabulary import KINDS
from loaders.contract import REJECT_COLUMNS, Loaded, LoadOptions
from loaders.customers import load_customers
from loaders.registry import LOADERS
from loaders.rules import RULES
from loaders.transformers import load_transformers
from loaders.writing import csv_bytes
from tests.laws import examples

HEADING = ["customer_no", "name", "prepaid", "connected_on", "lon", "lat"]


def test_there_is_a_loader_for_every_kind():
    assert set(LOADERS) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_loader_has_the_one_signature(kind):
    signature = inspect.signature(LOADERS[kind], eval_str=True)
    assert LOADERS[kind].__name__ == f"load_{kind}"
    assert LOADERS[kind].__module__ == f"loaders.{kind}"
    assert [(p.name, p.annotation) for p in signature.parameters.values()] == [
        ("source", Path),
        ("options", LoadOptions),
    ]
    assert signature.return_annotation is Loaded


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_is_worded_in_both_languages(language, code):
    assert catalogue(language)[code]


def test_both_languages_name_the_same_values():
    def values(language, code):
        return {
            name for _, name, _, _ in string.Formatter().parse(catalogue(language)[code]) if name
        }

    assert {c: values("en", c) for c in RULES} == {c: values("zh", c) for c in RULES}


_WORDS = """|1|2|0012| 3 |1.2E+11|是|否|NaN|x|2026-07-16|0019-01-01|30.4|0|500|a,b|q"q|line
break|NULL|４"""
_CELLS = st.sampled_from(_WORDS.split("|"))
_ROWS = st.lists(st.lists(_CELLS, min_size=5, max_size=7), min_size=1, max_size=12).filter(
    lambda rows: any(any(row) for row in rows)  # a file of empty rows alone is refused as a whole
)


def _csv(rows):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows([HEADING, *rows])
    return text.getvalue()


@settings(max_examples=examples(80), deadline=None)
@given(rows=_ROWS)
def test_every_row_is_loaded_rejected_or_dropped_as_a_repetition(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.csv"
        path.write_text(_csv(rows), encoding="utf-8")
        loaded = load_customers(path, LoadOptions(datum="wgs84"))
    report = loaded.report
    dropped = report.corrected.loc[report.corrected["code"] == "duplicate_row", "row"]
    numbers = [*loaded.frame["row_no"], *report.rejected["row"].unique(), *dropped]
    filled = [i for i, row in enumerate(rows, start=2) if any(row) or len(row) != len(HEADING)]
    assert sorted(numbers) == filled
    assert report.rows == len(filled)
    assert list(report.rejected.columns) == list(REJECT_COLUMNS)
    assert len(report.rejected_rows) == report.rejected["row"].nunique()
    assert loaded.frame["customer_no"].is_unique


_TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cf")), max_size=8
)


@settings(max_examples=examples(60), deadline=None)
@given(names=st.lists(_TEXT.filter(lambda t: t.strip() == t), min_size=1, max_size=6))
def test_text_written_as_csv_is_read_back_exactly(names):
    numbers = [f"{i:04d}" for i in range(len(names))]
    frame = pd.DataFrame({"customer_no": numbers, "name": names})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.csv"
        path.write_bytes(csv_bytes(frame))
        loaded = load_customers(path, LoadOptions()).frame
    nothing = ("", "NULL", "null", "(null)", "\\N", "#N/A", "<NA>", "None")
    expected = [None if name in nothing else name for name in names]
    assert loaded["customer_no"].tolist() == numbers
    assert loaded["name"].astype(object).where(loaded["name"].notna(), None).tolist() == expected


@settings(max_examples=examples(60), deadline=None)
@given(values=st.lists(st.floats(0, 1e6), min_size=1, max_size=8))
def test_a_figure_written_as_csv_is_read_back_exactly(values):
    frame = pd.DataFrame({"transformer_id": [f"T{i}" for i in range(len(values))]})
    frame["capacity_kva"] = values
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(csv_bytes(frame))
        loaded = load_transformers(path, LoadOptions()).frame
    assert np.array_equal(loaded["capacity_kva"], values)
