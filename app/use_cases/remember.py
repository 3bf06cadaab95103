"""Answers kept while the version of the facts holds, so that a page's reruns cost nothing."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import numpy as np
import pandas as pd

T = TypeVar("T")

ANSWERS_KEPT = 128
LARGE_KEPT = 4
"""Answers with a row for everybody: of a million customers one takes hundreds of megabytes."""

_answers: OrderedDict[Hashable, Any] = OrderedDict()
_large: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def remembered(key: Hashable, work: Callable[[], T], *, is_large: bool = False) -> T:
    """The answer to `key`, worked out once; the key must name all that the answer depends on.

    Of large answers only the last few are kept, apart from the others. Answers are shared: whoever
    gets a frame must not change it.
    """
    kept, most = (_large, LARGE_KEPT) if is_large else (_answers, ANSWERS_KEPT)
    with _lock:
        if key in kept:
            kept.move_to_end(key)
            found: T = kept[key]
            return found
    answer = work()
    with _lock:
        kept[key] = answer
        while len(kept) > most:
            kept.popitem(last=False)
    return answer


def newest(key: Hashable, stamp: Hashable, work: Callable[[], T]) -> T:
    """As `remembered`, but of `key` only the answer of the last `stamp` is kept."""
    with _lock:
        held = _answers.get(key)
        if held is not None and held[0] == stamp:
            _answers.move_to_end(key)
            found: T = held[1]
            return found
    answer = work()
    with _lock:
        _answers[key] = (stamp, answer)
        _answers.move_to_end(key)
        while len(_answers) > ANSWERS_KEPT:
            _answers.popitem(last=False)
    return answer


def fingerprint(frame: pd.DataFrame) -> bytes:
    """A short name for rows in their order: the same rows in another order have another."""
    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy(np.uint64)
    return hashlib.blake2b(rows.tobytes()).digest()
