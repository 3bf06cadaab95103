"""How customers without power call: how many, how soon, and what their silence says."""

import numpy as np

from grid_cells.call_rules import Rules
from grid_cells.feeder_trees import Floats, Ints


def bursts(node: Ints, at_min: Floats, gap_min: float) -> Ints:
    """Number of the burst of each call: calls of one node with no pause above the gap, minutes."""
    starts = np.append(True, (node[1:] != node[:-1]) | (np.diff(at_min) > gap_min))
    return np.asarray(np.cumsum(starts[: len(node)]) - 1)


def log_delay(wait_min: Floats, mean_min: float, rules: Rules) -> Floats:
    """Logarithm of the density a minute of a call's delay; a share of callers is late."""
    late = mean_min * rules.late_factor
    wait = np.maximum(wait_min, 0.0)
    soon = (1 - rules.late_share) / mean_min * np.exp(-wait / mean_min)
    return np.asarray(np.log(soon + rules.late_share / late * np.exp(-wait / late) + 1e-300))


def called_by(wait_min: Floats, mean_min: float, rules: Rules) -> Floats:
    """Share of the callers who have called so long after the onset."""
    late = mean_min * rules.late_factor
    wait = np.maximum(wait_min, 0.0)
    soon = (1 - rules.late_share) * (1 - np.exp(-wait / mean_min))
    return np.asarray(soon + rules.late_share * (1 - np.exp(-wait / late)))


def silence(expected: Floats, rules: Rules) -> Floats:
    """Price of so many expected callers: houses differ, so it grows slower than their number."""
    spread = rules.houses_alike
    return np.asarray(spread * np.log1p(expected / spread))
