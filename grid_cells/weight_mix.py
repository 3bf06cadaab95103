"""What areas are balanced on: one measure, or several mixed by their shares."""

import math
from collections.abc import Mapping

import numpy as np

from grid_cells.errors import UserError
from grid_cells.unit_graph import Floats


def read_mix(text: str) -> dict[str, float]:
    """Share of each measure, adding up to 1: "customers" alone, or "customers=0.5,faults=0.3".

    Raises UserError `plan_mix_unreadable` (text) and `plan_mix_share` (weight, share) for a share
    that is negative or no number, or where no share is above 0 (weight: all of them).
    """
    words = [word.strip() for word in text.split(",")]
    if len(words) == 1 and words[0] and "=" not in words[0]:
        return {words[0]: 1.0}
    shares = dict(_share(word, text) for word in words)
    total = sum(shares.values())
    if len(shares) < len(words):
        raise UserError("plan_mix_unreadable", text=text)
    if total <= 0:
        raise UserError("plan_mix_share", weight=", ".join(shares), share=0)
    return {name: share / total for name, share in shares.items() if share > 0}


def _share(word: str, text: str) -> tuple[str, float]:
    name, equals, told = (part.strip() for part in word.partition("="))
    if not name or not equals:
        raise UserError("plan_mix_unreadable", text=text)
    try:
        share = float(told)
    except ValueError:
        share = math.nan
    if not 0 <= share < math.inf:
        raise UserError("plan_mix_share", weight=name, share=told)
    return name, share


def mixed(parts: Mapping[str, Floats], shares: Mapping[str, float], *, total: float) -> Floats:
    """Weight of each unit: Σ share × its part of the measure's own total, adding up to `total`.

    A measure that is 0 everywhere counts nothing. All of one length.
    """
    found = np.zeros(len(next(iter(parts.values()))))
    for name, share in shares.items():
        sum_of_all = parts[name].sum()
        if sum_of_all > 0:
            found += share * total * parts[name] / sum_of_all
    return found
