"""Faults that stay behind a restored section: one transformer's calls begin anew, the others' end.

Nobody may have told the restoration. It shows in the calls: those of a single transformer come as
fresh as after an onset, long after the section's own have thinned out.
"""

import numpy as np

from grid_cells.call_evidence import Heard, Sections
from grid_cells.call_habits import called_by, log_delay, silence
from grid_cells.call_rules import Rules
from grid_cells.feeder_trees import Floats, Ints


def part_relapses(heard: Heard, found: Sections, now_min: float, rules: Rules) -> Sections:
    """The causes with a new one for each transformer that went on calling behind a restoration."""
    cause = found.cause.copy()
    starts: list[float] = []
    nodes: list[int] = []
    parents: list[int] = []
    for number in range(len(found.start_min)):
        own = np.flatnonzero(found.cause == number)
        for calls in np.split(own, np.flatnonzero(np.diff(heard.node[own])) + 1):
            first = _relapse(heard, own, calls, _Cause(found, number, now_min, rules))
            if first is not None:
                cause[calls[first:]] = len(found.start_min) + len(starts)
                starts.append(heard.at_min[calls[first]] - rules.before_first_min)
                nodes.append(int(heard.node[calls[0]]))
                parents.append(number)
    fresh = len(found.start_min) + np.arange(len(starts))
    return Sections(
        cause,
        np.concatenate([found.inside_cause, fresh]).astype(np.int64),
        np.concatenate([found.inside_node, nodes]).astype(np.int64),
        np.concatenate([found.start_min, starts]),
        np.concatenate([found.share, found.share[parents]]),
        np.concatenate([found.delay_min, found.delay_min[parents]]),
    )


class _Cause:
    """One common cause: its onset, its habit of calling and who is inside."""

    def __init__(self, found: Sections, number: int, now_min: float, rules: Rules) -> None:
        self.start_min = float(found.start_min[number])
        self.share = float(found.share[number])
        self.delay_min = float(found.delay_min[number])
        self.nodes = found.inside_node[found.inside_cause == number]
        self.now_min, self.rules = now_min, rules

    def silent(self, customers: Floats, since_min: float, until_min: float) -> Floats:
        """Price of the silence of so many customers from the onset to that moment."""
        share = called_by(np.array(until_min - since_min), self.delay_min, self.rules)
        return silence(customers * self.share * share, self.rules)

    def spared(self, customers: Floats, back_min: float) -> Floats:
        """Price of the silence after a restoration, which need not be explained any more."""
        whole = self.silent(customers, self.start_min, self.now_min)
        return whole - self.silent(customers, self.start_min, back_min)


def _relapse(heard: Heard, own: Ints, calls: Ints, cause: _Cause) -> int | None:
    """Which of a transformer's calls begins a fault of its own, or None."""
    rules = cause.rules
    times = heard.at_min[calls]
    begin = np.flatnonzero(times >= cause.start_min + rules.soonest_back_min)
    begin = begin[(begin > 0) & (len(times) - begin >= rules.relapse_calls)]
    pauses = np.diff(times)[begin - 1]
    best, chosen = 0.0, None
    for first in begin[np.argsort(-pauses, kind="stable")[: rules.relapse_tries]].tolist():
        gain = _gain(heard, own, calls, cause, times[first:])
        if gain > best:
            best, chosen = gain, first
    return chosen


def _gain(heard: Heard, own: Ints, calls: Ints, cause: _Cause, late: Floats) -> float:
    """How much likelier the late calls are after an onset of their own, in logarithms."""
    rules = cause.rules
    back = float(late[0]) - rules.before_first_min
    weight = np.full(len(late), rules.calls_alike / (rules.calls_alike + len(late) - 1))
    weight[0] = 1.0
    fresh = log_delay(late - back, cause.delay_min, rules)
    stale = log_delay(late - cause.start_min, cause.delay_min, rules)
    node = heard.node[calls[0]]
    customers = heard.customers[[node]]
    gain = float(((fresh - stale) * weight).sum()) - rules.transformer_cost
    gain -= float(cause.silent(customers, back, cause.now_min).sum())
    gain += float(cause.spared(customers, back).sum())
    others = own[heard.node[own] != node]
    if (heard.at_min[others] < back).all():
        quiet = cause.spared(heard.customers[cause.nodes[cause.nodes != node]], back).sum()
        gain += min(float(quiet), rules.quiet_most)
    return gain
