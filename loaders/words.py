"""Columns of few distinct words, cleaned word by word instead of row by row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.findings import Findings, Notes, positions
from loaders.raw import is_text

Rows = NDArray[np.int64]
Clean = Callable[[pa.Array, Notes], pa.Array]

_WORTH_ROWS = 100_000
_SAMPLE = 20_000
_REPEATING = 0.97
"""A sample of fewer distinct words says that the column has under some 300,000 of them."""


class ByWord:
    """Findings about words, told for every record that has the word."""

    def __init__(self, findings: Findings, word: NDArray[np.int32]) -> None:
        self._findings = findings
        self._word = word

    def reject(self, rows: Any, column: str, code: str, expected: str = "") -> None:
        """Leave out the records of these words."""
        at, _ = self._records(positions(rows))
        self._findings.reject(at, column, code, expected)

    def correct(self, rows: Any, column: str, code: str, became: Any) -> None:
        """Count the records of these words as put right."""
        words = positions(rows)
        at, which = self._records(words)
        if isinstance(became, str) or len(words) == 0:
            self._findings.correct(at, column, code, became)
        else:
            self._findings.correct(at, column, code, np.array(became, dtype=object)[which])

    def _records(self, words: Rows) -> tuple[Rows, Rows]:
        """Records that have one of the words, and which of them."""
        if len(words) == 0:
            return words, words
        which = np.full(int(max(self._word.max(), words.max())) + 2, -1, dtype=np.int64)
        which[words] = np.arange(len(words))
        found = which[self._word]
        at = np.flatnonzero(found >= 0)
        return at, found[at]


def cleaned_by_word(array: pa.Array, column: str, findings: Findings, clean: Clean) -> pa.Array:
    """`clean` applied to the column; its distinct words alone where they repeat much.

    Notes the column's codes in `findings.codes` for finding repeated keys.
    """
    if not _repeats(array):
        return clean(array, findings)
    words = array.dictionary_encode()
    word = pc.fill_null(words.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    good = clean(words.dictionary, ByWord(findings, word))
    codes, distinct = pd.factorize(good.to_pandas())
    findings.codes[column] = (np.append(codes, -1).astype(np.int32)[word], len(distinct))
    return good.take(words.indices)


def _repeats(array: pa.Array) -> bool:
    if not is_text(array) or len(array) < _WORTH_ROWS:
        return False
    drawn = np.unique(np.random.default_rng(0).integers(0, len(array), _SAMPLE))
    sample = array.take(pa.array(drawn))
    return bool(pc.count_distinct(sample).as_py() < _REPEATING * len(sample))
