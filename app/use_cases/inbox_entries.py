"""What an entry of the inbox says, and what is offered to settle it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

NO_AREA, TWICE, SPLIT, VACANT = "no_area", "twice", "split", "vacant"
KINDS: Final = (NO_AREA, TWICE, SPLIT, VACANT)
ELSEWHERE: Final = "…"
"""Stands for an area out of the person's sight."""


@dataclass(frozen=True)
class Offer:
    """What one click would do.

    way: `draft` (units to an area, as a stroke), `override` (a whole transformer to an area, at
    once) or `duty` (a person to a vacant duty, at once); to: id of the area or person; because:
    the reason's code, filled by `values`.
    """

    way: Literal["draft", "override", "duty"]
    to: str
    because: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One thing that came up since the plan was published.

    key: the same while the thing is; units: transformer ids or cells in hex; cell: where most of it
    lies (0 unknown); areas: ids concerned; since, begins: since when it stands, or from when on;
    why_not: code of the reason for which nothing is offered; draft: the person's own draft in
    which it is settled already.
    """

    kind: str
    key: str
    customers: int
    units: tuple[str, ...] = ()
    cell: int = 0
    areas: tuple[str, ...] = ()
    duty: str = ""
    since: datetime | None = None
    begins: datetime | None = None
    offer: Offer | None = None
    why_not: str = ""
    draft: int | None = None

    @property
    def may_be_drawn(self) -> bool:
        """Whether it can be settled by a stroke and is not yet."""
        return self.offer is not None and self.offer.way == "draft" and self.draft is None
