"""How many examples a law is tried on: a quarter of them at every change, all of them by `long`."""

import os
from typing import Final

DEEP: Final = os.environ.get("GRIDCELLS_LAWS") == "deep"
FEWEST: Final = 3


def examples(count: int) -> int:
    """Of `count` examples those that this run tries."""
    return count if DEEP else max(FEWEST, count // 4)
