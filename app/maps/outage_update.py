"""What a rerun tells the outages on the map: which film, which rows of it, which moment."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class OutageUpdate:
    """State of the outages: the film at `url` is fetched again only when the url changes.

    keep: whether each row of the film's outages shows, None = all; moment counts only where `order`
    is another than before, so that the person's own slider is never moved back; None = now, or
    everything where the period lies ahead; share: cells in per cent of their customers; selected: a
    row of outages; words: those of the slider and the hover box, in the reader's language; inset:
    pixels at the right under which something of the page lies.
    """

    url: str
    keep: ArrayLike | None = None
    order: int = 0
    moment: datetime | None = None
    ahead: bool = False
    share: bool = False
    selected: int | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    inset: int = 0

    def state(self) -> dict[str, Any]:
        """State as the part's `update` takes it."""
        return {
            "url": self.url,
            "keep": None if self.keep is None else packed(self.keep),
            "order": self.order,
            "moment": None if self.moment is None else self.moment.timestamp(),
            "ahead": self.ahead,
            "share": self.share,
            "selected": self.selected,
            "words": dict(self.words),
            "inset": self.inset,
        }


def packed(keep: ArrayLike) -> str:
    """Truth values as bits, the first in the lowest bit of the first byte, in base64."""
    bits = np.packbits(np.asarray(keep, dtype=bool), bitorder="little")
    return base64.b64encode(bits.tobytes()).decode()
