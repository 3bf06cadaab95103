"""Which calls of a feeder have one cause: the explanation that makes what was heard most likely.

Customers of a transformer without power call as a Poisson process: a share of them calls at all,
most within minutes, some only when they come home. A cause above several transformers explains
many calls at the price of one rare event, and answers for the silence of every customer in it. The
sum of logarithms is compared with each transformer having failed by itself.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from grid_cells.call_habits import bursts, called_by, log_delay, silence
from grid_cells.call_rules import Rules
from grid_cells.feeder_trees import Flags, Floats, Forest, Ints, best_tops, parts, summed

_NEVER: Final = -1e3
"""Logarithm that no gain makes up for, small enough to keep sums exact."""


@dataclass(frozen=True)
class Heard:
    """Calls in order of node and time: `node` of the forest, minutes; `customers` of each node."""

    node: Ints
    at_min: Floats
    customers: Floats

    @property
    def first(self) -> Ints:
        """First call of each node that calls."""
        return np.flatnonzero(np.append(True, self.node[1:] != self.node[:-1]))


@dataclass(frozen=True)
class Sections:
    """Causes above single transformers: `cause` of each call (-1: none), and who is inside.

    `inside_cause` and `inside_node` are rows of a cause and a node in it, silent ones too;
    `start_min` is the onset of each cause, `share` of those out call, `delay_min` after it.
    """

    cause: Ints
    inside_cause: Ints
    inside_node: Ints
    start_min: Floats
    share: Floats
    delay_min: Floats


def find_sections(heard: Heard, forest: Forest, now_min: float, rules: Rules) -> Sections:
    """Causes above single transformers, feeder by feeder."""
    search = _Search(heard, forest, now_min, rules)
    rounds = []
    for _ in range(rules.causes_a_feeder):
        found = search.step()
        if found is None:
            break
        rounds.append(found)
    return search.settled(rounds)


@dataclass(frozen=True)
class _Round:
    """One more cause for each tree under each habit of calling."""

    took: Flags
    """calls x habits"""
    inside: Flags
    """nodes x habits"""
    start_min: Floats
    """trees x habits"""


class _Search:
    """Greedy: the cause that gains most first, then the next among what it leaves unexplained.

    A habit is a share of callers with a delay; each is tried, and each feeder keeps the one under
    which all its calls are likeliest.
    """

    def __init__(self, heard: Heard, forest: Forest, now_min: float, rules: Rules) -> None:
        self.heard, self.forest, self.now_min, self.rules = heard, forest, now_min, rules
        self.delays = np.array(rules.delays_min)
        self.shares = np.array(rules.shares)
        self.alone, self.again = self._alone()
        self.explained = np.zeros(self.alone.shape, dtype=bool)
        self.onset = self._onsets()
        trees = len(forest.first)
        sums = np.zeros((trees, *self.alone.shape[1:]))
        np.add.at(sums, forest.tree[heard.node], self.alone)
        self.likelihood = sums

    def _alone(self) -> tuple[Floats, Floats]:
        """Likelihood of each call if each transformer failed by itself: calls x delays x shares.

        And what it costs to begin a transformer's failure anew with this call instead of going on.
        """
        heard, rules = self.heard, self.rules
        burst = bursts(heard.node, heard.at_min, rules.pause_min)
        starts = np.append(True, burst[1:] != burst[:-1])
        began = heard.at_min[starts][burst]
        customers = heard.customers[heard.node]
        size = np.bincount(burst)[burst]
        self.weight = np.where(starts, 1.0, rules.calls_alike / (rules.calls_alike + size - 1))
        goes_on = self._log_call(heard.at_min - began, customers)
        expected = self._expected(self.now_min - began, customers)
        failed = -rules.transformer_cost - silence(expected, rules)
        home = np.log(rules.home_rate * customers)[:, None, None]
        begins = np.where((size == 1)[:, None, None], np.maximum(failed, home), failed)
        alone = np.where(starts[:, None, None], begins, goes_on) * self.weight[:, None, None]
        again = np.where(starts[:, None, None], 0.0, np.minimum(failed - goes_on, 0.0))
        return alone, again

    def _log_call(self, wait_min: Floats, customers: Floats) -> Floats:
        """Logarithm of the rate a minute of a call: calls x delays x shares."""
        delay = np.stack([log_delay(wait_min, mean, self.rules) for mean in self.delays], axis=-1)
        rate = np.log(customers[:, None] * self.shares)
        shape = (len(rate),) + (1,) * (delay.ndim - 1) + (len(self.shares),)
        return np.asarray(delay[..., None] + rate.reshape(shape))

    def _expected(self, wait_min: Floats, customers: Floats) -> Floats:
        """Callers expected so far: nodes x … x delays x shares."""
        share = np.stack([called_by(wait_min, mean, self.rules) for mean in self.delays], axis=-1)
        shape = (len(customers),) + (1,) * (share.ndim - 1) + (len(self.shares),)
        return np.asarray(share[..., None] * (customers[:, None] * self.shares).reshape(shape))

    def _onsets(self) -> Floats:
        """When a common cause may have begun, trees x tries: before the steepest rises of calls."""
        tries = self.rules.onsets_a_feeder
        tree = self.forest.tree[self.heard.node]
        burst = bursts(self.heard.node, self.heard.at_min, self.rules.pause_min)
        starts = np.append(True, burst[1:] != burst[:-1])
        times = np.full((len(self.forest.first), tries), np.inf)
        for number in np.unique(tree).tolist():
            own = np.sort(self.heard.at_min[starts & (tree == number)])
            chosen = _steepest(own, tries, self.rules)
            times[number, : len(chosen)] = chosen - self.rules.before_first_min
        return times

    def step(self) -> _Round | None:
        """The next cause of each tree under each habit; None when nothing gains any more."""
        gain, reached = self._gains()
        nodes, tries = gain.shape[:2]
        total = summed(self.forest, gain.reshape(nodes, -1), self.rules.cut_cost)
        best, tops = best_tops(self.forest, total, self.rules.cut_cost)
        best = best.reshape(len(best), tries, *self.alone.shape[1:]) - self.rules.section_cost
        pick = best.argmax(axis=1)
        won = np.take_along_axis(best, pick[:, None], axis=1)[:, 0]
        gains = won > 0
        if not gains.any():
            return None
        top = np.take_along_axis(tops.reshape(best.shape), pick[:, None], axis=1)[:, 0]
        inside = self._inside(total.reshape(gain.shape), pick, np.where(gains, top, -1))
        jumped = self._jumps(gain, pick, inside)
        self.likelihood += np.where(gains, won, 0.0) + jumped
        took = self._took(inside, reached, pick)
        self.explained |= took
        return _Round(took, inside, self._picked_onset(pick))

    def _picked_onset(self, pick: Ints) -> Floats:
        flat = pick.reshape(len(pick), -1)
        return np.take_along_axis(self.onset, flat, axis=1).reshape(pick.shape)

    def _gains(self) -> tuple[Floats, Floats]:
        """Gain of each node in a cause, nodes x tries x delays x shares; and where it ends.

        The second is the sum up to each call, calls x tries x delays x shares, so that a cause
        takes a transformer's calls up to the best of them and leaves later ones to another.
        """
        heard, rules = self.heard, self.rules
        onset = self.onset[self.forest.tree]
        wait = heard.at_min[:, None] - onset[heard.node]
        weight = self.weight[:, None, None, None]
        more = self._log_call(wait, heard.customers[heard.node]) * weight - self.alone[:, None]
        more[wait > rules.longest_min] = _NEVER
        more[self.explained[:, None] | (wait < 0)[..., None, None]] = 0.0
        first = heard.first
        sums = np.cumsum(more, axis=0)
        number = np.cumsum(np.append(False, heard.node[1:] != heard.node[:-1]))
        base = np.where((first > 0)[:, None, None, None], sums[first - 1], 0.0)
        sums -= base[number]
        after = np.zeros_like(self.again)
        after[:-1] = np.where(
            (heard.node[1:] == heard.node[:-1])[:, None, None] & ~self.explained[1:],
            self.again[1:],
            0.0,
        )
        sums += np.where((wait >= 0)[..., None, None], after[:, None], 0.0)
        ago = np.where(np.isfinite(onset), self.now_min - onset, np.inf)
        gain = -silence(self._expected(ago, heard.customers), rules)
        gain[~np.isfinite(onset)] = _NEVER
        gain[heard.node[first]] += np.maximum(np.maximum.reduceat(sums, first, axis=0), 0.0)
        return gain, sums

    def _inside(self, total: Floats, pick: Ints, top: Ints) -> Flags:
        """Nodes of the chosen parts: nodes x delays x shares."""
        chosen = np.take_along_axis(total, pick[self.forest.tree][:, None], axis=1)[:, 0]
        flat = chosen.reshape(len(chosen), -1)
        rows = np.arange(len(flat))[:, None]
        tops = rows == top[self.forest.tree].reshape(flat.shape)
        return parts(self.forest, flat, tops, self.rules.cut_cost).reshape(chosen.shape)

    def _jumps(self, gain: Floats, pick: Ints, inside: Flags) -> Floats:
        """Adds to `inside` neighbours that gain enough though the tree hangs them elsewhere.

        Result: what each tree gains by them, trees x delays x shares.
        """
        own = np.take_along_axis(gain, pick[self.forest.tree][:, None], axis=1)[:, 0]
        own = own - self.rules.jump_cost
        before = inside.copy()
        for _ in range(2):
            touched = np.zeros_like(inside)
            np.logical_or.at(touched, self.forest.near[:, 1], inside[self.forest.near[:, 0]])
            inside |= touched & (own > 0)
        fresh = np.where(inside & ~before, own, 0.0)
        return np.asarray(np.add.reduceat(fresh, self.forest.first, axis=0))

    def _took(self, inside: Flags, reached: Floats, pick: Ints) -> Flags:
        """Calls that the chosen causes explain: calls x delays x shares."""
        heard = self.heard
        own = pick[self.forest.tree[heard.node]]
        sums = np.take_along_axis(reached, own[:, None], axis=1)[:, 0]
        best = np.maximum.reduceat(sums, heard.first, axis=0)
        number = np.cumsum(np.append(False, heard.node[1:] != heard.node[:-1]))
        rows = np.arange(len(sums))[:, None, None]
        last = np.where((sums == best[number]) & (sums > 0), rows, -1)
        last = np.maximum.reduceat(last, heard.first, axis=0)[number]
        onset = self._picked_onset(pick)[self.forest.tree[heard.node]]
        since = heard.at_min[:, None, None] >= onset
        return np.asarray(inside[heard.node] & (rows <= last) & since & ~self.explained)

    def _by_several(self, took: Flags) -> Flags:
        """Without the causes that only one transformer's calls speak for."""
        calling = np.unique(self.heard.node[took])
        count = np.bincount(self.forest.tree[calling], minlength=len(self.likelihood))
        return np.asarray(took & (count[self.forest.tree[self.heard.node]] > 1))

    def settled(self, rounds: list[_Round]) -> Sections:
        """The causes under each tree's likeliest habit, numbered from 0."""
        trees = len(self.likelihood)
        habit = self.likelihood.reshape(trees, -1).argmax(axis=1)
        cause = np.full(len(self.heard.node), -1, dtype=np.int64)
        number, rows, nodes, starts, habits = 0, [], [], [], []
        of_call = self.forest.tree[self.heard.node]
        for found in rounds:
            took = self._by_several(_column(found.took, habit[of_call]))
            inside = _column(found.inside, habit[self.forest.tree])
            heard_of = np.unique(of_call[took])
            order = np.full(trees, -1, dtype=np.int64)
            order[heard_of] = number + np.arange(len(heard_of))
            cause[took] = order[of_call[took]]
            own = np.flatnonzero(inside & (order[self.forest.tree] >= 0))
            rows.append(order[self.forest.tree[own]])
            nodes.append(own)
            starts.append(_column(found.start_min, habit)[heard_of])
            habits.append(habit[heard_of])
            number += len(heard_of)
        empty: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        of_cause = np.concatenate([empty, *habits])
        return Sections(
            cause,
            np.concatenate([empty, *rows]),
            np.concatenate([empty, *nodes]),
            np.concatenate([np.zeros(0), *starts]),
            self.shares[of_cause % len(self.shares)],
            self.delays[of_cause // len(self.shares)],
        )


def _column(table: NDArray[Any], habit: Ints) -> NDArray[Any]:
    """Each row's entry under the habit of its own."""
    flat = table.reshape(len(table), -1)
    return flat[np.arange(len(flat)), habit]


def _steepest(times: Floats, tries: int, rules: Rules) -> Floats:
    """Up to so many of the sorted times, minutes: those with the greatest rise of calls."""
    span = rules.rise_min
    after = np.searchsorted(times, times + span, "right") - np.arange(len(times))
    before = np.arange(len(times)) - np.searchsorted(times, times - span, "left")
    order = np.lexsort((times, before - after))
    return np.sort(times[order[:tries]])
