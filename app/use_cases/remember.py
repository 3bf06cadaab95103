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

_answers: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def remembered(key: Hashable, work: Callable[[], T]) -> T:
    """The answer to `key`, worked out once; the key must name all that the answer depends on.

    Answers are shared: whoever gets a frame must not change it.
    """
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            found: T = _answers[key]
            return found
    answer = work()
    with _lock:
        _answers[key] = answer
        while len(_answers) > ANSWERS_KEPT:
            _answers.popitem(last=False)
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
