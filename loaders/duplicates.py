"""Rows of one file that speak of the same thing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from loaders.findings import Findings

_NOT_COMPARED = ("row_no", "given_x", "given_y", "cell_id")

_DENSE = 8
"""Codes up to this many times their number are counted in a table instead of hashed."""

Rows = NDArray[np.int64]


def drop_duplicates(
    frame: pd.DataFrame, key: Sequence[str], findings: Findings, *, same: str = "duplicate_row"
) -> None:
    """Note the rows whose key an earlier good row has already.

    Rows alike in every column are dropped and counted (code `same`), rows that differ are
    rejected (duplicate_key, expected: the first row's number).
    """
    at = np.flatnonzero(findings.kept)
    present = [name for name in key if name in frame.columns]
    codes = _key_codes(frame, present, findings)[at]
    repeated = _repeated(codes)
    if not repeated.any():
        return
    later, first = _later_and_first(codes[repeated], at[repeated])
    alike = _alike(frame, later, first)
    numbers = findings.raw.row_no[first].astype(str)
    findings.drop(later[alike], present[0], same, numbers[alike].tolist())
    findings.reject(later[~alike], present[0], "duplicate_key", numbers[~alike].tolist())


def _repeated(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mask of the codes that occur more than once."""
    if codes.max(initial=0) > _DENSE * len(codes):
        return pd.Series(codes).duplicated(keep=False).to_numpy()
    counts = np.bincount(codes)
    if counts.max(initial=0) <= 1:
        return np.zeros(len(codes), dtype=bool)
    often: NDArray[np.bool_] = (counts > 1)[codes]
    return often


def _key_codes(frame: pd.DataFrame, key: Sequence[str], findings: Findings) -> NDArray[np.int64]:
    """One number for each distinct key."""
    codes = np.zeros(len(frame), dtype=np.int64)
    for name in key:
        part, size = findings.codes.get(name) or _codes(frame[name])
        if codes.max(initial=0) > np.iinfo(np.int64).max // (size + 1):
            codes = pd.factorize(codes)[0].astype(np.int64)
        codes = codes * (size + 1) + part + 1
    return codes


def _codes(values: pd.Series) -> tuple[NDArray[np.int64], int]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        stamps = (
            values.to_numpy("datetime64[s]") if values.dt.tz is None else values.astype("int64")
        )
        numbers = np.asarray(stamps).astype(np.int64)
        numbers = numbers // 86_400 if values.dt.tz is None else numbers
        known = values.notna().to_numpy()
        low = int(numbers[known].min()) if known.any() else 0
        part = np.where(known, numbers - low, -1)
        return part, int(part.max(initial=0)) + 1
    part, distinct = pd.factorize(values)
    return part.astype(np.int64), len(distinct)


def _later_and_first(codes: NDArray[np.int64], at: Rows) -> tuple[Rows, Rows]:
    """Of rows with repeated keys: every later one, and beside it the first of its key."""
    order = np.argsort(codes, kind="stable")
    sorted_codes, rows = codes[order], at[order]
    starts = np.r_[True, sorted_codes[1:] != sorted_codes[:-1]]
    first = rows[np.flatnonzero(starts)][np.cumsum(starts) - 1]
    later = ~starts
    by_row = np.argsort(rows[later], kind="stable")
    return rows[later][by_row], first[later][by_row]


def _alike(frame: pd.DataFrame, later: Rows, first: Rows) -> NDArray[np.bool_]:
    alike = np.ones(len(later), dtype=bool)
    for name in frame.columns:
        if name not in _NOT_COMPARED:
            alike &= _equal(frame[name].iloc[later], frame[name].iloc[first])
    return alike


def _equal(one: pd.Series, other: pd.Series) -> NDArray[np.bool_]:
    a, b = one.reset_index(drop=True), other.reset_index(drop=True)
    both_empty = a.isna() & b.isna()
    same: Any = (a == b).fillna(False)
    alike: NDArray[np.bool_] = (same | both_empty).to_numpy(dtype=bool)
    return alike
