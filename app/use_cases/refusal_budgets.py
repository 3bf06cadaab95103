"""How many refusals the audit takes one by one: a budget for each person, others for nobody."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final

NOBODY: Final = "nobody"
SEVERAL: Final = "several"
"""Stands in a count for addresses or places that differ."""


@dataclass(frozen=True)
class Refusal:
    """A request that was not let through: why, what was asked, by whom, from where."""

    code: str
    asked: str
    actor_id: str = NOBODY
    role: str = ""
    permission: str = ""
    peer: str = ""


@dataclass
class Allowance:
    """Rows still free to write: `most` at once, one more every `every_s` seconds."""

    most: int
    every_s: float
    left: float = field(init=False)
    at: float = field(init=False)
    skipped: int = 0

    def __post_init__(self) -> None:
        self.left, self.at = float(self.most), 0.0

    def has_one(self, now: float) -> bool:
        """Whether one may be written now."""
        if self.at:
            self.left = min(self.most, self.left + (now - self.at) / self.every_s)
        self.at = now
        return self.left >= 1


@dataclass
class Tally:
    """Refusals that are only counted, of one person for one reason."""

    actor_id: str
    role: str
    code: str
    asked: str
    peer: str
    count: int

    @classmethod
    def of(cls, refusal: Refusal, peer: str, repeated: int = 0) -> "Tally":
        """The refusal itself, with those left out before it."""
        return cls(
            refusal.actor_id, refusal.role, refusal.code, refusal.asked, peer, repeated + 1
        )  # fmt: skip

    def add(self, other: "Tally") -> None:
        """Count the other with this one."""
        self.count += other.count
        self.asked = self.asked if self.asked == other.asked else SEVERAL
        self.peer = self.peer if self.peer == other.peer else SEVERAL

    @property
    def detail(self) -> dict[str, Any]:
        """What the audit row tells of the count."""
        return {"code": self.code, "asked": self.asked, "role": self.role, "peer": self.peer,
                "repeated": str(self.count)}  # fmt: skip


class Budgets:
    """Says which refusals are written one by one, and counts the rest until somebody asks.

    The same refusal from the same place is written twenty times, then once in five seconds. Of
    one person two hundred at once, then one a second; nobody's share is no part of that: from one
    place two hundred, from all places together two thousand, then as slowly.
    """

    KIND, PERSON, PLACE, TOGETHER = (20, 5.0), (200, 1.0), (200, 5.0), (2000, 1.0)
    KEPT: Final = 4096

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kinds: OrderedDict[tuple[str, str, str, str], tuple[Allowance, Refusal]]
        self._kinds = OrderedDict()
        self._owners: OrderedDict[Hashable, Allowance] = OrderedDict()
        self._together = Allowance(*self.TOGETHER)
        self._counted: dict[tuple[str, str, str], Tally] = {}

    def take(self, refusal: Refusal, peer: str, *, may_write: bool = True) -> int | None:
        """How many of its kind were left out before one that may be written, else None: counted."""
        kind, now = self._kind(refusal, peer), self._clock()
        asked = [kind, *self._of_owner(refusal, peer)]
        are_free = [one.has_one(now) for one in asked]
        if not all(are_free) or not may_write:
            kind.skipped += 1
            return None
        for one in asked:
            one.left -= 1
        left_out, kind.skipped = kind.skipped, 0
        return left_out

    def counted(self) -> list[Tally]:
        """What stands in no row yet, by person and reason; counting then begins anew."""
        for (*_, peer), (allowance, refusal) in self._kinds.items():
            self._count(allowance, refusal, peer)
        found, self._counted = list(self._counted.values()), {}
        return found

    def put_back(self, counts: list[Tally]) -> None:
        """Count again what could not be written."""
        for one in counts:
            held = self._counted.setdefault((one.actor_id, one.role, one.code), one)
            if held is not one:
                held.add(one)

    def _count(self, allowance: Allowance, refusal: Refusal, peer: str) -> None:
        if allowance.skipped:
            self.put_back([Tally.of(refusal, peer, allowance.skipped - 1)])
            allowance.skipped = 0

    def _kind(self, refusal: Refusal, peer: str) -> Allowance:
        key = (refusal.code, refusal.asked, refusal.actor_id, peer)
        found, _ = self._kinds.setdefault(key, (Allowance(*self.KIND), refusal))
        self._kinds.move_to_end(key)
        while len(self._kinds) > self.KEPT:
            (*_, place), (gone, last) = self._kinds.popitem(last=False)
            self._count(gone, last, place)
        return found

    def _of_owner(self, refusal: Refusal, peer: str) -> list[Allowance]:
        """The budgets of whoever is refused: the person's own, or the place's and all places'."""
        is_nobody = refusal.actor_id == NOBODY
        key: Hashable = (NOBODY, peer) if is_nobody else refusal.actor_id
        found = self._owners.setdefault(key, Allowance(*(self.PLACE if is_nobody else self.PERSON)))
        self._owners.move_to_end(key)
        while len(self._owners) > self.KEPT:
            self._owners.popitem(last=False)
        return [found, self._together] if is_nobody else [found]
