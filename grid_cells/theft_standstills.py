"""How much a register that stood still says of its customer, and how much of its terminal."""

from dataclasses import dataclass

import numpy as np

from grid_cells.theft_panel import Flags, Floats, Ints

_PRIOR_METERS = 2.0
"""A terminal's or maker's own share weighs like its meters against so many usual ones."""
_LEAST_OTHERS = 30
"""With fewer meters of others nothing is known of what is usual."""


@dataclass(frozen=True, eq=False)
class Standstills:
    """Of each row: says (1: a standstill says all it can of its customer, 0: nothing), share of the
    maker's other meters that stood still, and usual, that of other makers' (both NaN: unknown).
    """  # noqa: D205

    says: Floats
    share: Floats
    usual: Floats


def standstills(frozen: Flags, terminal: Ints, maker: Ints) -> Standstills:
    """What standstills say, by the terminal and by the maker of each row (−1: not known).

    A standstill says as much of its customer as standstills are usual elsewhere, over how usual
    they are among the other meters of the same terminal or maker, whichever says less; never more
    than 1. Rows that did not stand still have 1.
    """
    by_maker, share, usual = _says(frozen, maker)
    by_terminal, _, _ = _says(frozen, terminal)
    says = np.where(frozen, np.minimum(by_maker, by_terminal), 1.0)
    return Standstills(says, share, usual)


def _says(frozen: Flags, group: Ints) -> tuple[Floats, Floats, Floats]:
    known = group >= 0
    count = np.bincount(group[known], minlength=1).astype(float)
    stood = np.bincount(group[known], weights=frozen[known], minlength=1)
    at = np.where(known, group, 0)
    own_count, own_stood = count[at] - 1, stood[at] - frozen
    other_count, other_stood = len(group) - count[at], frozen.sum() - stood[at]
    usual = (other_stood + 0.5) / (other_count + 1)
    share = (own_stood + _PRIOR_METERS * usual) / (own_count + _PRIOR_METERS)
    told = known & (other_count >= _LEAST_OTHERS)
    says = np.where(told, np.minimum(1.0, usual / share), 1.0)
    plain = np.where(own_count > 0, own_stood / np.maximum(own_count, 1), np.nan)
    return (
        says,
        np.where(told, plain, np.nan),
        np.where(told, other_stood / np.maximum(other_count, 1), np.nan),
    )
