"""What the grouping of calls takes for granted, each value with its reason.

The values were set on generated storms of seeds 1 to 10 and are judged on others
(`benchmarks/grouping.py`). They are orders of magnitude, not fits: rates of faults on a stormy
evening, how soon and how many customers call, how far a caller's position is off.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Rules:
    """Minutes, metres and natural logarithms; see each value's reason."""

    shares: tuple[float, ...] = (0.02, 0.06, 0.18)
    """Share of the customers out who call: 3 % at night to 30 % on a hot evening; a factor of 3
    between steps costs a likelihood little."""
    delays_min: tuple[float, ...] = (6.0, 20.0)
    """Mean delay of those who notice at once: minutes by day, a quarter of an hour by night."""
    late_share: float = 0.2
    """Share of callers who were not at home, or wait before they call."""
    late_factor: float = 6.0
    """They take so many times longer: an evening rather than minutes."""
    houses_alike: float = 3.0
    """Shape of a gamma spread of the share between transformers (58 % around the mean): a whole
    block may leave the call to its caretaker, so silence never counts without bound."""
    calls_alike: float = 8.0
    """Calls of one transformer share a habit that no curve fits: however many, the moments of the
    later ones tell as much as those of eight independent callers."""
    transformer_cost: float = 8.7
    """-log of a transformer's own failure a minute: 5 % of transformers in a 5-hour storm."""
    section_cost: float = 10.0
    """-log of a section's failure a minute: three feeders in ten in 5 hours, one of 20 places."""
    cut_cost: float = 1.0
    """Each place where a section ends must be a switch or a fuse: about every third pole span."""
    jump_cost: float = 3.0
    """A shortest tree hangs about one transformer in 20 elsewhere than the wires do."""
    soonest_back_min: float = 20.0
    """Finding and switching off a fault takes longer; calls before are of the first onset."""
    relapse_calls: int = 3
    """Fewer calls behind a restoration nobody told of are late ones of the section."""
    relapse_tries: int = 3
    """A fault behind a restoration begins after one of a transformer's longest pauses."""
    quiet_most: float = 5.0
    """What the silence of all others can say for a restoration: it may be bedtime."""
    home_rate: float = 1e-6
    """Calls a minute and customer about trouble of their own, 0.5 a year, tenfold in a storm."""
    causes_a_feeder: int = 6
    """More common causes on one feeder in one window are pieces of a storm, left as pieces."""
    onsets_a_feeder: int = 8
    """Onsets tried for a common cause: the steepest rises of first calls."""
    before_first_min: float = 0.5
    """A caller dials and waits; the trouble began before the first call was registered."""
    rise_min: float = 20.0
    """First calls within so long after an onset belong to its rise."""
    longest_min: float = 480.0
    """Calls later than a working day after an onset have another cause."""
    pause_min: float = 90.0
    """Calls of one transformer with a longer pause have two causes: repairs take about as long."""
    repeat_min: float = 240.0
    """A customer who calls again within half a shift asks about the same trouble (催办)."""
    early_min: float = 10.0
    """A known outage's stamp may be later than its first calls: relays and people write it."""
    grace_min: float = 5.0
    """Calls so soon after a restoration were dialled before it."""
    reach_m: float = 400.0
    """A low-voltage line rarely reaches farther, so neither does a call without links."""
    place_spread_m: float = 120.0
    """Spread of homes around their transformer and of positions around homes, one direction."""
    near_m: float = 250.0
    """Calls of no known transformer so near each other may share one."""
    near_min: float = 60.0
    """… when they come within the hour."""
    single_cost: float = 3.0
    """A transformer that one home called from is more often live than out: 1 in 20."""
    whole_share: float = 0.85
    """A cause over so much of a feeder's customers is the feeder: a spur may be fed elsewhere."""
    unknown_customers: float = 60.0
    """Customers of a transformer of which nothing is known: a usual low-voltage area."""


RULES: Final = Rules()
