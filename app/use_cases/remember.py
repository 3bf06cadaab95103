"""Answers kept while the version of the facts holds, so that a page's reruns cost nothing."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

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
