"""Crews that ask for one order at nearly the same time, settled together instead of by luck.

The first to ask opens a contest and waits for a short while; whoever asks meanwhile joins it. It
ends early when everybody who may grab has asked. One of them settles it for all; whoever asks
afterwards finds the order gone. One process owns the database, so contests live in its memory; what
came of one is written with the order.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")


@dataclass
class _Contest(Generic[A, R]):
    expected: frozenset[str]
    asks: list[A] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    is_full: threading.Event = field(default_factory=threading.Event)
    done: "Future[R]" = field(default_factory=Future)

    def join(self, name: str, ask: A) -> None:
        self.asks.append(ask)
        self.names.add(name)
        if self.expected <= self.names:
            self.is_full.set()


class Contests(Generic[A, R]):
    """The contests that are open, by what is asked for."""

    def __init__(self) -> None:
        self._open: dict[Hashable, _Contest[A, R]] = {}
        self._lock = threading.Lock()

    def settled(  # noqa: PLR0913
        self, key: Hashable, name: str, ask: A, *, expected: frozenset[str], window_s: float,
        settle: Callable[[Sequence[A]], R],
    ) -> R:  # fmt: skip
        """What came of the contest in which `name` asks; all of its askers get the same.

        `expected`: whoever may ask; `settle` gets the asks in the order in which they came and runs
        once, in the thread of the first. What it raises is raised for all.
        """
        with self._lock:
            contest = self._open.get(key)
            is_first = contest is None
            if contest is None:
                contest = self._open[key] = _Contest(expected)
            contest.join(name, ask)
        if is_first:
            self._end(key, contest, window_s, settle)
        return contest.done.result()

    def _end(
        self, key: Hashable, contest: _Contest[A, R], window_s: float,
        settle: Callable[[Sequence[A]], R],
    ) -> None:  # fmt: skip
        contest.is_full.wait(window_s)
        with self._lock:
            del self._open[key]
            asks = tuple(contest.asks)
        try:
            contest.done.set_result(settle(asks))
        except BaseException as error:
            contest.done.set_exception(error)
